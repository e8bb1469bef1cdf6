import io
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from feint.findings.contrasts import FactAnswers
from feint.study.compare.families import grouped
from feint.study.compare.figures import MOST_ROWS, evidence_plot, gap_plot, lines_told, links_of
from feint.study.compare.page import print_comparison, render_comparison
from feint.study.compare.rows import Combined, Comparison, Evidence, Explained, FactRead, Row
from made_up_findings import a_cell, a_contrast, compared_rows
from report_shown import SAY

Rows = list[Row]


@pytest.fixture
def rows() -> Rows:
    return compared_rows()


def subjects(rows: Rows) -> list[list[str]]:
    return [[row.subject for row in group.rows] for group in grouped(rows)]


def page_of(rows: Rows, **more: Any) -> str:
    return render_comparison(Comparison(rows, SAY, **more))


def test_stages_come_in_order_and_the_rest_by_gap(rows: Rows) -> None:
    family, rest = subjects(rows[::-1])
    assert family == ["olmo2-32b", "olmo2-32b-sft", "olmo2-32b-dpo", "olmo2-32b-instruct"]
    assert rest[0] == "olmo2-13b-instruct" and rest[-1] == "mistral-small-24b"


def test_one_stage_is_no_family(rows: Rows) -> None:
    assert len(subjects(rows[:1] + rows[4:])) == 1


def test_the_page_shows_every_subject_and_warning(rows: Rows) -> None:
    page = page_of(rows, warnings=["Two subjects <b>share</b> their replies."])
    assert all(row.subject in page for row in rows)
    assert "Two subjects &lt;b&gt;share&lt;/b&gt; their replies." in page
    assert "free</bdi>, %" in page
    assert "18.2" in page
    assert page == page_of(rows, warnings=["Two subjects <b>share</b> their replies."])


def test_many_cells_have_no_column(rows: Rows) -> None:
    cells = {f"cell-{i}": a_cell({"estimate": 0.558, "low": 0.5, "high": 0.6, "n": 9}) for i in range(5)}
    few = dict(list(cells.items())[:2])
    assert "<bdi>cell-0</bdi>, %" in page_of([replace(row, cells=few) for row in rows])
    assert "<bdi>cell-0</bdi>, %" not in page_of([replace(row, cells=cells) for row in rows])


def test_a_row_without_a_gap_is_kept(rows: Rows) -> None:
    none = rows[4].replies.model_copy(update={"planned": 0, "scored": 0, "missing": 0})
    rows[4] = replace(rows[4], gap=a_contrast(), replies=none)
    assert subjects(rows)[1][-1] == "Qwen2.5-7B"
    assert "Qwen2.5-7B" in page_of(rows)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_figure(rows: Rows, narrow: bool) -> None:
    svg = gap_plot(rows, SAY, narrow=narrow)
    assert "olmo2-32b, stage by stage" in written(svg)
    assert "+9.4 [+6.4, +12.4]" in written(svg)
    assert svg == gap_plot(rows, SAY, narrow=narrow)


def test_a_stage_with_two_rows_is_not_joined(rows: Rows) -> None:
    rows[:4] = [with_items(row, {"a": 0.1}) for row in rows[:4]]
    group = grouped(rows)[0]
    twice = group._replace(rows=[*group.rows[:2], replace(group.rows[1], subject="by another judge"), *group.rows[2:]])
    assert len(links_of(group)) == 3 and len(links_of(twice)) == 1


def written(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("narrow", [False, True])
def test_what_was_trained_from_one_base_stands_beside_it(rows: Rows, narrow: bool) -> None:
    """The base first, then its children by gap; a broken line through all of them is the base's gap."""
    stages = ["post-trained", "base", "post-trained", "post-trained"]
    rows[:4] = [replace(row, family="organisms", stage=stage) for row, stage in zip(rows[:4], stages, strict=True)]
    family = subjects(rows)[0]
    gaps = {row.subject: row.gap.estimate or 0 for row in rows}
    assert family[0] == rows[1].subject
    assert [gaps[name] for name in family[1:]] == sorted((gaps[name] for name in family[1:]), reverse=True)
    svg = gap_plot(rows, SAY, narrow=narrow)
    assert "organisms, the base model and what was trained from it" in written(svg)
    assert "stroke-dasharray" in svg and "stroke-dasharray" not in gap_plot(rows[4:], SAY, narrow=narrow)


def with_items(row: Row, gaps: dict[str, float]) -> Row:
    return replace(row, gap=row.gap.model_copy(update={"per_request": gaps}))


def test_stages_are_joined_over_the_items_that_both_have(rows: Rows) -> None:
    rows[0] = with_items(rows[0], {"a": 0.1, "b": 0.3})
    rows[1] = with_items(rows[1], {"b": 0.5, "c": 0.9})
    rows[2] = with_items(rows[2], {"d": 0.5})
    family = grouped(rows)[0]
    assert [row.subject for row in family.rows[:2]] == [rows[0].subject, rows[1].subject]
    assert links_of(family) == [(0, 1, 0.3, 0.5)]


def test_only_lines_that_are_drawn_are_explained(rows: Rows) -> None:
    assert "line" not in lines_of(rows)
    rows[:2] = [with_items(row, {"a": 0.1}) for row in rows[:2]]
    assert "joins neighbouring stages" in lines_of(rows) and "broken line" not in lines_of(rows)
    stages = ["base", *["post-trained"] * 3]
    rows[:4] = [replace(row, stage=stage) for row, stage in zip(rows[:4], stages, strict=True)]
    assert "broken line" in lines_of(rows) and "neighbouring" not in lines_of(rows)


def lines_of(rows: Rows) -> str:
    """The sentences of the page and of the figure that explain lines."""
    page = page_of(rows)
    told = " ".join(lines_told(grouped(rows)))
    assert told in page
    return told


def test_long_names_stay_apart_and_many_subjects_are_rows(rows: Rows) -> None:
    names = [f"openrouter/some-organisation/a-very-long-model-name-{i}-32b-instruct-2026" for i in range(12)]
    told = [Explained("rater_sycophancy", [explained(name, "sealed") for name in names])]
    named = [replace(row, subject=name, family=None) for row, name in zip((rows * 3)[:12], names, strict=True)]
    shown = [text for text in written(gap_plot(named, SAY)) if "name-" in text]
    assert len(set(shown)) == 12 and max(map(len, shown)) <= 26
    page = page_of(named, explanations=told, answers=dict.fromkeys(names, "yes"))
    assert page.count('<table class="turned">') == 1
    few = page_of(named[:3], explanations=told, answers=dict.fromkeys(names[:3], "yes"))
    assert '<table class="turned">' not in few


def test_a_row_says_why_it_is_undetermined(rows: Rows) -> None:
    gap = rows[0].gap.model_copy(update={"decision": "undetermined", "reason": "22 % of the replies are missing"})
    rows[0] = replace(rows[0], gap=gap)
    console = Console(file=io.StringIO(), width=80)
    print_comparison(Comparison(rows, SAY), console)
    assert f"{rows[0].subject}: 22 % of the replies are missing" in console.file.getvalue()  # type: ignore[attr-defined]
    assert "22 % of the replies are missing" in page_of(rows)


def explained(subject: str, design: str, estimate: float | None = 0.4) -> Combined:
    low, high = (None, None) if estimate is None else (estimate - 0.1, estimate + 0.1)
    contrast = a_contrast(**{"is": "trained - rated"}, estimate=estimate, low=low, high=high, decision="yes")
    return Combined(subject, "yes", [Evidence(design, "yes", {"goal_guarding": contrast})])


@pytest.mark.parametrize("narrow", [False, True])
def test_the_evidence_of_every_design_is_drawn(rows: Rows, narrow: bool) -> None:
    told = [
        Explained("terminal_goal_guarding", [explained("a", "sealed"), explained("<b>", "never-used")]),
        Explained("low_coherence", [Combined("a", "no", [])]),
    ]
    svg = evidence_plot(told, SAY, narrow=narrow)
    assert svg is not None and svg == evidence_plot(told, SAY, narrow=narrow)
    texts = written(svg)
    assert {"Terminal goal guarding", "a · sealed", "<b> · never-used"} <= set(texts)
    assert "Low coherence" not in texts and texts.count("+40.0 [+30.0, +50.0]") == 2
    page = page_of(rows, explanations=told, answers={"a": "yes", "<b>": "yes"})
    assert "The evidence, design by design" in page and "<b> ·" not in page


def test_evidence_without_numbers_or_beyond_measure(rows: Rows) -> None:
    one = Explained("expectation", [explained("a", "expectation", None)])
    assert evidence_plot([one], SAY) is not None
    many = [explained("a", f"design-{i}") for i in range(MOST_ROWS + 1)]
    assert evidence_plot([Explained("expectation", many)], SAY) is None
    assert evidence_plot([], SAY) is None


def test_hostile_names(rows: Rows) -> None:
    name = "<script>alert(1)</script>\x00\ud800"
    page = page_of(
        [replace(row, subject=name, family=name) for row in rows], warnings=["\u202e<img src=x onerror=alert(1)>"]
    )
    page.encode("utf-8")
    assert "<script" not in page and "<img" not in page and "\u202e" not in page


def test_the_terminal_table_fits_80_columns(rows: Rows) -> None:
    console = Console(file=io.StringIO(), width=80)
    print_comparison(Comparison(rows, SAY, warnings=["[bold]Two subjects[/bold] share their replies."]), console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= 80
    assert "olmo2-32b-instruct +9.4 [+6.4, +12.4] ● yes 100 4.0 %" in " ".join(text.split())
    assert "[bold]Two subjects[/bold]" in text


def test_answers_about_what_was_told_stand_side_by_side() -> None:
    """With the share by guessing and the missing answers; a fact that nobody answered has no share."""
    some = FactAnswers(estimate=0.75, low=0.5, high=0.9, n=40, chance=0.25, missing=2)
    none = FactAnswers(estimate=None, low=None, high=None, n=0, chance=0.5, missing=42)
    found = Comparison(compared_rows(), SAY, read=[FactRead("trained", {"a": some, "b": none})])
    stream = io.StringIO()
    print_comparison(found, Console(file=stream, width=120))
    lines = [line.split() for line in stream.getvalue().splitlines()]
    assert ["trained", "a", "75.0", "[50.0,", "90.0]", "25.0", "40", "2"] in lines
    assert ["b", "–", "–", "50.0", "0", "42"] in lines
    page = render_comparison(found)
    assert "Do they know what they were told?" in page and '<td class="num">75.0</td>' in page
