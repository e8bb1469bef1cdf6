"""`feint battery`: one study of each task, and one card of all signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from feint.base.errors import UsageError
from feint.cli.calls import CallOptions, GenerateOptions
from feint.cli.convert import NONE, Count, Texts, chosen, values, whole_or_none
from feint.cli.options import ASKED, JUDGING, SPENDING, SpendingOptions

SUBJECTS = "Any Inspect model, or a planted model of all tasks: actor/profile/NAME, such as actor/profile/guardian."


@Parameter(name="*", group=ASKED)
@dataclass(frozen=True)
class BatteryOptions:
    """What a battery asks.

    Attributes:
        tasks: Tasks, separated by commas.  [default: every task that has axes on the card]
        size: How many items, wordings and samples each task asks.  [default: quick]
        n: Items for each cell, in every task.  [default: as --size says]
        wordings: Wordings of each item.  [default: as --size says]
        seed: Picks wordings and sampling seeds; none sends no seed, for servers that reject it.  [default: 0]
        judge: What labels the replies; see `feint study --help`.  [default: each task's own rules]
        until: decided or all; see `feint study --help`.  [default: all where an axis is an estimand, else as study]
        task_options: Set any option of one task; may be given again.
        plan: Print what the battery asks, costs and can see, and ask nothing.
    """

    tasks: Annotated[str | None, Parameter(metavar="NAME,…")] = None
    size: Annotated[
        Literal["quick", "standard", "thorough"] | None, Parameter(metavar="quick|standard|thorough")
    ] = None  # fmt: skip
    n: Annotated[Count, Parameter(name=("-n", "--limit"))] = None
    wordings: Count = None
    seed: Annotated[int | str | None, whole_or_none(0)] = None
    judge: Annotated[Texts, Parameter(metavar="rules|MODEL", group=JUDGING)] = ()
    until: Annotated[Literal["decided", "all"] | None, Parameter(metavar="decided|all", group=SPENDING)] = None
    task_options: Annotated[Texts, Parameter(name="-T", metavar="TASK.NAME=VALUE")] = ()
    plan: Annotated[bool, Parameter(name=("--plan", "--dry-run"))] = False


@Parameter(name="*")
@dataclass(frozen=True)
class BatteryFolder:
    """The folder of a battery.

    Attributes:
        out: The battery's folder, with a folder for each task.  [default: studies/SUBJECT-battery]
        resume: Go on with the battery in --out; --tasks and --size are those that it was begun with.
        overwrite: Replace the battery in --out.
    """

    out: Annotated[Path | None, Parameter(metavar="DIR")] = None
    resume: bool = False
    overwrite: bool = False


NOTHING, NOWHERE, FREE = BatteryOptions(), BatteryFolder(), SpendingOptions()
AS_GENERATED, AS_CALLED = GenerateOptions(), CallOptions()


def battery(
    subject: Annotated[str, Parameter(help=SUBJECTS)],
    /,
    *,
    ask: BatteryOptions = NOTHING,
    spending: SpendingOptions = FREE,
    generating: GenerateOptions = AS_GENERATED,
    writing: BatteryFolder = NOWHERE,
    calling: CallOptions = AS_CALLED,
) -> int:
    """Ask a model every task, and draw one card of its failure signatures.

    Each task is a study in its own folder. Tasks are asked one after the other from one budget, and a task that fails
    stops no other. The folder also has card.html and battery.json. `feint compare` sets cards side by side.

    feint battery openai/gpt-4o --plan
    feint battery openai/gpt-4o --budget 20usd --out studies/gpt-4o
    feint battery actor/profile/guardian --tasks alignment_faking,peer_preservation

    Exit codes: 0; 2, a mistake in what was given, or a model that does not answer; 3, a task failed or lacks too many
    labels; 130, stopped from the keyboard. --resume goes on and repeats no finished call.
    """
    from feint.base.inspect_private import read_dotenv
    from feint.findings.battery import is_battery, read_battery
    from feint.people.label import read_labels_of_people
    from feint.study.battery.order import QUICK, battery_folder, chosen_tasks, make_order
    from feint.study.battery.run import battery_command
    from feint.study.plan.prepare import Setup

    read_dotenv()
    if writing.resume and writing.overwrite:
        raise UsageError("--resume goes without --overwrite; leave one out")
    out = writing.out or battery_folder(subject)
    begun = read_battery(out) if writing.resume and is_battery(out) else None
    tasks = chosen_tasks(ask.tasks, begun)
    setup = Setup(
        subject,
        chosen(n=ask.n, wordings=ask.wordings, seed=None if ask.seed == NONE else ask.seed),
        ask.judge or ("rules",),
        model_args={
            **values(generating.model_args, "--model-arg"),
            **chosen(base_url=generating.model_base_url),
        },
        until=ask.until,
        generation=generating.generation(no_seed=ask.seed == NONE),
    )
    size = ask.size or (begun.size if begun is not None else QUICK)
    return battery_command(
        make_order(subject, size, tasks, setup, options_by_task(ask.task_options, tasks)),
        out,
        start="resume" if writing.resume else "overwrite" if writing.overwrite else "new",
        limits=calling.limits(),
        display=calling.display,
        spending=spending.limits(),
        people=read_labels_of_people,
        probe="form" if calling.form is None else True,
        dry=ask.plan,
    )


def options_by_task(given: Sequence[str], tasks: Sequence[str]) -> dict[str, dict[str, str | int | None]]:
    """Read options of single tasks, such as `alignment_faking.mode=untagged`.

    Raises:
        UsageError: A task that is not asked, or an option or a value that does not fit.
    """
    from feint.base.vocabulary import vocabulary
    from feint.cli.task_options import read_options

    found: dict[str, dict[str, str | int | None]] = {}
    for text in given:
        task, dot, option = text.partition(".")
        if not dot or task not in tasks:
            raise UsageError(f"-T {text}: expected TASK.NAME=VALUE, with a task among {', '.join(tasks)}")
        found.setdefault(task, {}).update(read_options([option], task, vocabulary(task).design))
    return found
