"""The tasks on a terminal."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from feint.base.discovery import task_package
from feint.base.vocabulary import vocabularies, vocabulary
from feint.cli.tables import table
from feint.designs import list_designs, load_design
from feint.situations import load_facts, load_voices
from feint.tasks.actors import full_names
from feint.tasks.load import load_task


def tasks_table() -> Table:
    """List the tasks: question, measures and usual design of each."""
    made = table("Tasks (feint tasks NAME shows one whole)", "task", "question", "measures", "usual design")
    for name, words in vocabularies().items():
        made.add_row(
            Text(name + ("\n(usual)" if words.usual else "")),
            Text(words.title),
            Text("\n".join(measure.label for measure in words.measures.values())),
            Text(words.design),
        )
    return made


def one_task(name: str) -> Group:
    """Show one task whole.

    Raises:
        UsageError: No such task.
    """
    task_package(name)
    words = vocabulary(name)
    measures = (
        f"{one.label}: {one.meaning} ({', '.join(filter(None, (one.scale, one.unit)))})"
        for one in words.measures.values()
    )
    parts: list[RenderableType] = [Text(words.title, "bold"), part("Measures", measures), options_table(name)]
    facts = (f"{fact.fact}: {', '.join(fact.levels)}" for fact in load_facts(name).values())
    designs = (
        f"{one}{' (usual)' if one == words.design else ''}: {load_design(one).question}" for one in list_designs(name)
    )
    voices = (f"{voice.name}: {voice.title}" for voice in load_voices(name).values())
    actors = (f"{subject}: {found.actor.about}" for subject, found in full_names().items() if found.task == name)
    explanations = (f"{one.label}: {one.meaning}" for one in words.explanations.values())
    for title, lines in (
        ("Explanations", explanations),
        ("Facts, and their levels", facts),
        ("Designs", designs),
        ("Voices", voices),
        ("Kinds of item", words.kinds),
        ("Rubrics of a model judge (--rubrics)", load_task(name).judging.rubrics("scratchpad")),
        ("Actors", actors),
    ):
        parts.append(part(title, lines))
    return Group(*parts)


def part(title: str, lines: Iterable[str]) -> Text:
    """Write a heading with lines below, or nothing if there are no lines."""
    told = list(lines)
    return Text(f"\n{title}", "bold").append("".join(f"\n  {line}" for line in told), "not bold") if told else Text()


def options_table(name: str) -> Table:
    """List the options of a task: type, default and meaning of each."""
    made = table("\nOptions (-T NAME=VALUE)", "option", "type", "default", "meaning")
    for key, option in load_task(name).options.model_fields.items():
        kind = getattr(option.annotation, "__name__", str(option.annotation))
        made.add_row(*(Text(text) for text in (key, kind, str(option.default), option.description or "")))
    return made
