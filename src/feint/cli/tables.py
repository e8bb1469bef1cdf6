"""Designs, conflicts, facts, voices, actors and organisms on a terminal."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from feint.base.data import read_yaml
from feint.base.discovery import list_files, task_packages
from feint.base.subjects import ORGANISM
from feint.base.vocabulary import situations_of, usual_task, vocabulary
from feint.designs import load_design
from feint.designs.design import list_designs
from feint.situations import load_facts, load_voices
from feint.subjects import store

MANY_CELLS = 6


def table(title: str, *columns: str) -> Table:
    """Begin a table with lines between its rows.

    >>> len(table("Facts", "fact", "levels").columns)
    2
    """
    made = Table(title=title, title_justify="left", show_lines=True)
    for column in columns:
        made.add_column(column)
    return made


def tasks_of(task: str | None) -> list[str]:
    """Name one task, or all tasks: the usual one first."""
    return [task] if task else sorted(task_packages(), key=lambda name: name != usual_task())


def designs_table(task: str | None = None) -> Table:
    """List the shipped designs: question, source and cells of each."""
    made = table("Designs (feint list designs NAME shows one whole)", "design", "question and source", "cells")
    made.columns[1].ratio = 3
    for owner in tasks_of(task):
        for name in list_designs(owner):
            design = load_design(name)
            cells = list(design.cells)
            more = f"\n… {len(cells)} in all" if len(cells) > MANY_CELLS else ""
            made.add_row(
                Text(name),
                Text(design.question + "\n").append(design.source, "dim").append(task_line(owner), "dim"),
                Text("\n".join(cells[:MANY_CELLS]) + more),
            )
    return made


def task_line(task: str) -> str:
    """Write the option that names a task, if it is not the usual one."""
    return "" if task == usual_task() else f"\n--task {task}"


def conflicts_table(task: str | None = None) -> Table:
    """List the shipped sets of items: type, wish of the developer, number of items and source of each."""
    made = table("Conflicts (--conflict NAME)", "conflict", "type", "what is wished for, and source", "items")
    for name, content in conflicts(task):
        items = [len(value) for value in content.values() if isinstance(value, list) and isinstance(value[0], dict)]
        made.add_row(
            Text(name),
            Text(str(content.get("type", ""))),
            Text(str(content.get("objective", "")) + "\n").append(str(content.get("source", "")), "dim"),
            Text(str(sum(items))),
        )
    return made


def conflicts(task: str | None) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Read the files of items of one task, or of all."""
    for owner in tasks_of(task):
        for name, path in list_files(owner, "items").items():
            yield name, read_yaml(path)


def facts_table(task: str | None = None) -> Table:
    """List the facts that a situation can state: question and levels of each, the default first."""
    made = table("Facts (--fact FACT=LEVEL states one in every cell)", "fact", "question", "levels")
    for owner in tasks_of(task):
        if task is None and situations_of(owner) != owner:
            continue
        for fact in load_facts(owner).values():
            made.add_row(Text(fact.fact), Text(fact.question + task_line(owner)), Text("\n".join(fact.levels)))
    return made


def voices_table(task: str | None = None) -> Table:
    """List the voices: the kind of document that each writes."""
    made = table("Voices (--voices NAME,…)", "voice", "title", "task")
    for owner in tasks_of(task):
        if task is None and situations_of(owner) != owner:
            continue
        for voice in load_voices(owner).values():
            made.add_row(Text(voice.name), Text(voice.title), Text(owner))
    return made


def actors_table(task: str | None = None) -> Table:
    """List the actors: behaviour of each, the explanations that a study should name, and the parameters."""
    from feint.tasks.actors import full_names

    made = table("Actors (feint study actor/NAME?PARAMETER=NUMBER)", "subject", "what it does", "a right verdict names")
    made.columns[-1].overflow = "fold"
    parameters = {}
    for subject, found in full_names().items():
        if found.task in tasks_of(task):
            planted = found.actor.planted(load_design(vocabulary(found.task).design))
            made.add_row(
                Text(subject),
                Text(found.actor.about + task_line(found.task)),
                Text(", ".join(planted.explanations) or "none"),
            )
            parameters[found.task] = ", ".join(found.actor.parameters())
    made.caption = Text("\n".join(f"Parameters ({owner}): {names}" for owner, names in parameters.items()))
    made.caption_justify = "left"
    return made


def one_design(name: str) -> Group:
    """Show the cells of one design, by the facts in which cells differ, and the contrasts with their explanations.

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


def organisms_table(task: str | None = None) -> Table:
    """List the shipped organisms: behaviour, explanations that a study should name, and how well planting worked."""
    from feint.tasks.actors import task_of

    table = Table(title="Organisms", title_justify="left")
    for column in ("subject", "what it does", "a right verdict names", "held-out deviation", "checks"):
        table.add_column(column)
    for name in store.names():
        if task is not None and task_of(f"{ORGANISM}{name}") != task:
            continue
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
    """Write the explanations of a card, which may list them by design.

    >>> right_names(["terminal"]), right_names([])
    ('terminal', 'none')
    """
    if isinstance(explanations, Mapping):
        return "; ".join(f"{design}: {', '.join(names) or 'none'}" for design, names in explanations.items()) or "none"
    return ", ".join(explanations or ["none"])
