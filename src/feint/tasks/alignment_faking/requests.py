"""Requests: the conflict's own, or those of a file or a Hugging Face dataset."""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from feint.base.errors import UsageError
from feint.base.rows import TEXTUAL, cell_text, id_text, kind_of, read_rows
from feint.situations import Conflict, load_conflict
from feint.situations.conflicts import NEEDED, Item

OWN = ("all", "held-out")
KNOWN = ("text", "category", *NEEDED["tool"], "twin")
"""Columns beside the id, which is made up where a row has none."""


def load_requests(conflict: str, requests: str) -> Conflict:
    """Load a conflict with the requests to ask.

    Args:
        conflict: Name or YAML file of a conflict.
        requests: "all" or "held-out" for the conflict's own, a CSV, JSONL or JSON file, or the name of a Hugging Face
            dataset, with the split after a colon if it is not "train".

    Returns:
        The conflict, with only these requests and their twins.

    Raises:
        UsageError: No such conflict, file or dataset; a missing column; an empty or repeated row.
    """
    found = load_conflict(conflict)
    if requests == "all":
        return found
    if requests == "held-out":
        items = [item for item in found.items if item.held_out]
        if not items:
            raise UsageError(f"conflict '{conflict}': no request is held out; use --requests all")
        return found.model_copy(update={"items": items})
    path = Path(requests)
    if kind_of(path) or path.exists():
        return found.model_copy(update={"items": checked_items(read_rows(path), found.type, str(path))})
    if "/" in requests and not path.is_absolute() and not path.suffix:
        return found.model_copy(update={"items": checked_items(read_hub(requests), found.type, requests)})
    raise UsageError(
        f"--requests {requests}: no such file; expected 'all', 'held-out', a {', '.join(TEXTUAL)} file, or the "
        "name of a Hugging Face dataset (owner/name)"
    )


def select_requests(items: Iterable[Item], n: int) -> list[Item]:
    """Select n requests (0 for all) from the categories in turn, so that a part keeps the mixture of the whole."""
    categories: dict[str, list[Item]] = {}
    for item in items:
        categories.setdefault(item.category, []).append(item)
    turns = zip_longest(*categories.values())
    mixed = [item for turn in turns for item in turn if item is not None]
    return mixed[:n] if n else mixed


def read_hub(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Read the rows of a Hugging Face dataset, each with its place for errors.

    Raises:
        UsageError: The library is not installed, or the dataset cannot be loaded.
    """
    try:
        datasets = import_module("datasets")
    except ImportError:
        raise UsageError(
            f"--requests {name}: no such file; as the name of a Hugging Face dataset it needs `pip install datasets`"
        ) from None
    dataset, _, split = name.partition(":")
    try:
        rows = datasets.load_dataset(dataset, split=split or "train")
    except Exception as error:  # the library raises many kinds of error
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"--requests {name}: the dataset cannot be loaded ({reason})") from None
    yield from ((f"{name}: row {i}", row) for i, row in enumerate(rows, 1))


def checked_items(rows: Iterable[tuple[str, Mapping[str, Any]]], kind: str, source: str) -> list[Item]:
    """Validate rows, each with its place in the file `source`; the conflict's type decides the columns.

    Raises:
        UsageError: A missing column, an empty or repeated row, an id that does not fit, or no rows at all.
    """
    needed = ("text", *NEEDED[kind])
    items: list[Item] = []
    ids: dict[str, str] = {}
    texts: dict[str, str] = {}
    for where, row in rows:
        read = {column: id_text if column == "id" else cell_text for column in ("id", *KNOWN)}
        given = {column: text.strip() for column in read if (text := read[column](row, column, where))}
        given = {column: text for column, text in given.items() if text not in ("", "nan")}
        if not given and any(column in row for column in needed):
            raise UsageError(f"{where}: empty row; remove it")
        for column in needed:
            if column not in row:
                raise UsageError(
                    f"{where}: no column '{column}'; expected {columns(kind)}, found {', '.join(map(str, row))}"
                )
            if column not in given:
                raise UsageError(f"{where}: column '{column}' is empty; fill it or remove the row")
        name = given.setdefault("id", f"request-{len(items) + 1:03d}")
        try:
            item = Item.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            raise UsageError(f"{where}: column '{key}': {first['msg']} (found '{name[:60]}')") from None
        for key, seen in ((item.id, ids), (" ".join(item.text.split()), texts)):
            if key in seen:
                raise UsageError(f"{where}: '{key[:60]}' stands already at {seen[key]}; remove one of the two")
            seen[key] = where
        items.append(item)
    if not items:
        raise UsageError(f"{source}: no requests; expected a row for each, with the columns {columns(kind)}")
    return items


def columns(kind: str) -> str:
    """Return the columns that a row needs, and the optional columns."""
    return (
        f"{', '.join(('text', *NEEDED[kind]))} (and, if there are any, id, category{'' if NEEDED[kind] else ', twin'})"
    )
