"""The rules' phrases: one data file per language, compiled to one expression per kind of cue."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from feint.base.data import read_yaml

Kind = Literal[
    "refuse", "negative", "reluctant", "exempt", "partial", "deliver", "undeliver", "letter", "done", "accept",
    "override", "moral", "instead", "offer", "reversal", "talk", "self",
]  # fmt: skip
"""What a phrase does in a reply; docs/judges.md explains each."""

GAP = r"(?:[^\s.!?]{1,30} ){0,4}"
"""What ` ... ` in a pattern stands for: up to four words of the same sentence."""

_SLOT = re.compile(r"\{([a-z_]\w*)\}")


@dataclass(frozen=True)
class Language:
    """The compiled phrases of one language; `typical` finds words that show a text to be written in it."""

    code: str
    typical: re.Pattern[str]
    patterns: Mapping[Kind, re.Pattern[str]]


def expand(pattern: str, slots: Mapping[str, str]) -> str:
    """Turn a data file's pattern into a regular expression: `{name}` is any phrase of a slot, ` ... ` a short gap.

    Raises:
        KeyError: The pattern names a slot that does not exist.
    """
    whole = _SLOT.sub(lambda slot: f"(?:{alternatives(slots[slot[1]], slots)})", pattern)
    return whole.replace(" ... ", f" {GAP}")


def alternatives(phrases: str, slots: Mapping[str, str]) -> str:
    """One regular expression for a block of a data file, which holds a pattern per line."""
    return "|".join(expand(line, slots) for line in phrases.splitlines() if line.strip())


def compiled(phrases: str, slots: Mapping[str, str], *, words: bool = True) -> re.Pattern[str]:
    """Compile a block of patterns, bounded by word edges where the script has them."""
    inner = alternatives(phrases, slots)
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)" if words else f"(?:{inner})", re.MULTILINE)


def read_data(name: str) -> dict[str, Any]:
    """One of this room's data files."""
    return dict(read_yaml(files("feint.judges") / "data" / name))


@cache
def load_languages() -> tuple[Language, ...]:
    """All languages that have a file under `data/languages/`."""
    folder = files("feint.judges") / "data" / "languages"
    return tuple(_language(name) for name in sorted(entry.name for entry in folder.iterdir()) if name.endswith(".yaml"))


def _language(name: str) -> Language:
    content = read_data(f"languages/{name}")
    slots, words = content.get("slots", {}), content.get("words", True)
    wrong = set(content["cues"]) - set(get_args(Kind))
    if wrong:
        raise ValueError(f"{name}: unknown kinds of cue {sorted(wrong)}")
    patterns = {kind: compiled(phrases, slots, words=words) for kind, phrases in content["cues"].items()}
    return Language(name.removesuffix(".yaml"), compiled(content["typical"], slots, words=words), patterns)
