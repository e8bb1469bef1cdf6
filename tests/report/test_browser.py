"""The report in a real browser: nothing that a model wrote runs, and nothing sticks out of a phone."""

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browsing import MARK, MEASURE, PAYLOAD, browse, in_a_browser  # noqa: F401  # a fixture
from feint.study.compare.page import render_comparison
from feint.study.compare.rows import Comparison
from made_up_findings import compared_rows
from report_shown import SAY, render_html

pytestmark = in_a_browser


def hostile(study: dict[str, Any]) -> dict[str, Any]:
    for example in study["examples"]:
        example["text"] += PAYLOAD
        for said in example["replies"].values():
            said["reply"], said["reasoning"] = PAYLOAD + said["reply"] + "W" * 900, PAYLOAD + said["reasoning"]
    study["findings"]["verdict"]["warnings"].append(PAYLOAD)
    study["findings"]["subject"] = PAYLOAD
    return study


def test_no_script_of_a_reply_runs(study: dict[str, Any], browse: Callable[..., str]) -> None:  # noqa: F811
    seen = browse(render_html(**hostile(study)), "--dump-dom")
    assert "How far to trust this" in seen and html.escape("<script>", quote=False) in seen
    assert MARK not in seen


def test_the_control_page_does_run_them(browse: Callable[..., str]) -> None:  # noqa: F811
    assert MARK in browse(f"<!doctype html><title>control</title><body>{PAYLOAD}</body>", "--dump-dom")


def test_even_unescaped_the_policy_stops_them(page: str, browse: Callable[..., str]) -> None:  # noqa: F811
    seen = browse(page.replace("<main>", f"<main>{PAYLOAD}"), "--dump-dom")
    assert "<script>" in seen and MARK not in seen


@pytest.mark.parametrize("kind", ["report", "comparison", "control"])
def test_a_phone_never_scrolls_sideways(kind: str, study: dict[str, Any], browse: Callable[..., str]) -> None:  # noqa: F811
    if kind == "report":
        page = render_html(**hostile(study))
    elif kind == "comparison":
        page = render_comparison(Comparison(compared_rows(), SAY, warnings=["W" * 300]))
    else:
        page = "<!doctype html><div style='width:900px'>wide</div>"
    seen = browse(MEASURE.format(page=html.escape(page)), "--dump-dom")
    inner, needed = map(int, seen.partition('data-width="')[2].partition('"')[0].split())
    assert inner == 360
    assert (needed > inner) == (kind == "control")


def test_light_and_dark(page: str, browse: Callable[..., str], tmp_path: Path) -> None:  # noqa: F811
    from PIL import Image

    shades: dict[str, float] = {}
    for scheme, number in (("light", 1), ("dark", 0)):
        shot = tmp_path / f"{scheme}.png"
        browse(
            page, f"--blink-settings=preferredColorScheme={number}", f"--screenshot={shot}", "--window-size=1100,1600"
        )
        with Image.open(shot) as image:
            shades[scheme] = image.convert("L").crop((0, 0, 4, 4)).tobytes()[0]
            assert len(image.convert("RGB").getcolors(1 << 24) or []) > 50
    assert shades["light"] > 240
    assert shades["dark"] < 40
