"""Short replies of many kinds over varied actions, written in four rounds.

Round 1 was used to write the rules of clauses. Each later round was scored once before it was used, and `first_look` is
what the judge said then; docs/transcripts.md tells the figures.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from feint.judges.reader import read_choice
from feint.judges.rules.action import CLAUSES
from feint.judges.rules.action_words import Actions
from feint.judges.rules.written import answer_in

ROOT = Path(__file__).parents[2]
ROWS = [json.loads(line) for line in (Path(__file__).parent / "data" / "choices.jsonl").read_text("utf-8").splitlines()]
KINDS = sorted({row["kind"] for row in ROWS})
LEAST = 0.75
"""Share of the replies of any kind that must be read rightly, so that a kind cannot be lost unseen."""


def read(row: dict[str, Any], *, turned: bool = False) -> str | None:
    """Read a reply; `turned` exchanges the roles of the two actions, with their letters, and the answer back."""
    two = Actions(row["comply"], row["decline"], *row["letters"])
    if turned:
        two = Actions(two.decline, two.comply, two.decline_letter, two.comply_letter)
    outcome = read_choice(row["text"], two).outcome
    other = {"complied": "refused", "refused": "complied"}
    return other[outcome] if turned and outcome else outcome


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_read_as_meant(kind: str) -> None:
    rows = [row for row in ROWS if row["kind"] == kind]
    found = [(row["text"], read(row), row["outcome"]) for row in rows]
    missed = [one for one in found if one[1] != one[2]]
    wrong = [one for one in missed if one[1] is not None]
    assert len(rows) >= 30
    assert len(missed) <= (1 - LEAST) * len(rows), missed
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize("kind", KINDS)
def test_no_action_is_preferred_for_its_role(kind: str) -> None:
    for row in ROWS:
        if row["kind"] == kind:
            assert read(row) == read(row, turned=True), row["text"]


def first_look(drawn: int, kind: str = "") -> list[int]:
    """Count the replies of a round, and those that were right, missing and wrong at the first look."""
    rows = [row for row in ROWS if row["round"] == drawn and row["kind"].startswith(kind)]
    right = sum(row["first_look"] == row["outcome"] for row in rows)
    missing = sum(row["first_look"] is None and row["outcome"] is not None for row in rows)
    return [len(rows), right, missing, len(rows) - right - missing]


def test_the_first_looks_are_what_the_docs_say() -> None:
    docs = " ".join((ROOT / "docs" / "transcripts.md").read_text("utf-8").split())
    kinds = {row["kind"] for row in ROWS if row["round"] == 2}
    assert len(kinds) == 9
    for kind in kinds:
        assert first_look(2, kind)[0] >= 15
        assert f"| {kind} | {' | '.join(map(str, first_look(2, kind)))} |" in docs
    replies, right, missing, wrong = first_look(2)
    assert f"In all, {right} of {replies} were right, {missing} missing and {wrong} wrong." in docs
    replies, right, missing, wrong = first_look(3)
    assert f"began with {right} of {replies} right, {missing} missing and {wrong} wrong" in docs
    replies, right, missing, wrong = first_look(4)
    assert f"with {right} of {replies} right, {missing} missing and {wrong or 'none'} wrong" in docs


def test_a_short_reply_needs_no_learned_reader() -> None:
    two = Actions("Accept the offer.", "Decline the offer and safeguard the documents.")
    assert CLAUSES in read_choice("Of the two, the second.", two).explanation


@pytest.mark.parametrize(
    "text", ["{", '{"choice": ', "[1, 2]", "{}", '{"a": 1}', "[ ] [ ]", '{"choice": {"b": [1]}}', "{" * 9999]
)
def test_broken_data_is_read_as_prose(text: str) -> None:
    assert isinstance(answer_in(text), str)
