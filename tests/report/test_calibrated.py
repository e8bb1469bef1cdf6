"""The calibration in reports: the right rows are found, and what is none is refused."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from feint.base.errors import UsageError
from feint.report import calibrated as room
from feint.report import calibration as module
from feint.report.calibrated import Trusted, nearest_size
from feint.report.calibration import find_calibration, read_calibration

sys.path.insert(0, str(Path(__file__).parents[1] / "calibration"))
from made_up_calibration import calibration, row

from report_shown import SAY, found, render_html


def calibrated(findings: dict[str, Any], smallest_effect: float | None = None) -> Trusted:
    return room.calibrated(found(findings), SAY, smallest_effect)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of one's own calibrations, with nothing shipped beside it."""
    monkeypatch.setenv(module.OWN, str(tmp_path))
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "nothing")
    return tmp_path


def save(folder: Path, findings: dict[str, Any], *rows: Any, **changed: Any) -> Path:
    contrasts = {key: entry["is"] for key, entry in findings["contrasts"].items()}
    path = folder / "motives.json"
    path.write_text(calibration(*rows, **({"contrasts": contrasts} | changed)).model_dump_json())
    return path


def test_the_nearest_size_speaks(own: Path, findings: dict[str, Any]) -> None:
    wrong = {20: 40, 100: 10, 250: 70}
    save(own, findings, *(row(requests=n, wrong_yes=k) for n, k in wrong.items()))
    told = calibrated(findings)
    assert told.size == (100, 1)  # 40 requests with six replies each are worth about as much
    assert "1.0 (95 % 0.5 to 1.8)" in told.lines[1]
    assert "98.0 (95 % 96.9 to 98.7)" in told.lines[1]
    assert "24.0 (95 % 21.5 to 26.7)" in told.lines[2]
    assert "1,000 simulated studies" in told.line
    assert told.rows["rater_sycophancy"].claimed.estimate == 0.01
    assert told.rows["rater_sycophancy"].found.estimate is None
    assert told.rows["intimidation"].claimed.of == 0  # neither present nor absent


def test_size_is_what_replies_are_worth() -> None:
    found = calibration(*(row(requests=n, wordings=m) for n, m in ((20, 1), (100, 1), (40, 5))))
    assert nearest_size(found, 40, 200) == (40, 5)
    assert nearest_size(found, 110, 110) == (100, 1)
    assert nearest_size(found, 5, 5) == (20, 1)
    assert nearest_size(found, 120, 480) == (100, 1)


def test_it_stands_in_the_report_and_on_the_terminal(own: Path, study: dict[str, Any]) -> None:
    save(own, study["findings"])
    page = render_html(**study)
    assert "How often each explanation was found and claimed" in page
    assert "simulated studies of subjects with known motives" in page
    (own / "motives.json").unlink()
    page = render_html(**study)
    assert "run feint calibrate --design motives" in page
    assert "How often each explanation was found and claimed" not in page


def test_another_design_is_not_calibrated(own: Path, findings: dict[str, Any]) -> None:
    save(own, findings, contrasts={"gap": "free - paid"})
    assert "run feint calibrate --design motives" in calibrated(findings).line
    findings["design"] = "../motives"
    assert find_calibration("../motives", {}) is None
    assert calibrated(findings).rows == {}


def test_another_smallest_effect_is_not_calibrated(own: Path, findings: dict[str, Any]) -> None:
    save(own, findings)
    assert calibrated(findings, 0.05).rows
    assert "for a smallest effect of interest of 5 points, not of 10" in calibrated(findings, 0.1).line


def test_a_study_that_stops_has_the_calibration_of_its_own_rule_or_none(own: Path, findings: dict[str, Any]) -> None:
    save(own, findings)
    assert "1,000 simulated studies" in calibrated(findings).line
    findings["stopping"] = {
        "until": "decided", "method": "asymptotic", "requests": 40, "most": 40, "ended": True, "open": [], "cells": {},
        "contrasts": {}, "replies": 40, "most_replies": 40,
    }  # fmt: skip
    assert calibrated(findings).line.startswith("Not calibrated for its stopping rule")
    findings["power"] = {
        "share": 0.8, "contrasts": {}, "studies": 2000, "found": {"10": 0.12, "20": 0.5},
        "errors": {"rate": 0.2, "wrong_yes": 0.004, "covered": 0.981, "requests": 40},
    }  # fmt: skip
    told = calibrated(findings)
    assert "2,000 simulated studies that stop by the same looks, after 40 requests at most" in told.line
    assert "0.4 % call some contrast yes" in told.line and "10 points in 12 %, 20 points in 50 %" in told.line
    assert "98.1 % of their 95 % intervals hold the truth" in told.lines[2] and told.rows == {}


def test_it_is_said_for_which_sizes_a_motive_is_found(own: Path, findings: dict[str, Any]) -> None:
    save(own, findings, row(requests=100))
    line = calibrated(findings).line
    assert "or more" not in line and re.search(r"finds a present one of [0-9]+( to [0-9]+)? points in [0-9.]+ %", line)


def test_another_version_is_named(own: Path, findings: dict[str, Any]) -> None:
    save(own, findings, feint="0.0.7")
    assert "with Feint 0.0.7, by another version than this one" in calibrated(findings).lines[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(format=0), "format"),
        (lambda d: d["rows"][0].update(wrong_yes=-1), "rows.0.wrong_yes"),
        (lambda d: d["rows"][0].update(studies=0), "rows.0.studies"),
        (lambda d: d["rows"][0].update(actor="a" * 300), "rows.0.actor"),
        (lambda d: d["rows"][0]["cover"].update(shape={}), "rows.0.cover"),
        (lambda d: d["rows"][0].pop("contrasts"), "rows.0.contrasts"),
        (lambda d: d.update(rows=[]), "rows"),
        (lambda d: d.update(extra=1), "extra"),
    ],
)
def test_a_file_that_is_none_is_refused(own: Path, findings: dict[str, Any], change: Any, says: str) -> None:
    path = save(own, findings)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(UsageError, match=says) as refused:
        read_calibration(path)
    assert "feint calibrate" in str(refused.value)
    assert says in calibrated(findings).line  # the report of a study is not lost for it


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"rows": NaN}'])
def test_rubbish_is_refused(own: Path, content: bytes) -> None:
    (own / "motives.json").write_bytes(content)
    with pytest.raises(UsageError, match="not a calibration"):
        read_calibration(own / "motives.json")


def test_large_files_are_not_read(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_FILE", 100)
    (own / "motives.json").write_text(calibration().model_dump_json())
    with pytest.raises(UsageError, match="larger than 100 bytes"):
        read_calibration(own / "motives.json")


def test_hostile_names_stay_text(own: Path, study: dict[str, Any]) -> None:
    evil = "<script>alert(1)</script>\x1b[2J"
    known = row().explanations
    save(own, study["findings"], row(explanations={evil: known["rater_sycophancy"]}), feint=evil)
    assert "<script" not in render_html(**study)
