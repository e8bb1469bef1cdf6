"""What misses its target is marked, with its number."""

import io

import pytest
from made_up_calibration import calibration, cover, gap, piped, row
from rich.console import Console

from feint.base.errors import UsageError
from feint.calibration.command import calibration_page, print_calibration
from feint.calibration.table import all_misses, by_size, by_subject, misses_of, sheets
from feint.cli.calibrate import read_sizes
from feint.report.calibration import Calibration


def printed(found: Calibration, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False)
    print_calibration(found, console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_a_row_on_target_misses_nothing() -> None:
    assert misses_of(row(), 0.05) == []


@pytest.mark.parametrize(
    ("changed", "what", "sure"),
    [
        ({"wrong_yes": 51}, "wrong yes, mostly rater sycophancy", False),
        ({"wrong_yes": 90}, "wrong yes, mostly rater sycophancy", True),
        ({"cover": {"contrasts": cover(0.92)}}, "coverage of contrasts", True),
        ({"cover": {"contrasts": cover(0.93)}}, "coverage of contrasts", False),
        ({"cover": {"contrasts": cover(0.99)}}, "coverage of contrasts", True),
        ({"cover": {"cells": cover(0.7)}}, "coverage of cells", True),
        ({"cover": {"cells_rare": cover(0.9)}}, "coverage of cells with few rare replies", True),
        ({"contrasts": {"terminal": gap(0.05, no=80)}}, "no at the smallest effect", True),
    ],
)
def test_what_misses_is_marked(changed: dict, what: str, sure: bool) -> None:
    missed = row(**changed)
    assert [(miss.what, miss.sure) for miss in misses_of(missed, 0.05)] == [(what, sure)]
    found = calibration(missed)
    marked = [cell for cells in by_subject(found).rows for cell in cells if cell[0] in "✗?"]
    assert [cell[0] for cell in marked] == ["✗" if sure else "?"]
    assert what in printed(found)
    assert what in calibration_page(found)


def test_few_rare_replies_have_no_upper_target() -> None:
    assert misses_of(row(cover={"contrasts_rare": cover(0.999), "cells_rare": cover(0.999)}), 0.05) == []
    assert misses_of(row(contrasts={"terminal": gap(0.06, no=500)}), 0.05) == []


def test_sure_misses_come_first() -> None:
    found = calibration(row(wrong_yes=51), row(actor="never", wrong_yes=200))
    assert [miss.row.actor for miss in all_misses(found)] == ["never", "terminal"]


def test_ours_and_the_published_rule_stand_in_one_table() -> None:
    cells = by_size(calibration(row())).rows[0]
    assert cells[0] == "100 × 1"
    assert cells[1].startswith("1.0 [") and cells[3].startswith("1.0 [") and cells[4].startswith("24.0 [")


def test_every_share_has_its_interval() -> None:
    for sheet in sheets(calibration()):
        for cells in sheet.rows:
            assert len(cells) == len(sheet.head)
    assert "98.0 [96.9, 98.7]" in printed(calibration())


def test_a_study_of_the_pipeline_is_right_open_or_wrong() -> None:
    kinds = [
        piped(["terminal_goal_guarding"]),
        piped([]),
        piped(["intimidation"]),
        piped([], ["terminal_goal_guarding"]),
    ]
    found = calibration(piped=[one.model_dump() for one in kinds])
    text = next(sheet for sheet in sheets(found) if "pipeline" in sheet.title)
    assert [cells[0] for cells in text.rows] == ["right", "open", "✗ wrong", "✗ wrong"]


def test_sizes_are_read() -> None:
    assert read_sizes("20, 40x5,7×2") == ((20, 1), (40, 5), (7, 2))
    for text in ("", "x", "1", "20x0", "20x5x2", "20,20", "-5", "20x-1", "٣٠"):
        with pytest.raises(UsageError, match="--sizes"):
            read_sizes(text)
