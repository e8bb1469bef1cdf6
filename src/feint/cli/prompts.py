"""Exact prompts on a terminal, and the words in which they differ."""

from collections.abc import Mapping, Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from feint.base.errors import UsageError, unknown
from feint.report.terminal import plain
from feint.report.text import visible
from feint.report.worddiff import word_diff
from feint.situations import Situation, Wording, get_voice
from feint.study.plan.prepare_work import work_options
from feint.study.plan.tasks import job_for
from feint.tasks.alignment_faking import Ask, Planned
from feint.tasks.peer_preservation import PlannedRun, PlannedRuns
from feint.tasks.peer_preservation.fixtures import Fixture
from feint.tasks.peer_preservation.prompt import run_voices
from feint.tasks.peer_preservation.told import told_in_all
from feint.tasks.planned import Plans

STYLES = {"same": "", "gone": "red strike", "new": "bold green"}
PANEL = 44
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}


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
