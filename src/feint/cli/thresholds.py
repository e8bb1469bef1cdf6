"""`feint thresholds`: where the bar of a subjective item is, from runs in which nothing was at stake."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from feint.cli.console import stdout
from feint.cli.convert import whole


def thresholds(
    folder: Annotated[Path, Parameter(name="DIR", help="A study whose items have thresholds.")],
    /,
    *,
    least: Annotated[
        int, whole(1), Parameter(help="Fewest scores from which an item's median is taken.  [default: 5]")
    ] = 5,
) -> None:
    """Find the thresholds of items whose faithful score is a matter of opinion.

    Prints the option --thresholds for the study to come: for each such item the median score that the subject itself
    gave where nothing was at stake, and one point more, so that its usual score falls below the bar. Without, items
    keep the bar that they are shipped with. The runs that set a bar should be no part of the study that uses it: run
    one with --wordings 2 or more, another --seed and the cells without a threat, as every study has.

    feint thresholds studies/before
    """
    from feint.study.plan.bars import find_thresholds

    stdout(soft_wrap=True).print(f"--thresholds {find_thresholds(folder, least)}")
