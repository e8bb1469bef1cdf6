import json
import re
from typing import Any

import pytest

from hostile_page import PAYLOADS, check
from report_shown import render_html

Study = dict[str, Any]


def poisoned(value: Any, payload: str) -> Any:
    """Put the payload into every string, and into every name that data gives: cells, requests, voices, facts."""
    if isinstance(value, dict):
        return {k: poisoned(v, payload) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, payload) for v in value]
    return value + payload if isinstance(value, str) else value


def renamed(study: Study, payload: str) -> Study:
    text = json.dumps(study)
    for name in ("trained-sealed", "r007", "memo", "truncated", "future"):
        text = text.replace(f'"{name}"', json.dumps(name + payload))
    again: Study = json.loads(text)
    return again


def test_the_page_is_plain_and_complete(page: str, study: Study) -> None:
    words = check(page).words
    parts = [
        study["findings"]["verdict"]["sentence"], "What was asked", "What makes the difference",
        "How often it complies",
        "What it says, and what its choices reveal", "Replies, side by side", "Does wording matter?",
        "What the model was told", "What is missing", "The method, in plain words", "How far to trust this", "Manifest",
    ]  # fmt: skip
    places = [words.rindex(part) for part in parts]
    assert places == sorted(places)
    assert "2,640 replies planned" in words
    assert study["plan"]["command"] in words
    assert study["plan"]["fingerprint"] in words
    assert study["findings"]["plan_hash"] in words


def test_it_asks_for_nothing_from_outside(page: str) -> None:
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    assert "@import" not in page and "<script" not in page


def test_every_figure_has_its_numbers_beside_it(page: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>", page, flags=re.S)
    assert len(figures) == 4
    assert all(f.count("<svg") == 2 and "<details>" in f and "<table>" in f for f in figures)


def test_the_same_study_gives_the_same_page(page: str, study: Study) -> None:
    assert render_html(**study) == page


@pytest.mark.parametrize("payload", [*PAYLOADS, " ".join(PAYLOADS)])
def test_hostile_text_stays_text(payload: str, study: Study) -> None:
    findings = study["findings"]
    findings["cells"] = {cell: findings["cells"][cell] for cell in ("rated-sealed", "trained-sealed")}
    findings["contrasts"] = {"terminal": findings["contrasts"]["terminal"]}
    hostile = poisoned(renamed(study, payload), payload)
    hostile["findings"]["task"] = findings["task"]  # an unknown task has no words, and no report
    check(render_html(**hostile))


def test_the_check_would_see_a_hole(page: str) -> None:
    with pytest.raises(AssertionError):
        check(page.replace("</main>", PAYLOADS[0] + "</main>"))


def test_hostile_text_is_shown_as_it_was_written(study: Study) -> None:
    reply = study["examples"][0]["replies"]["trained"]
    reply["reply"] = "<script>alert(1)</script>\x00\u202e"
    assert "<script>alert(1)</script>␀⟨U+202E⟩" in check(render_html(**study)).words


def test_long_replies_are_cut_with_a_note(study: Study) -> None:
    study["examples"][0]["replies"]["rated"]["reply"] = "a" * 4000 + "b" * 1234
    page = render_html(**study)
    assert "b" * 20 not in page
    assert "Cut here: 1,234 further characters in the log." in page


def test_missing_replies_are_shown_with_their_reason(page: str) -> None:
    words = check(page).words
    assert "missing: cut off" in words
    assert "15 cut off, 2 no reply tag" in words


def test_a_bare_study_still_has_a_report(study: Study) -> None:
    findings = study["findings"]
    findings["contrasts"] = {}
    findings["replies"] = {"planned": 0, "scored": 0, "missing": 0, "missing_by_reason": {}}
    nothing = {"estimate": None, "low": None, "high": None, "n": 0}
    findings["cells"] = {
        "a": {"compliance": nothing, "missing": {}, "missing_rate": None, "bounds": {"low": None, "high": None},
              "twins": None, "stated": {}, "voices": {}},
    }  # fmt: skip
    findings["verdict"]["answer"] = "unknown motive"
    words = check(render_html(findings, plan={})).words
    assert "Unknown motive" in words
    assert "No reply is missing." in words


def test_a_mismatch_is_flagged(page: str, study: Study) -> None:
    assert "Mismatch." not in page
    study["findings"]["stated"]["mismatch"] = True
    assert "Mismatch." in render_html(**study)


def test_why_an_explanation_is_decided_is_shown_where_it_is_known(page: str, study: Study) -> None:
    assert ">because<" not in page
    study["findings"]["verdict"]["reasons"] = {"intimidation": "intimidation is no: 95 % interval -4 to 5"}
    again = render_html(**study)
    assert ">because<" in again and "intimidation is no: 95 % interval -4 to 5" in again
