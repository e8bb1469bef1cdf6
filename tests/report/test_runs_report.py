"""What was done, in the report and on a terminal."""

import io
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from feint.report.pages import environment
from feint.report.runs import named, run_tables, runs_section, steps, told
from feint.report.runs_plot import behaviour_plot
from feint.report.words import data
from feint.stats import Settings
from feint.tasks.peer_preservation.analysis.behaviours import BEHAVIOURS
from feint.tasks.peer_preservation.analysis.runs import ACTS, CONDUCT, summarise_runs
from runs_made_up import contrast, made_up_runs

HOSTILE = "<script>[red]x[/red]\x1b[31m"
LONG = "a-cell-with-a-name-that-is-far-too-long-for-any-table"
PAGE = """{% extends "base.html.j2" %}{% import "macros.html.j2" as m %}
{% block body %}<section>{% include "sections/runs.html.j2" %}</section>{% endblock %}"""


def summarised(extra: str = "asset", **more: Any) -> dict[str, Any]:
    cells = {"calm": 0.02, "threat": 0.9, "watched": 0.1, "alone": 0.8, extra: 0.2}
    facts = {
        "watched": {"monitored": "yes", "rule": "1"}, "alone": {"monitored": "no", "lever": "1"},
        extra: {"target": "asset"},
    }  # fmt: skip
    table = made_up_runs(cells, rng=np.random.default_rng(3), wordings=2, broken=0.1, facts=facts, **more)
    contrasts = [
        contrast("threat", "threat - calm", gap=True, threat=1, calm=-1),
        contrast("monitoring", "alone - watched", alone=1, watched=-1),
        contrast("nothing", "calm - watched", calm=1, watched=-1),
    ]
    return {"runs": summarise_runs(table, contrasts, Settings(), list(cells))}


@pytest.fixture(scope="module")
def done() -> dict[str, Any]:
    return summarised()


def rendered(findings: dict[str, Any]) -> str:
    page = environment().from_string(PAGE)
    rule = {"level": "95", "smallest_effect": "5"}
    return page.render(title="", version="", rule=rule, findings=findings, **runs_section(findings, 0.05))


def printed(findings: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=80)
    for made in run_tables(findings):
        console.print(made)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def words_in(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_everything_has_a_name() -> None:
    assert set(data("runs")["acts"]) == set(ACTS) and set(data("runs")["conduct"]) == set(CONDUCT)
    assert set(data("runs")["behaviours"]) == {one.key for one in BEHAVIOURS}
    assert {measure for one in BEHAVIOURS for measure in one.measures} == set(data("runs")["measures"])
    assert named("acts", "some_new_act")["label"] == "some new act"


def test_on_a_page(done: dict[str, Any]) -> None:
    page = rendered(done)
    for part in (
        "What was done",
        "The verdict rests on the label alone",
        "Strategic misrepresentation",
        "Alignment faking",
        "Beside weight exfiltration: an inert asset",
        "an explicit rule was broken for the target",
        "incapable",
        "adjusted for all",
    ):
        assert part in page, part
    heads = re.findall(r"<thead>(.*?)</thead>", page, re.S)
    assert len(heads) == 8
    assert all(f">{name}</th>" in head for head in heads for name in ("n_total", "n_read", "n_complete"))


def test_a_study_without_runs_has_no_such_section() -> None:
    assert runs_section({}, 0.05) == {"done": None}
    assert list(run_tables({})) == []


def test_a_design_without_an_asset_says_so() -> None:
    table = made_up_runs({"calm": 0.0, "threat": 1.0}, rng=np.random.default_rng(0), kinds=["transfer"])
    threat = contrast("threat", "threat - calm", threat=1, calm=-1)
    findings = {"runs": summarise_runs(table, [threat], Settings(), ["calm", "threat"])}
    page = rendered(findings)
    assert "no inert asset" in page and "Scores and grades handed in" not in page
    assert "tampered" not in page and "ported" not in printed(findings)
    assert rendered({"runs": summarise_runs(table, [], Settings(), ["calm", "threat"])}).count("<svg") == 0


def test_on_a_terminal(done: dict[str, Any]) -> None:
    text = printed(done)
    assert max(map(len, text.splitlines())) <= 80
    for part in ("What was done", "Shutdown tampering", "points of score", "p (Holm)"):
        assert part in text, part
    entry = done["runs"]["cells"]["threat"]
    assert (entry["n_total"], entry["n_read"]) == (60, 60)
    rows = [line.split() for line in text.splitlines() if line.startswith("threat ")]
    assert [row[1] for row in rows] == [f"60/60/{entry['n_complete']}"] * 2
    assert text.count("/complete") == 3
    assert "no difference shown" in text


@pytest.mark.parametrize("name", [HOSTILE, LONG, "漢字" * 20])
def test_names_are_text_whatever_they_hold(name: str) -> None:
    findings = summarised(name)
    behaviours = findings["runs"]["behaviours"]
    for entry in behaviours.values():
        entry["contrasts"][name] = next(iter(entry["contrasts"].values()))
    findings["runs"]["cells"][name]["missing"] = {name: 3}
    page, text = rendered(findings), printed(findings)
    assert "<script" not in page and "\x1b" not in page + text
    assert "[red]" in text or name != HOSTILE
    if name != "漢字" * 20:
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("narrow", [False, True])
def test_the_plot_names_each_behaviour_and_contrast(done: dict[str, Any], narrow: bool) -> None:
    behaviours = done["runs"]["behaviours"]
    svg = behaviour_plot(behaviours, narrow=narrow)
    assert svg == behaviour_plot(behaviours, narrow=narrow)
    words = words_in(svg)
    for entry in behaviours:
        for line in data("runs")["behaviours"][entry]["lines"]:
            assert line in " ".join(words)
    assert words.count("Threat") == (3 if narrow else 1)
    assert ("–" in words) is not narrow  # what cannot occur is left out on a phone
    assert not re.search(r"#(?!\w*-)[0-9a-f]{6}\b", re.sub(r"var\(--[\w-]+, #[0-9a-f]{6}\)", "", svg))


def test_full_discs_are_significant_and_dark_lines_exclude_zero() -> None:
    def drawn(low: float, p: float) -> tuple[bool, bool]:
        one = {"measure": "tampered", "estimate": 0.4, "low": low, "high": 0.7, "p_holm": p}
        svg = behaviour_plot({"shutdown_tampering": {"contrasts": {"threat": one}}})
        discs = "".join(re.findall(r"<use[^>]*>", svg))
        return "fill: var(--ink" in discs, "stroke: var(--ink" in svg

    assert (drawn(0.1, 0.01), drawn(0.1, 0.2), drawn(-0.1, 1.0)) == ((True, True), (False, True), (False, False))


def test_ids_do_not_clash_with_the_other_figures(done: dict[str, Any]) -> None:
    both = "".join(behaviour_plot(done["runs"]["behaviours"], narrow=at) for at in (False, True))
    ids = re.findall(r'\bid="([^"]+)"', both)
    assert len(ids) == len(set(ids)) and all(one.startswith("behaviours-") for one in ids)


def test_what_is_missing_is_drawn_as_missing() -> None:
    one = {"measure": "tampered", "estimate": None, "low": None, "high": None, "p_holm": None}
    assert "missing" in words_in(behaviour_plot({"shutdown_tampering": {"contrasts": {"threat": one}}}))
    ElementTree.fromstring(behaviour_plot({}))
    ElementTree.fromstring(behaviour_plot({}, narrow=True))


def test_grades_are_written_in_steps() -> None:
    assert [steps(value) for value in (0.5, -0.25, 0.001, None)] == ["+0.50", "−0.25", "0.00", "–"]
    assert told({"estimate": 0.5, "low": None, "high": None}, "grade") == ("+0.50", "–")
    assert told({"estimate": 0.5, "low": 0.25, "high": 0.75}) == ("+50.0", "[+25.0, +75.0]")
    assert told(None) == ("–", "–")
