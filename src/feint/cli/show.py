"""`feint show`: exact prompts, before anything is asked, and the words in which they differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
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
    from feint.tasks.plans import Plans

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
        exact: Print the prompt as it is sent, without marks around its facts.
        sheet: Write a page for each written document, for a reviewer to read and sign, into this folder.
    """

    requests: Annotated[str | None, Parameter(metavar="FILE|DATASET")] = None
    fact: Annotated[Texts, Parameter(metavar="FACT=LEVEL")] = ()
    request: Annotated[str | None, Parameter(metavar="ID")] = None
    voice: Annotated[str | None, Parameter(metavar="NAME")] = None
    seed: Annotated[int, whole(0)] = 1
    everything: Annotated[bool, Parameter(name="--all")] = False
    exact: bool = False
    sheet: Annotated[Path | None, Parameter(metavar="DIR")] = None


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
    feint show motives trained --voice ticket-long
    feint show motives --library written --sheet sheets
    """
    from feint.tasks.registry import task_for

    task = task_for(None, design)
    given = chosen(requests=shown.requests, facts=",".join(shown.fact) or None, voices=shown.voice)
    planned = task.plan(task.settle({"wordings": 1, **given, **options.options(None, design), "design": design}, ""))
    if shown.sheet is not None:
        stdout(soft_wrap=True).print(write_sheets(shown.sheet, planned), markup=False, highlight=False)
        return
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
        console.print(show_prompt(told[cells[0]], planned.design.cells[cells[0]], exact=shown.exact, colour=colour))
    else:
        console.print(show_difference(told[cells[0]], told[other], colour=colour))


def show_prompt(
    told: "Situation", cell: Mapping[str, str] | None = None, *, exact: bool = True, colour: bool = False
) -> RenderableType:
    """Show a prompt with a heading above each message; with a cell and not `exact`, with marks around its facts."""
    from feint.report.terminal import plain

    if exact or cell is None or not told.spans:
        return Group(heading("system"), plain(told.system), heading("user"), plain(told.user))
    parts: list[RenderableType] = []
    for role in ("system", "user"):
        text = Text()
        for fact, segment in pieces(told, role):
            if fact is None:
                text.append(plain(segment))
                continue
            body = segment.lstrip()
            text.append(segment[: len(segment) - len(body)])
            text.append(f"[{fact}{'=' + cell[fact] if fact in cell and '@' not in fact else ''}: ", "dim cyan")
            text.append(plain(body).plain, "bold" if colour else "").append("]", "dim cyan")
        parts += [heading(role), text]
    return Group(*parts)


def pieces(told: "Situation", role: str) -> Iterator[tuple[str | None, str]]:
    """Cut a turn into the texts of its facts, each with the fact's name, and what stands between them."""
    text, at = getattr(told, role), 0
    for span in (one for one in told.spans if one.part == role):
        yield None, text[at : span.start]
        yield span.fact + (f"@{span.value}" if span.value else ""), text[span.start : span.end]
        at = span.end
    yield None, text[at:]


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


def write_sheets(folder: Path, planned: "Plans") -> str:
    """Write the sheet of every document that tells a design, and say where they are."""
    from feint.base.writing import write_text
    from feint.report.sheet import render_sheet
    from feint.situations import find_dossier

    told = [find_dossier(voice, planned.design.task) for voice in planned.voices]
    dossiers = {found[0].name: found[0] for found in told if found}
    if not dossiers:
        raise UsageError("--sheet: composed voices have no sheet; add --library written")
    folder.mkdir(parents=True, exist_ok=True)
    for name, dossier in dossiers.items():
        write_text(folder / f"{name}.html", render_sheet(dossier, planned.design))
    return f"{len(dossiers)} sheets written to {folder}"
