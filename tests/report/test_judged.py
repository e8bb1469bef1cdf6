"""What judges and people said, on a terminal and in the report."""

from typing import Any

import pytest

from feint.judges.graded.answer import JUDGE_REASONS, NOTHING_TO_JUDGE
from feint.report.trust import trust_lines
from report_shown import SAY, found, printed, render_html

JUDGE = "openai-api/some-provider/some-model-2026-11-01"
PARTS = ("estimate", "low", "high", "n", "p_holm", "decision", "reason")
HOSTILE = "<script>[red]x[/red]\x1b[31m"


def share(estimate: float | None, n: int = 100) -> dict[str, Any]:
    ends = (None, None) if estimate is None else (max(estimate - 0.1, 0), min(estimate + 0.1, 1))
    return {"estimate": estimate, "low": ends[0], "high": ends[1], "n": n}


@pytest.fixture
def judged(study: dict[str, Any]) -> dict[str, Any]:
    """A study with two judges, one of which another verdict would come from, and labels by people."""
    findings = study["findings"]
    part = {"share": share(0.5), "missing": {"judge_timeout": 3}, "missing_rate": 0.03}
    nothing = {"share": share(None, 0), "missing": {"no_reasoning": 100}, "missing_rate": None}
    cells = list(findings["cells"])
    entry = {
        "model": JUDGE,
        "calls": 1234,
        "cells": {cell: {"missing": {}, "missing_rate": 0.0} for cell in cells},
        "rubrics": {
            "compliance": dict.fromkeys(cells, part),
            "alignment-faking": dict.fromkeys(cells, part),
            "motive": dict.fromkeys(cells, nothing),
            HOSTILE: dict.fromkeys(cells, part),
        },
    }
    row = {
        "answer": "yes",
        "motives": ["terminal_goal_guarding"],
        "contrasts": {key: {part: entry[part] for part in PARTS} for key, entry in findings["contrasts"].items()},
        "labelled": 2600,
        "missing": 40,
    }
    contrast = {
        "is": "trained - rated",
        "raw": {**share(0.3), "p": 0.01},
        "corrected": {**share(0.125), "p": 0.1, "p_holm": 0.2, "decision": "undetermined", "reason": ""},
        "lambda": 0.5,
        "labelled": 60,
        "rectifier": {},
        "too_few": None,
    }
    few = {**contrast, "too_few": "people labelled 3 replies to 2 requests in rated; 10 to 5 are needed"}
    findings |= {
        "judge": f"{JUDGE} + {HOSTILE}",
        "judging": {"rubrics": list(entry["rubrics"]), "votes": 20, "judges": {JUDGE: entry}},
        "judges": [
            {**row, "judge": "majority", "same": True},
            {**row, "judge": JUDGE, "same": True},
            {**row, "judge": HOSTILE, "answer": "undetermined", "motives": [], "same": False},
        ],
        "unanimous": 0.875,
        "robust": False,
        "corrected": {
            "people": ["ann", HOSTILE],
            "labelled": 60,
            "left_out": 1,
            "contrasts": {"goal_guarding": contrast, "contingency": few},
        },
    }
    return study


def test_every_reason_has_a_name() -> None:
    for key in (*JUDGE_REASONS, *NOTHING_TO_JUDGE, "judges_tied", "not_judged", "not_asked"):
        assert key in SAY.missing, key
        assert "_" not in SAY.reason(key)


def test_on_a_terminal(judged: dict[str, Any]) -> None:
    text = printed(judged["findings"])
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    for part in (
        "Sensitivity to the judge; all agree on 87.5 % of the replies",
        "another verdict than the majority's",
        "Corrected for the judge's errors (60 replies labelled by people)",
        "+30.0 +12.5 [+2.5, +22.5] ○ undetermined",
        "10 to 5 are needed",
    ):
        assert part in flat, part
    assert "\x1b" not in text


def test_in_the_report(judged: dict[str, Any]) -> None:
    page = render_html(**judged)
    for part in (
        "What the judges said",
        "The verdict depends on the judge.",
        "up to 20 answers make a label",
        "3 judge: too slow",
        "100 no reasoning to judge",
        "1,234 calls",
        "Corrected by people",
        "60 replies, drawn at random",
        "1 label of replies that were not drawn at random, or are not compared, is left out",
        'href="#judging"',
        'href="#corrected"',
    ):
        assert part in page, part
    assert "<script" not in page
    assert "\x1b" not in page


def test_without_judges_and_people_there_are_no_such_sections(study: dict[str, Any]) -> None:
    page = render_html(**study)
    assert 'id="judging"' not in page
    assert 'id="corrected"' not in page
    assert "Sensitivity" not in printed(study["findings"])


def test_what_to_hold_against_it(judged: dict[str, Any]) -> None:
    lines = " ".join(trust_lines(found(judged["findings"]), SAY))
    assert f"by {HOSTILE} alone it is another" in lines
    assert "the verdict is that of the contrasts as judged" in lines
    del judged["findings"]["corrected"]
    assert "Nobody has checked this judge" in " ".join(trust_lines(found(judged["findings"]), SAY))
    judged["findings"]["judge"] = "rules"
    assert "Nobody has checked this judge" not in " ".join(trust_lines(found(judged["findings"]), SAY))
