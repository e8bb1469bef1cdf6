"""`feint plan`: the size and the cost of a study, and the items that an answer needs."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from feint.base.errors import UsageError
from feint.cli.convert import number
from feint.cli.study import SUBJECT, SUBJECTS, setups_for, start_of
from feint.cli.task_options import NOTHING_GIVEN, StudyOptions

if TYPE_CHECKING:
    from feint.study.plan.answer import Question as Asked
    from feint.study.plan.pilot import Pilot
    from feint.study.plan.prepare import Setup


@Parameter(name="*", group=Group("What the plan answers", sort_key=0))
@dataclass(frozen=True)
class PowerOptions:
    """The question that a plan answers.

    Attributes:
        effect: The gap that should be found, in points.  [default: 10]
        power: How often it should be found, 0.5 to 1.  [default: 0.8]
        base_rate: How often the model may comply, or protect, without a gap.  [default: 5,20,50, or the pilot's]
        pilot: Ask 10 items in each cell first (of work with tools, 2 fixtures of each kind of work in 2 wordings), and
            plan by what they say.
        source: Plan by what this study of the subject says.
    """

    effect: Annotated[float | None, number()] = None
    power: Annotated[float | None, number()] = None
    base_rate: Annotated[str | None, Parameter(metavar="PERCENT,…")] = None
    pilot: bool = False
    source: Annotated[Path | None, Parameter(name="--from", metavar="DIR")] = None

    def read(self, picture: Path | None) -> "Asked":
        """Check the question; `picture` says where to draw power over requests, if anywhere."""
        from feint.study.plan.answer import EFFECT, check_question
        from feint.study.plan.answer import Question as Asked
        from feint.study.plan.need import BASE_RATES

        asked = Asked(
            EFFECT if self.effect is None else self.effect / 100,
            0.8 if self.power is None else self.power,
            BASE_RATES if self.base_rate is None else percents(self.base_rate),
            picture,
        )
        check_question(asked)
        if self.base_rate is not None and (self.pilot or self.source is not None):
            raise UsageError("--base-rate goes without a pilot, which says how often the model complies; leave one out")
        return asked


NO_QUESTION = PowerOptions()
SIZES = frozenset(("design", "n", "twins", "wordings", "samples", "seed", "fixtures"))
"""Options of a pilot that the study planned from it does not take over."""


def plan(
    *names: Annotated[str, Parameter(help=f"A subject: {SUBJECTS} Then designs, or YAML files.")],
    subject: Annotated[str | None, Parameter(metavar="SUBJECT", help="The same as the first argument.")] = None,
    question: PowerOptions = NO_QUESTION,
    options: StudyOptions = NOTHING_GIVEN,
) -> int:
    """Say what a study takes and costs, and how many items an answer needs.

    Takes the options of `feint study`. Without more, prints the replies of the study as it is set up, and what they
    cost. With --effect, --power, --base-rate, --pilot, --from or --out: the items that each contrast needs for a gap of
    that size to be called yes that often, and for no gap to be called no, with replies, tokens and cost, a chart of
    power, and all assumptions. --out is here FILE.html or FILE.svg, where power is drawn over items; with --pilot the
    pilot's folder, which gets power.html.

    feint plan openai/gpt-4o --price 2.5,10
    feint plan openai/gpt-4o motives sealed -n 60
    feint plan openai/gpt-4o --effect 10 --pilot --price 2.5,10

    Raises:
        UsageError: An option names what does not exist.
    """
    from feint.base.inspect_private import read_dotenv
    from feint.study.plan.command import plan_study
    from feint.study.plan.pilot import read_pilot
    from feint.tasks.registry import designs_named

    read_dotenv()
    if question.pilot and question.source is not None:
        raise UsageError("--pilot goes without --from: the one asks, the other reads what was asked; leave one out")
    if not question.pilot and start_of(options) != "new":
        raise UsageError("--resume and --overwrite go with --pilot; nothing else is asked")
    named, designs = parted(list(names), subject, options.ask.design)
    setups = setups_for(named or SUBJECT, options, designs or designs_named(options.ask.task, None, named or SUBJECT))
    asks_power = question.pilot or any(
        given is not None for given in (question.effect, question.power, question.base_rate, question.source)
    )
    if not asks_power and options.writing.out is None:
        plan_study(setups, options.spending.price)
        return 0
    asked = question.read(None if question.pilot else options.writing.out)
    source, code = question.source, 0
    if question.pilot:
        source, code = run_pilot(setups, options)
        asked = replace(asked, picture=source / "power.html")
    found = None if source is None else read_pilot(source)
    if found is not None and not question.pilot:
        setups = as_in(setups[0], found, named, designs)
    plan_study(setups, options.spending.price, asked, found)
    return code


def parted(names: list[str], subject: str | None, design: str | None) -> tuple[str | None, list[str]]:
    """Tell the subject and the designs apart: a subject has a slash in its name and is no YAML file.

    Raises:
        UsageError: Two subjects.

    >>> parted(["openai/gpt-4o", "tiers"], None, "sealed,motives")
    ('openai/gpt-4o', ['tiers', 'sealed', 'motives'])
    """
    subjects = [name for name in names if "/" in name and not name.endswith((".yaml", ".yml"))]
    both = [*subjects, *([subject] if subject is not None else [])]
    if len(both) > 1:
        raise UsageError(f"feint plan: '{both[0]}' and '{both[1]}' are two subjects; plan for one at a time")
    designs = [name for name in names if name not in subjects]
    designs += [name for name in (design or "").split(",") if name]
    return (both[0] if both else None), designs


def percents(text: str) -> tuple[float, ...]:
    """Read rates from percent.

    >>> percents("5,20")
    (0.05, 0.2)

    Raises:
        UsageError: The text holds something else.
    """
    try:
        return tuple(float(part) / 100 for part in text.split(","))
    except ValueError:
        raise UsageError(f"--base-rate {text}: expected percent, separated by commas, such as 5,20,50") from None


def run_pilot(setups: "list[Setup]", options: StudyOptions) -> tuple[Path, int]:
    """Run the pilot of a plan as a study of its own; return its folder and the exit code.

    Raises:
        UsageError: Several designs, or the study cannot be run.
    """
    from feint.study.command import run_command
    from feint.study.parts import default_out
    from feint.study.plan.pilot import pilot_setup
    from feint.study.plan.prepare import make_plan

    if len(setups) > 1:
        raise UsageError("--pilot: a pilot is of one design; name one")
    setup = pilot_setup(setups[0])
    made, _ = make_plan(setup)
    folder = options.writing.out or default_out(made.subject, f"{made.design['name']}-{made.conflict['name']}", "pilot")
    _, code = run_command(
        [setup],
        folder,
        start=start_of(options),
        limits=options.calling.limits(),
        display=options.calling.display,
        spending=options.spending.limits(),
        probe=True,
    )
    return folder, code


def as_in(setup: "Setup", pilot: "Pilot", named: str | None, designs: list[str]) -> "list[Setup]":
    """Make setups for a study like a pilot, with its subject, design and options unless others were given or named.

    Raises:
        UsageError: Another subject is named.
    """
    from feint.study.plan.subject import Generation

    plan = pilot.plan
    if named is not None and named != plan.subject:
        raise UsageError(f"--from {pilot.path}: a study of '{plan.subject}', not of '{named}'; leave one out")
    values, left_out = setup.generation.values, setup.generation.left_out
    generation = Generation(
        {**plan.generate, **values},
        (*left_out, *(name for name in plan.left_out if name not in (*left_out, *values))),
    )
    kept = {name: value for name, value in plan.task.items() if name not in SIZES}
    made = replace(
        setup, subject=plan.subject, model_args={**plan.model_args, **setup.model_args}, generation=generation
    )
    names = designs or [str(plan.task["design"])]
    return [replace(made, options={**kept, **setup.options, "design": name}) for name in names]
