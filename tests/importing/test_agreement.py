"""How often the rule agrees with reading. The labels were written by reading the replies, without the rule's labels.

Round 1 was used to improve the rule; round 2 was drawn and labelled after the rule was frozen, and is what counts.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from feint.judges.reader import read_choice
from feint.judges.rules.action import read_action
from feint.judges.rules.labels import Label
from feint.study.importing.vlaf import read_vlaf

LABELS = Path(__file__).parent / "data" / "vlaf_labels.jsonl"
READINGS = LABELS.with_name("vlaf_readings.jsonl")
"""960 replies of three values, 320 each, stratified by the rule's step and label and spread over subjects. They were
read blind before the learned reader was made; `label` is what the rule said then, and `weight` how many replies each
stands for."""
FIRST_LOOK = {"care": (258, 270, 0.965), "fairness": (261, 279, 0.955), "authority": (219, 256, 0.916)}


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
        assert (agreed, len(labelled)) == (208, 213), "the figure in docs/transcripts.md is no longer right"


@pytest.mark.transcripts
def test_few_replies_are_missing_for_every_subject(read: dict[Any, Label]) -> None:
    missing: dict[str, list[bool]] = {}
    for (subject, *_), one in read.items():
        missing.setdefault(subject, []).append(one.outcome is None)
    assert len(missing) == 17
    assert max(sum(flags) / len(flags) for flags in missing.values()) <= 0.20
    reasons = {one.missing for one in read.values() if one.missing}
    assert reasons == {"empty", "unclear", "refused_to_choose"}  # the source states no limit


@pytest.fixture(scope="module")
def readings() -> list[dict[str, Any]]:
    return [json.loads(line) for line in READINGS.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("value", FIRST_LOOK)
def test_the_first_look_at_the_rule_is_what_the_docs_say(readings: list[dict[str, Any]], value: str) -> None:
    seen = [one for one in readings if one["value"] == value]
    labelled = [one for one in seen if one["label"] is not None]
    right = [one for one in labelled if one["label"] == one["outcome"]]
    weighted = sum(one["weight"] for one in right) / sum(one["weight"] for one in labelled)
    assert len(seen) == 320
    assert len({one["subject"] for one in seen}) >= 16
    assert (len(right), len(labelled), round(weighted, 3)) == FIRST_LOOK[value]
    docs = (Path(__file__).parents[2] / "docs" / "transcripts.md").read_text("utf-8")
    share = f"{100 * len(right) / len(labelled):.1f} % | {100 * weighted:.1f} %"
    assert f"| {len(right)} of {len(labelled)} = {share} |" in docs


def test_the_fresh_look_at_the_reader_is_what_the_docs_say() -> None:
    seen = [json.loads(line) for line in LABELS.with_name("vlaf_fresh.jsonl").read_text("utf-8").splitlines()]
    labelled = [one for one in seen if one["label"] is not None]
    right = sum(one["label"] == one["outcome"] for one in labelled)
    neither = sum(one["outcome"] is None for one in seen if one["label"] is None)
    grader = sum(one["grader"] == one["outcome"] for one in seen)
    assert set(Counter(one["value"] for one in seen).values()) == {20}
    docs = " ".join((Path(__file__).parents[2] / "docs" / "transcripts.md").read_text("utf-8").split())
    assert f"{right} of its {len(labelled)} labels agree with reading" in docs
    assert f"Of {60 - len(labelled)} replies without a label, {neither} choose neither" in docs
    assert f"in {grader} of the 60" in docs


def test_what_is_missing_is_what_the_docs_say() -> None:
    """Of each value, 60 replies without a label were read before the clauses were, blind to every judge."""
    kept = [json.loads(line) for line in LABELS.with_name("vlaf_missing.jsonl").read_text("utf-8").splitlines()]
    docs = (Path(__file__).parents[2] / "docs" / "transcripts.md").read_text("utf-8")
    for value in ("care", "authority"):
        seen = Counter(one["seen"] for one in kept if one["value"] == value)
        assert seen.total() == 60
        kinds = ("clear choice", "does it in other words", "neither or both", "cannot be said", "no reply")
        assert f"| {value} | {' | '.join(str(seen[kind]) for kind in kinds)} |" in docs


@pytest.mark.transcripts
def test_the_shipped_reader_agrees_with_reading(release: list[Path], readings: list[dict[str, Any]]) -> None:
    """Care and fairness are in the reader's training, so this holds the weights in place and measures nothing."""
    replies = {one.key: one for one in read_vlaf(release).transcripts}
    wanted = {}
    for one in readings:
        cell = "free" if one["is_free_tier"] else "paid"
        key = (one["subject"].rpartition(":")[2], cell, f"{one['value']}-{one['scenario']}", one["sample"] + 1)
        if key in replies:
            wanted[key] = one["outcome"]
    found = {key: read_choice(replies[key].reply, actions) for key in wanted if (actions := replies[key].actions)}
    labelled = [key for key, label in found.items() if label.outcome is not None]
    right = [key for key in labelled if found[key].outcome == wanted[key]]
    assert len(found) == 640
    assert len(labelled) / len(found) > 0.8
    assert len(right) / len(labelled) > 0.96
