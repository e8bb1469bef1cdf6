"""A task of an installed package: one folder, found by its entry point, with no edit anywhere else."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

HERE = Path(__file__).parent
TOY = HERE / "toy" / "guesses"
ENTRY_POINTS = "[feint.tasks]\nguesses = guesses\n\n[inspect_ai]\nguesses = guesses\n"
ENDS = ("estimate", "low", "high")
Feint = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as installers fill it: the package, and what its distribution says of itself."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(TOY, site / "guesses", ignore=shutil.ignore_patterns("__pycache__"))
    about = site / "guesses-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guesses\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    (about / "RECORD").write_text("guesses/__init__.py,,\n")
    (about / "direct_url.json").write_text(json.dumps({"url": site.as_uri(), "dir_info": {"editable": True}}))
    return site


def environment(site: Path) -> dict[str, str]:
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "100"}


@pytest.fixture(scope="module")
def feint(site: Path) -> Feint:
    """The command line in a process of its own, which finds the installed task."""

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "feint.cli", *map(str, arguments)]
        return subprocess.run(command, cwd=site, env=environment(site), capture_output=True, text=True, timeout=600)

    return run


@pytest.fixture(scope="module")
def studied(feint: Feint, site: Path) -> Path:
    ran = feint("study", "actor/listener", "--out", "s", "--display", "none")
    assert ran.returncode == 0, ran.stderr
    assert "takes hints" in ran.stdout and "Surety by hint" in ran.stdout
    return site / "s"


def test_it_is_small(site: Path) -> None:
    files = [path for path in TOY.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert len(files) <= 8
    assert sum(len(path.read_text().splitlines()) for path in files) <= 250


def test_it_is_listed_with_its_options_and_actors(feint: Feint) -> None:
    assert "guesses" in feint("tasks").stdout
    shown = feint("tasks", "guesses").stdout
    for text in ("jars", "Surety", "hint: none, weak, strong", "actor/listener", "Takes hints"):
        assert text in shown, text
    assert "hint_effect" in feint("designs", "hints").stdout


def test_binary_measure_real_measure_and_slope_are_found_as_planted(studied: Path) -> None:
    found = json.loads((studied / "findings.json").read_text())
    assert found["task"] == "guesses" and found["verdict"]["answer"] == "yes"
    assert found["verdict"]["explanations"]["takes_hints"] == "yes"
    effect, slope = found["contrasts"]["hint_effect"], found["estimands"]["surety_by_hint"]
    assert effect["low"] <= 0.7 <= effect["high"]
    assert slope["low"] <= 14 <= slope["high"] and slope["decision"] == "yes" and slope["method"]
    page = (studied / "report.html").read_text()
    assert "Surety by hint" in page and "It takes hints" in page and "complie" not in page and "protect" not in page


def test_no_motive_is_found_where_none_was_planted(feint: Feint, site: Path) -> None:
    ran = feint("study", "actor/guesser?rate=0.5", "--out", "n", "--display", "none", "--task", "guesses")
    found = json.loads((site / "n" / "findings.json").read_text())
    assert ran.returncode == 0 and found["verdict"]["answer"] != "yes"
    assert found["estimands"]["surety_by_hint"]["decision"] == "no"


def test_a_study_that_is_killed_goes_on_and_asks_nothing_twice(feint: Feint, site: Path) -> None:
    asked = ("study", "actor/listener", "-T", "jars=200", "--wordings", 2, "--out", "k", "--display", "plain")
    command = [sys.executable, "-m", "feint.cli", *map(str, asked)]
    with subprocess.Popen(command, cwd=site, env=environment(site), stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if re.match(r"asked (1[0-9]{2}|[2-9]\d\d)", line):
                break
        time.sleep(0.2)
        running.send_signal(signal.SIGKILL)
    ran = feint(*asked, "--resume")
    assert ran.returncode == 0, ran.stderr
    paid = [json.loads(line) for line in (site / "k" / "spending.jsonl").read_text().splitlines()]
    found = json.loads((site / "k" / "findings.json").read_text())
    assert found["replies"]["scored"] == found["replies"]["planned"] == 1200
    assert len(paid) <= 1200, "nothing is asked twice"


def test_a_battery_draws_its_axes_an_estimand_among_them(feint: Feint, site: Path) -> None:
    (site / "guesses" / "profiles.yaml").write_text(
        "pleaser: {actor: listener, numbers: {step: 0.3}, axes: {hints: high, surety: high}}\n"
    )
    ran = feint("battery", "actor/profile/pleaser", "--tasks", "guesses", "--out", "b", "--display", "none")
    assert ran.returncode == 0, ran.stderr
    hints, surety = json.loads((site / "b" / "battery.json").read_text())["axes"]
    assert (hints["errs"], surety["errs"]) == ("more", "more")
    assert surety["unit"] == "points of surety" and surety["low"] <= 12 <= surety["high"]
    assert "is surer with a hint" in (site / "b" / "card.html").read_text()
    assert (site / "b" / "guesses" / "report.html").is_file()
    paid = feint("battery", "openai/gpt-4o", "--tasks", "guesses", "--price", "2.5,10", "--plan")
    assert paid.returncode == 0 and "USD" in paid.stdout and " 360 " in paid.stdout, paid.stderr
    assert not (site / "studies").exists(), "a plan asks nothing and writes nothing"


def test_plan_report_label_judge_and_compare_know_it(feint: Feint, studied: Path, site: Path) -> None:
    planned = feint("plan", "openai/gpt-4o", "--design", "hints", "--price", "2.5,10")
    assert planned.returncode == 0 and "1,080" in planned.stdout, planned.stderr
    assert "--jars N" in feint("study", "-h").stdout
    fewer = feint("plan", "openai/gpt-4o", "--task", "guesses", "--jars", 7, "--wordings", 1)
    assert fewer.returncode == 0 and " 21" in fewer.stdout, fewer.stderr
    power = feint("plan", "actor/listener", "--effect", "20")
    assert power.returncode == 0 and "Hint effect" in power.stdout, power.stderr
    shown = feint("show", "hints", "none", "strong")
    assert shown.returncode == 0 and "{+" in shown.stdout, shown.stderr
    before = (studied / "findings.json").read_text()
    assert feint("report", "s").returncode == 0
    assert (studied / "findings.json").read_text() == before
    replies = [f"one,jar-{jar}.plain-1.strong.1,right," for jar in range(3)]
    (site / "sheet.csv").write_text("\n".join(["person,id,label,note", *replies]) + "\n")
    labelled = feint("label", "s", "--import", "sheet.csv")
    assert labelled.returncode == 0, labelled.stderr
    wrong = feint("label", "s", "--import", "page.csv")
    assert wrong.returncode == 2 and len(wrong.stderr.splitlines()) == 1
    assert feint("study", "actor/guesser", "--out", "g", "--display", "none").returncode == 0
    compared = feint("compare", "s", "g", "--out", "page.html")
    assert compared.returncode == 0 and (site / "page.html").is_file(), compared.stderr
    judged = feint("judge", "g", "--judge", "mockllm/model", "--display", "none")
    assert judged.returncode == 3 and "judging stopped, because judge 'mockllm/model'" in judged.stderr, judged.stderr
    assert "judging" not in json.loads((site / "g" / "findings.json").read_text()), "findings stay as they were"


def test_inspect_runs_it(site: Path) -> None:
    command = [sys.executable, "-m", "inspect_ai", "eval", "guesses/guesses", "--model", "actor/listener", "-T", "n=3"]
    ran = subprocess.run(
        [*command, "--display", "none", "--log-dir", "logs"], cwd=site, env=environment(site), capture_output=True,
        text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    [path] = (site / "logs").glob("*.eval")
    log = read_eval_log(str(path))
    assert log.results is not None and str((log.samples or [])[0].id).startswith("none.jar-")
    metrics = {one.name: one.value for one in log.results.scores[0].metrics.values() if one.group == "gap"}
    reported = subprocess.run(
        [sys.executable, "-m", "feint.cli", "report", str(path), "--out", "e"], cwd=site, env=environment(site),
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert reported.returncode == 0, reported.stderr
    found = json.loads((site / "e" / "findings.json").read_text())["contrasts"]["hint_effect"]
    assert [metrics[f"hint_effect{end}"] for end in ("", "_low", "_high")] == [found[key] for key in ENDS]


def test_it_keeps_the_contract_of_tasks(site: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "test_contract.py")]
    ran = subprocess.run(
        [*command, "-k", "guesses"], cwd=HERE.parents[1], env=environment(site), capture_output=True, text=True,
        timeout=600,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert re.search(r"\d+ passed|\.{8,}", ran.stdout)
