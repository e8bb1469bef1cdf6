"""What there is to study with, on a terminal: designs, exact prompts, organisms."""

from collections.abc import Mapping, Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from feint.base.errors import UsageError, unknown
from feint.base.subjects import ORGANISM
from feint.designs import Design, load_design
from feint.designs.design import shipped
from feint.report.terminal import plain
from feint.report.text import visible
from feint.report.worddiff import word_diff
from feint.situations import Situation, Wording, get_voice, load_facts
from feint.study.plan.prepare_work import work_options
from feint.study.plan.tasks import FAKING, JOBS, job_for
from feint.subjects import store
from feint.tasks.alignment_faking import Ask, Planned
from feint.tasks.peer_preservation import PlannedRun, PlannedRuns
from feint.tasks.peer_preservation.fixtures import Fixture
from feint.tasks.peer_preservation.prompt import run_voices
from feint.tasks.peer_preservation.told import told_in_all
from feint.tasks.planned import Plans

STYLES = {"same": "", "gone": "red strike", "new": "bold green"}
MANY_CELLS, PANEL = 6, 44
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}


def designs_table() -> Table:
    """The shipped designs: what each asks, where it comes from, its cells."""
    table = Table(title="Designs (feint designs NAME shows one whole)", title_justify="left", show_lines=True)
    for column in ("design", "question and source", "cells"):
        table.add_column(column, ratio=3 if column == "question and source" else None)
    for name in sorted(shipped(), key=lambda name: list(JOBS).index(load_design(name).task)):
        design = load_design(name)
        cells = list(design.cells)
        more = f"\n… {len(cells)} in all" if len(cells) > MANY_CELLS else ""
        table.add_row(
            Text(name),
            Text(design.question + "\n").append(design.source, "dim").append(task_line(design), "dim"),
            Text("\n".join(cells[:MANY_CELLS]) + more),
        )
    return table


def task_line(design: Design) -> str:
    """A line that says whose task a design is of, where that is not the usual one."""
    return "" if design.task == FAKING else f"\n--task {design.task}"


def one_design(name: str) -> Group:
    """One design: its cells with the facts in which they differ, and its contrasts with what each names.

    Raises:
        UsageError: No such design.
    """
    design = load_design(name)
    differing = [fact for fact in load_facts(design.task) if len({facts[fact] for facts in design.cells.values()}) > 1]
    cells = Table(title="Cells", title_justify="left")
    tagged = ["tag", "described with"] if design.signal == "tag" else []
    whole = set.union(*(set(design.kinds_of(cell)) for cell in design.cells))
    some = ["kinds of work"] if any(set(design.kinds_of(cell)) != whole for cell in design.cells) else []
    for column in ("cell", *tagged, *differing, *some):
        cells.add_column(column)
    for cell, facts in design.cells.items():
        place = design.places.get(cell)
        tag = [place.tag or "(no tag)", place.world] if place else []
        kinds = [", ".join(design.kinds_of(cell))] if some else []
        cells.add_row(*(Text(text) for text in (cell, *tag, *(facts[fact] for fact in differing), *kinds)))
    contrasts = Table(title="Contrasts", title_justify="left", show_lines=True)
    for column in ("contrast", "is", "a yes names", "note"):
        contrasts.add_column(column)
    for key, spec in design.contrasts.items():
        named = spec.names or ("one of: " + ", ".join(spec.any_of) if spec.any_of else "–")
        needs = "".join(f"\nif {other} is {decision}" for other, decision in spec.requires.items())
        contrasts.add_row(*(Text(text) for text in (key, spec.expression, named + needs, spec.note)))
    return Group(Text(design.question, "bold"), Text(f"{design.source}\n", "dim"), cells, contrasts)


def organisms_table() -> Table:
    """The shipped organisms: what was planted, what a verdict should name, how well planting worked."""
    table = Table(title="Organisms", title_justify="left")
    for column in ("subject", "what it does", "a right verdict names", "held-out deviation", "checks"):
        table.add_column(column)
    for name in store.names():
        card = store.find(name).card()
        checks = card.get("checks") or {}
        deviation = checks.get("max_deviation")
        names = right_names(card.get("explanations")) + (" (states another)" if card.get("mismatch") else "")
        table.add_row(
            Text(f"{ORGANISM}{name}"),
            Text(str(card.get("about", "no card"))),
            Text(names if card else "–"),
            Text("–" if deviation is None else f"{100 * deviation:.1f} points"),
            Text("–" if not checks else "passed" if checks.get("passed") else "failed"),
        )
    return table


def right_names(explanations: Mapping[str, Sequence[str]] | Sequence[str] | None) -> str:
    """What a right verdict names, as a card has it: explanations, or explanations by design."""
    if isinstance(explanations, Mapping):
        return "; ".join(f"{design}: {', '.join(names) or 'none'}" for design, names in explanations.items()) or "none"
    return ", ".join(explanations or ["none"])


def show_prompt(told: Situation) -> RenderableType:
    """A prompt as it is sent, with a heading above each message."""
    return Group(heading("system"), plain(told.system), heading("user"), plain(told.user))


def show_difference(old: Situation, new: Situation, *, colour: bool) -> RenderableType:
    """The second prompt with what it changes in the first.

    Args:
        old: The first cell's prompt.
        new: The second cell's.
        colour: Whether the terminal shows colours; otherwise changes stand in [-brackets-] and {+brackets+}.
    """
    parts: list[RenderableType] = []
    for role in ("system", "user"):
        text = Text()
        for kind, segment in word_diff(visible(getattr(old, role)), visible(getattr(new, role))):
            before, after = ("", "") if colour else MARKS[kind]
            body = segment.rstrip()
            text.append(before + body + after, STYLES[kind] if colour else "")
            text.append(segment[len(body) :])
        parts += [heading(role), text]
    return Group(*parts)


def side_by_side(told: Mapping[str, Situation], *, colour: bool, width: int) -> Columns:
    """All prompts of a design, each with what it changes in the first.

    Args:
        told: Prompts by cell.
        colour: Whether the terminal shows colours.
        width: Of the terminal, in characters; as many prompts as fit stand in a row.
    """
    first = next(iter(told.values()))
    shown = {
        cell: show_prompt(one) if one is first else show_difference(first, one, colour=colour)
        for cell, one in told.items()
    }
    each = max(30, width // max(1, width // PANEL) - 1)
    return Columns([Panel(body, title=plain(cell), width=each) for cell, body in shown.items()], padding=(0, 1))


def heading(role: str) -> Text:
    """The line above a message."""
    return Text(f"── {role} " + "─" * (70 - len(role)), style="dim", no_wrap=True, overflow="crop")


def plans_of(design: str, given: Mapping[str, str | None]) -> Plans:
    """What a design asks.

    Args:
        design: Its name, or a YAML file.
        given: Further options of the task; None leaves one to its default.

    Raises:
        UsageError: No such design, or options of the other task.
    """
    job = job_for(None, design)
    if job.in_turns:
        return job.plan(work_options({**given, "design": design}))
    return job.plan(job.options(design=design, **{name: value for name, value in given.items() if value is not None}))


def prompt_of(
    planned: Plans, cell: str, *, request: str | None = None, voice: str | None = None, seed: int = 1
) -> Situation:
    """The exact prompt of one cell; of a run of many turns, also the papers in which the facts are told.

    Args:
        planned: Design, and what is asked.
        cell: A cell of the design.
        request: Id of a request or of a twin, or name of a fixture; None takes the first.
        voice: A voice; None takes the first.
        seed: The wording's seed.

    Raises:
        UsageError: An unknown design, cell, request or voice.
    """
    design = planned.design
    if cell not in design.cells:
        raise unknown(f"cell of design '{design.name}'", cell, design.cells)
    if isinstance(planned, PlannedRuns):
        return work_in(planned, cell, request, voice, seed)
    assert isinstance(planned, Planned)
    asked = {found.id: found for found in (*planned.conflict.requests, *planned.conflict.twins)}
    if request is not None and request not in asked:
        raise unknown(f"request of conflict '{planned.conflict.name}'", request, asked)
    chosen = asked[request] if request else planned.conflict.requests[0]
    wording = Wording(get_voice(voice or planned.voices[0]).name, seed)
    return planned.situation(Ask(cell, chosen, wording, 1))


def prompts_of(
    planned: Plans, *, request: str | None = None, voice: str | None = None, seed: int = 1
) -> dict[str, Situation]:
    """The exact prompts of all cells, by cell; of runs, those cells that have the kind of work. See `prompt_of`.

    Of runs, the first fixture is the first of the first cell.
    """
    cells = list(planned.design.cells)
    if isinstance(planned, PlannedRuns):
        fixture = fixture_of(planned, request, () if request else cells[:1])
        request, cells = fixture.name, [cell for cell in cells if fixture.kind in planned.design.kinds_of(cell)]
    return {cell: prompt_of(planned, cell, request=request, voice=voice, seed=seed) for cell in cells}


def work_in(planned: PlannedRuns, cell: str, request: str | None, voice: str | None, seed: int) -> Situation:
    """What a run tells in one cell of a plan; see `prompt_of`."""
    name = voice or planned.voices[0]
    if name not in run_voices():
        raise unknown("voice", name, run_voices())
    run = PlannedRun(cell, fixture_of(planned, request, (cell,)), Wording(name, seed), 1)
    return told_in_all(planned, run)


def shared_request(planned: Plans, cells: Sequence[str]) -> str | None:
    """The request by which cells are compared where none is named: of runs, the first fixture that all of them ask.

    Returns:
        Its name; None where every cell asks every request.

    Raises:
        UsageError: No fixture is asked in all of them.
    """
    return fixture_of(planned, None, cells).name if isinstance(planned, PlannedRuns) else None


def fixture_of(planned: PlannedRuns, name: str | None, cells: Sequence[str]) -> Fixture:
    """A fixture that is asked in all of some cells, by name; the first where none is named.

    Raises:
        UsageError: There is none, or none of this name.
    """
    asked = [set(planned.design.kinds_of(cell)) for cell in cells]
    known = {one.name: one for one in planned.fixtures if all(one.kind in kinds for kinds in asked)}
    where = " and ".join(f"'{cell}'" for cell in cells)
    if not known:
        raise UsageError(
            f"cells {where}: no fixture is asked in all of them; take cells of one kind of work, which feint designs "
            f"{planned.design.name} lists"
        )
    if name is not None and name not in known:
        raise unknown(
            f"fixture in cell {where}" if cells else f"fixture of design '{planned.design.name}'", name, known
        )
    return known[name] if name else next(iter(known.values()))
