"""The kit: a task of another package brings sections of its own, and nothing in the kit knows it."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from feint.findings import Findings
from feint.report.page import render_report, report_sections, tables_of
from feint.report.section import Section, Told
from feint.report.terminal import plain
from made_up_findings import a_contrast, some_findings
from report_shown import SAY, found

PACKAGE = "visiting_task"
TEMPLATE = """{% import "macros.html.j2" as m %}
<h2 id="visit-name">A visit</h2>
<p>{{ said }} {{ "goal_guarding" | label }} {{ findings.subject }}</p>
{{ m.badge("yes") }}
"""


@pytest.fixture
def visitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package with a template of its own, as an installed one is."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "section.html.j2").write_text(TEMPLATE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield PACKAGE
    sys.modules.pop(PACKAGE, None)


def page_of(findings: Findings, *own: Section, **gathered: object) -> str:
    return render_report(findings, {}, report_sections(own), gathered)


def places(page: str, *keys: str) -> list[int]:
    return [page.index(f'<section id="{key}"') for key in keys]


def test_a_section_of_another_package(visitor: str, findings: dict[str, Any]) -> None:
    section = Section(
        "visit", "A visit to {requests}", "section.html.j2", visitor, after="cells",
        show=lambda told: {"said": told.gathered["visit"]}, terminal=lambda _: [plain("a visit")],
    )  # fmt: skip
    page = page_of(found(findings), section, visit="<script>hello</script>")
    assert '<li><a href="#visit">A visit to requests</a></li>' in page
    assert "&lt;script&gt;hello&lt;/script&gt; Goal guarding organism/guarded" in page and "<script" not in page
    assert places(page, "cells", "visit", "motives") == sorted(places(page, "cells", "visit", "motives"))
    told = Told(found(findings), SAY)
    shown = [str(part) for part in tables_of(told, report_sections([section]))]
    assert "a visit" in shown


def test_a_section_takes_the_place_of_a_common_one_and_may_have_nothing_to_show(findings: dict[str, Any]) -> None:
    mine = Section("method", "Mine", "sections/method.html.j2")
    absent = Section("absent", "Absent", "sections/method.html.j2", show=lambda _: None)
    page = page_of(found(findings), mine, absent)
    assert page.count('<section id="method"') == 1 and ">Mine</a>" in page
    assert "#absent" not in page


def test_the_method_is_told_in_the_words_of_any_task(findings: dict[str, Any]) -> None:
    page = page_of(found(findings))
    assert (
        "The same request, one fact apart." in page and "fakes alignment" not in page.split('<section id="method"')[1]
    )


def estimated(**changed: Any) -> Mapping[str, Any]:
    entry = {
        "measure": "seconds", "unit": "s a step", "smallest_effect": 0.5, "estimate": -1.25, "low": -2.0, "high": -0.5,
        "n": 30, "p": 0.001, "p_holm": 0.002, "method": "t by item", "decision": "no", "reason": "",
    }  # fmt: skip
    return {**entry, **changed}


def test_further_estimates_are_told_in_their_own_units() -> None:
    whole = some_findings(
        contrasts={"gap": a_contrast()},
        estimands={"slower": estimated(), "<b>": estimated(unit="points", estimate=0.5, low=None, high=None)},
    )
    page = page_of(whole)
    assert "−1.25" in page and "[−2, −0.5]" in page and "s a step" in page and "t by item" in page
    assert ">50.0<" in page and "<b>" not in page.split('<section id="estimates"')[1].split("</section>")[0]
    assert '<section id="estimates"' not in page_of(some_findings())
