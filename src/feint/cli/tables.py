"""What there is to study with, on a terminal: designs, organisms."""

from collections.abc import Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from feint.base.subjects import ORGANISM
from feint.designs import Design, load_design
from feint.designs.design import shipped
from feint.situations import load_facts
from feint.study.plan.tasks import FAKING, JOBS
from feint.subjects import store

MANY_CELLS = 6


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
