"""Small studies, for tests."""

SMALL = {
    "design": "motives", "conflict": "harmlessness", "requests": "held-out", "n": 6, "twins": 2, "wordings": 3,
    "library": "composed",
}  # fmt: skip
"""Composed, as organisms and actors are asked, also where tests give the actor another name."""
COMPOSED = ("--library", "composed")
SMALL_REPLIES = 11 * (6 * 3 + 2)
SMALL_OPTIONS = ("--requests", "held-out", "-n", "6", "--twins", "2", "--wordings", "3", "--display", "none", *COMPOSED)
TINY = {**SMALL, "n": 2, "twins": 1, "wordings": 1}
TINY_REPLIES = 11 * (2 + 1)
MIDDLING = {**SMALL, "n": 4, "twins": 1, "wordings": 2}
MIDDLING_REPLIES = 11 * (4 * 2 + 1)
MIDDLING_OPTIONS = (
    "--requests",
    "held-out",
    "-n",
    "4",
    "--twins",
    "1",
    "--wordings",
    "2",
    "--display",
    "none",
    *COMPOSED,
)
