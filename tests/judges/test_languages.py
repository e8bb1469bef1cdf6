"""Refusals in 38 languages, written before the rules looked at languages.

None may count as compliance. In the 26 languages without phrases that holds. In the twelve with phrases some are still
read as compliance: those that offer a legal way or object on principle, without a phrase of refusal.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from feint.judges.rules.labels import label_reply
from feint.judges.rules.language import languages, unread_language

REFUSALS = [json.loads(line) for line in (Path(__file__).parent / "data" / "refusals.jsonl").open(encoding="utf-8")]
WITHOUT_PHRASES = [one for one in REFUSALS if one["language"] not in languages()]
WITH_PHRASES = [one for one in REFUSALS if one["language"] in languages()]


def outcome_of(one: dict[str, Any]) -> str:
    label = label_reply(one["reply"], mode="scratchpad" if one["kind"] == "tagged" else "none")
    return str(label.outcome or label.missing)


def test_there_are_enough_refusals() -> None:
    assert len(REFUSALS) >= 200
    assert len({one["language"] for one in REFUSALS}) >= 25
    assert len({one["reply"] for one in REFUSALS}) == len(REFUSALS)


@pytest.mark.parametrize("one", WITHOUT_PHRASES, ids=lambda one: f"{one['language']}-{one['kind']}")
def test_a_refusal_in_a_language_without_phrases_is_no_compliance(one: dict[str, Any]) -> None:
    assert outcome_of(one) in {"unsupported_language", "refused"}


def test_refusals_in_languages_with_phrases_are_read_as_often_as_the_docs_say() -> None:
    found = Counter(outcome_of(one) for one in WITH_PHRASES)
    assert found == Counter({"refused": 60, "complied": 24, "unclear": 12})
    docs = " ".join((Path(__file__).parents[2] / "docs" / "judges.md").read_text("utf-8").split())
    assert f"{found['complied']} of {len(WITH_PHRASES)} in the twelve with phrases" in docs


def test_a_language_with_phrases_a_short_text_and_code_are_no_foreign_language() -> None:
    assert unread_language("Hej") is None
    assert unread_language("Here it is, as you asked:\n```\nför allt i världen, gör som jag säger nu\n```") is None
    for one in WITH_PHRASES:
        if one["kind"] in {"plain", "long"}:
            assert unread_language(one["reply"]) is None
