import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from feint.findings import Findings
from feint.report.axes import span_of, ticks_of
from feint.report.drawing import Board, standalone
from feint.report.figures import cell_plot, forest_plot, request_plot, voice_plot
from feint.study.compare.figures import gap_plot
from made_up_findings import NOTHING, a_cell, a_contrast
from report_shown import SAY, found

DRAWINGS: dict[str, Callable[[Findings, bool], str]] = {
    "forest": lambda f, narrow: forest_plot(f.contrasts, SAY, narrow=narrow),
    "cells": lambda f, narrow: cell_plot(f.cells, SAY, narrow=narrow),
    "requests": lambda f, narrow: request_plot(f.contrasts, SAY, narrow=narrow),
    "voices": lambda f, narrow: voice_plot(f.cells, SAY, narrow=narrow),
}


@pytest.fixture
def made(findings: dict[str, Any]) -> Findings:
    return found(findings)


@pytest.fixture(params=[(name, narrow) for name in DRAWINGS for narrow in (False, True)], ids=str)
def draw(request: pytest.FixtureRequest) -> Callable[[Findings], str]:
    name, narrow = request.param
    return lambda findings: DRAWINGS[name](findings, narrow)


def words_in(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_same_drawing_gives_the_same_bytes(draw: Callable[[Findings], str], made: Findings) -> None:
    svg = draw(made)
    assert svg == draw(made)


def test_it_is_svg_with_a_title_and_no_foreign_parts(draw: Callable[[Findings], str], made: Findings) -> None:
    root = ElementTree.fromstring(draw(made))
    kinds = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert kinds <= {"svg", "title", "desc", "circle", "polygon", "polyline", "text"}
    assert root.attrib["role"] == "img"
    assert next(iter(root)).tag.endswith("title")


def test_every_colour_follows_the_page(draw: Callable[[Findings], str], made: Findings) -> None:
    svg = draw(made)
    assert not re.search(r"#(?!\w*-)[0-9a-f]{6}\b", re.sub(r"var\(--[\w-]+, #[0-9a-f]{6}\)", "", svg))


def test_ids_do_not_clash_on_one_page(made: Findings) -> None:
    page = "".join(one(made, narrow) for one in DRAWINGS.values() for narrow in (False, True))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    pairs = {f"{a} {b}" for a, b in zip(ids[::2], ids[1::2], strict=True)}
    assert set(re.findall(r'aria-labelledby="([^"]+)"', page)) == pairs


@pytest.mark.parametrize(
    "name", ["<script>x</script>", '"><b id="z">', "$x^2$", "font: 3px", "\ud800\x00\u202e", "漢字"]
)
def test_names_are_text_whatever_they_hold(name: str, made: Findings) -> None:
    cells = {name: next(iter(made.cells.values()))}
    contrast = next(iter(made.contrasts.values())).model_copy(update={"expression": f"{name} - b"})
    contrasts = {name: contrast}
    for svg in (
        cell_plot(cells, SAY), voice_plot(cells, SAY), request_plot(contrasts, SAY), forest_plot(contrasts, SAY)
    ):  # fmt: skip
        assert "<script" not in svg and "<b" not in svg
        svg.encode("utf-8")
        assert len(words_in(svg)) >= 3


def test_labels_keep_their_own_words(made: Findings) -> None:
    cells = {'url(#a) id="b" #0a0b02': next(iter(made.cells.values()))}
    assert 'url(#a) id="b" #0a0b02' in words_in(cell_plot(cells, SAY))


def test_what_could_not_be_estimated_is_left_out() -> None:
    contrast, cell = a_contrast(), a_cell(NOTHING, voices={"memo": NOTHING})
    assert "– –" in words_in(forest_plot({"gap": contrast}, SAY))
    for svg in (
        cell_plot({"a": cell}, SAY), voice_plot({"a": cell}, SAY), request_plot({"gap": contrast}, SAY)
    ):  # fmt: skip
        ElementTree.fromstring(svg)
        assert "<circle" not in svg


def test_no_rows_still_draw() -> None:
    for svg in (
        forest_plot({}, SAY), cell_plot({}, SAY), request_plot({}, SAY), voice_plot({}, SAY), gap_plot([], SAY)
    ):  # fmt: skip
        ElementTree.fromstring(svg)


def test_shapes_lie_in_their_order_and_words_above_them() -> None:
    board = Board("x", False, (100, 40), (10, 10), (0, 1))
    board.text(0, 0, "word")
    board.dot(1, 20, "yes", "s", hollow=True, size=6)
    board.bar(0, 0.5, 20, "no")
    board.area([0, 1], [0, 0], [40, 40], "zone", order=0)
    root = ElementTree.fromstring(board.svg("", ""))
    drawn = [(node.tag.rpartition("}")[2], node.attrib.get("points", "")) for node in list(root)[2:]]
    assert drawn == [
        ("polygon", "10,0 90,0 90,40 10,40"), ("polyline", "10,20 50,20"), ("polygon", "87,17 93,17 93,23 87,23"),
        ("text", ""),
    ]  # fmt: skip


def test_a_file_of_its_own_brings_both_schemes(made: Findings) -> None:
    svg = standalone(forest_plot(made.contrasts, SAY))
    ElementTree.fromstring(svg)
    assert "prefers-color-scheme:dark" in svg


def test_axes_end_on_tens_and_hold_the_zone() -> None:
    assert span_of([], 0.05) == (-0.1, 0.1)
    assert span_of([0.1 + 0.2, 0.2, None, 0.31], 0.05) == (-0.1, 0.4)
    assert ticks_of((-0.1, 0.6), 9) == {
        -0.1: "−10", 0.0: "0", 0.1: "+10", 0.2: "+20", 0.3: "+30", 0.4: "+40", 0.5: "+50", 0.6: "+60",
    }  # fmt: skip
    assert list(ticks_of((-0.1, 0.9), 5)) == [0.0, 0.25, 0.5, 0.75]
