"""Exact prompts on a terminal, and the words in which they differ."""

from collections.abc import Mapping, Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from feint.base.errors import unknown
from feint.report.terminal import plain
from feint.report.text import visible, word_diff
from feint.situations import Situation
from feint.tasks.registry import load_task, task_for
from feint.tasks.task import Plans

STYLES = {"same": "", "gone": "red strike", "new": "bold green"}
PANEL = 44
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}


def show_prompt(told: Situation) -> RenderableType:
    """Show a prompt as it is sent, with a heading above each message."""
    return Group(heading("system"), plain(told.system), heading("user"), plain(told.user))


def show_difference(old: Situation, new: Situation, *, colour: bool) -> RenderableType:
    """Show the second prompt with its changes to the first prompt.

    Args:
        old: The first cell's prompt.
        new: The second cell's.
        colour: Whether the terminal shows colours; otherwise changes are in [-brackets-] and {+brackets+}.
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
    """Show all prompts of a design, each with its changes to the first.

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
    """Write the line above a message."""
    return Text(f"── {role} " + "─" * (70 - len(role)), style="dim", no_wrap=True, overflow="crop")


def plans_of(design: str, given: Mapping[str, str | int | None]) -> Plans:
    """Return the prompts of a design.

    Args:
        design: Its name, or a YAML file.
        given: Further options of the task.

    Raises:
        UsageError: No such design, or an option of another task.
    """
    task = task_for(None, design)
    return task.plan(task.settle({"wordings": 1, **given, "design": design}, ""))


def prompt_of(
    planned: Plans, cell: str, *, request: str | None = None, voice: str | None = None, seed: int = 1
) -> Situation:
    """Return the exact prompt of one cell; of a run of many turns, also the papers that tell the facts.

    Args:
        planned: Design, and what is asked.
        cell: A cell of the design.
        request: Id of an item or of a twin; None takes the first.
        voice: A voice; None takes the first.
        seed: The wording's seed.

    Raises:
        UsageError: An unknown design, cell, request or voice.
    """
    design = planned.design
    if cell not in design.cells:
        raise unknown(f"cell of design '{design.name}'", cell, design.cells)
    return load_task(design.task).told(planned, cell, request, voice, seed)


def prompts_of(
    planned: Plans, *, request: str | None = None, voice: str | None = None, seed: int = 1
) -> dict[str, Situation]:
    """The exact prompts of all cells, by cell; of runs, those cells that have the kind of work. See `prompt_of`.

    Of runs, the first fixture is the first of the first cell.
    """
    task = load_task(planned.design.task)
    cells = task.cells_of(planned, request)
    request = request or task.shown_item(planned, cells)
    return {cell: prompt_of(planned, cell, request=request, voice=voice, seed=seed) for cell in cells}


def shared_request(planned: Plans, cells: Sequence[str]) -> str | None:
    """Choose the item by which cells are compared if the user names no item.

    Returns:
        Its name; None if every cell asks every item.

    Raises:
        UsageError: No item is asked in all of these cells.
    """
    return load_task(planned.design.task).shown_item(planned, cells)
