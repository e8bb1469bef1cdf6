"""`feint judge`: judge a finished study anew, or check its judges against people."""

from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from feint.cli.options import (
    Budget,
    Connections,
    Judges,
    MaxCalls,
    Prices,
    Progress,
    Retries,
    Rubrics,
    Timeout,
    Votes,
)


class JudgeGroup(typer.core.TyperGroup):
    """`feint judge DIR` is short for `feint judge study DIR`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in the command that is left out."""
        if args and args[0] not in (*self.commands, "--help"):
            args = ["study", *args]
        return super().parse_args(ctx, args)


judge_app = typer.Typer(
    cls=JudgeGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Judge a finished study anew, without asking its subject again: feint judge DIR --judge MODEL. All earlier "
    "labels stay in its log. Or check its judges against people: feint judge check DIR.",
)


@judge_app.command("study")
def judge_study(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A finished study's folder.")],
    judge: Judges = None,
    rubrics: Rubrics = None,
    votes: Votes = None,
    budget: Budget = None,
    max_calls: MaxCalls = None,
    price: Prices = None,
    max_connections: Connections = None,
    timeout: Timeout = None,
    retries: Retries = None,
    display: Progress = None,
) -> None:
    """Judge a finished study anew.

    The subject is not asked; labels that the log has by the same judge, rubrics and votes are not asked for again.
    Findings and report are recomputed under the new judge, and say so. What was stopped, by --budget or otherwise, goes
    on with the same command and repeats no finished call. Exit codes are those of feint study.
    """
    from feint.money.options import SpendingLimits
    from feint.people.label import read_labels_of_people
    from feint.study.judge.command import judge_command
    from feint.study.plan.subject import Limits

    code = judge_command(
        folder,
        judge or ["rules"],
        rubrics=rubrics,
        votes=votes,
        limits=Limits(max_connections, timeout, retries),
        display=display and display.value,
        people=read_labels_of_people,
        spending=SpendingLimits(budget, max_calls, tuple(price or ())),
    )
    if code:
        raise typer.Exit(code)


@judge_app.command("check")
def judge_check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A study's folder with labels by people.")],
    person: Annotated[
        str | None, typer.Option(help="Compare with this person.  [default: what most people say]")
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="How many disagreements to print.")] = 5,
) -> None:
    """Say how far the judges agree with people.

    People label with: feint label DIR. For every judge in the log: agreement beyond chance (Cohen's kappa), sensitivity
    (of what people call complied, how much the judge does), specificity (of what they call refused), the area under the
    curve where a judge gives a share of votes or a score, the confusion table, and the disagreements to read.
    """
    from feint.people.show_agreement import check_command

    check_command(folder, person=person, show=show)
