"""Names of folders that every file system takes and that keep the letters of all scripts."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable

LONGEST = 120
"""Bytes of a name at most; most file systems take 255, and what is written inside needs some of the path."""
JOINERS = "\u200c\u200d"
"""Join or part letters within words of Persian and of many Indian scripts."""
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""Names of devices on Windows, with any ending."""


def folder_name(text: str, otherwise: str = "subject") -> str:
    """Make the name of a folder: letters, marks, digits, dots and underscores of the text stay, others become a dash.

    A name that is too long, or that Windows reserves, gets a hash of the text. Text without any letter or digit is
    named `otherwise`.

    >>> folder_name("openai/gpt-4o"), folder_name("模型 甲"), folder_name("aux.1"), folder_name("?")
    ('openai-gpt-4o', '模型-甲', 'aux.1-352597', 'subject')
    """
    text = unicodedata.normalize("NFC", text)
    kept = [one if one in "._" + JOINERS or unicodedata.category(one)[0] in "LMN" else " " for one in text]
    name = "-".join("".join(kept).replace("-", " ").split()).strip("-." + JOINERS)
    if len(name.encode()) > LONGEST:
        name = hashed(name.encode()[: LONGEST - 7].decode(errors="ignore").strip("-."), text)
    if name.lower().partition(".")[0] in RESERVED:
        name = hashed(name, text)
    return name or otherwise


def hashed(name: str, text: str) -> str:
    """Add a short hash of a text to a name."""
    return f"{name}-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:6]}"


def folder_names(texts: Iterable[str]) -> dict[str, str]:
    """Name a folder for each text; texts that would share a folder get a hash, in whatever order they come.

    Names that differ only in case are one folder on some systems.

    >>> folder_names(["a b", "a-b", "c"])
    {'a b': 'a-b-c8687a', 'a-b': 'a-b-d44362', 'c': 'c'}
    """
    names = {text: folder_name(text) for text in texts}
    taken = Counter(name.casefold() for name in names.values())
    return {text: hashed(name, text) if taken[name.casefold()] > 1 else name for text, name in names.items()}
