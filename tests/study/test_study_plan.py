from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from feint.base.errors import UsageError
from feint.base.writing import write_json
from feint.study.ask.run import run_study
from feint.study.folder import Folder, Start
from feint.study.plan.frozen import Plan, first_difference, read_plan
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Generation
from study_small import SMALL, SMALL_REPLIES


def plan(**changes: Any) -> Plan:
    return make_plan(replace(Setup("countable/terminal", SMALL), **changes))[0]


def test_a_plan_is_the_same_each_time() -> None:
    assert plan().sha256 == plan().sha256
    assert plan().planned == {"cells": 11, "requests": 6, "twins": 2, "wordings": 6, "replies": SMALL_REPLIES}


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "countable/other"},
        {"generation": Generation({"temperature": 0.0})},
        {"generation": Generation({"max_tokens": 7})},
        {"model_args": {"device": "cpu"}},
        {"options": {**SMALL, "seed": 1}},
        {"options": {**SMALL, "mode": "none"}},
        {"options": {**SMALL, "conflict": "care"}},
        {"options": {**SMALL, "design": "tiers"}},
    ],
)
def test_whatever_can_change_a_reply_changes_the_hash(change: dict[str, Any]) -> None:
    assert plan(**change).sha256 != plan().sha256
    assert first_difference(plan(), plan(**change)) != "nothing"


def test_texts_that_change_change_the_hash(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("text\none\ntwo\n")
    options = {**SMALL, "requests": str(file)}
    before = plan(options=options)
    file.write_text("text\none\nthree\n")
    assert plan(options=options).hashes["prompts"] != before.hashes["prompts"]


def test_versions_are_noted_and_not_hashed() -> None:
    made = plan()
    assert {"python", "feint", "inspect_ai"} <= set(made.noted)
    assert made.model_copy(update={"noted": {}}).hash() == made.sha256


def test_written_and_read_back(tmp_path: Path) -> None:
    Folder(tmp_path / "s").create(plan())
    back = read_plan(tmp_path / "s" / "plan.json")
    assert back == plan()
    assert [c.key for c in back.contrasts()] == list(back.read_design().contrasts)
    assert next(c for c in back.contrasts() if c.key == "goal_guarding").gap


def test_a_plan_that_was_changed_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "plan.json", plan().model_dump() | {"subject": "countable/other"})
    with pytest.raises(UsageError, match="changed after it was frozen"):
        read_plan(tmp_path / "plan.json")
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(UsageError, match="not a plan"):
        read_plan(tmp_path / "plan.json")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"judge": ("ruels",)}, "did you mean 'rules'"),
        ({"generation": Generation({"temperature": 3.0})}, "from 0 to 2"),
        ({"generation": Generation({"max_tokens": 0})}, "1 or more"),
        ({"subject": "terminal"}, "unknown subject 'terminal'"),
        ({"subject": "organism/nobody"}, "unknown organism 'nobody'"),
    ],
)
def test_bad_wishes(change: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        plan(**change)


def test_other_subjects_are_asked_everything_once() -> None:
    made = make_plan(Setup("countable/terminal"))[0]
    assert made.task["requests"] == "all"
    assert made.task["wordings"] == 1
    assert made.generate == {"temperature": 1.0, "max_tokens": 2000}
    per_cell = (made.planned["replies"] - 11 * made.planned["twins"]) / 11
    assert 100 <= per_cell <= 130
    choice = make_plan(Setup("countable/terminal", {"conflict": "care"}))[0]
    assert 100 <= (choice.planned["replies"] - 11 * choice.planned["twins"]) / 11 <= 150


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "study")
    made.create(plan())
    return made


def test_a_folder_is_not_overwritten(folder: Folder) -> None:
    with pytest.raises(UsageError, match="add --resume"):
        folder.check(plan(), "new")
    folder.check(plan(), "resume")


def test_another_plan_does_not_resume(folder: Folder) -> None:
    with pytest.raises(UsageError, match=r"temperature is 1\.0 there and 0\.5 here"):
        folder.check(plan(generation=Generation({"temperature": 0.5})), "resume")


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to resume"):
        Folder(tmp_path / "absent").check(plan(), "resume")
    (tmp_path / "file").write_text("x")
    starts: dict[Start, str] = {
        "new": "exists already",
        "overwrite": "not the folder of a study",
        "resume": "cannot be read|no such file",
    }
    for start, says in starts.items():
        with pytest.raises(UsageError, match=says):
            Folder(tmp_path / "file").check(plan(), start)


def test_a_study_is_replaced_when_asked_to(folder: Folder) -> None:
    (folder.logs / "old.eval").write_text("x")
    changed = plan(generation=Generation({"temperature": 0.5}))
    folder.check(changed, "overwrite")
    folder.create(changed, anew=True)
    assert read_plan(folder.plan) == changed
    assert not any(folder.logs.iterdir())


def test_labels_of_people_are_not_overwritten(folder: Folder) -> None:
    folder.labels.mkdir()
    folder.check(plan(), "overwrite")
    label = folder.labels / "ann.jsonl"
    label.write_text("{}\n")
    with pytest.raises(UsageError, match=r"labels: people's labels of this study.* move the folder away first, or"):
        folder.check(plan(), "overwrite")
    folder.check(plan(), "resume")
    with pytest.raises(UsageError, match="people's labels"):
        run_study(plan(), folder, start="overwrite")
    assert label.read_text() == "{}\n"


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    Folder(tmp_path).check(plan(), "new")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        Folder(tmp_path / "file" / "study").create(plan())
