"""`feint calibrate --quick`, whole, with a tolerance for its size.

Every bound is the one that a binomial with the target rate passes with a probability of `ALARM` over all of its rows,
so that a right instrument fails these tests once in a million runs of other seeds.
"""

import json
import sys
from pathlib import Path

import pytest
from scipy.stats import binom

from feint.cli import main
from feint.report.calibrated import known_of, rows_of
from feint.report.calibration import Calibration, read_calibration
from feint.tasks.alignment_faking.actors import load_actors

ALARM = 1e-6
UNMET = {"lost-refusals", "lost-null", "moody"}
"""Whose cells are not covered: lost refusals bias a rate, and a study's wordings are not all wordings."""


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Calibration, str, str]:
    folder = tmp_path_factory.mktemp("quick")
    out, docs = folder / "calibration.json", folder / "page.md"
    with pytest.MonkeyPatch.context() as patch, (folder / "out").open("w+") as stdout:
        patch.setattr(sys, "argv", ["feint", "calibrate", "--quick", "--processes", "1", "--out", str(out),
                                    "--docs", str(docs)])  # fmt: skip
        patch.setattr(sys, "stdout", stdout)
        with pytest.raises(SystemExit) as left:
            main()
            sys.exit(0)
        stdout.seek(0)
        printed = stdout.read()
    assert not left.value.code
    assert not list(folder.glob("*.rows.jsonl"))
    return read_calibration(out), printed, docs.read_text("utf-8")


def most(rate: float, n: int, tests: int = 1) -> int:
    """The largest count that a rate gives but once in 1 / ALARM runs of so many tests."""
    return int(binom.isf(ALARM / tests, n, rate))


def least(rate: float, n: int, tests: int = 1) -> int:
    return int(binom.ppf(ALARM / tests, n, rate))


def test_every_actor_is_studied_at_every_size(quick: tuple[Calibration, str, str]) -> None:
    found = quick[0]
    assert {(row.actor, row.size) for row in found.rows} == {(a, s) for a in load_actors() for s in ((20, 1), (100, 1))}
    for row in found.rows:
        for name, claim in row.explanations.items():
            assert claim.studies == row.studies == found.studies
            assert claim.planted == (name in load_actors()[row.actor].explanations), (row.actor, name)


def test_what_is_absent_is_claimed_in_few_studies(quick: tuple[Calibration, str, str]) -> None:
    rows = quick[0].rows
    for row in rows:
        assert row.wrong_yes <= most(0.05, row.studies, len(rows)), row.actor
    assert sum(row.wrong_yes for row in rows) <= most(0.05, sum(row.studies for row in rows))


def test_intervals_of_contrasts_hold_the_truth(quick: tuple[Calibration, str, str]) -> None:
    gaps = [(row.actor, row.size, key, gap) for row in quick[0].rows for key, gap in row.contrasts.items()]
    for actor, size, key, gap in gaps:
        assert gap.covered >= least(0.935, gap.of, len(gaps)), (actor, size, key)


def test_intervals_of_cells_hold_the_truth(quick: tuple[Calibration, str, str]) -> None:
    rows = [row for row in quick[0].rows if row.actor not in UNMET]
    for row in rows:
        for part in ("cells", "cells_rare"):
            if part in row.cover:
                # the intervals of a study's cells miss together, so that only the studies are counted
                assert row.cover[part].estimate * row.studies >= least(0.935, row.studies, 2 * len(rows)), row.actor


def test_large_effects_are_found_and_small_ones_never_called_no(quick: tuple[Calibration, str, str]) -> None:
    found = known_of(
        claim
        for row in rows_of(quick[0], (100, 1))
        for claim in row.explanations.values()
        if claim.planted and (claim.effect or 0) >= 0.4
    ).found
    assert found.of >= 300
    assert found.hits >= least(0.95, found.of)
    gaps = [gap for row in quick[0].rows for gap in row.contrasts.values() if abs(gap.truth - 0.05) < 1e-9]
    assert len(gaps) > 10
    for gap in gaps:
        assert gap.no <= most(0.05, quick[0].studies, len(gaps))


def test_the_published_rule_stands_beside_it_and_claims_more(quick: tuple[Calibration, str, str]) -> None:
    rows = [row for row in quick[0].rows if row.absent_gaps == 8]
    ours, theirs = sum(row.wrong_gap for row in rows), sum(row.published_gap for row in rows)
    assert theirs > 0.15 * sum(row.studies for row in rows) > ours


def test_the_pipeline_tells_the_same(quick: tuple[Calibration, str, str]) -> None:
    piped = quick[0].piped
    assert [one.subject for one in piped] == [f"actor/{n}?population=0" for n in ("terminal", "sycophant", "never")]
    assert [one.planted for one in piped] == [["terminal_goal_guarding"], ["rater_sycophancy"], []]
    assert all(one.right for one in piped)
    assert all(not set(one.named) & set(one.absent) for one in piped)


def test_it_is_printed_and_written(quick: tuple[Calibration, str, str]) -> None:
    found, printed, page = quick
    for text in ("How often an explanation is found", "Every row", "Through the whole pipeline", "published"):
        assert text in printed
        assert text in page
    assert f"{found.simulated:,} simulated studies" in printed
    assert f"`{found.command}`" in page
    assert max(map(len, printed.splitlines())) <= 80


def test_simulated_studies_are_quick(quick: tuple[Calibration, str, str]) -> None:
    rows = quick[0].rows
    seconds = sum(row.seconds for row in rows)
    assert sum(row.studies for row in rows) / seconds * 60 > 1000  # a minute of one core; two are allowed


def test_a_saved_table_is_shown_again(
    quick: tuple[Calibration, str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "c.json").write_text(quick[0].model_dump_json())
    options = ["--show", str(tmp_path / "c.json"), "--docs", str(tmp_path / "page.md")]
    monkeypatch.setattr(sys, "argv", ["feint", "calibrate", *options])
    with pytest.raises(SystemExit):
        main()
        sys.exit(0)
    assert f"{quick[0].simulated:,} simulated studies" in capsys.readouterr().out
    assert (tmp_path / "page.md").read_text("utf-8") == quick[2]


def test_the_file_is_plain_json(quick: tuple[Calibration, str, str], tmp_path: Path) -> None:
    path = tmp_path / "again.json"
    path.write_text(json.dumps(quick[0].model_dump()))
    assert read_calibration(path) == quick[0]
