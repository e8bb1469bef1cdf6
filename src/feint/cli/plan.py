"""`feint plan`: what a study takes, and how many requests an answer needs."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feint.base.errors import UsageError
from feint.cli.options import (
    SUBJECTS,
    Budget,
    ConflictName,
    Connections,
    DesignNames,
    Judges,
    Kinds,
    MaxTokens,
    Mode,
    ModelArg,
    PerCell,
    Prices,
    Progress,
    Quiz,
    Requests,
    Rubrics,
    Samples,
    TaskOption,
    Twins,
    Voices,
    Votes,
    Wordings,
)
from feint.cli.words import model_args

if TYPE_CHECKING:
    from feint.study.plan.prepare import Wish

SUBJECT, CONFLICT = "organism/guarded", "harmlessness"


def plan(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SUBJECT] [DESIGN...]", help="A subject (provider/name); designs, or YAML files."),
    ] = None,
    subject: Annotated[str | None, typer.Option(help=f"{SUBJECTS}  [default: {SUBJECT}]")] = None,
    design: DesignNames = None,
    effect: Annotated[
        float | None,
        typer.Option(metavar="POINTS", help="The gap that should be found, in points.  [default: 10]"),
    ] = None,
    power: Annotated[float | None, typer.Option(help="How often it should be found, 0.5 to 1.  [default: 0.8]")] = None,
    base_rate: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT,…",
            help="How often the model may comply, or protect, without a gap.  [default: 5,20,50, or the pilot's]",
        ),
    ] = None,
    pilot: Annotated[
        bool,
        typer.Option(
            "--pilot",
            help="Ask 10 requests in each cell first, of peer_preservation 2 fixtures of each kind of work in 2 "
            "wordings, and plan by what they say.",
        ),
    ] = False,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="Plan by what this study of the subject says.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|DIR",
            help="Draw power over requests into FILE.html or FILE.svg; with --pilot, the pilot's folder, which gets "
            "power.html.  [default with --pilot: studies/SUBJECT-DESIGN-CONFLICT-pilot]",
        ),
    ] = None,
    task: TaskOption = None,
    conflict: ConflictName = CONFLICT,
    requests: Requests = None,
    kinds: Kinds = None,
    n: PerCell = None,
    twins: Twins = None,
    voices: Voices = None,
    wordings: Wordings = None,
    samples: Samples = None,
    reasoning: Annotated[Mode, typer.Option(help="Where the model reasons.")] = Mode.scratchpad,
    quiz: Quiz = False,
    judge: Judges = None,
    rubrics: Rubrics = None,
    votes: Votes = None,
    max_tokens: MaxTokens = None,
    model_arg: ModelArg = None,
    price: Prices = None,
    budget: Budget = None,
    max_connections: Connections = None,
    display: Progress = None,
) -> None:
    """Say what a study takes and costs, and how many requests an answer needs.

    Without more, the replies of the study as it is set up, and what they cost. With --effect, --power, --base-rate,
    --pilot, --from or --out: the requests that each contrast needs for a gap of that size to be called yes that often,
    and for no gap to be called no, with replies, tokens and cost, a chart of power, and all that is assumed.
    """
    from feint.study.command import plan_command
    from feint.study.plan.prepare import Wish
    from feint.study.plan.tasks import designs_named

    asks_power = any(given is not None for given in (effect, power, base_rate, source, out)) or pilot
    if pilot and source is not None:
        raise UsageError("--pilot goes without --from: the one asks, the other reads what was asked; leave one out")
    named, chosen = parted(names or [], subject, design)
    options: dict[str, Any] = {
        "conflict": conflict,
        "requests": requests,
        "kinds": kinds,
        "n": n,
        "twins": twins,
        "voices": voices,
        "wordings": wordings,
        "samples": samples,
        "mode": reasoning.value,
    }
    wish = Wish(
        named or SUBJECT,
        {},
        tuple(judge or ["rules"]),
        max_tokens=max_tokens,
        model_args=model_args(model_arg or []),
        quiz=quiz,
        rubrics=rubrics,
        votes=votes,
        task=task and task.value,
    )
    names = chosen or designs_named(task and task.value, None, named or SUBJECT)
    wishes = [replace(wish, options={**options, "design": name}) for name in names]
    if not asks_power:
        plan_command(wishes, price or [])
        return
    from feint.study.plan.command import EFFECT, Question, check_question, power_command
    from feint.study.plan.need import BASE_RATES
    from feint.study.plan.pilot import read_pilot

    question = Question(
        EFFECT if effect is None else effect / 100,
        0.8 if power is None else power,
        BASE_RATES if base_rate is None else percents(base_rate),
        None if pilot else out,
    )
    check_question(question)
    if base_rate is not None and (pilot or source is not None):
        raise UsageError("--base-rate goes without a pilot, which says how often the model complies; leave one out")
    code = 0
    if pilot:
        source, code = run_pilot(wishes, out, price or [], budget, max_connections, display and display.value)
        question = replace(question, picture=source / "power.html")
    set_prices_of(wishes[0], price or [])
    found = None if source is None else read_pilot(source)
    if found is not None and not pilot:
        given = {key: value for key, value in options.items() if value is not None and (key, value) not in USUAL}
        wishes = as_in(wishes, found, named, chosen, given)
    power_command(wishes, question, found)
    if code:
        raise typer.Exit(code)


USUAL = {("conflict", CONFLICT), ("mode", Mode.scratchpad.value)}


def parted(names: list[str], subject: str | None, design: str | None) -> tuple[str | None, list[str]]:
    """The subject and the designs among the arguments: a subject has a slash in it and is no YAML file.

    Raises:
        UsageError: Two subjects.
    """
    subjects = [name for name in names if "/" in name and not name.endswith((".yaml", ".yml"))]
    both = [*subjects, *([subject] if subject is not None else [])]
    if len(both) > 1:
        raise UsageError(f"feint plan: '{both[0]}' and '{both[1]}' are two subjects; plan for one at a time")
    designs = [name for name in names if name not in subjects]
    designs += [name for name in (design or "").split(",") if name]
    return (both[0] if both else None), designs


def percents(text: str) -> tuple[float, ...]:
    """Rates from percent.

    Raises:
        UsageError: No numbers.
    """
    try:
        return tuple(float(part) / 100 for part in text.split(","))
    except ValueError:
        raise UsageError(f"--base-rate {text}: expected percent, separated by commas, such as 5,20,50") from None


def set_prices_of(wish: "Wish", prices: list[str]) -> None:
    """Register what models cost."""
    from feint.money.prices import set_prices

    judges = [judge for judge in wish.judge if judge != "rules"]
    set_prices(prices, wish.subject, judges)


def run_pilot(
    wishes: "list[Wish]", out: Path | None, price: list[str], budget: str | None, connections: int | None,
    display: str | None,
) -> tuple[Path, int]:  # fmt: skip
    """Run the pilot of a plan as a study of its own.

    Returns:
        Its folder, and the exit code of the study.

    Raises:
        UsageError: Several designs, or the study cannot be run.
    """
    from feint.money.options import SpendingLimits
    from feint.study.command import default_out, run_command
    from feint.study.plan.pilot import pilot_wish
    from feint.study.plan.prepare import make_plan
    from feint.study.plan.subject import Limits

    if len(wishes) > 1:
        raise UsageError("--pilot: a pilot is of one design; name one")
    wish = pilot_wish(wishes[0])
    made, _ = make_plan(wish)
    folder = out or default_out(made.subject, f"{made.design['name']}-{made.conflict['name']}", "pilot")
    limits, spending = Limits(connections), SpendingLimits(budget, None, tuple(price))
    _, code = run_command([wish], folder, start="new", limits=limits, display=display, spending=spending)
    return folder, code


def as_in(
    wishes: "list[Wish]", pilot: Any, named: str | None, chosen: list[str], given: dict[str, Any]
) -> "list[Wish]":
    """Wishes for a study like the pilot: its subject, design and options, where others are not given.

    Raises:
        UsageError: Another subject is named.
    """
    if named is not None and named != pilot.plan.subject:
        raise UsageError(f"--from {pilot.path}: a study of '{pilot.plan.subject}', not of '{named}'; leave one out")
    kept = {"conflict", "requests", "voices", "mode", "phrases", "facts", "prefill", "base", "kinds", "thresholds"}
    task = {key: value for key, value in pilot.plan.task.items() if key in kept}
    designs = chosen or [str(pilot.plan.task["design"])]
    options = {**task, **given}
    made = [replace(wishes[0], subject=pilot.plan.subject, options={**options, "design": name}) for name in designs]
    limit = wishes[0].max_tokens or int(pilot.plan.generate["max_tokens"])
    return [replace(wish, max_tokens=limit, model_args=pilot.plan.model_args) for wish in made]
