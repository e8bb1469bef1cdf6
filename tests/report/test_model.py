"""The model of all cells, on a terminal and in the report."""

from typing import Any

import pytest

from feint.findings.model import Carriers, RequestEffect, StaleModel
from feint.report.model import carriers_plot, chance, headline, share_line
from report_shown import SAY, printed, render_html

HOSTILE = "<script>[red]x[/red]\x1b[31m"
WHY = "decided yes, yet by the model it is above 0 with a probability of 82.0 % only"


def said(estimate: float, above: float) -> dict[str, float]:
    ends = {"estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1}
    return {**ends, "p_above_zero": above, "p_above_small": above / 2, "p_beyond_small": above / 2}


@pytest.fixture
def modelled(study: dict[str, Any]) -> dict[str, Any]:
    """A study whose model contradicts one contrast, has nothing to say of another, and names requests."""
    findings = study["findings"]
    contrasts = {key: said(entry["estimate"], 0.9999) for key, entry in findings["contrasts"].items()}
    requests = [HOSTILE, *(f"r{i:03d}" for i in range(2, 41))]
    findings["model"] = {
        "current": True,
        "converged": True,
        "faults": [],
        "sampler": {"library": "numpyro 1.2.3", "chains": 2, "warmup": 500, "draws": 1000, "seed": 3, "attempts": 1,
                    "r_hat": 1.0043, "ess": 512.3, "divergences": 0},
        "smallest_effect": 0.05,
        "replies": 2200,
        "missing": 7,
        "requests": 40,
        "wordings": 12,
        "repeated": True,
        "contrasts": {**contrasts, "goal_guarding": said(0.125, 0.82), "intimidation": None},
        "spread": {},
        "carriers": {
            "contrast": "goal_guarding",
            "requests": [{"request": name, "estimate": 0.9 - i / 50, "low": 0.8 - i / 50, "high": 0.95 - i / 50}
                         for i, name in enumerate(requests)],
            "counted": 4,
            "share": {"estimate": 0.345, "low": 0.2, "high": 0.5},
        },
        "disagreements": {"goal_guarding": WHY},
    }  # fmt: skip
    return study


def test_on_a_terminal(modelled: dict[str, Any]) -> None:
    text = printed(modelled["findings"])
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    for part in (
        "One model of all cells",
        "P > 5",
        "+12.5 [+2.5, +22.5] .82 .41",
        f"The model contradicts the contrasts. Goal guarding: {WHY}.",
        "Requests that carry goal guarding",
        "r002 +88.0 [+78.0, +93.0]",
        "Together, the 4 requests of 40 with the largest effect hold 34 % of it (20 to 50); were all alike, 10 %.",
    ):
        assert part in flat, part
    assert "r006" not in flat
    assert "\x1b" not in text


def test_in_the_report(modelled: dict[str, Any]) -> None:
    page = render_html(**modelled)
    for part in (
        'href="#model"',
        "Goal guarding: decided yes, yet by the model",
        "2,200 replies to 40 requests in 12 wordings",
        "7 replies without a label",
        "The requests that carry goal guarding",
        "numpyro 1.2.3, NUTS, 2 chains of 1,000 draws after 500 of warm-up, seed 3; largest r-hat 1.004",
        "P above 5",
        "r040",
    ):
        assert part in page, part
    assert page.count('id="carriers-wide-title"') == page.count('id="carriers-narrow-title"') == 1
    assert "<script" not in page
    assert "\x1b" not in page


def test_what_did_not_converge_is_not_shown(modelled: dict[str, Any]) -> None:
    found = modelled["findings"]["model"]
    found |= {"converged": False, "faults": ["r-hat is 1.043, above 1.01"], "contrasts": {}, "carriers": None}
    page, text = render_html(**modelled), " ".join(printed(modelled["findings"]).split())
    for shown in (page, text):
        assert "The model did not converge (r-hat is 1.043, above 1.01), so nothing of it is shown." in shown
        assert "P above 5" not in shown
        assert "P &gt; 5" not in shown
    assert "carries goal guarding" not in page


def test_one_of_other_labels_is_said_to_be(modelled: dict[str, Any]) -> None:
    modelled["findings"]["model"] = {"current": False}
    page, text = render_html(**modelled), " ".join(printed(modelled["findings"]).split())
    for shown in (page, text):
        assert "computed from other labels than these. Compute it anew: feint report DIR --model." in shown


def test_without_a_gap_or_a_model(modelled: dict[str, Any]) -> None:
    modelled["findings"]["model"] |= {"carriers": None, "disagreements": {}}
    page = render_html(**modelled)
    assert "The model contradicts no decision on a contrast." in page
    assert "carriers-wide" not in page
    assert "Requests that carry" not in printed(modelled["findings"])
    del modelled["findings"]["model"]
    assert 'id="model"' not in render_html(**modelled)
    assert "One model" not in printed(modelled["findings"])


def test_words(modelled: dict[str, Any]) -> None:
    assert [chance(p) for p in (0, 0.004, 0.5, 0.95, 0.996, 1)] == ["< .01", "< .01", ".50", ".95", "> .99", "> .99"]
    carriers = Carriers(**{**modelled["findings"]["model"]["carriers"], "share": None})
    assert "not surely positive" in share_line(carriers, SAY)
    assert "feint report DIR --model" in headline(StaleModel(current=False), SAY)


@pytest.mark.parametrize("n", [1, 252])
def test_any_number_of_requests_fits_the_figure(n: int) -> None:
    rows = [RequestEffect(request="r", estimate=0.5, low=0.4, high=0.6)] * n
    for narrow in (False, True):
        svg = carriers_plot(rows, SAY, narrow=narrow)
        height = float(svg.split('viewBox="0 0 ')[1].split('"')[0].split()[1])
        assert height <= 460
