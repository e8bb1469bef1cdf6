import pytest

from feint.findings import Findings
from feint.study.compare.rows import Combined, Explained
from feint.study.compare.studies import answers_of, explain_subjects
from made_up_findings import a_contrast, some_findings


def study(
    subject: str, design: str, explanations: dict[str, str], answer: str = "yes", **names: str
) -> tuple[str, Findings]:
    contrasts = {
        key: a_contrast(estimate=0.2, low=0.1, high=0.3, decision="yes", names=name) for key, name in names.items()
    }
    verdict = {"answer": answer, "motives": [], "explanations": explanations, "sentence": "", "warnings": []}
    findings = some_findings(subject=subject, design=design, contrasts=contrasts, verdict=verdict)
    return f"{subject} ({design})", findings


def cell(rows: list[Explained], explanation: str, place: int = 0) -> Combined:
    return next(row for row in rows if row.explanation == explanation).subjects[place]


def test_designs_that_disagree_conflict_and_are_not_averaged() -> None:
    rows = explain_subjects([
        study("m", "sealed", {"terminal_goal_guarding": "yes"}, terminal="terminal_goal_guarding"),
        study("m", "never-used", {"terminal_goal_guarding": "no"}),
    ])  # fmt: skip
    found = cell(rows, "terminal_goal_guarding")
    assert found.decision == "conflicting" and found.subject == "m"
    assert [one.decision for one in found.evidence] == ["yes", "no"]
    assert list(found.evidence[0].contrasts) == ["terminal"] and found.evidence[1].contrasts == {}


def test_an_explanation_that_no_design_of_a_subject_can_name_is_open() -> None:
    rows = explain_subjects([study("m", "a", {"intimidation": "no"}), study("n", "b", {"low_coherence": "no"})])
    assert cell(rows, "intimidation").decision == "no"
    assert cell(rows, "intimidation", 1).decision is None


def test_one_design_twice_makes_two_columns() -> None:
    (_, before), (_, after) = (study("m", "a", {"intimidation": said}) for said in ("no", "yes"))
    rows = explain_subjects([("m (before)", before), ("m (after)", after)])
    assert [(one.subject, one.decision) for one in rows[0].subjects] == [
        ("m (before)", "no"), ("m (after)", "yes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        (["yes", "unknown motive"], "yes"),
        (["unknown motive", "unknown motive"], "unknown motive"),
        (["no", "yes"], "conflicting"),
        (["undetermined", "no"], "no"),
        (["undetermined"], "undetermined"),
        (["unknown motive", "undetermined"], "unknown motive"),
    ],
)
def test_whether_it_fakes(said: list[str], decision: str) -> None:
    studies = [study("m", f"design-{i}", {}, answer=word) for i, word in enumerate(said)]
    assert answers_of(studies) == {"m": decision}
