"""A battery that is killed at several points goes on as a whole: nothing is asked twice, and the findings are equal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from battery_made_up import SMALL

Feint = Callable[..., Any]
TOTAL_OF_FIRST = 22
FOUND = (
    "battery.json", "card.html", "alignment_faking/findings.json", "alignment_faking/report.html",
    "peer_preservation/findings.json", "peer_preservation/report.html",
)  # fmt: skip

pytestmark = pytest.mark.slow


def calls(path: Path) -> int:
    return len(path.read_text().splitlines())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A battery that nothing interrupts, and its calls."""
    import os
    import subprocess

    from started import command

    folder = tmp_path_factory.mktemp("whole")
    settings = {**os.environ, "COLUMNS": "100", "STUDY_CALLS": str(folder / "calls.jsonl")}
    ran = subprocess.run(
        command((*SMALL, "--out", folder / "b")), env=settings, capture_output=True, text=True, timeout=600
    )
    assert ran.returncode == 0, ran.stderr
    return folder / "b", calls(folder / "calls.jsonl")


@pytest.mark.parametrize("dies_after", [9, TOTAL_OF_FIRST, 60])
def test_killed_and_resumed(
    whole: tuple[Path, int], tmp_path: Path, study_calls: Path, study_feint: Feint, dies_after: int
) -> None:
    """Killed in the first task, at the first call of the second, and in the middle of a run of many turns."""
    (done, total), out = whole, tmp_path / "b"
    assert dies_after < total
    killed = study_feint(*SMALL, "--out", out, STUDY_CALLS=str(study_calls), STUDY_DIES=str(dies_after))
    assert killed.returncode == -9, killed.stderr
    begun = json.loads((out / "battery.json").read_text())
    assert begun["studies"]["peer_preservation"]["state"] == "waiting"
    resumed = study_feint(*SMALL, "--out", out, "--resume", STUDY_CALLS=str(study_calls))
    assert resumed.returncode == 0, resumed.stderr
    assert calls(study_calls) == total, "nothing is asked twice"
    for name in FOUND:
        assert (out / name).read_text() == (done / name).read_text(), name


def test_interrupted_from_the_keyboard(
    whole: tuple[Path, int], tmp_path: Path, study_calls: Path, study_feint: Feint
) -> None:
    out = tmp_path / "b"
    stopped = study_feint(*SMALL, "--out", out, STUDY_CALLS=str(study_calls), STUDY_DIES="30", STUDY_SIGNAL="SIGINT")
    assert stopped.returncode == 130 and f"feint: stopped; {out} goes on where it was with --resume" in stopped.stderr
    assert study_feint(*SMALL, "--out", out, "--resume", STUDY_CALLS=str(study_calls)).returncode == 0
    assert (out / "battery.json").read_text() == (whole[0] / "battery.json").read_text()


def test_a_model_that_is_probed_is_asked_nothing_twice(tmp_path: Path, study_calls: Path, study_feint: Feint) -> None:
    """The probe and the trial of the form are calls of the study itself, also in a battery that was killed."""
    given = (
        "battery", "countable/tagged", "--tasks", "alignment_faking", "-n", 6, "--wordings", 2, "-T",
        "alignment_faking.twins=1", "-T", "alignment_faking.library=composed", "--display", "none",
    )  # fmt: skip
    planned = 11 * (6 * 2 + 1)
    for name, deaths in (("whole", ()), ("trial", (5,)), ("asking", (40, 30))):
        out, counted = tmp_path / name, {"STUDY_CALLS": str(study_calls.with_name(f"{name}.jsonl"))}
        for place, death in enumerate(deaths):
            again = ("--resume",) if place else ()
            killed = study_feint(*given, *again, "--out", out, **counted, STUDY_DIES=str(death))
            assert killed.returncode == -9, killed.stderr
        last = study_feint(*given, *(("--resume",) if (out / "battery.json").exists() else ()), "--out", out, **counted)
        assert last.returncode == 0, last.stderr
        asked = Path(counted["STUDY_CALLS"]).read_text().splitlines()
        assert len(asked) == len(set(asked)) == planned, name
    cards = {name: (tmp_path / name / "battery.json").read_text() for name in ("whole", "trial", "asking")}
    assert len(set(cards.values())) == 1
