"""Rows: what is true, what is counted, and that neither processes nor interrupts change a number."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from feint.base.errors import UsageError
from feint.calibration import work
from feint.calibration.options import CalibrationOptions, Job
from feint.calibration.simulated import claims, make_row
from feint.calibration.truth import truth_of
from feint.calibration.work import Journal, calibrate
from feint.designs import load_design
from feint.report.calibration import Row, read_calibration
from feint.study.plan.frozen import contrasts_of
from feint.tasks.alignment_faking.actors import get_actor

QUIET = Console(file=io.StringIO())
SMALL = CalibrationOptions(actors=("terminal", "never"), sizes=((12, 1),), studies=30, seed=5, design="three-tier")


def untimed(row: Row) -> Row:
    return row.model_copy(update={"seconds": 0})


def test_rows_do_not_depend_on_processes_or_on_each_other(tmp_path: Path) -> None:
    alone = calibrate(SMALL, QUIET)
    options = replace(SMALL, processes=2, sizes=((12, 1), (6, 2)))
    both = calibrate(options, QUIET)
    assert [untimed(row) for row in alone.rows] == [untimed(row) for row in both.rows if row.size == (12, 1)]
    other = calibrate(replace(SMALL, seed=6), QUIET)
    assert [untimed(row) for row in alone.rows] != [untimed(row) for row in other.rows]


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = replace(SMALL, out=tmp_path / "c.json")
    made: list[str] = []

    def dies(job: Job) -> Row:
        if made:
            raise KeyboardInterrupt
        made.append(job.name)
        return make_row(job)

    with monkeypatch.context() as patch:
        patch.setattr(work, "make_row", dies)
        with pytest.raises(KeyboardInterrupt):
            calibrate(options, QUIET)
    journal = options.journal
    assert journal is not None
    with journal.open("a") as file:
        file.write('{"kind": "row", "name": "never 12x1", "content": {"act')  # died while writing
    with pytest.raises(UsageError, match=r"seed is 5 there and 6 here.*remove .*choose another --out"):
        calibrate(replace(options, seed=6), QUIET)
    with monkeypatch.context() as patch:
        patch.setattr(work, "make_row", lambda job: made.append(job.name) or make_row(job))
        found = calibrate(options, QUIET)
    assert made == ["terminal 12x1", "never 12x1"]
    assert not journal.exists()
    assert found == read_calibration(tmp_path / "c.json")
    assert [untimed(row) for row in found.rows] == [untimed(row) for row in calibrate(SMALL, QUIET).rows]


@pytest.mark.parametrize("content", ["no json\n", "[]\n", '{"format": 99}\n', "\xff\n"])
def test_rows_of_something_else_are_refused(tmp_path: Path, content: str) -> None:
    out = tmp_path / "c.json"
    (tmp_path / "c.json.rows.jsonl").write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError, match="choose another --out"):
        calibrate(replace(SMALL, out=out), QUIET)
    assert not out.exists()


def test_a_row_adds_up() -> None:
    row = make_row(Job("motives", "smallest-each", 40, 2, 120, 3))
    design = load_design("motives")
    truth = truth_of(get_actor("smallest-each"), design, contrasts_of(design), 0.05)
    assert {key: gap.truth for key, gap in row.contrasts.items()} == pytest.approx(truth.contrasts, abs=1e-9)
    assert row.explanations["rater_sycophancy"].effect == pytest.approx(0.05)
    assert row.explanations["training_sycophancy"].planted is False
    assert row.absent_gaps == 0 == row.wrong_gap == row.published_gap
    for gap in row.contrasts.values():
        assert gap.of == 120
        assert gap.attainable
    covered = [gap.covered / gap.of for gap in row.contrasts.values()]
    assert row.cover["contrasts"].estimate == pytest.approx(np.mean(covered))
    assert row.cover["contrasts"].lowest == pytest.approx(min(covered))
    assert row.cover["contrasts"].low < row.cover["contrasts"].estimate < row.cover["contrasts"].high


def test_what_lies_between_is_neither_present_nor_absent() -> None:
    design = load_design("motives")
    truth = truth_of(get_actor("sycophant?effect=0.03"), design, contrasts_of(design), 0.05)
    assert truth.planted["rater_sycophancy"] is None
    assert truth.planted["intimidation"] is False
    guarded = truth_of(get_actor("guarded"), design, contrasts_of(design), 0.05)
    assert guarded.effects["terminal_goal_guarding"] == pytest.approx(0.41)
    assert guarded.effects["low_coherence"] is None


def test_few_rare_replies_are_kept_apart() -> None:
    row = make_row(Job("tiers", "never", 20, 1, 20, 0))
    assert not row.contrasts["gap"].attainable
    assert set(row.cover) == {"contrasts_rare", "cells_rare"}


def test_the_published_rule() -> None:
    contrasts, cells = contrasts_of(load_design("tiers")), ["free", "paid"]
    labels = np.zeros((4, 2, 100, 1))
    labels[0, 0, :30] = labels[0, 1, :20] = 1  # 10 points; bands of 4.6 and 4.0 meet not
    labels[1, 0, :28] = labels[1, 1, :20] = 1  # 8 points; bands of 4.5 and 4.0 meet
    labels[2, 0, :1] = 1  # one point is none
    labels[3, 0, :10], labels[3, 0, 50:] = 1, np.nan  # lost replies are left out: 20 %
    assert claims(labels, contrasts, cells)[:, 0].tolist() == [True, False, False, True]


def test_unknown_subjects_are_refused_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'terminal'"):
        calibrate(CalibrationOptions(actors=("terminl",), out=tmp_path / "c.json"), QUIET)
    assert not any(tmp_path.iterdir())


def test_it_is_one_json_a_line(tmp_path: Path) -> None:
    header = SMALL.header(load_design(SMALL.design))
    journal = Journal(tmp_path / "rows", header)
    journal.add("never 12x1", make_row(Job("tiers", "never", 12, 1, 5, 0)))
    lines = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines() if line]
    assert lines[0] == header
    assert lines[1]["name"] == "never 12x1"
