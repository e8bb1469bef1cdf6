"""The learned reader of choices: which of two actions a free-text reply chose, or that it chose neither."""

from feint.judges.reader.reader import read_choice

__all__ = ["read_choice"]
