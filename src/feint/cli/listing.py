"""`feint list` and `feint tasks`: designs, items, facts, voices, actors, organisms and tasks."""

from typing import Annotated, Literal

from cyclopts import Parameter

from feint.base.errors import UsageError
from feint.cli.console import stdout

Kind = Literal["designs", "conflicts", "facts", "voices", "actors", "organisms"]


def list_(
    kind: Annotated[Kind, Parameter(name="KIND", help="What to list.")],
    name: Annotated[str | None, Parameter(name="NAME", help="Of designs: show this one whole.")] = None,
    /,
    *,
    task: Annotated[
        str | None, Parameter(metavar="NAME", help="Only those of this task.  [default: all tasks]")
    ] = None,
) -> None:
    """List designs, conflicts, facts, voices, actors or organisms.

    feint list designs
    feint list designs motives
    feint list facts --task alignment_faking
    """
    from feint.base.discovery import task_package
    from feint.cli import tables

    if task is not None:
        task_package(task)
    if name is not None:
        if kind != "designs":
            raise UsageError(f"feint list {kind}: '{name}' is one argument too many; only designs are shown one by one")
        stdout().print(tables.one_design(name))
        return
    made = {
        "designs": tables.designs_table,
        "conflicts": tables.conflicts_table,
        "facts": tables.facts_table,
        "voices": tables.voices_table,
        "actors": tables.actors_table,
        "organisms": tables.organisms_table,
    }
    stdout().print(made[kind](task))


def designs(
    name: Annotated[str | None, Parameter(name="DESIGN", help="Show this one whole.")] = None,
    /,
) -> None:
    """List the designs, or show the cells and contrasts of one.

    feint designs
    feint designs motives
    """
    list_("designs", name)


def tasks(
    name: Annotated[str | None, Parameter(name="TASK", help="Show this one whole.")] = None,
    /,
) -> None:
    """List the tasks, or show the options, facts, designs and actors of one.

    feint tasks
    feint tasks alignment_faking
    """
    from feint.cli.task_tables import one_task, tasks_table

    stdout().print(one_task(name) if name else tasks_table())
