"""`feint thresholds`: the bars of subjective items, from runs in which nothing was at stake."""

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

    Prints the option --thresholds for the next study. The bar of an item is the median score that the subject gave
    where nothing was at stake, and one point more: the subject's usual score falls below the bar. Without this option
    items keep their shipped bars. Set bars by runs that are no part of the study that uses them: run a study with
    --wordings 2 or more and another --seed. Every design has cells without a threat.

    feint thresholds studies/before
    """
    from feint.study.plan.pilot import find_thresholds

    stdout(soft_wrap=True).print(f"--thresholds {find_thresholds(folder, least)}")
