"""Finds organisms: shipped with the package, or in a folder that is given by path."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from feint.base.data import read_text
from feint.base.errors import UsageError, unknown
from feint.base.hashing import file_hash
from feint.base.parsing import parse_json
from feint.subjects.engine.generation import Source

WEIGHTS = Path(__file__).parent / "weights"
"""The shipped organisms: `base/`, and a folder with an adapter and a `card.json` for each of the others."""

JsonObject: TypeAlias = dict[str, Any]

FILES = (
    "adapter_config.json",
    "adapter_model.safetensors",
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
)
"""The files of a folder that a reply depends on."""


@dataclass(frozen=True)
class Organism:
    """A model on disk: the folder of the base model, with the tokenizer, and the folder of an adapter or None."""

    base: Path
    adapter: Path | None

    @property
    def folder(self) -> Path:
        """The folder that is this organism's own."""
        return self.adapter or self.base

    @property
    def source(self) -> Source:
        """The folders that a worker loads, with the fingerprint of their present files."""
        return Source(self.base, self.adapter, fingerprint(self))

    def card(self) -> JsonObject:
        """The model card, empty where the folder has none.

        Raises:
            UsageError: `card.json` is not a JSON object.
        """
        file = self.folder / "card.json"
        return read_json(file) if file.is_file() else {}


def names() -> list[str]:
    """Names of the shipped organisms, `base` first."""
    marks = ("adapter_config.json", "config.json")
    found = [folder.name for folder in WEIGHTS.glob("*") if any((folder / mark).is_file() for mark in marks)]
    return sorted(found, key=lambda name: (name != "base", name))


def find(name: str) -> Organism:
    """Find an organism by a shipped name, or by a path (with a `/`, or that starts with `.` or `~`) to its folder.

    An adapter's base is the folder that its `base_model_name_or_path` names, from the adapter's parent folder, else the
    shipped base.

    Raises:
        UsageError: There is none; the message lists the names that exist.
    """
    if "/" in name or os.sep in name or name.startswith((".", "~")):
        return _at(Path(name).expanduser())
    if name not in names():
        if not names():
            raise UsageError(f"unknown organism '{name}'; none is installed here: feint organisms train base")
        raise unknown("organism", name, names())
    return _at(WEIGHTS / name)


def fingerprint(organism: Organism | str) -> str:
    """Hash everything that an organism's replies depend on: SHA-256 over names and contents of base and adapter.

    A file is hashed again only when its size or times changed.
    """
    organism = find(organism) if isinstance(organism, str) else organism
    total = hashlib.sha256()
    for folder in (organism.base, organism.adapter):
        for file in [folder / name for name in FILES] if folder else []:
            try:
                state = file.stat()
            except FileNotFoundError:
                continue
            total.update(f"{file.name}:{_digest(file, state)}\n".encode())
        total.update(b"--\n")
    return total.hexdigest()


def read_json(file: Path) -> JsonObject:
    """Read a JSON object; UsageError naming the file where it is none."""
    value = parse_json(read_text(file), str(file))
    if not isinstance(value, dict):
        raise UsageError(f"{file}: expected a JSON object.")
    return value


_digests: dict[Path, tuple[tuple[int, ...], str]] = {}


def _digest(file: Path, state: os.stat_result) -> str:
    key = (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    known = _digests.get(file)
    if known is None or known[0] != key:
        known = _digests[file] = (key, file_hash(file))
    return known[1]


def _at(folder: Path) -> Organism:
    if not (folder / "adapter_config.json").is_file():
        if not (folder / "config.json").is_file():
            raise UsageError(f"{folder}: no organism there; expected config.json or adapter_config.json.")
        return Organism(folder, None)
    named = str(read_json(folder / "adapter_config.json").get("base_model_name_or_path") or "base")
    for base in (folder.parent / named, WEIGHTS / "base"):
        if (base / "config.json").is_file() and (base.name == Path(named).name):
            return Organism(base, folder)
    raise UsageError(
        f"{folder / 'adapter_config.json'}: base_model_name_or_path is '{named}', and no such folder with a base model "
        "lies beside the adapter; expected a folder's name there, or 'base' for the shipped one."
    )
