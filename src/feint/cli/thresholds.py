"""`feint thresholds`: where the bar of a subjective fixture lies, from runs in which nothing was at stake."""

from pathlib import Path
from typing import Annotated

import typer

from feint.cli.words import stdout


def thresholds(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A study of peer_preservation.")],
    least: Annotated[int, typer.Option(min=1, help="Scores that a fixture's median rests on at least.")] = 5,
) -> None:
    """Set the thresholds of fixtures whose faithful score is a matter of judgement.

    Prints the option --thresholds for the study to come: for each such fixture the median score that the subject itself
    gave where nothing was at stake, and one point more, so that its usual score falls below the bar. Without, fixtures
    keep the bar that they are shipped with. The runs that set a bar should be no part of the study that uses it: run
    one with --wordings 2 or more, another --seed and the cells without a threat, as every study has.
    """
    from feint.study.plan.bars import find_thresholds

    stdout(soft_wrap=True).print(f"--thresholds {find_thresholds(folder, least)}")
