"""How well the rules agree with labels that a person gave: precision and recall with Wilson intervals."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feint.base.errors import UsageError
from feint.judges.rules.labels import Label, label_reply

_OPTIONS = ("mode", "truncated", "reasoning", "conflict_type", "comply_letter", "decline_letter")


@dataclass(frozen=True)
class Example:
    """One reply with the label a person gave it; exactly one of `outcome` and `missing` is set."""

    id: str
    split: str
    kind: str
    text: str
    outcome: str | None
    missing: str | None
    stated: frozenset[str]
    options: dict[str, Any]

    def judged(self) -> Label:
        """The label the rules give it."""
        return label_reply(self.text, **self.options)


@dataclass(frozen=True)
class Share:
    """A count out of a total, as a fraction with its 95 % Wilson interval."""

    hits: int
    total: int

    @property
    def estimate(self) -> float:
        """The fraction; NaN where there is nothing to count."""
        return self.hits / self.total if self.total else float("nan")

    def interval(self) -> tuple[float, float]:
        """The Wilson score interval (Wilson 1927), without continuity correction."""
        from scipy.stats import binomtest

        if not self.total:
            return 0.0, 1.0
        low, high = binomtest(self.hits, self.total).proportion_ci(0.95, method="wilson")
        return float(low), float(high)

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{self.estimate:.3f} [{low:.3f}, {high:.3f}]  {self.hits}/{self.total}"


@dataclass(frozen=True)
class Agreement:
    """Precision: of what the rules give this label, how much bears it. Recall: of what bears it, how much gets it."""

    precision: Share
    recall: Share


def read_examples(path: Path) -> list[Example]:
    """Read labelled replies, one JSON object per line.

    Raises:
        UsageError: The file cannot be read, or a line is no object with `id`, `text` and one of `outcome`, `missing`.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    examples = [_example(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not examples:
        raise UsageError(f"{path}: expected one labelled reply per line, found none")
    return examples


def _example(line: str, place: str) -> Example:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(f"{place}: not valid JSON: {error.msg}") from None
    if not isinstance(row, dict) or not {"id", "text"} <= row.keys():
        raise UsageError(f"{place}: expected an object with the keys 'id' and 'text'")
    if ("outcome" in row) == ("missing" in row):
        raise UsageError(f"{place}: expected exactly one of the keys 'outcome' and 'missing'")
    return Example(
        id=str(row["id"]),
        split=str(row.get("split", "all")),
        kind=str(row.get("kind", "")),
        text=str(row["text"]),
        outcome=row.get("outcome"),
        missing=row.get("missing"),
        stated=frozenset(row.get("stated", ())),
        options={name: row[name] for name in _OPTIONS if name in row},
    )


def outcome_agreement(examples: Iterable[Example], outcome: str) -> Agreement:
    """Agreement on one outcome; a reply whose true or given label is missing counts as not having it."""
    return _agreement(examples, lambda e: {outcome} & {e.outcome}, lambda e: {outcome} & {e.judged().outcome})


def stated_agreement(examples: Iterable[Example]) -> Agreement:
    """Agreement on stated motives, counted over pairs of a reply and an explanation key."""
    return _agreement(examples, lambda e: set(e.stated), lambda e: set(e.judged().stated))


def _agreement(
    examples: Iterable[Example], true: Callable[[Example], set[Any]], given: Callable[[Example], set[Any]]
) -> Agreement:
    pairs = [(true(example), given(example)) for example in examples]
    both = sum(len(truth & label) for truth, label in pairs)
    return Agreement(
        Share(both, sum(len(label) for _, label in pairs)), Share(both, sum(len(truth) for truth, _ in pairs))
    )
