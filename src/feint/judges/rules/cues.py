"""Phrases of the rules. Each language has a data file, which is compiled to an expression for each kind of cue."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from feint.base.data import checked, read_yaml

Kind = Literal[
    "refuse", "negative", "reluctant", "exempt", "partial", "deliver", "undeliver", "letter", "done", "accept",
    "override", "moral", "instead", "offer", "reversal", "talk", "self",
]  # fmt: skip
"""The effect of a phrase in a reply; docs/judges.md explains each."""

GAP = r"(?:[^\s.!?]{1,30} ){0,4}"
"""The expression for ` ... ` in a pattern: up to four words of the same sentence."""

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
    """Join a block of a data file, with a pattern per line, to one regular expression."""
    return "|".join(expand(line, slots) for line in phrases.splitlines() if line.strip())


def compiled(phrases: str, slots: Mapping[str, str], *, words: bool = True) -> re.Pattern[str]:
    """Compile a block of patterns, bounded by word edges where the script has them."""
    inner = alternatives(phrases, slots)
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)" if words else f"(?:{inner})", re.MULTILINE)


class LanguageData(BaseModel):
    """The content of one language's file.

    Attributes:
        words: False for a script without spaces between words.
        typical: Words that show a text to be written in the language.
        slots: Parts of patterns, by name.
        cues: Patterns by kind.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    words: bool = True
    typical: str
    slots: dict[str, str] = {}
    cues: dict[Kind, str]


@cache
def load_languages() -> tuple[Language, ...]:
    """Load all languages that have a file under `data/languages/`."""
    folder = files("feint.judges") / "data" / "languages"
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda path: path.name)
    return tuple(_language(path) for path in paths)


def _language(path: Traversable) -> Language:
    data = checked(LanguageData, read_yaml(path), path)
    patterns = {kind: compiled(phrases, data.slots, words=data.words) for kind, phrases in data.cues.items()}
    return Language(path.name.removesuffix(".yaml"), compiled(data.typical, data.slots, words=data.words), patterns)
