"""`feint show`: exact prompts, before anything is asked, and the words in which they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from feint.base.errors import UsageError, unknown
from feint.cli.convert import Texts, chosen, whole
from feint.cli.help import stdout
from feint.cli.task_options import OneTaskOptions

if TYPE_CHECKING:
    from feint.situations import Situation

STYLES = {"same": "", "gone": "red strike", "new": "bold green"}
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
PANEL = 44


@Parameter(name="*")
@dataclass(frozen=True)
class ShowOptions:
    """The prompt that is shown.

    Attributes:
        requests: Items instead of the task's own: a file, a dataset, or 'held-out'.
        fact: State this in every cell, such as clarification=stated; may be given again.
        request: Id of an item, or ID~twin.  [default: the first]
        voice: A voice.  [default: the first]
        seed: Seed of the wording.  [default: 1]
        everything: Show all cells side by side.
    """

    requests: Annotated[str | None, Parameter(metavar="FILE|DATASET")] = None
    fact: Annotated[Texts, Parameter(metavar="FACT=LEVEL")] = ()
    request: Annotated[str | None, Parameter(metavar="ID")] = None
    voice: Annotated[str | None, Parameter(metavar="NAME")] = None
    seed: Annotated[int, whole(0)] = 1
    everything: Annotated[bool, Parameter(name="--all")] = False


FIRST, AS_USUAL = ShowOptions(), OneTaskOptions()


def show(
    design: Annotated[str, Parameter(name="DESIGN", help="A design, or a YAML file.")],
    cell: Annotated[str | None, Parameter(name="CELL", help="A cell of the design.")] = None,
    other: Annotated[str | None, Parameter(name="CELL2", help="Show what this cell changes.")] = None,
    /,
    *,
    shown: ShowOptions = FIRST,
    options: OneTaskOptions = AS_USUAL,
) -> None:
    """Print a cell's prompt, or what cells differ in.

    feint show motives trained
    feint show motives rated trained
    feint show sealed --all
    """
    from feint.tasks.registry import task_for

    task = task_for(None, design)
    given = chosen(requests=shown.requests, facts=",".join(shown.fact) or None)
    planned = task.plan(task.settle({"wordings": 1, **given, **options.options(None, design), "design": design}, ""))
    if shown.everything == (cell is not None):
        raise UsageError("feint show: give one cell, two cells, or --all")
    cells = task.cells_of(planned, shown.request) if shown.everything else [name for name in (cell, other) if name]
    for name in cells:
        if name not in planned.design.cells:
            raise unknown(f"cell of design '{planned.design.name}'", name, planned.design.cells)
    request = shown.request or task.shown_item(planned, cells)
    told = {name: task.told(planned, name, request, shown.voice, shown.seed) for name in cells}
    console = stdout(soft_wrap=not shown.everything)
    colour = console.color_system is not None
    if shown.everything:
        console.print(side_by_side(told, colour=colour, width=console.width))
    elif other is None:
        console.print(show_prompt(told[cells[0]]))
    else:
        console.print(show_difference(told[cells[0]], told[other], colour=colour))


def show_prompt(told: "Situation") -> RenderableType:
    """Show a prompt as it is sent, with a heading above each message."""
    from feint.report.terminal import plain

    return Group(heading("system"), plain(told.system), heading("user"), plain(told.user))


def show_difference(old: "Situation", new: "Situation", *, colour: bool) -> RenderableType:
    """Show the second prompt with its changes to the first: in colours, or in [-brackets-] and {+brackets+}."""
    from feint.report.text import visible, word_diff

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


def side_by_side(told: Mapping[str, "Situation"], *, colour: bool, width: int) -> Columns:
    """Show all prompts of a design, each with its changes to the first, in rows of the width of the terminal."""
    from feint.report.terminal import plain

    first = next(iter(told.values()))
    each = max(30, width // max(1, width // PANEL) - 1)
    panels = []
    for cell, one in told.items():
        body = show_prompt(one) if one is first else show_difference(first, one, colour=colour)
        panels.append(Panel(body, title=plain(cell), width=each))
    return Columns(panels, padding=(0, 1))


def heading(role: str) -> Text:
    """Write the line above a message."""
    return Text(f"── {role} " + "─" * (70 - len(role)), style="dim", no_wrap=True, overflow="crop")
