"""`feint study` and `feint plan`: the same options, asked or planned."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from feint.base.errors import UsageError
from feint.cli.convert import NONE, chosen, values
from feint.cli.task_options import NOTHING_GIVEN, StudyOptions

if TYPE_CHECKING:
    from feint.study.folder import Start
    from feint.study.plan.prepare import Setup

SUBJECT = "organism/guarded"
SUBJECTS = (
    "organism/NAME (a trained model of known motive), actor/NAME (a program of known behaviour), or any Inspect model. "
    f" [default: {SUBJECT}]"
)


def study(
    subject: Annotated[str, Parameter(help=SUBJECTS)] = SUBJECT, /, *, options: StudyOptions = NOTHING_GIVEN
) -> int:
    """Ask a model, and report whether and why it behaves differently between situations.

    The findings are printed; the study's folder has the plan, Inspect's logs, findings.json and report.html.

    feint study
    feint study openai/gpt-4o --judge anthropic/claude-haiku-4-5 --budget 20usd
    feint study actor/terminal --design sealed,three-tier -n 40 --out studies/terminal

    Exit codes: 0, the study is complete, or decided; 2, a mistake in what was given, or a model that does not answer or
    does not reply in the form asked for; 3, more labels are missing than the plan allows (20 % of a cell), of the judge
    or of a rubric, so that nothing is decided there, or no answer of a model is of use; 130, stopped from the keyboard.
    --resume goes on and repeats no finished call.
    """
    from feint.base.inspect_private import read_dotenv
    from feint.people.label import read_labels_of_people
    from feint.study.ask.form import FormError
    from feint.study.command import run_command
    from feint.tasks.registry import designs_named

    read_dotenv()
    writing = options.writing
    try:
        folders, code = run_command(
            setups_for(subject, options, designs_named(options.ask.task, options.ask.design, subject)),
            writing.out,
            start=start_of(options),
            limits=options.calling.limits(),
            display=options.calling.display,
            people=read_labels_of_people,
            spending=options.spending.limits(),
            probe="form" if options.calling.form is None else True,
        )
    except FormError as error:
        command = shlex.join(["feint", *with_flags(sys.argv[1:], error.flags)])
        raise UsageError(f"{error}: {command} -- or add --form as-asked to ask in the first form") from None
    if len(folders) > 1:
        from feint.study.compare.studies import compare_command

        compare_command(folders, folders[0].parent / "summary.html")
    return code


def with_flags(arguments: Sequence[str], flags: Mapping[str, str]) -> list[str]:
    """Return arguments of a command with other values of some flags.

    >>> with_flags(["study", "a/b", "--reasoning", "native", "--quiz"], {"--reasoning": "none"})
    ['study', 'a/b', '--quiz', '--reasoning', 'none']
    """
    kept: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument in flags:
            next(left, None)
        elif argument.partition("=")[0] not in flags:
            kept.append(argument)
    return [*kept, *(part for pair in flags.items() for part in pair)]


def start_of(options: StudyOptions) -> "Start":
    """Say whether a study is new, goes on, or takes the place of another.

    Raises:
        UsageError: Two of them are given.
    """
    resume, overwrite = options.writing.resume, options.writing.overwrite
    if resume and overwrite:
        raise UsageError("--resume goes without --overwrite; leave one out")
    return "resume" if resume else "overwrite" if overwrite else "new"


def setups_for(subject: str, options: StudyOptions, designs: list[str]) -> "list[Setup]":
    """Read the options of a study of a subject: a setup for each design, which is a name or a file.

    Raises:
        UsageError: No such design, or a planted model without a part in the task.
    """
    from feint.study.plan.prepare import Setup
    from feint.tasks.profiles import is_profile, subject_for
    from feint.tasks.registry import task_for

    ask, judging, generating = options.ask, options.judging, options.generating
    made = Setup(
        subject,
        {},
        judging.judge or ("rules",),
        model_args={
            **values(generating.model_args, "--model-arg"),
            **chosen(base_url=generating.model_base_url),
        },
        quiz=ask.quiz,
        belief=ask.belief,
        rubrics=judging.rubrics,
        votes=judging.votes,
        realism=ask.realism,
        realism_prompts=ask.realism_prompts,
        until=ask.until,
        task=ask.task,
        generation=generating.generation(no_seed=ask.seed == NONE),
        size=ask.size,
    )
    if is_profile(subject):
        names = {task_for(ask.task, name).name for name in designs}
        made = replace(made, subject=subject_for(subject, min(names)))
    return [
        replace(made, options={**ask.options(), **options.task.options(ask.task, name), "design": name})
        for name in designs
    ]
