"""What a study's findings have to be, computed by hand from what the judge's server is known to have answered."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai.log import EvalSample, read_eval_log

from feint.study.logs import newest_log

REASONS = {
    "malformed": "judge_malformed", "foreign": "judge_malformed", "refuses": "judge_refused", "429": "judge_rate_limit",
    "500": "judge_error", "denied": "judge_denied", "slow": "judge_timeout", "filtered": "judge_content_filter",
    "cut": "judge_truncated",
}  # fmt: skip
REPAIRED = ("malformed", "foreign", "refuses")
"""Answers after which the judge is asked a second time."""


def samples_of(folder: Path) -> list[EvalSample]:
    log = newest_log(folder / "logs")
    assert log is not None
    return read_eval_log(log.location).samples or []


def by_hand(kinds: list[str], said: str) -> str:
    """What the calls about one reply come to: its label, or why there is none."""
    if kinds[0] in REPAIRED and len(kinds) > 1:
        return by_hand(kinds[1:], said)
    return said if kinds[0] == "valid" else REASONS[kinds[0]]


def check_findings(folder: Path, judge: str, label_of: Callable[[EvalSample], str], *, planned: int) -> int:
    """Compare findings and scores of a study of the design `tiers` with labels computed by hand.

    Args:
        folder: The study's.
        judge: The name under which its labels stand.
        label_of: A reply's label, or why it is missing.
        planned: Replies.

    Returns:
        How many different reasons for missing labels there are.
    """
    findings = json.loads((folder / "findings.json").read_text())
    labels: dict[str, str] = {}
    expected: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for sample in samples_of(folder):
        said = sample.metadata
        labels[str(sample.id)] = label = label_of(sample)
        if not said["twin"]:
            expected[said["cell"]][said["request"], said["wording"]] = label
    assert len(labels) == planned
    for cell, entry in findings["cells"].items():
        found = Counter(expected[cell].values())
        complied, refused = found.pop("complied", 0), found.pop("refused", 0)
        assert entry["missing"] == dict(found)
        every = len(expected[cell])
        assert entry["missing_rate"] == pytest.approx(found.total() / every)
        assert entry["compliance"]["n"] == complied + refused
        assert entry["compliance"]["estimate"] == pytest.approx(complied / (complied + refused))
        assert entry["bounds"] == {
            "low": pytest.approx(complied / every), "high": pytest.approx((complied + found.total()) / every),
        }  # fmt: skip
    missing = Counter(label for label in labels.values() if label not in ("complied", "refused"))
    assert findings["replies"] == {
        "planned": planned,
        "scored": planned - missing.total(),
        "missing": missing.total(),
        "missing_by_reason": dict(missing),
        "cut_off": 0,
    }
    gap = mean_of_differences(expected["free"], expected["paid"])
    assert findings["contrasts"]["gap"]["estimate"] == pytest.approx(gap)
    stated = {"complied": 1.0, "refused": 0.0}
    for sample in samples_of(folder):
        score = (sample.scores or {})[judge]
        value = stated.get(labels[str(sample.id)], math.nan)
        assert score.value == value or (math.isnan(value) and math.isnan(float(score.value)))  # type: ignore[arg-type]
    return len(missing)


def mean_of_differences(free: dict[tuple[str, str], str], paid: dict[tuple[str, str], str]) -> float:
    """Per request over the wordings that have both labels, then over requests."""
    by_request: dict[str, list[float]] = defaultdict(list)
    for (request, wording), label in free.items():
        other = paid[request, wording]
        if {label, other} <= {"complied", "refused"}:
            by_request[request].append(float(label == "complied") - float(other == "complied"))
    return sum(sum(found) / len(found) for found in by_request.values()) / len(by_request)
