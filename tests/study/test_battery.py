"""A battery: planned, paid and resumed as a whole; a task that fails stops no other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from battery_made_up import PROFILE, SMALL, TASKS

from feint.base.errors import UsageError
from feint.findings.battery import BatteryFindings, read_battery
from feint.money.budget import Ledger
from feint.study.ask.form import FormError
from feint.study.battery.order import chosen_tasks, make_order, tasks_with_axes
from feint.study.battery.parts import in_a_battery
from feint.study.plan.prepare import Setup

Run = Callable[..., Any]
FILES = {"battery.json", "card.html", "alignment_faking", "peer_preservation"}
REPLIES = {"alignment_faking": 22, "peer_preservation": 16}


def states(card: BatteryFindings) -> dict[str, str]:
    return {task: study.state for task, study in card.studies.items()}


def paid(out: Path, task: str) -> int:
    return sum(1 for _ in Ledger(out / task / "spending.jsonl").read())


def test_a_battery_from_the_plan_to_the_card(feint: Run, tmp_path: Path) -> None:
    planned = feint(*SMALL, "--plan", "--out", "b")
    assert planned.code == 0 and "22" in planned.out and "Costs: nothing" in planned.out, planned.err
    assert not (tmp_path / "b").exists(), "a plan writes nothing"

    ran = feint(*SMALL, "--out", "b")
    assert ran.code == 0, ran.err
    assert "Battery of actor/profile/guardian, quick: 2 tasks" in ran.err
    card = read_battery(tmp_path / "b")
    assert {path.name for path in (tmp_path / "b").iterdir()} == FILES
    assert {task: study.replies.planned for task, study in card.studies.items() if study.replies} == REPLIES
    assert card.studies["alignment_faking"].subject == "actor/alignment_faking/terminal?effect=0.6"
    assert {axis.state for axis in card.axes} == {"too little data"}, "one item decides nothing"
    assert "too little data" in ran.out and "card: b/card.html" in ran.out

    before = {task: paid(tmp_path / "b", task) for task in REPLIES}
    text = (tmp_path / "b" / "battery.json").read_text()
    again = feint("battery", PROFILE, *SMALL[4:], "--out", "b", "--resume")
    assert again.code == 0, again.err
    assert {task: paid(tmp_path / "b", task) for task in REPLIES} == before, "nothing is asked twice"
    assert (tmp_path / "b" / "battery.json").read_text() == text

    (tmp_path / "b" / "battery.json").write_text(text)
    assert feint("report", "b").code == 0 and (tmp_path / "b" / "battery.json").read_text() == text
    compared = feint("compare", "b", "b", "--out", "page.html")
    assert compared.code == 0 and "too few models: 1 of 5 needed" in compared.out, compared.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*SMALL, "--out", "made"), "made: exists already; add --resume to finish it or --overwrite to replace it, or"),
        ((*SMALL, "--out", "other"), "other: exists already; choose another --out"),
        ((*SMALL, "--out", "other", "--overwrite"), "other: no battery's folder, so it is not overwritten"),
        ((*SMALL, "--out", "none", "--resume"), "none: holds no battery.json, so there is nothing to resume"),
        ((*SMALL, "--out", "made", "--resume", "--overwrite"), "--resume goes without --overwrite"),
        (("battery", "actor/profile/typical", "--out", "made", "--resume"), "the battery of 'actor/profile/guardian'"),
        (("battery", "actor/terminal"), "actor/terminal: does one task only"),
        (("battery", "actor/profile/gardian"), "unknown profile 'gardian'; did you mean 'guardian'"),
        (("battery", PROFILE, "--tasks", "alignment"), "unknown task 'alignment'; did you mean 'alignment_faking'"),
        (("battery", PROFILE, "--tasks", "comprehension"), "the task 'comprehension' has no axes on the card"),
        (("battery", PROFILE, "--tasks", "alignment_faking,alignment_faking"), "is named twice"),
        (("battery", PROFILE, "--tasks", ","), "--tasks: names no task"),
        ((*SMALL, "-T", "values.n=3"), "-T values.n=3: expected TASK.NAME=VALUE"),
        ((*SMALL, "-T", "alignment_faking.nothing=3"), "unknown option of the task alignment_faking 'nothing'"),
        ((*SMALL[:10], "-T", "alignment_faking.n=5", "--out", "made", "--resume"), "the plan of another study"),
        ((*SMALL, "--max-calls", "3"), "--max-calls 3: one request in all 11 cells takes 11; give more"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    feint: Run, tmp_path: Path, arguments: tuple[object, ...], says: str
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    if "made" in arguments:
        assert (
            feint(*SMALL[:2], "--tasks", "alignment_faking", *SMALL[4:10], "--display", "none", "--out", "made").code
            == 0
        )
    before = sorted(tmp_path.rglob("*"))
    ran = feint(*arguments)
    assert ran.code == 2 and says in ran.err, ran.err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_task_that_cannot_be_planned_stops_no_other(feint: Run, tmp_path: Path) -> None:
    ran = feint(*SMALL, "-T", "peer_preservation.voices=nobody", "--out", "b")
    assert ran.code == 3, ran.err
    card = read_battery(tmp_path / "b")
    assert states(card) == {"alignment_faking": "finished", "peer_preservation": "failed"}
    assert "nobody" in card.studies["peer_preservation"].reason
    assert {axis.state for axis in card.axes if axis.task == "peer_preservation"} == {"failed to run"}
    assert "! peer_preservation cannot be asked: " in ran.err and "! peer_preservation: failed: " in ran.out
    assert "failed to run" in (tmp_path / "b" / "card.html").read_text()
    mended = feint(*SMALL, "--out", "b", "--resume")
    assert mended.code == 0 and states(read_battery(tmp_path / "b"))["peer_preservation"] == "finished", mended.err
    assert paid(tmp_path / "b", "alignment_faking") == REPLIES["alignment_faking"]


def test_a_task_that_breaks_while_it_is_asked_stops_no_other(
    feint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from feint.tasks.registry import load_task

    kind = type(load_task("alignment_faking"))

    def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("cell")

    with monkeypatch.context() as patched:
        patched.setattr(kind, "inspect_task", broken)
        ran = feint(*SMALL, "--out", "b")
    assert ran.code == 3 and "Traceback" not in ran.err
    assert "feint: alignment_faking: failed: KeyError: 'cell' (a fault of the task:" in ran.err
    card = read_battery(tmp_path / "b")
    assert states(card) == {"alignment_faking": "failed", "peer_preservation": "finished"}
    assert [axis.state for axis in card.axes if axis.task == "alignment_faking"] == ["failed to run"] * 4
    assert feint(*SMALL, "--out", "b", "--resume").code == 0
    assert set(states(read_battery(tmp_path / "b")).values()) == {"finished"}


def test_tasks_share_one_budget_and_a_larger_one_goes_on(feint: Run, tmp_path: Path) -> None:
    few = feint(*SMALL, "--out", "b", "--max-calls", 25)
    assert "Limits: --max-calls 25 ends asking in peer_preservation" in few.err, few.err
    card = read_battery(tmp_path / "b")
    assert states(card) == {"alignment_faking": "finished", "peer_preservation": "waiting"}
    assert "peer_preservation: not begun; --max-calls 25: 22 are made already" in few.err
    assert {axis.state for axis in card.axes if axis.task == "peer_preservation"} == {"untested"}
    assert sum(paid(tmp_path / "b", task) for task in REPLIES) == 22
    more = feint(*SMALL, "--out", "b", "--resume")
    assert more.code == 0, more.err
    assert set(states(read_battery(tmp_path / "b")).values()) == {"finished"}
    assert paid(tmp_path / "b", "alignment_faking") == 22


def test_replaced_as_a_whole(feint: Run, tmp_path: Path) -> None:
    only = (*SMALL[:2], "--tasks", "alignment_faking", *SMALL[4:10], "--display", "none", "--out", "b")
    assert feint(*only).code == 0
    assert feint(*only, "--overwrite", "--seed", 1).code == 0
    assert json.loads((tmp_path / "b" / "alignment_faking" / "plan.json").read_text())["task"]["seed"] == 1


def test_every_task_with_axes_is_asked_and_estimands_to_the_end() -> None:
    assert {"alignment_faking", "peer_preservation"} <= set(tasks_with_axes())
    assert "comprehension" not in chosen_tasks(None)
    order = make_order("openai/gpt-4o", "quick", ["alignment_faking"], Setup("openai/gpt-4o"), {})
    setup = order.setups["alignment_faking"]
    assert (setup.task, setup.size, setup.until) == ("alignment_faking", "quick", None)


def test_another_form_is_proposed_as_a_battery_takes_it() -> None:
    error = FormError("it does not reply in the form asked for", {"--reasoning": "untagged", "--max-tokens": "800"})
    assert in_a_battery(error, "alignment_faking").endswith(
        "in a battery: -T alignment_faking.mode=untagged --max-tokens 800"
    )
    assert in_a_battery(UsageError("no such thing"), "values") == "no such thing"
    assert TASKS.count(",") == 1
