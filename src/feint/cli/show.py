"""`feint show`: exact prompts, before anything is asked."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from feint.base.errors import UsageError
from feint.cli.console import stdout
from feint.cli.convert import Texts, chosen, whole
from feint.cli.options import OneTaskOptions
from feint.cli.task_options import read_options


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
    from feint.cli.prompts import (
        plans_of,
        prompt_of,
        prompts_of,
        shared_request,
        show_difference,
        show_prompt,
        side_by_side,
    )

    given = chosen(requests=shown.requests, facts=",".join(shown.fact) or None)
    planned = plans_of(design, {**given, **options.options(), **read_options(options.values, None, design)})
    console = stdout(soft_wrap=not shown.everything)
    colour = console.color_system is not None
    if shown.everything or cell is None:
        if cell is not None or not shown.everything:
            raise UsageError("feint show: give one cell, two cells, or --all")
        found = prompts_of(planned, request=shown.request, voice=shown.voice, seed=shown.seed)
        console.print(side_by_side(found, colour=colour, width=console.width))
        return
    cells = [name for name in (cell, other) if name]
    request = shown.request or shared_request(planned, cells)
    told = [prompt_of(planned, name, request=request, voice=shown.voice, seed=shown.seed) for name in cells]
    console.print(show_prompt(told[0]) if len(told) == 1 else show_difference(*told, colour=colour))
