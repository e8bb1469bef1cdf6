"""Hashes of plain values and of files."""

import hashlib
import json
from pathlib import Path


def sha256_of(value: object) -> str:
    """Hash a value by SHA-256 of its canonical JSON: sorted keys, no spaces, UTF-8.

    >>> sha256_of({"b": 1, "a": [2]}) == sha256_of({"a": [2], "b": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """Hash a file by SHA-256 of its bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
