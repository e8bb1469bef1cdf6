"""Tables of labels to estimates, contrasts with intervals, and verdicts. Pure functions; docs/method.md explains."""

from feint.stats.checks import Quiz
from feint.stats.conclude import conclude
from feint.stats.intervals import effective, holm, wilson
from feint.stats.types import Contrast, Estimate, Settings
from feint.stats.verdict import combine, combine_explanations

__all__ = [
    "Contrast",
    "Estimate",
    "Quiz",
    "Settings",
    "combine",
    "combine_explanations",
    "conclude",
    "effective",
    "holm",
    "wilson",
]
