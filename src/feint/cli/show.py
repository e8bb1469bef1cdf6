"""`feint show`: exact prompts, before anything is asked."""

from typing import Annotated

from cyclopts import Parameter

from feint.base.errors import UsageError
from feint.cli.console import stdout
from feint.cli.convert import whole
from feint.cli.options import Mode


def show(
    design: Annotated[str, Parameter(name="DESIGN", help="A design, or a YAML file.")],
    cell: Annotated[str | None, Parameter(name="CELL", help="A cell of the design.")] = None,
    other: Annotated[str | None, Parameter(name="CELL2", help="Show what this cell changes.")] = None,
    /,
    *,
    conflict: Annotated[
        str | None, Parameter(metavar="NAME|FILE", help="A conflict, or a YAML file.  [default: harmlessness]")
    ] = None,
    requests: Annotated[str | None, Parameter(metavar="FILE|DATASET", help="Items instead of the task's own.")] = None,
    request: Annotated[
        str | None, Parameter(metavar="ID", help="Id of an item, or ID~twin.  [default: the first]")
    ] = None,
    voice: Annotated[str | None, Parameter(metavar="NAME", help="A voice.  [default: the first]")] = None,
    seed: Annotated[int, whole(0), Parameter(help="Seed of the wording.  [default: 1]")] = 1,
    reasoning: Annotated[Mode | None, Parameter(help="Where the model reasons.  [default: scratchpad]")] = None,
    everything: Annotated[bool, Parameter(name="--all", help="Show all cells side by side.")] = False,
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

    planned = plans_of(design, {"conflict": conflict, "requests": requests, "mode": reasoning})
    console = stdout(soft_wrap=not everything)
    colour = console.color_system is not None
    if everything or cell is None:
        if cell is not None or not everything:
            raise UsageError("feint show: give one cell, two cells, or --all")
        found = prompts_of(planned, request=request, voice=voice, seed=seed)
        console.print(side_by_side(found, colour=colour, width=console.width))
        return
    cells = [name for name in (cell, other) if name]
    request = request or shared_request(planned, cells)
    told = [prompt_of(planned, name, request=request, voice=voice, seed=seed) for name in cells]
    console.print(show_prompt(told[0]) if len(told) == 1 else show_difference(*told, colour=colour))
