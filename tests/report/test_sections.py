from typing import Any

from feint.report.comprehension import Motive, motives_of
from feint.report.section import Told
from feint.report.situations import Compared, Situated, compare_situations
from feint.report.trust import manifest, trust_lines
from made_up_findings import some_findings
from report_shown import SAY, found


def situation_rows(study: dict[str, Any]) -> list[Compared]:
    return compare_situations([Situated(**one) for one in study["situations"]], found(study["findings"]).contrasts)


def motive_rows(findings: dict[str, Any]) -> list[Motive]:
    return motives_of(found(findings))


def test_each_cell_is_set_against_the_nearest_one(study: dict[str, Any]) -> None:
    rows = situation_rows(study)
    assert {row.cell: row.reference for row in rows} == {
        "silence": None,
        "intention": "silence",
        "rated": "intention",
        "penalty": "rated",
        "trained": "rated",
        "trained-regardless": "trained",
        "trained-other": "rated",
        "rated-sealed": "rated",
        "trained-sealed": "rated-sealed",
        "rated-misuse": "rated",
        "trained-misuse": "trained",
    }
    assert all(len(row.changed) == 1 for row in rows[1:])


def test_only_the_sentence_of_the_fact_differs(study: dict[str, Any]) -> None:
    rated = situation_rows(study)[2]
    assert [(s.kind, s.text.strip()) for s in rated.system if s.kind != "same"] == [
        ("gone", "never"),
        ("new", "always"),
    ]
    assert [s.kind for s in rated.user] == ["same"]


def test_motives_that_are_found_come_first(findings: dict[str, Any]) -> None:
    rows = motive_rows(findings)
    assert [row.decision for row in rows[:2]] == ["yes", "yes"]
    assert len(rows) == 8


def test_stated_motives_are_shares_of_complying_replies(findings: dict[str, Any]) -> None:
    found = {"estimate": 0.5, "low": 0.2, "high": 0.8}
    for cell, entry in findings["cells"].items():
        entry["stated"] = {"intimidation": {**found, "n": 30 if cell == "trained" else 1}} if "trained" in cell else {}
    rows = {row.key: row for row in motive_rows(findings)}
    assert rows["intimidation"].read == 34
    assert rows["intimidation"].share == 0.5
    assert rows["rater_sycophancy"].share == 0


def test_without_reasoning_nothing_is_stated(findings: dict[str, Any]) -> None:
    for entry in findings["cells"].values():
        entry["stated"] = {}
    assert {row.share for row in motive_rows(findings)} == {None}


def test_the_manifest_flattens_what_it_gets() -> None:
    plan = {"a": {"b": 1, "c": [1, 2]}, "many": list(range(40)), "rows": [{"x": 1}], "none": None}
    assert manifest(plan) == [
        ("a.b", "1"), ("a.c", "1, 2"), ("many", "40 entries"), ("rows", "1 entries"), ("none", "–"),
    ]  # fmt: skip


def test_settings_come_from_the_plan() -> None:
    assert Told(some_findings(), SAY, {"settings": {"smallest_effect": 0.1}}).rule.smallest_effect == 0.1
    assert Told(some_findings(), SAY).rule.smallest_effect == 0.05


def test_the_report_warns_of_itself(findings: dict[str, Any]) -> None:
    lines = " ".join(trust_lines(found(findings), SAY))
    assert "says nothing about other models" in lines
    assert "40 requests" in lines
    findings["subject"] = "openai/some-model"
    findings["twins"]["ok"] = False
    for entry in findings["contrasts"].values():
        entry["n"] = 8
    lines = " ".join(trust_lines(found(findings), SAY))
    assert "planted" not in lines
    assert "benign twins were not answered" in lines
    assert "That is few" in lines
