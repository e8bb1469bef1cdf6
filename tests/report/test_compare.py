import io
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from feint.report import gap_plot, print_compare, render_compare_html
from feint.report.evidence import MOST_ROWS, evidence_plot
from feint.report.families import grouped

Rows = list[dict[str, Any]]


def subjects(rows: Rows, families: Any = None) -> list[list[str]]:
    return [[row["subject"] for row in group.rows] for group in grouped(rows, families)]


def test_stages_come_in_order_and_the_rest_by_gap(rows: Rows) -> None:
    family, rest = subjects(rows[::-1])
    assert family == ["olmo2-32b", "olmo2-32b-sft", "olmo2-32b-dpo", "olmo2-32b-instruct"]
    assert rest[0] == "olmo2-13b-instruct" and rest[-1] == "mistral-small-24b"


def test_families_may_be_given(rows: Rows) -> None:
    first, _ = subjects(rows, {"qwen": ["Qwen2.5-7B", "qwen2.5-7b-instruct"]})
    assert first == ["Qwen2.5-7B", "qwen2.5-7b-instruct"]


def test_one_stage_is_no_family(rows: Rows) -> None:
    assert len(subjects(rows[:1] + rows[4:])) == 1


def test_the_page_shows_every_subject_and_warning(rows: Rows) -> None:
    page = render_compare_html(rows, warnings=["Two subjects <b>share</b> their replies."], families=None)
    assert all(row["subject"] in page for row in rows)
    assert "Two subjects &lt;b&gt;share&lt;/b&gt; their replies." in page
    assert "free</bdi>, %" in page
    assert "18.2" in page
    assert page == render_compare_html(rows, warnings=["Two subjects <b>share</b> their replies."], families=None)


def test_cells_may_be_those_of_findings(rows: Rows, findings: dict[str, Any]) -> None:
    for row in rows:
        row["cells"] = {cell: findings["cells"][cell] for cell in ("rated", "trained")}
    assert "55.8" in render_compare_html(rows, warnings=[])


def test_a_row_without_a_gap_is_kept(rows: Rows) -> None:
    rows[4]["gap"] = {"estimate": None, "low": None, "high": None, "decision": "undetermined"}
    rows[4]["replies"] = {"planned": 0, "scored": 0, "missing": 0}
    assert subjects(rows)[1][-1] == "Qwen2.5-7B"
    assert "Qwen2.5-7B" in render_compare_html(rows, warnings=[])


@pytest.mark.parametrize("narrow", [False, True])
def test_the_figure(rows: Rows, narrow: bool) -> None:
    svg = gap_plot(rows, narrow=narrow)
    assert "olmo2-32b, stage by stage" in written(svg)
    assert "+9.4 [+6.4, +12.4]" in written(svg)
    assert svg == gap_plot(rows, narrow=narrow)


def written(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("narrow", [False, True])
def test_what_was_trained_from_one_base_stands_beside_it(rows: Rows, narrow: bool) -> None:
    """The base first, then its children by gap; a broken line through all of them is the base's gap."""
    for row, stage in zip(rows[:4], ["post-trained", "base", "post-trained", "post-trained"], strict=True):
        row |= {"family": "organisms", "stage": stage}
    family = subjects(rows)[0]
    gaps = {row["subject"]: row["gap"]["estimate"] for row in rows}
    assert family[0] == rows[1]["subject"]
    assert [gaps[name] for name in family[1:]] == sorted((gaps[name] for name in family[1:]), reverse=True)
    svg = gap_plot(rows, narrow=narrow)
    assert "organisms, the base model and what was trained from it" in written(svg)
    assert "stroke-dasharray" in svg and "stroke-dasharray" not in gap_plot(rows[4:], narrow=narrow)


def explained(subject: str, design: str, estimate: float | None = 0.4) -> dict[str, Any]:
    low, high = (None, None) if estimate is None else (estimate - 0.1, estimate + 0.1)
    contrast = {"is": "trained - rated", "estimate": estimate, "low": low, "high": high, "decision": "yes"}
    return {"subject": subject, "decision": "yes", "evidence": [
        {"design": design, "decision": "yes", "contrasts": {"goal_guarding": contrast}}
    ]}  # fmt: skip


@pytest.mark.parametrize("narrow", [False, True])
def test_the_evidence_of_every_design_is_drawn(rows: Rows, narrow: bool) -> None:
    told = [
        {
            "explanation": "terminal_goal_guarding",
            "subjects": [explained("a", "sealed"), explained("<b>", "never-used")],
        },
        {"explanation": "low_coherence", "subjects": [{"subject": "a", "decision": "no", "evidence": []}]},
    ]
    svg = evidence_plot(told, narrow=narrow)
    assert svg is not None and svg == evidence_plot(told, narrow=narrow)
    texts = written(svg)
    assert {"Terminal goal guarding", "a · sealed", "<b> · never-used"} <= set(texts)
    assert "Low coherence" not in texts and texts.count("+40.0 [+30.0, +50.0]") == 2
    page = render_compare_html(rows, warnings=[], explanations=told, fakes={"a": "yes", "<b>": "yes"})
    assert "The evidence, design by design" in page and "<b> ·" not in page


def test_evidence_without_numbers_or_beyond_measure(rows: Rows) -> None:
    one = {"explanation": "expectation", "subjects": [explained("a", "expectation", None)]}
    assert evidence_plot([one]) is not None
    many = [explained("a", f"design-{i}") for i in range(MOST_ROWS + 1)]
    assert evidence_plot([{"explanation": "expectation", "subjects": many}]) is None
    assert evidence_plot([]) is None


def test_hostile_names(rows: Rows) -> None:
    for row in rows:
        row["subject"] = row["family"] = "<script>alert(1)</script>\x00\ud800"
    page = render_compare_html(rows, warnings=["\u202e<img src=x onerror=alert(1)>"])
    page.encode("utf-8")
    assert "<script" not in page and "<img" not in page and "\u202e" not in page


def test_the_terminal_table_fits_80_columns(rows: Rows) -> None:
    console = Console(file=io.StringIO(), width=80)
    print_compare(rows, console, warnings=["[bold]Two subjects[/bold] share their replies."])
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= 80
    assert "olmo2-32b-instruct +9.4 [+6.4, +12.4] ● yes 100 4.0 %" in " ".join(text.split())
    assert "[bold]Two subjects[/bold]" in text
