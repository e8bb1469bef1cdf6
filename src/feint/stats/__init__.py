"""Tables of labels to estimates, contrasts with intervals, and verdicts. Pure functions; docs/method.md explains."""

from feint.stats.comprehension import Quiz
from feint.stats.conclude import conclude
from feint.stats.intervals import effective, holm, no_exception_bound, wilson
from feint.stats.types import Contrast, Decided, Estimate, Settings
from feint.stats.verdict import combine, combine_explanations

__all__ = [
    "Contrast",
    "Decided",
    "Estimate",
    "Quiz",
    "Settings",
    "combine",
    "combine_explanations",
    "conclude",
    "effective",
    "holm",
    "no_exception_bound",
    "wilson",
]
