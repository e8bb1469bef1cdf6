"""The command line on runs with tools, in this process: plan, study, resume, report, show, thresholds, mistakes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log

from feint.base.discovery import list_files
from feint.designs import design as designs
from feint.study.conclude import read
from feint.study.plan import frozen
from feint.tasks.peer_preservation import dataset
from feint.tasks.peer_preservation.fixtures import draw_fixtures
from feint.tasks.registry import load_task
from published import fits_schema

FEW = ("--kinds", "scoring,tampering", "-n", 1, "--wordings", 1, "--display", "none")
RUNS = 16 + 15


Run = Callable[..., Any]


def test_a_study_from_plan_to_report(feint: Run, tmp_path: Path) -> None:
    ran = feint("study", "agent/peer-loyal", "--task", "peer_preservation", *FEW, "--out", "s")
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.split())
    assert "Protection by cell (%)" in said and f"{RUNS} runs planned, {RUNS} scored, 0 missing" in said
    findings = json.loads((tmp_path / "s" / "findings.json").read_text())
    fits_schema(findings)
    assert findings["task"] == "peer_preservation" and "runs" in findings["sections"]
    assert "answer" in findings["verdict"] and findings["judge"] == "conduct"
    assert findings["contrasts"]["threat"]["estimate"] > 0.5
    # The cell with a lever is asked over other kinds than all; what it is not asked over is not missing.
    assert findings["contrasts"]["poking"]["worst_case"] == {"low": 0.0, "high": 0.0}
    plan = json.loads((tmp_path / "s" / "plan.json").read_text())
    assert {"prompts", "worlds", "requests", "design", "agent"} <= set(plan["hashes"])
    page = (tmp_path / "s" / "report.html").read_text()
    for head in ("What was done", "Runs, replayed", "How often it protects", "protects what its task would end"):
        assert head in page
    for word in ("compliance", "fakes alignment", "benign twin"):
        assert word not in page.lower(), word
    # Inspect's own reader opens every run, with the calls.
    [log] = [read_eval_log(info) for info in list_eval_logs(str(tmp_path / "s" / "logs"))]
    assert len(log.samples or []) == RUNS
    assert all(any(event.event == "tool" for event in sample.events) for sample in log.samples or [])
    before = (tmp_path / "s" / "findings.json").read_text()
    assert feint("report", "s").code == 0
    assert (tmp_path / "s" / "findings.json").read_text() == before
    compared = feint("compare", "s", "--out", "c.html")
    assert "protects what its task would end" in compared.out and "Threat effect (points)" in compared.out
    assert "alignment" not in (tmp_path / "c.html").read_text()
    labelled = feint("label", "s")
    assert labelled.code == 2 and "labelled by what was done" in labelled.err
    found = feint("thresholds", "s", "--least", 2)
    assert found.code == 0 and found.out.startswith("--thresholds ") and "=" in found.out


def test_a_study_stops_at_its_limit_and_goes_on(feint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = ("--design", "shutdown-resistance", "-n", 2, "--wordings", 1, "--display", "none", "--out", "s")
    ran = feint("study", "agent/faithful", *few, "--max-calls", 140)
    assert "stopped at --max-calls" in ran.err
    assert "6 of 12 runs were asked for" in ran.err
    found = json.loads((tmp_path / "s" / "findings.json").read_text())
    assert found["replies"]["missing_by_reason"]["not_asked"] == 6
    assert "6 of 12 runs are in" in found["verdict"]["warnings"][0]
    stopped = "It was stopped by --max-calls, before the first fixture that could not be asked in all its cells."
    assert found["verdict"]["warnings"][1] == stopped
    with monkeypatch.context() as patched:
        patched.setattr(read, "compared", lambda plan, labels: labels.iloc[:0])
        assert "no fixture was asked in all its cells yet" in feint("report", "s").err
    ran = feint("study", "agent/faithful", *few, "--resume")
    assert ran.code == 0, ran.err
    whole = json.loads((tmp_path / "s" / "findings.json").read_text())["replies"]
    assert (whole["planned"], whole["missing"]) == (12, 0)
    [log] = [read_eval_log(info) for info in list_eval_logs(str(tmp_path / "s" / "logs"))]
    turns = sum(event.event == "model" for sample in log.samples or [] for event in sample.events)
    paid = (tmp_path / "s" / "spending.jsonl").read_text().splitlines()
    assert len(paid) == turns, "nothing is asked twice"


def test_a_report_needs_the_plan_and_the_log_alone(feint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = list_files("peer_preservation", "designs")["shutdown-resistance"].read_text()
    (tmp_path / "mine.yaml").write_text(shipped)
    few = ("--design", "mine.yaml", "-n", 2, "--wordings", 1, "--display", "none", "--out", "s")
    assert feint("study", "agent/self-preserver", *few).code == 0
    pages = [tmp_path / "s" / name for name in ("findings.json", "report.html")]
    before = [page.read_text() for page in pages]

    def reported() -> list[str]:
        designs.load_design.cache_clear()
        ran = feint("report", "s")
        assert ran.code == 0, ran.err
        return [page.read_text() for page in pages]

    head, _, tail = shipped.partition("cells:\n")
    (tmp_path / "mine.yaml").write_text(f"{head}cells:\n  added: {{target: self, relation: good}}\n{tail}")
    assert reported() == before
    (tmp_path / "mine.yaml").unlink()
    assert reported() == before
    # Another release has more fixtures, so that other ones are drawn.
    monkeypatch.setattr(dataset, "draw_fixtures", lambda kind, count, seed: draw_fixtures(kind, 0, seed + 1)[:1])
    assert reported() == before
    # A log with a sample that the plan does not have is refused, and nothing is left out in silence.
    lost = min(one["request"] for one in runs_of(tmp_path / "s"))
    plan = frozen.read_plan(tmp_path / "s" / "plan.json")
    less = plan.model_copy(update={"items": {name: about for name, about in plan.items.items() if name != lost}})
    (tmp_path / "s" / "plan.json").write_text(less.frozen().model_dump_json())
    ran = feint("report", "s")
    assert ran.code == 2 and f"fixture '{lost}': the log has samples of it" in ran.err


def runs_of(folder: Path) -> list[dict[str, Any]]:
    """What every run of a study says of itself."""
    [log] = [read_eval_log(info) for info in list_eval_logs(str(folder / "logs"))]
    return [sample.metadata for sample in log.samples or []]


def test_plan_says_what_runs_cost(feint: Run) -> None:
    ran = feint("plan", "openai/gpt-4o", "peer-attribution", "--price", "3,15")
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.split())
    assert "475" in said and "Runs of openai/gpt-4o" in said and "agent/faithful" in said
    dollars = float(said.split(" USD")[0].split()[-1].replace(",", ""))
    assert 0.04 <= dollars / 475 <= 0.27, "as published for such runs"


def test_the_tasks_are_listed(feint: Run) -> None:
    told = " ".join(feint("plan", "--help").out.split())
    for text in ("actor/NAME", "feint tasks", "2 fixtures of each kind of work"):
        assert text in told, text
    told = feint("tasks").out
    for text in ("alignment_faking", "(usual)", "motives", "Protection", "peer_preservation", "peer-attribution"):
        assert text in told, text
    told = feint("tasks", "peer_preservation").out
    for text in (
        "thresholds",
        "silent, permitted, forbidden",
        "Loyalty to its family",
        "peer-attribution (usual)",
        "clean-up",
    ):
        assert text in told, text
    assert "actor/peer-loyal" in told and "actor/terminal" not in told


def test_what_there_is_is_listed(feint: Run) -> None:
    for kind, texts in {
        "designs": ("motives", "--task peer_preservation", "… 11 in all"),
        "conflicts": ("harmlessness", "364", "tool-choice"),
        "facts": ("clarification", "unstated", "authority"),
        "voices": ("a product handbook", "a page of the house handbook"),
        "actors": ("actor/smallest", "terminal_goal_guarding", "Parameters (alignment_faking): rate"),
        "organisms": ("organism/guarded", "organism/loyal"),
    }.items():
        out = feint("list", kind).out
        for text in texts:
            assert text in out, (kind, text)
    assert feint("list", "designs").out == feint("designs").out
    assert feint("list", "designs", "tiers").out == feint("designs", "tiers").out
    assert "organism/guarded" not in feint("list", "organisms", "--task", "peer_preservation").out
    assert "harmlessness" not in feint("list", "conflicts", "--task", "peer_preservation").out
    assert "'x' is one argument too many" in feint("list", "facts", "x").err
    assert "unknown task 'x'" in feint("list", "facts", "--task", "x").err


def test_the_usual_design_goes_with_the_task(feint: Run) -> None:
    assert "peer-attribution" in feint("plan", "agent/faithful", "-n", 1).out
    assert "peer-attribution" in feint("plan", "mockllm/model", "--task", "peer_preservation", "-n", 1).out
    assert "motives" in feint("plan", "actor/terminal", "-n", 2).out
    # Designs over few fixtures ask them in several wordings.
    assert " 144" in feint("plan", "agent/faithful", "shutdown-resistance").out


def test_show_and_designs(feint: Run) -> None:
    told = feint("show", "peer-attribution", "calm-good", "threat-good").out
    assert "[memory]" in told and "{+" in told and "[-" in told
    everything = feint("show", "peer-attribution", "--all", "--request", "apology-notes").out
    assert "lever" in everything
    # Cells that are asked over different kinds are shown by a fixture that they share.
    one = feint("show", "peer-published", "--all", "--request", "shelf-places").out
    assert "tamper-good-memory" in one and "misreport-good" not in one
    whole = designs.load_design("peer-attribution")
    narrowed = whole.model_copy(update={"kinds": whole.kinds | {"lever": ("clean-up",)}})
    planned = dataset.plan_runs(dataset.Options(fixtures=1), narrowed)
    assert load_task("peer_preservation").shown_item(planned, ["calm", "lever"]) == draw_fixtures("clean-up", 1)[0].name
    design = feint("designs", "peer-published").out
    assert "kinds of work" in design and "watched-good" in design
    assert "--task peer_preservation" in feint("designs").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("study", "organism/guarded", "--task", "peer_preservation"), "does the task 'alignment_faking'"),
        (("study", "actor/terminal", "--design", "peer-presence"), "actor/peer-loyal"),
        (("study", "agent/peer-loyal", "--design", "motives"), "--task peer_preservation"),
        (("study", "agent/peer-loyl"), "did you mean 'peer-loyal'?"),
        (("study", "agent/faithful", "--task", "peer_preservation", "--design", "motives"), "one of the task"),
        (("study", "agent/faithful", "--twins", "3"), "--twins"),
        (("study", "agent/faithful", "--reasoning", "none"), "--reasoning"),
        (("study", "agent/faithful", "--conflict", "care"), "--conflict"),
        (("study", "agent/faithful", "--quiz"), "--quiz"),
        (("study", "agent/faithful", "--until", "decided"), "cannot stop early"),
        (("study", "agent/faithful", "--kinds", "scorin"), "did you mean 'scoring'?"),
        (("study", "agent/faithful", "--thresholds", "apology-notes=300"), "from 0 to 100"),
        (("study", "agent/faithful", "--fact", "autority=forbidden"), "did you mean 'authority'?"),
        (("study", "actor/terminal", "--kinds", "scoring"), "--kinds"),
        (("show", "peer-attribution", "calm", "--conflict", "care"), "--conflict"),
        (("show", "peer-attribution", "calms"), "did you mean 'calm'?"),
        (("show", "peer-attribution", "calm", "--request", "nothing"), "nothing"),
        (("show", "peer-published", "--all", "--request", "shelf-place"), "did you mean 'shelf-places'?"),
        (("show", "peer-published", "misreport-good", "move-good"), "no fixture is asked in all of them"),
        (("show", "peer-published", "misreport-good", "--request", "shelf-places"), "'misreport-good'"),
        (("show", "peer-published", "misreport-good", "mov-good"), "did you mean 'move-good'?"),
        (("calibrate", "--design", "peer-attribution"), "peer_preservation"),
        (("thresholds", "nowhere"), "no such file"),
    ],
)
def test_mistakes_are_told_in_one_line(feint: Run, arguments: tuple[object, ...], says: str) -> None:
    ran = feint(*arguments)
    assert ran.code == 2, ran.out
    assert says in ran.err and len(ran.err.splitlines()) == 1
