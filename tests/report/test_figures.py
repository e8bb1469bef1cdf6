import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from feint.report import cell_plot, forest_plot, gap_plot, request_plot, standalone, voice_plot
from feint.report.axes import span_of, ticks_of

Findings = dict[str, Any]
DRAWINGS: dict[str, Callable[[Findings, bool], str]] = {
    "forest": lambda f, narrow: forest_plot(f["contrasts"], narrow=narrow),
    "cells": lambda f, narrow: cell_plot(f["cells"], narrow=narrow),
    "requests": lambda f, narrow: request_plot(f["contrasts"], narrow=narrow),
    "voices": lambda f, narrow: voice_plot(f["cells"], narrow=narrow),
}


@pytest.fixture(params=[(name, narrow) for name in DRAWINGS for narrow in (False, True)], ids=str)
def draw(request: pytest.FixtureRequest) -> Callable[[Findings], str]:
    name, narrow = request.param
    return lambda findings: DRAWINGS[name](findings, narrow)


def words_in(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_same_drawing_gives_the_same_bytes(draw: Callable[[Findings], str], findings: Findings) -> None:
    svg = draw(findings)
    assert svg == draw(findings)
    assert "date" not in svg.lower()


def test_it_is_svg_with_a_title_and_no_foreign_parts(draw: Callable[[Findings], str], findings: Findings) -> None:
    root = ElementTree.fromstring(draw(findings))
    kinds = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert kinds <= {"svg", "title", "desc", "g", "path", "text", "defs", "clipPath", "rect", "use"}
    assert root.attrib["role"] == "img"
    assert next(iter(root)).tag.endswith("title")


def test_every_colour_follows_the_page(draw: Callable[[Findings], str], findings: Findings) -> None:
    svg = draw(findings)
    assert not re.search(r"#(?!\w*-)[0-9a-f]{6}\b", re.sub(r"var\(--[\w-]+, #[0-9a-f]{6}\)", "", svg))
    assert "DejaVu" not in svg


def test_ids_do_not_clash_on_one_page(findings: Findings) -> None:
    page = "".join(one(findings, narrow) for one in DRAWINGS.values() for narrow in (False, True))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


@pytest.mark.parametrize(
    "name", ["<script>x</script>", '"><b id="z">', "$x^2$", "font: 3px", "\ud800\x00\u202e", "漢字"]
)
def test_names_are_text_whatever_they_hold(name: str, findings: Findings) -> None:
    cells = {name: next(iter(findings["cells"].values()))}
    contrasts = {name: {**next(iter(findings["contrasts"].values())), "is": f"{name} - b"}}
    for svg in (cell_plot(cells), voice_plot(cells), request_plot(contrasts), forest_plot(contrasts)):
        assert "<script" not in svg and "<b" not in svg
        svg.encode("utf-8")
        assert len(words_in(svg)) >= 3


def test_labels_keep_their_own_words(findings: Findings) -> None:
    cells = {'url(#a) id="b" #0a0b02': next(iter(findings["cells"].values()))}
    assert 'url(#a) id="b" #0a0b02' in words_in(cell_plot(cells))


def test_what_could_not_be_estimated_is_left_out(findings: Findings) -> None:
    nothing = {"estimate": None, "low": None, "high": None, "n": 0}
    contrast = {"is": "a - b", "decision": "undetermined", "per_request": {"r": None}, **nothing}
    cell = {"compliance": nothing, "twins": None, "voices": {"memo": nothing}}
    assert "–" in words_in(forest_plot({"gap": contrast}))[-1] + words_in(forest_plot({"gap": contrast}))[-2]
    for svg in (cell_plot({"a": cell}), voice_plot({"a": cell}), request_plot({"gap": contrast})):
        ElementTree.fromstring(svg)


def test_no_rows_still_draw() -> None:
    for svg in (forest_plot({}), cell_plot({}), request_plot({}), voice_plot({}), gap_plot([])):
        ElementTree.fromstring(svg)


def test_a_file_of_its_own_brings_both_schemes(findings: Findings) -> None:
    svg = standalone(forest_plot(findings["contrasts"]))
    ElementTree.fromstring(svg)
    assert "prefers-color-scheme:dark" in svg


def test_axes_end_on_tens_and_hold_the_zone() -> None:
    assert span_of([], 0.05) == (-0.1, 0.1)
    assert span_of([{"estimate": 0.1 + 0.2, "low": 0.2, "high": 0.31}], 0.05) == (-0.1, 0.4)
    assert ticks_of((-0.1, 0.6), 9) == {
        -0.1: "−10", 0.0: "0", 0.1: "+10", 0.2: "+20", 0.3: "+30", 0.4: "+40", 0.5: "+50", 0.6: "+60",
    }  # fmt: skip
    assert list(ticks_of((-0.1, 0.9), 5)) == [0.0, 0.25, 0.5, 0.75]


def test_the_users_own_matplotlib_settings_do_not_show(findings: Findings) -> None:
    import matplotlib

    plain = cell_plot(findings["cells"])
    own = {"savefig.bbox": "tight", "lines.solid_capstyle": "round", "path.sketch": (9, 9, 9)}
    for name, value in own.items():
        with matplotlib.rc_context({name: value}):
            assert cell_plot(findings["cells"]) == plain
            assert matplotlib.rcParams[name] == value


def test_matplotlib_waits_until_something_is_drawn() -> None:
    code = "import sys, feint.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
