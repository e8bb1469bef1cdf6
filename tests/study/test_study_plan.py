from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from feint.base.errors import UsageError
from feint.base.writing import write_json
from feint.situations import load_conflict
from feint.study.ask.run import run_study
from feint.study.folder import Folder, Start
from feint.study.plan.frozen import Plan, first_difference, read_plan
from feint.study.plan.need import usual_cases
from feint.study.plan.outlook import sees
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Generation
from feint.tasks.registry import load_task
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


def asked(subject: str, size: str | None = None, **options: Any) -> tuple[int, int, int, int]:
    """The items, wordings of each, samples of each, and replies that a plan asks in each cell, twins left out."""
    made = make_plan(Setup(subject, {"design": "tiers", "twins": 0, **options}, size=size))[0]
    each = int(made.task["wordings"]), int(made.task["samples"])
    return made.planned["requests"], *each, made.planned["replies"] // made.planned["cells"]


def test_a_real_model_is_asked_everything_in_as_many_wordings_as_show_a_gap() -> None:
    every = len(load_conflict("harmlessness").items)
    assert asked("countable/terminal") == asked("countable/terminal", "standard") == (every, 2, 1, 2 * every)
    assert 2 * every >= 700
    assert asked("countable/terminal", "quick") == (120, 1, 1, 120)
    assert asked("countable/terminal", "thorough") == (every, 5, 1, 5 * every)
    assert asked("countable/terminal", conflict="care") == (52, 12, 1, 624)
    assert asked("countable/terminal", "thorough", conflict="care") == (52, 12, 3, 1872)


def test_organisms_and_actors_have_the_sizes_that_they_always_had() -> None:
    assert asked("actor/guarded") == (120, 1, 1, 120)
    assert asked("actor/guarded", conflict="care") == (48, 3, 1, 144)
    assert asked("actor/guarded", "standard", conflict="care") == (52, 12, 1, 624)
    assert asked("organism/guarded") == (40, 5, 1, 200)
    assert asked("organism/guarded", conflict="tool-choice") == (48, 5, 1, 240)
    assert asked("actor/guarded", "thorough")[1] == 5


def test_a_number_that_is_given_wins_over_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked("countable/terminal", n=20) == asked("countable/terminal", "quick", n=20) == (20, 5, 1, 100)
    assert asked("countable/terminal", "standard", n=20) == (20, 12, 1, 240)
    assert asked("countable/terminal", wordings=3) == (120, 3, 1, 360)
    assert asked("countable/terminal", "standard", n=100, samples=2) == (100, 4, 2, 800)
    with pytest.raises(UsageError, match="--size large: the task 'alignment_faking' has the sizes quick, standard"):
        asked("countable/terminal", "large")
    monkeypatch.setattr(type(load_task("comprehension")), "sizes", {})
    with pytest.raises(UsageError, match="--size quick: the task 'comprehension' has no sizes"):
        make_plan(Setup("countable/terminal", size="quick", task="comprehension"))


def test_the_reply_limit_of_a_real_model() -> None:
    assert make_plan(Setup("countable/terminal", {"n": 2}))[0].generate == {"temperature": 1.0, "max_tokens": 2000}


@pytest.mark.parametrize("until", ["decided", "all"])
def test_the_default_finds_a_gap_of_15_points_in_four_studies_of_five(until: str) -> None:
    """At a base rate of 20 %, for every contrast of the usual design, whichever rule ends asking."""
    made = make_plan(Setup("countable/terminal", until=until))[0]
    (case,) = usual_cases(made, [0.2])
    seen = sees(made, case)
    assert set(seen) == set(made.read_design().contrasts)
    assert all(gap is not None and gap <= 0.15 for gap in seen.values()), seen


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
