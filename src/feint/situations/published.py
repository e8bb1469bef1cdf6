"""The prompts of published studies, read from the user's own clone of their public repositories.

A task's `published.yaml` states where they are in each repository, and the facts that they state. No text of theirs is
part of this package.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from feint.base.data import checked, read_yaml
from feint.base.discovery import task_folder
from feint.base.errors import UsageError, unknown
from feint.base.numbers import listing
from feint.base.vocabulary import situations_of
from feint.situations.facts import full_cell, load_facts
from feint.situations.verbatim import Given, Reader, Verbatim, read_verbatim

FILE = "published.yaml"
FLAG = "--prompts-from"


class Prompts(BaseModel):
    """The prompts of one repository.

    Attributes:
        source: The studies that used them.
        repository: Address of the repository, to clone.
        conflict: The conflict whose objective they state; empty if that is left open.
        placeholders: Placeholders of all its files; see `feint.situations.verbatim.Given`.
        prompts: Files by name of the prompt.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    repository: str
    conflict: str = ""
    placeholders: dict[str, str] = Field(default_factory=dict)
    prompts: dict[str, Given] = Field(min_length=1)


class Published(BaseModel):
    """The content of `published.yaml`.

    Attributes:
        facts: By name of a prompt, the facts that it states.
        layouts: By name, the repositories; one is known by its files.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    facts: dict[str, dict[str, str]] = Field(min_length=1)
    layouts: dict[str, Prompts] = Field(min_length=1)


def knows_published(task: str | None = None) -> bool:
    """Tell if a task knows of published prompts."""
    return (task_folder(situations_of(task)) / FILE).is_file()


@cache
def load_published(task: str | None = None) -> Published:
    """Load the published prompts that a task knows of.

    Raises:
        UsageError: It knows of none, or the file does not fit.
    """
    path = task_folder(situations_of(task)) / FILE
    if not knows_published(task):
        raise UsageError(f"{FLAG}: the task '{situations_of(task)}' knows of no published prompts; leave it out")
    found = checked(Published, read_yaml(path), path)
    for name in {name for layout in found.layouts.values() for name in layout.prompts} - set(found.facts):
        raise UsageError(f"{path}: {unknown('prompt', name, found.facts)}")
    return found


def silent_cell(stated: dict[str, str], source: object, task: str | None = None) -> dict[str, str]:
    """Complete a cell that is told by files: what is not stated is unsaid.

    A fact that cannot be left unsaid has its default level.

    Raises:
        UsageError: An unknown fact or level.
    """
    facts = load_facts(task)
    unsaid = {name: fact.unstated for name, fact in facts.items() if fact.unstated is not None and not fact.added}
    return full_cell({**unsaid, **stated}, source, task)


def published_cell(name: str, task: str | None = None) -> dict[str, str]:
    """Return the facts of a published prompt, complete.

    Raises:
        UsageError: No such prompt.
    """
    known = load_published(task).facts
    if name not in known:
        raise unknown("published prompt", name, known)
    return silent_cell(known[name], FILE, task)


def where_to_clone(task: str | None = None) -> str:
    """Name the repositories, in a clause that ends a line."""
    addresses = dict.fromkeys(layout.repository for layout in load_published(task).layouts.values())
    return f"give the folder of your clone of {' or '.join(addresses)}"


def missing(folder: Path, prompt: Given) -> list[str]:
    """List the files of a prompt that a folder lacks."""
    return [name for name in (prompt.system, prompt.user) if name and not (folder / name).is_file()]


def read_published(folder: Path, task: str | None = None, names: Collection[str] = ()) -> dict[str, Verbatim]:
    """Read the published prompts from a clone; by default all that its repository is known to have.

    Raises:
        UsageError: No folder, no known repository, a prompt that it lacks, or a file that cannot be read.
    """
    known = load_published(task)
    try:
        if not folder.is_dir():
            raise UsageError(f"{FLAG} {folder}: no such folder; {where_to_clone(task)}")
        here = {
            name: [one for one, prompt in layout.prompts.items() if not missing(folder, prompt)]
            for name, layout in known.layouts.items()
        }
    except OSError as error:
        raise UsageError(f"{FLAG} {folder}: cannot be read ({error.strerror}); allow it, or copy the clone") from None
    best = max(here, key=lambda name: (len({*names} & {*here[name]}), len(here[name])))
    layout = known.layouts[best]
    if not here[best]:
        looked = dict.fromkeys(next(iter(layout.prompts.values())).system for layout in known.layouts.values())
        raise UsageError(
            f"{FLAG} {folder}: no published prompts here: looked for {listing(list(looked))}; {where_to_clone(task)}"
        )
    if lacking := [one for one in names if one not in here[best]]:
        known_there = layout.prompts.get(lacking[0])
        file = f" (no {listing(missing(folder, known_there))})" if known_there is not None else ""
        raise UsageError(
            f"{FLAG} {folder}: the repository '{best}' has no prompt '{lacking[0]}'{file}; it has "
            f"{listing(here[best])}; {where_to_clone(task)}"
        )
    found = {}
    for one in names or here[best]:
        given = layout.prompts[one]
        reader = Reader(folder, f"{FLAG} {folder}: {best}, {one}", {**layout.placeholders, **given.placeholders})
        read = read_verbatim(reader, given, "published")
        found[one] = read.model_copy(update={"published": one, "conflict": layout.conflict})
    return found
