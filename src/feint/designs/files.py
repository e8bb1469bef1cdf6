"""Cells that a design file gives as files: the prompt word for word, and beside it the facts that it states.

    cells:
      free: {system: free.md, user: ask.md, facts: {rated: yes, trained: self}}
      paid: {system: paid.md, user: ask.md}
      known: {published: free}

Paths are relative to the design's file. A design that names published prompts is read without them, and is given them
by the option `prompts_from`.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feint.base.data import checked
from feint.base.errors import UsageError
from feint.base.vocabulary import usual_task
from feint.designs.contrast import as_text
from feint.situations.facts import heard
from feint.situations.published import FLAG, published_cell, read_published, silent_cell, where_to_clone
from feint.situations.verbatim import Given, Reader, Verbatim, read_verbatim

if TYPE_CHECKING:  # it reads its files here
    from feint.designs.design import Design

KEYS = (*Given.model_fields, "facts", "published")
ALL_CELLS = "placeholders"
"""The key at the top of a design that holds for all its cells."""


def read_cells(content: Any, source: Path) -> Any:
    """Read the files that a design names, and put facts in the place of their cells.

    Args:
        content: The parsed file; of another form, it is returned as it is, for the design to refuse.
        source: The file.

    Returns:
        The content, with `files` by cell.

    Raises:
        UsageError: A file or key does not fit; the cell and the key are named.
    """
    if not isinstance(content, dict) or not isinstance(content.get("cells"), dict):
        return content
    cells, files, used = dict(content["cells"]), dict[str, Verbatim](), set[str]()
    common = content.get(ALL_CELLS) or {}
    if not isinstance(common, dict):
        raise UsageError(f"{source}: key '{ALL_CELLS}': expected a text for each placeholder")
    task = str(content.get("task") or usual_task())
    for cell, own in cells.items():
        if not isinstance(own, dict) or not own.keys() & {*KEYS}:
            continue
        where = f"{source}: cell '{cell}'"
        for key in own:
            if key not in KEYS:
                near = get_close_matches(str(key), KEYS, n=1)
                hint = f"did you mean '{near[0]}'?" if near else "facts of a cell told by files stand under 'facts'"
                raise UsageError(f"{where}: unknown key '{key}'; {hint} Known: {', '.join(KEYS)}")
        try:
            if "published" in own:
                cells[cell], files[cell] = named(own, task)
            else:
                cells[cell], files[cell], found = written(own, common, source.parent, where, task)
                used |= found
        except UsageError as error:
            raise UsageError(str(error) if str(error).startswith(where) else f"{where}: {error}") from None
    if odd := [name for name in common if name not in used]:
        raise UsageError(
            f"{source}: key '{ALL_CELLS}': '{odd[0]}' is in none of the files; correct it, or leave it out"
        )
    rest = {key: value for key, value in content.items() if key != ALL_CELLS}
    return {**rest, "cells": cells, "files": files} if files else content


def named(own: Mapping[str, Any], task: str) -> tuple[dict[str, str], Verbatim]:
    """Name a published prompt, which is read later."""
    if len(own) > 1:
        raise UsageError("key 'published': the task states files and facts of a published prompt; leave the rest out")
    name = str(own["published"])
    return published_cell(name, task), Verbatim(told="published", published=name)


def written(
    own: Mapping[str, Any], common: Mapping[str, Any], folder: Path, where: str, task: str
) -> tuple[dict[str, str], Verbatim, set[str]]:
    """Read a cell of the user's own files; the third value lists the placeholders that were found."""
    facts = own.get("facts") or {}
    if not isinstance(facts, dict):
        raise UsageError("key 'facts': expected a level for each fact, such as {rated: yes}")
    stated = {fact: as_text(level) for fact, level in facts.items()}
    given = checked(Given, {key: value for key, value in own.items() if key != "facts"}, where)
    reader = Reader(folder, where, {**common, **given.placeholders})
    told = read_verbatim(reader, given)
    if odd := [name for name in given.placeholders if name not in reader.used]:
        raise UsageError(f"key 'placeholders': '{odd[0]}' is in none of its files; correct it, or leave it out")
    return silent_cell(stated, "key 'facts'", task), told, reader.used


def with_published(design: "Design", folder: str) -> "Design":
    """Return a design with the published prompts of a clone; unchanged if it names none and no folder is given.

    A design that names none is told by them in the voice `published`, if they state the facts of all its cells.

    Raises:
        UsageError: The design names some and there is no folder, or they cannot be read.
    """
    waiting = {cell: told.published for cell, told in design.files.items() if not told.read}
    if waiting and not folder:
        raise UsageError(
            f"design '{design.name}': cell '{next(iter(waiting))}' is told by a published prompt; add {FLAG} DIR: "
            f"{where_to_clone(design.task)}"
        )
    if not folder or (design.files and not waiting):
        return design
    found = read_published(Path(folder), design.task, [*dict.fromkeys(waiting.values())])
    read = {cell: found[name] for cell, name in waiting.items()}
    facts = {name: heard(published_cell(name, design.task), design.task) for name in found}
    for cell, own in design.cells.items() if not waiting else ():
        name = next((name for name in found if facts[name] == heard(own, design.task)), None)
        if name is None:
            raise UsageError(
                f"{FLAG} {folder}: no published prompt states the facts of cell '{cell}' of design '{design.name}'; "
                f"choose a --design of their two tiers, or leave {FLAG} out"
            )
        read[cell] = found[name].model_copy(update={"voice": found[name].told})
    made = design.model_copy(update={"files": {**design.files, **read}})
    made.remember_files()
    return made
