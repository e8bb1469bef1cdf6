"""The headline of a study that decides nothing, and the number of items beside every headline."""

from typing import Any

import pytest
from rich.console import Console

from feint.report.page import headline, print_findings, report_sections
from report_shown import SAY, found, render_html


@pytest.mark.parametrize("status", ["instrument failed", "too little data"])
def test_it_stands_before_any_motive_in_page_and_terminal(study: dict[str, Any], status: str) -> None:
    verdict = study["findings"]["verdict"]
    verdict.update(answer=status, status=status, items=4, sentence="Nothing can be told: 4 requests.", motives=[])
    assert headline(found(study["findings"]), SAY) == f"{status.capitalize()} · 4 requests"
    page = render_html(**study)
    assert page.index(f"{status.capitalize()} · 4 requests") < page.index('<ul class="motives"')
    assert f'class="answer is-{status.replace(" ", "-")}"' in page
    console = Console(record=True, width=100)
    print_findings(found(study["findings"]), console, report_sections())
    text = console.export_text()
    assert f"{status.capitalize()} · 4 requests" in text and "Calibrated" not in text
