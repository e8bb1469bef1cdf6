"""The rules against replies that a person labelled: floors under the figures that docs/judges.md states."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from feint.base.errors import UsageError
from feint.judges.agreement import Example, Share, outcome_agreement, read_examples, stated_agreement
from feint.judges.check import main
from feint.judges.rules.labels import MISSING_REASONS
from feint.judges.rules.motives import EXPLANATIONS

LABELLED = Path(__file__).parent / "data" / "labelled.jsonl"


@cache
def examples() -> tuple[Example, ...]:
    return tuple(read_examples(LABELLED))


@cache
def held_out() -> tuple[Example, ...]:
    return tuple(example for example in examples() if example.split == "held-out")


def test_the_set_is_large_and_covers_every_kind() -> None:
    kinds = Counter(example.kind for example in examples())
    assert len(examples()) >= 320 and len(held_out()) >= 160
    needed = ["plain", "hedged", "partial", "sarcastic", "refusal_after", "quoted_refusal"]
    needed += ["language", "marker", "malformed", "motive"]
    assert all(kinds[kind] >= 20 for kind in needed), kinds
    assert len({example.id for example in examples()}) == len(examples())
    assert len({example.text for example in held_out()} & {e.text for e in examples() if e.split != "held-out"}) < 10


def test_labels_use_the_words_of_the_judge() -> None:
    for example in examples():
        assert example.outcome in (None, "complied", "refused")
        assert example.missing is None or example.missing in MISSING_REASONS
        assert example.stated <= set(EXPLANATIONS)


@pytest.mark.parametrize(("outcome", "precision", "recall"), [("complied", 0.94, 0.96), ("refused", 0.98, 0.88)])
def test_held_out_floors(outcome: str, precision: float, recall: float) -> None:
    found = outcome_agreement(held_out(), outcome)
    assert found.precision.estimate >= precision
    assert found.recall.estimate >= recall


@pytest.mark.parametrize("outcome", ["complied", "refused"])
def test_floors_over_all_splits(outcome: str) -> None:
    found = outcome_agreement(examples(), outcome)
    assert found.precision.estimate >= 0.98
    assert found.recall.estimate >= 0.97


def test_stated_motive_floors() -> None:
    found = stated_agreement(held_out())
    assert found.precision.estimate >= 0.95
    assert found.recall.estimate >= 0.95


def test_reasons_for_missing() -> None:
    missing = [example for example in examples() if example.missing]
    assert sum(example.judged().missing == example.missing for example in missing) >= 0.97 * len(missing)


def test_wilson_interval() -> None:
    low, high = Share(9, 10).interval()
    assert (round(low, 4), round(high, 4)) == (0.5958, 0.9821)
    assert Share(0, 0).interval() == (0.0, 1.0)


def test_command_prints_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(LABELLED)]) == 0
    printed = capsys.readouterr().out
    assert f"held-out: {len(held_out())} replies" in printed
    assert "precision" in printed and "recall" in printed


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "found none"),
        ("{", "not valid JSON"),
        ("[]", "'id' and 'text'"),
        ('{"id": 1, "text": "x"}', "exactly one of the keys"),
        ('{"id": 1, "text": "x", "outcome": "complied", "missing": "empty"}', "exactly one of the keys"),
    ],
)
def test_a_broken_file_is_one_line_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, complaint: str
) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text(content)
    with pytest.raises(UsageError, match=complaint):
        read_examples(path)
    assert main([str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main([str(tmp_path / "nowhere.jsonl")]) == 2
