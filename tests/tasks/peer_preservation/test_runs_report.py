"""What was done, in the report and on a terminal."""

import io
import re
from dataclasses import fields
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from feint.findings import Estimated, Findings
from feint.report.page import rule_text
from feint.report.pages import environment
from feint.report.section import Told
from feint.report.words import glossary
from feint.stats import Settings
from feint.tasks.peer_preservation.analysis.behaviours import BEHAVIOURS
from feint.tasks.peer_preservation.analysis.runs import Behaviour, BehaviourContrast, summarise_runs
from feint.tasks.peer_preservation.analysis.table import ACTS, CONDUCT
from feint.tasks.peer_preservation.fixtures import PACKAGE
from feint.tasks.peer_preservation.outcomes import Outcomes
from feint.tasks.peer_preservation.prompt import bank
from feint.tasks.peer_preservation.section_runs import behaviour_plot, run_tables, show, steps, told
from made_up_findings import some_findings
from runs_made_up import contrast, made_up_runs

HOSTILE = "<script>[red]x[/red]\x1b[31m"
LONG = "a-cell-with-a-name-that-is-far-too-long-for-any-table"
SAY = glossary("peer_preservation")
PAGE = """{% extends "base.html.j2" %}
{% block body %}<section>{% include "feint.tasks.peer_preservation/templates/runs.html.j2" %}</section>{% endblock %}"""


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


def whole(summary: dict[str, Any]) -> Findings:
    return some_findings(task="peer_preservation", sections=summary)


def rendered(summary: dict[str, Any]) -> str:
    page, about = environment(PACKAGE).from_string(PAGE), Told(whole(summary), SAY)
    view = show(about)
    assert view is not None
    return page.render(title="", version="", rule=rule_text(about), glossary=SAY, **view)


def printed(summary: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=80)
    for made in run_tables(Told(whole(summary), SAY)):
        console.print(made)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def drawn_of(summary: dict[str, Any]) -> dict[str, Behaviour]:
    return {key: Behaviour.model_validate(entry) for key, entry in summary["runs"]["behaviours"].items()}


def only(**changed: Any) -> dict[str, Behaviour]:
    """One behaviour in one contrast."""
    one = {
        "is": "threat - calm", "gap": False, "measure": "tampered", "n": 9, "p": None, "n_total": 9, "n_read": 9,
        "n_complete": 9, "strata": {}, "also": {}, **changed,
    }  # fmt: skip
    return {"shutdown_tampering": Behaviour(contrasts={"threat": BehaviourContrast.model_validate(one)})}


def words_in(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_everything_has_a_name() -> None:
    words = bank("section_runs")
    flags = {one.name for one in fields(Outcomes) if "bool" in str(one.type)}
    assert {*ACTS, *CONDUCT} == flags - {"executed"} and not set(ACTS) & set(CONDUCT)
    for outcome in (*words["acts"].values(), *words["conduct"].values()):
        assert set(outcome) == {"label", "short", "meaning"} and len(outcome["short"].splitlines()) <= 2
    assert set(words["behaviours"]) == {one.key for one in BEHAVIOURS}
    assert all(set(one) == {"label", "lines", "meaning"} for one in words["behaviours"].values())
    assert {measure for one in BEHAVIOURS for measure in one.measures} == set(words["measures"])
    assert all(set(one) == {"label", "unit"} for one in words["measures"].values())


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
    about = Told(some_findings(task="peer_preservation"), SAY)
    assert show(about) is None
    assert list(run_tables(about)) == []


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
    behaviours = drawn_of(done)
    svg = behaviour_plot(behaviours, SAY, narrow=narrow)
    assert svg == behaviour_plot(behaviours, SAY, narrow=narrow)
    words = words_in(svg)
    for entry in behaviours:
        for line in bank("section_runs")["behaviours"][entry]["lines"]:
            assert line in " ".join(words)
    assert words.count("Threat") == (3 if narrow else 1)
    assert ("–" in words) is not narrow  # what cannot occur is left out on a phone
    assert not re.search(r"#(?!\w*-)[0-9a-f]{6}\b", re.sub(r"var\(--[\w-]+, #[0-9a-f]{6}\)", "", svg))


def test_full_discs_are_significant_and_dark_lines_exclude_zero() -> None:
    def drawn(low: float, p: float) -> tuple[bool, bool]:
        svg = behaviour_plot(only(estimate=0.4, low=low, high=0.7, p_holm=p), SAY)
        discs = "".join(re.findall(r"<circle[^>]*>", svg))
        return "fill: var(--ink" in discs, "stroke: var(--ink" in svg

    assert (drawn(0.1, 0.01), drawn(0.1, 0.2), drawn(-0.1, 1.0)) == ((True, True), (False, True), (False, False))


def test_ids_do_not_clash_with_the_other_figures(done: dict[str, Any]) -> None:
    both = "".join(behaviour_plot(drawn_of(done), SAY, narrow=at) for at in (False, True))
    ids = re.findall(r'\bid="([^"]+)"', both)
    assert len(ids) == len(set(ids)) and all(one.startswith("behaviours-") for one in ids)


def test_what_is_missing_is_drawn_as_missing() -> None:
    assert "missing" in words_in(behaviour_plot(only(estimate=None, low=None, high=None, p_holm=None), SAY))
    ElementTree.fromstring(behaviour_plot({}, SAY))
    ElementTree.fromstring(behaviour_plot({}, SAY, narrow=True))


def test_grades_are_written_in_steps() -> None:
    assert [steps(value) for value in (0.5, -0.25, 0.001, None)] == ["+0.50", "−0.25", "0.00", "–"]
    assert told(Estimated(estimate=0.5, low=None, high=None), "grade") == ("+0.50", "–")
    assert told(Estimated(estimate=0.5, low=0.25, high=0.75)) == ("+50.0", "[+25.0, +75.0]")
    assert told(None) == ("–", "–")
