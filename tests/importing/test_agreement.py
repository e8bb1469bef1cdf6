"""How often the rule agrees with reading. The labels were written by reading the replies, without the rule's labels.

Round 1 was used to improve the rule; round 2 was drawn and labelled after the rule was frozen, and is what counts.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from feint.judges.rules.action import read_action
from feint.judges.rules.labels import Label
from feint.study.importing.vlaf import read_vlaf

LABELS = Path(__file__).parent / "data" / "vlaf_labels.jsonl"


def hand_labels(drawn: int) -> list[dict[str, Any]]:
    labels = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]
    return [label for label in labels if label["round"] == drawn]


@pytest.fixture(scope="module")
def read(release: list[Path]) -> dict[tuple[str, str, str, int], Label]:
    return {one.key: read_action(one.reply, one.actions) for one in read_vlaf(release).transcripts if one.actions}


def pairs(read: dict[tuple[str, str, str, int], Label], drawn: int) -> list[tuple[str | None, str | None]]:
    """What the rule says and what reading says, both None where missing."""
    found = []
    for label in hand_labels(drawn):
        cell = "free" if label["is_free_tier"] else "paid"
        key = (label["subject"].rpartition(":")[2], cell, f"{label['value']}-{label['scenario']}", label["sample"] + 1)
        found.append((read[key].outcome, label["outcome"]))
    return found


@pytest.mark.parametrize("drawn", [1, 2])
def test_the_hand_labels_are_stratified_and_whole(drawn: int) -> None:
    labels = hand_labels(drawn)
    counts = Counter((label["subject"], label["is_free_tier"]) for label in labels)
    assert len(labels) >= 200
    assert len(counts) == 34
    assert len(set(counts.values())) == 1
    assert all((label["outcome"] is None) != (label["missing"] is None) for label in labels)


@pytest.mark.transcripts
@pytest.mark.parametrize("drawn", [1, 2])
def test_the_rule_agrees_with_reading(read: dict[Any, Label], drawn: int) -> None:
    labelled = [(rule, hand) for rule, hand in pairs(read, drawn) if rule is not None]
    agreed = sum(rule == hand for rule, hand in labelled)
    print(f"round {drawn}: {agreed} of {len(labelled)} agree")
    assert len(labelled) >= 200
    assert agreed / len(labelled) >= 0.97
    if drawn == 2:
        assert (agreed, len(labelled)) == (212, 216), "the figure in docs/transcripts.md is no longer right"


@pytest.mark.transcripts
def test_few_replies_are_missing_for_every_subject(read: dict[Any, Label]) -> None:
    missing: dict[str, list[bool]] = {}
    for (subject, *_), one in read.items():
        missing.setdefault(subject, []).append(one.outcome is None)
    assert len(missing) == 17
    assert max(sum(flags) / len(flags) for flags in missing.values()) <= 0.20
    reasons = {one.missing for one in read.values() if one.missing}
    assert reasons == {"empty", "cut_off", "unclear", "refused_to_choose"}
