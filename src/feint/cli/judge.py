"""`feint judge`: judge a finished study anew, or check its judges against people."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from feint.cli.calls import CallOptions
from feint.cli.convert import whole
from feint.cli.options import JudgeOptions, SpendingOptions

judge_app = App(name="judge")
AS_GIVEN, AS_CALLED, FREE = JudgeOptions(), CallOptions(), SpendingOptions()


@judge_app.default
@judge_app.command(name="study")
def judge_study(
    folder: Annotated[Path, Parameter(name="DIR", help="A finished study's folder.")],
    /,
    *,
    judging: JudgeOptions = AS_GIVEN,
    spending: SpendingOptions = FREE,
    calling: CallOptions = AS_CALLED,
) -> int:
    """Judge a finished study anew, without asking its subject again.

    The subject is not asked; labels that the log has by the same judge, rubrics and votes are not asked for again. All
    earlier labels stay in the log. Findings and report are recomputed under the new judge, and say so. After a stop, by
    --budget or otherwise, the same command goes on and repeats no finished call. Exit codes are those of feint study.

    feint judge studies/mine --judge anthropic/claude-haiku-4-5
    feint judge check studies/mine
    """
    from feint.people.label import read_labels_of_people
    from feint.study.judge.command import judge_command

    return judge_command(
        folder,
        list(judging.judge or ("rules",)),
        rubrics=judging.rubrics,
        votes=judging.votes,
        limits=calling.limits(),
        display=calling.display,
        people=read_labels_of_people,
        spending=spending.limits(),
    )


@judge_app.command(name="check")
def judge_check(
    folder: Annotated[Path, Parameter(name="DIR", help="A study's folder with labels by people.")],
    /,
    *,
    person: Annotated[
        str | None, Parameter(metavar="NAME", help="Compare with this person.  [default: what most people say]")
    ] = None,
    show: Annotated[int, whole(0), Parameter(help="How many disagreements to print.  [default: 5]")] = 5,
) -> None:
    """Say how far the judges agree with people.

    People label with: feint label DIR. For every judge in the log: agreement beyond chance (Cohen's kappa), sensitivity
    (of what people call complied, how much the judge does), specificity (of what they call refused), the area under the
    curve where a judge gives a share of votes or a score, the confusion table, and the disagreements to read.

    feint judge check studies/mine
    """
    from feint.people.show_agreement import check_command

    check_command(folder, person=person, show=show)
