"""The words and the numbers of reports."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from feint.base.data import read_yaml
from feint.base.vocabulary import Vocabulary, vocabulary
from feint.findings.contrasts import RatioFinding
from feint.report.text import one_line

MINUS = "−"


@cache
def data(name: str) -> dict[str, Any]:
    """Read a YAML file of this room by its name without the ending, such as "words"."""
    loaded: dict[str, Any] = read_yaml(files("feint.report") / "data" / f"{name}.yaml")
    return loaded


def mark_of(decision: str) -> Mapping[str, str] | None:
    """Look up the label and the mark of a decision or a status; None for one that nobody described.

    >>> mark_of("yes")
    {'label': 'yes', 'mark': '●'}
    """
    found: Mapping[str, str] | None = {**data("words")["decisions"], **data("words")["statuses"]}.get(decision)
    return found


class Glossary(Vocabulary):
    """The vocabulary of a task, which names any key in its findings; `missing` holds the reasons of all tasks too."""

    def label(self, key: str) -> str:
        """Name an explanation, an estimand or a contrast in one line; a key nobody described keeps its own letters."""
        known = self.explanations.get(key) or self.estimands.get(key)
        return known.label if known else one_line(key.replace("_", " ").capitalize())

    def meaning(self, key: str) -> str:
        """Say what an explanation or an estimand means, or "" for a key nobody described."""
        known = self.explanations.get(key) or self.estimands.get(key)
        return known.meaning if known else ""

    def reason(self, key: str) -> str:
        """Name a reason for which a value is missing; one that nobody described keeps its own letters."""
        return self.missing.get(key) or one_line(key.replace("_", " "))

    def rubric(self, key: str) -> str:
        """Name what a rubric's yes says; a rubric nobody described keeps its own name."""
        return self.rubrics.get(key) or one_line(key, 24)

    def headline(self, answer: str) -> str:
        """Write the heading of an answer; an answer nobody described is its own heading."""
        return self.headlines.get(answer) or one_line(answer).capitalize()

    def reasons(self, by_reason: Mapping[str, int]) -> str:
        """List numbers of replies by reason, such as ``15 cut off, 2 no reply tag``."""
        return ", ".join(f"{n:,} {self.reason(key)}" for key, n in by_reason.items() if n)


@cache
def glossary(task: str | None = None) -> Glossary:
    """Read the words of a task by its name, as in findings; None for the usual task.

    Raises:
        UsageError: No such task.
    """
    own = vocabulary(task)
    return Glossary.model_validate({**dict(own), "missing": {**data("words")["missing"], **own.missing}})


def minus(expression: str) -> str:
    """Write a contrast such as ``trained-sealed - rated-sealed`` with true minus signs; hyphens inside names stay."""
    return expression.replace(" - ", f" {MINUS} ")


def known(value: float | None) -> bool:
    """Tell whether there is a number: neither None nor NaN."""
    return value is not None and value == value


def percent(value: float | None, digits: int = 1) -> str:
    """Write a fraction between 0 and 1 as a percentage without the sign, such as ``62.5``; a missing one as a dash."""
    return f"{100 * value:.{digits}f}" if value is not None and known(value) else "–"


def points(value: float | None, digits: int = 1) -> str:
    """Write a difference of fractions as signed percentage points, such as ``+54.2`` or ``−3.0``."""
    if value is None or not known(value):
        return "–"
    text = f"{100 * value:+.{digits}f}"
    return text.replace("-", MINUS) if float(text) else text.lstrip("+-")


def interval(low: float | None, high: float | None, *, signed: bool = False) -> str:
    """Write an interval of fractions as ``[49.0, 59.1]``, in percent or, if signed, in points; a dash without one."""
    if not (known(low) and known(high)):
        return "–"
    write = points if signed else percent
    return f"[{write(low)}, {write(high)}]"


def probability(value: float | None) -> str:
    """Write a p value with three digits, such as ``.042`` or ``< .001``."""
    if value is None or not known(value):
        return "–"
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def count(number: int, noun: str) -> str:
    """Write a number with its noun, given in the singular, such as ``1,320 replies``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def ratio_line(ratio: RatioFinding) -> str:
    """Say a ratio in words, or why there is none."""
    base, more = ratio.base, ratio.more
    rates = f"{percent(more.estimate)} % against {percent(base.estimate)} % {interval(base.low, base.high)}"
    if ratio.near_zero:
        # What is printed counts: a lower end of .04 is told as 0.0, and every ratio is at least that.
        least = f"{ratio.low or 0:.1f}"
        said = f"at least {least} ×" if float(least) else "no ratio at all"
        return f"{rates}: near zero, so {said} is all that can be said"
    if ratio.estimate is None:
        return "no ratio: too few runs"
    most = "∞" if ratio.high is None else f"{ratio.high:.1f}"
    return f"{ratio.estimate:.1f} × [{ratio.low:.1f}, {most}] ({rates})"
