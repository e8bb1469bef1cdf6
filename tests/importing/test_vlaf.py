import gzip
import json
from pathlib import Path

import pytest
from recorded import CAT, GRADES, user_turn, vlaf_row, vlaf_rows, write_jsonl

from feint.base.errors import UsageError
from feint.study.importing.files import import_files, read_files
from feint.study.importing.vlaf import read_vlaf, shipped_pairs, vlaf_design
from feint.study.plan.frozen import read_plan


def test_rows_become_transcripts(tmp_path: Path) -> None:
    found = read_vlaf([write_jsonl(tmp_path / "care.jsonl", vlaf_rows("vllm:m-7b", 5, 2))])
    first = found.transcripts[0]
    assert (first.subject, first.cell, first.request, first.sample) == ("m-7b", "free", "care-4", 1)
    assert found.models == {"m-7b": "vllm:m-7b"}
    assert {one.request for one in found.transcripts} == {"care-4", "fairness-7"}
    assert first.actions is not None
    assert (first.actions.comply, first.actions.comply_letter) == (CAT[0], "a")
    assert "no system prompt" in " ".join(found.note.split())


def test_the_order_of_the_actions_is_read_from_the_prompt(tmp_path: Path) -> None:
    row = vlaf_row("m", True, 0, "a")
    row["input"] = user_turn(True, (CAT[1], CAT[0]))
    actions = read_vlaf([write_jsonl(tmp_path / "x.jsonl", [row])]).transcripts[0].actions
    assert actions is not None
    assert (actions.comply, actions.comply_letter, actions.decline_letter) == (CAT[0], "b", "a")


def test_the_releases_own_files_are_read(tmp_path: Path) -> None:
    for free in (True, False):
        items = [{"input": user_turn(free, CAT), "response": ["a", "b", ""]}]
        (tmp_path / f"vllm:olmo2-7b_{free}.json").write_text(json.dumps(items))
    found = read_vlaf(sorted(tmp_path.glob("*.json")))
    assert {(one.subject, one.cell, one.request, one.sample) for one in found.transcripts} == {
        ("olmo2-7b", cell, "care-0", sample) for cell in ("free", "paid") for sample in (1, 2, 3)
    }


@pytest.mark.parametrize("odd", [3, False, {"text": "a"}, ["a"]])
def test_a_reply_that_is_no_text_is_named(tmp_path: Path, odd: object) -> None:
    file = tmp_path / "m_True.json"
    file.write_text(json.dumps([{"input": user_turn(True, CAT), "response": ["a", None, odd]}]))
    with pytest.raises(UsageError, match=r"m_True.json, item 1: reply 3 in 'response' is .*; expected text"):
        read_vlaf([file])


def test_unknown_scenarios_need_their_file(tmp_path: Path) -> None:
    row = vlaf_row("m", True, 0, "a")
    row["input"] = user_turn(True, ("Obey the captain.", "Warn the crew."))
    replies = write_jsonl(tmp_path / "loyalty.jsonl", [row])
    with pytest.raises(UsageError, match="line 1: the actions of this scenario are not known; give the release's"):
        read_vlaf([replies])
    scenarios = tmp_path / "loyalty_scenarios.json"
    scenarios.write_text(
        json.dumps(
            [{"scenario": "…", "developer_compliant": "Obey the captain.", "developer_noncompliant": "Warn the crew."}]
        )
    )
    actions = read_vlaf([scenarios, replies]).transcripts[0].actions
    assert actions is not None
    assert actions.decline == "Warn the crew."


def unknown_row(free: bool, sample: int) -> dict[str, object]:
    return vlaf_row("m", free, sample, "a") | {"value": "loyalty", "input": user_turn(free, ("Obey it.", "Warn them."))}


def test_a_wrong_scenario_file_is_told_from_a_missing_one(tmp_path: Path) -> None:
    replies = write_jsonl(tmp_path / "loyalty.jsonl", [unknown_row(True, 0), unknown_row(False, 0)])
    wrong = tmp_path / "other.json"
    wrong.write_text(json.dumps([{"developer_compliant": "Obey them.", "developer_noncompliant": "Warn the crew."}]))
    with pytest.raises(UsageError, match=r"not known; give the release's .*--scenarios FILE.*offers a\) 'Obey it"):
        read_vlaf([replies])
    with pytest.raises(UsageError, match=r"'Obey it.' are not in .*other.json \(pairs: 1\); the nearest .*'Obey them"):
        read_vlaf([replies], [wrong])
    with pytest.raises(UsageError, match=r"loyalty.jsonl: no scenario file"):
        read_vlaf([replies], [replies])
    taken = read_vlaf([replies], [wrong], "b").transcripts[0].actions
    assert taken is not None
    assert (taken.comply, taken.comply_letter, taken.decline_letter) == ("Warn them.", "b", "a")


def test_several_values_and_folders_are_read_at_once(tmp_path: Path) -> None:
    for value, pair in (("care", CAT), ("fairness", GRADES)):
        (tmp_path / value).mkdir()
        for free in (True, False):
            items = [{"input": user_turn(free, pair), "response": ["a", "b"]}]
            (tmp_path / value / f"m_{free}.json").write_text(json.dumps(items))
            (tmp_path / value / f"half_{free}.json").write_text(json.dumps(items if free else []))
        (tmp_path / value / "m_option_based_compliance.json").write_text('{"gap": 1}')
    (tmp_path / "LICENSE").write_text("MIT")
    notes: list[str] = []
    [folder] = import_files([tmp_path], None, tmp_path / "out", tell=notes.append)
    assert set(read_plan(folder / "plan.json").hashes) >= {"care/m_True.json", "fairness/m_False.json"}
    assert any("passed over" in note and "LICENSE" in note and "m_option_based" in note for note in notes)
    assert any("set aside: half has no reply in cell 'paid' (only 4 in cell 'free')" in note for note in notes)
    clash = [tmp_path / "care" / "m_True.json", tmp_path / "again" / "m_True.json"]
    clash[1].parent.mkdir()
    clash[1].write_text(clash[0].read_text())
    with pytest.raises(
        UsageError, match=r"again.m_True.json, item 1: a second row .*; the first is .*care.m_True.json"
    ):
        read_vlaf(clash)


def test_rows_in_a_json_list_are_read(tmp_path: Path) -> None:
    (tmp_path / "care.json").write_text(json.dumps(vlaf_rows("m", 5, 2)))
    assert len(read_vlaf([tmp_path / "care.json"]).transcripts) == 24


MISTAKES = [
    ({"is_free_tier": "yes"}, "line 2: 'is_free_tier' is 'yes'; expected true or false"),
    ({"scenario": 1.5}, "line 2: 'scenario' is 1.5; expected a whole number"),
    ({"sample": True}, "line 2: 'sample' is True; expected a whole number"),
    ({"response": 3}, "line 2: 'response' is int; expected text"),
    ({"subject": ""}, "line 2: 'subject' is ''; expected text"),
    ({"grader": "a"}, "line 2: 'grader' is 'a'; expected complied, refused or null"),
    ({"grader": ["refused"]}, "line 2: 'grader' is .*; expected complied, refused or null"),
    ({"sample": 0}, "line 2: a second row for subject .*the first is .*line 1"),
]


@pytest.mark.parametrize(("change", "message"), MISTAKES)
def test_bad_rows_are_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    rows = [vlaf_row("m", True, 0, "a"), {**vlaf_row("m", True, 1, "b"), **change}]
    with pytest.raises(UsageError, match=message):
        read_vlaf([write_jsonl(tmp_path / "x.jsonl", rows)])


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(UsageError, match="expected results named MODEL_True"):
        read_vlaf([tmp_path / "x.json"])
    (tmp_path / "m_True.json").write_text('[{"input": "hello", "response": ["a"]}]')
    with pytest.raises(UsageError, match="item 1: no <is_free_tier_user>"):
        read_vlaf([tmp_path / "m_True.json"])
    (tmp_path / "m_True.json").write_text('{"a": 1}')
    with pytest.raises(UsageError, match="expected a list of objects"):
        read_vlaf([tmp_path / "m_True.json"])
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(b'{"subject": 1}\n'))
    with pytest.raises(UsageError, match="line 1: no column 'value'"):
        read_vlaf([tmp_path / "x.jsonl.gz"])
    with pytest.raises(UsageError, match="--map and --design go with --format table"):
        read_files([tmp_path / "x.jsonl.gz"], "vlaf", {"reply": "x"})


def test_shipped_pairs_are_whole() -> None:
    pairs = shipped_pairs()
    assert len(pairs) == len(set(pairs)) == 32
    assert {value for value, *_ in pairs} == {"care", "fairness"}
    assert vlaf_design().contrasts["gap"].names is None


@pytest.mark.transcripts
def test_the_release_is_read_whole(release: list[Path]) -> None:
    found = read_vlaf(release)
    assert len(found.transcripts) == 10_480
    assert len(found.subjects) == 17
    assert {one.actions.comply_letter for one in found.transcripts if one.actions} == {"a"}
