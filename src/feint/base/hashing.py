"""Hashes of plain values."""

import hashlib
import json
from typing import Any


def sha256_of(value: Any) -> str:
    """Hash a value by SHA-256 of its canonical JSON: sorted keys, no spaces, UTF-8.

    >>> sha256_of({"b": 1, "a": [2]}) == sha256_of({"a": [2], "b": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
