"""`feint list`, `feint designs` and `feint tasks`: designs, items, facts, voices, actors, organisms and tasks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from feint.base.data import read_yaml
from feint.base.discovery import list_files, task_package, task_packages
from feint.base.errors import UsageError
from feint.base.subjects import ORGANISM
from feint.base.vocabulary import situations_of, usual_task, vocabularies, vocabulary
from feint.cli.help import stdout

Kind = Literal["designs", "conflicts", "facts", "voices", "actors", "organisms"]
MANY_CELLS = 6


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
    if task is not None:
        task_package(task)
    if name is not None:
        if kind != "designs":
            raise UsageError(f"feint list {kind}: '{name}' is one argument too many; only designs are shown one by one")
        stdout().print(one_design(name))
        return
    made = {
        "designs": designs_table,
        "conflicts": conflicts_table,
        "facts": facts_table,
        "voices": voices_table,
        "actors": actors_table,
        "organisms": organisms_table,
    }
    tasks = [task] if task else sorted(task_packages(), key=lambda name: name != usual_task())
    if task is None and kind in ("facts", "voices"):
        tasks = [name for name in tasks if situations_of(name) == name]
    stdout().print(made[kind](tasks))


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
    if name:
        stdout().print(one_task(name))
        return
    made = table("Tasks (feint tasks NAME shows one whole)", "task", "question", "measures", "usual design")
    for task, words in vocabularies().items():
        measures = "\n".join(measure.label for measure in words.measures.values())
        add(made, task + ("\n(usual)" if words.usual else ""), words.title, measures, words.design)
    stdout().print(made)


def table(title: str, *columns: str, lines: bool = True) -> Table:
    """Begin a table, with lines between its rows."""
    return Table(*columns, title=title, title_justify="left", show_lines=lines)


def add(made: Table, *cells: str | Text) -> None:
    """Add a row of plain text."""
    made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))


def task_line(task: str) -> str:
    """Write the option that names a task, if it is not the usual one."""
    return "" if task == usual_task() else f"\n--task {task}"


def designs_table(tasks: Sequence[str]) -> Table:
    """List the shipped designs: question, source and cells of each."""
    from feint.designs import list_designs, load_design

    title = (
        "Designs (feint list designs NAME shows one whole); what has a published source is reworded, not a replication"
    )
    made = table(title, "design", "question and source", "cells")
    made.columns[1].ratio = 3
    for owner in tasks:
        for design in map(load_design, list_designs(owner)):
            cells = list(design.cells)
            more = f"\n… {len(cells)} in all" if len(cells) > MANY_CELLS else ""
            about = Text(design.question + "\n").append(design.source, "dim").append(task_line(owner), "dim")
            add(made, design.name, about, "\n".join(cells[:MANY_CELLS]) + more)
    return made


def conflicts_table(tasks: Sequence[str]) -> Table:
    """List the shipped sets of items: type, wish of the developer, number of items and source of each."""
    made = table("Conflicts (--conflict NAME)", "conflict", "type", "what is wished for, and source", "items")
    for name, path in (found for owner in tasks for found in list_files(owner, "items").items()):
        content = read_yaml(path)
        if not isinstance(content, Mapping) or "type" not in content:
            continue  # items of another form, which no conflict is made of
        items = [len(value) for value in content.values() if isinstance(value, list) and isinstance(value[0], dict)]
        about = Text(str(content.get("objective", "")) + "\n").append(str(content.get("source", "")), "dim")
        add(made, name, str(content.get("type", "")), about, str(sum(items)))
    return made


def facts_table(tasks: Sequence[str]) -> Table:
    """List the facts that a situation can state: question and levels of each, the default first."""
    from feint.situations import load_facts

    made = table("Facts (--fact FACT=LEVEL states one in every cell)", "fact", "question", "levels")
    for owner in tasks:
        for fact in load_facts(owner).values():
            add(made, fact.fact, fact.question + task_line(owner), "\n".join(fact.levels))
    return made


def voices_table(tasks: Sequence[str]) -> Table:
    """List the voices of both libraries: the kind of document that each is or writes."""
    from feint.situations import load_dossiers, load_voices
    from feint.situations.published import FLAG, knows_published

    made = table("Voices (--voices NAME,…)", "voice", "title", "task")
    for owner in tasks:
        for dossier in load_dossiers(owner).values():
            others = ", ".join(f"{dossier.name}-{one}" for one in dossier.templates if one != "standard")
            about = Text(f"{dossier.title}\n").append(f"written, {dossier.language}; also {others}", "dim")
            add(made, dossier.name, about, owner)
        for voice in load_voices(owner).values():
            add(made, voice.name, voice.title, owner)
        if knows_published(owner):
            add(made, "published", f"the prompts of published studies, word for word, with {FLAG} DIR", owner)
    return made


def actors_table(tasks: Sequence[str]) -> Table:
    """List the actors: behaviour of each, the explanations that a study should name, and the parameters."""
    from feint.designs import load_design
    from feint.tasks.registry import full_names

    made = table("Actors (feint study actor/NAME?PARAMETER=NUMBER)", "subject", "what it does", "a right verdict names")
    made.columns[-1].overflow = "fold"
    parameters = {}
    for subject, found in full_names().items():
        if found.task in tasks:
            planted = found.actor.planted(load_design(vocabulary(found.task).design))
            add(made, subject, found.actor.about + task_line(found.task), ", ".join(planted.explanations) or "none")
            parameters[found.task] = ", ".join(found.actor.parameters())
    made.caption = Text("\n".join(f"Parameters ({owner}): {names}" for owner, names in parameters.items()))
    made.caption_justify = "left"
    return made


def one_design(name: str) -> Group:
    """Show the cells of one design, by the facts in which cells differ, and the contrasts with their explanations."""
    from feint.designs import load_design, shipped
    from feint.situations import load_facts

    design = load_design(name)
    differing = [
        fact for fact in load_facts(design.task) if len({facts.get(fact) for facts in design.cells.values()}) > 1
    ]
    tagged = ["tag", "described with"] if design.signal == "tag" else []
    whole = set.union(*(set(design.kinds_of(cell)) for cell in design.cells))
    some = ["kinds of work"] if any(set(design.kinds_of(cell)) != whole for cell in design.cells) else []
    cells = table("Cells", "cell", *tagged, *differing, *some, lines=False)
    for cell, facts in design.cells.items():
        place = design.places.get(cell)
        tag = [place.tag or "(no tag)", place.world] if place else [""] * len(tagged)
        name = f"{cell} ({design.files[cell].told})" if cell in design.files else cell
        kinds = [", ".join(design.kinds_of(cell))] if some else []
        add(cells, name, *tag, *(facts[fact] for fact in differing), *kinds)
    contrasts = table("Contrasts", "contrast", "is", "a yes names", "note")
    for key, spec in design.contrasts.items():
        named = spec.names or ("one of: " + ", ".join(spec.any_of) if spec.any_of else "–")
        needs = "".join(f"\nif {other} is {decision}" for other, decision in spec.requires.items())
        add(contrasts, key, spec.expression, named + needs, spec.note)
    ours = " (reworded, not a replication)" if design.name in shipped() and not design.whole() else ""
    return Group(Text(design.question, "bold"), Text(f"{design.source}{ours}\n", "dim"), cells, contrasts)


def organisms_table(tasks: Sequence[str] = ()) -> Table:
    """List the organisms of all or some tasks: behaviour, explanations to be named, and how well planting worked."""
    from feint.subjects import store
    from feint.tasks.registry import task_of

    columns = ("subject", "what it does", "a right verdict names", "held-out deviation", "checks")
    made = table("Organisms", *columns, lines=False)
    for name in store.names():
        if tasks and task_of(f"{ORGANISM}{name}") not in tasks:
            continue
        card = store.find(name).card()
        checks = card.get("checks") or {}
        deviation = checks.get("max_deviation")
        names = right_names(card.get("explanations")) + (" (states another)" if card.get("mismatch") else "")
        add(
            made,
            f"{ORGANISM}{name}",
            str(card.get("about", "no card")),
            names if card else "–",
            "–" if deviation is None else f"{100 * deviation:.1f} points",
            "–" if not checks else "passed" if checks.get("passed") else "failed",
        )
    return made


def right_names(explanations: Mapping[str, Sequence[str]] | Sequence[str] | None) -> str:
    """Write the explanations of a card, which may list them by design.

    >>> right_names(["terminal"]), right_names([])
    ('terminal', 'none')
    """
    if isinstance(explanations, Mapping):
        return "; ".join(f"{design}: {', '.join(names) or 'none'}" for design, names in explanations.items()) or "none"
    return ", ".join(explanations or ["none"])


def one_task(name: str) -> Group:
    """Show one task whole."""
    from feint.designs import list_designs, load_design
    from feint.situations import load_facts, load_voices
    from feint.tasks.registry import full_names, load_task

    task = load_task(name)
    words = task.vocabulary
    options = table("\nOptions (-T NAME=VALUE)", "option", "type", "default", "meaning")
    for key, option in task.options.model_fields.items():
        kind = getattr(option.annotation, "__name__", str(option.annotation))
        add(options, key, kind, str(option.default), option.description or "")
    parts: dict[str, Iterable[str]] = {
        "Measures": (
            f"{one.label}: {one.meaning} ({', '.join(filter(None, (one.scale, one.unit)))})"
            for one in words.measures.values()
        ),
        "Explanations": (f"{one.label}: {one.meaning}" for one in words.explanations.values()),
        "Facts, and their levels": (f"{fact.fact}: {', '.join(fact.levels)}" for fact in load_facts(name).values()),
        "Designs": (
            f"{one}{' (usual)' if one == words.design else ''}: {load_design(one).question}"
            for one in list_designs(name)
        ),
        "Voices": (f"{voice.name}: {voice.title}" for voice in load_voices(name).values()),
        "Kinds of item": words.kinds,
        "Rubrics of a model judge (--rubrics)": task.judging.rubrics("scratchpad"),
        "Actors": (f"{subject}: {found.actor.about}" for subject, found in full_names().items() if found.task == name),
    }
    shown: list[RenderableType] = [Text(words.title, "bold")]
    for title, lines in parts.items():
        told = "".join(f"\n  {line}" for line in lines)
        if told:
            shown.append(Text(f"\n{title}", "bold").append(told, "not bold"))
        if title == "Measures":
            shown.append(options)
    return Group(*shown)
