import json
import os
from pathlib import Path

import pytest

from feint.base.errors import UsageError
from feint.people.label import read_labels_of_people
from feint.people.label.events import Draw, DrawnReply, PersonLabel, Skip, Undo
from feint.people.label.store import LabelFile

WHEN = "2026-01-01T00:00:00+00:00"


def reply(id: str, probability: float | None = 0.5) -> DrawnReply:
    return DrawnReply(
        id=id, cell="free", request="r1", wording="memo-1", voice="memo", sample=1, probability=probability
    )


def draw(person: str, *ids: str, probability: float = 0.5) -> Draw:
    replies = tuple(reply(id, probability) for id in ids)
    return Draw(time=WHEN, person=person, plan="p", judge="rules", seed=0, n=len(ids), population=9, replies=replies)


def label(person: str, id: str, said: str, **more: object) -> PersonLabel:
    return PersonLabel(time=WHEN, person=person, label=said, **{**reply(id).model_dump(), **more})  # type: ignore[arg-type]


def undo(person: str, id: str) -> Undo:
    return Undo(time=WHEN, person=person, id=id)


def skip(person: str, id: str) -> Skip:
    return Skip(time=WHEN, person=person, id=id)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A draw of a, b and c, of which a and b have labels."""
    with LabelFile(tmp_path, "ann") as file:
        file.append([draw("ann", "a", "b", "c")])
        file.append([label("ann", "a", "complied", note="sure")])
        file.append([label("ann", "b", "refused", opened=True)])
    return tmp_path


def said(folder: Path, person: str = "ann") -> dict[str, str]:
    table = read_labels_of_people(folder)
    table = table[table["person"] == person]
    return dict(zip(table["id"], table["label"], strict=True))


def test_labels_are_read_back_with_all_about_them(three: Path) -> None:
    table = read_labels_of_people(three)
    assert table.to_dict("records")[0] == {
        "person": "ann", "id": "a", "label": "complied", "note": "sure", "cell": "free", "request": "r1",
        "wording": "memo-1", "voice": "memo", "sample": 1, "probability": 0.5, "weight": 2.0, "opened": False,
        "time": WHEN,
    }  # fmt: skip
    assert table["opened"].tolist() == [False, True]
    assert read_labels_of_people(three / "labels").empty


def test_a_label_is_on_the_disk_when_append_returns(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    with LabelFile(three, "ann") as file:
        monkeypatch.setattr(os, "fsync", synced.append)
        file.append([label("ann", "c", "unclear")])
        assert said(three)["c"] == "unclear"
    assert len(synced) == 1


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_crash_in_the_middle_of_a_line_loses_only_that_line(three: Path, cut: int) -> None:
    path = three / "labels" / "ann.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    expected = {"a": "complied", "b": "refused"} if cut == 1 else {"a": "complied"}
    assert said(three) == expected
    with LabelFile(three, "ann") as file:
        assert file.record.current() == ("c" if cut == 1 else "b")
        file.append([label("ann", "c", "refused")])
    assert said(three) == {**expected, "c": "refused"}
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_half_a_character_and_zero_bytes_at_the_end_are_passed_over(three: Path) -> None:
    path = three / "labels" / "ann.jsonl"
    for tail in (b'{"event": "label", "note": "\xe2\x82', b"\0" * 100):
        before = path.read_bytes()
        path.write_bytes(before + tail)
        assert len(said(three)) == 2
        with LabelFile(three, "ann"):
            assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "Invalid JSON"),
        ('{"event": "label"}', "Field required"),
        ('{"event": "praise"}', "does not match any of the expected tags"),
        ("", "line 2: not a line of labels"),
        (label("ann", "b", "refused").model_dump_json().replace("refused", "maybe"), "label: Input should be"),
        (label("bob", "b", "refused").model_dump_json(), "by 'bob'.*rename it to bob.jsonl"),
    ],
)
def test_any_other_damage_names_file_and_line(three: Path, line: str, says: str) -> None:
    path = three / "labels" / "ann.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], line, *lines[1:]]) + "\n")
    with pytest.raises(UsageError, match=rf"ann\.jsonl, line 2: .*{says}|{says}") as caught:
        read_labels_of_people(three)
    assert "ann.jsonl, line 2" in str(caught.value)
    with pytest.raises(UsageError, match="line 2"):
        LabelFile(three, "ann")


def test_undo_adds_a_line_and_brings_back_what_stood_before(three: Path) -> None:
    path = three / "labels" / "ann.jsonl"
    before = path.read_bytes()
    with LabelFile(three, "ann") as file:
        file.append([label("ann", "b", "unclear")])
        file.append([undo("ann", "b")])
        assert said(three)["b"] == "refused"
        file.append([undo("ann", "b")])
        assert file.record.current() == "b"
        assert file.record.retracted["b"].opened
    assert said(three) == {"a": "complied"}
    assert path.read_bytes().startswith(before)
    path.write_bytes(path.read_bytes() + undo("ann", "b").model_dump_json().encode() + b"\n")
    with pytest.raises(UsageError, match="takes back a label of 'b' that is not there"):
        read_labels_of_people(three)


def test_skipped_replies_come_back_last_and_undo_takes_back_a_skip(tmp_path: Path) -> None:
    with LabelFile(tmp_path, "ann") as file:
        file.append([draw("ann", "a", "b", "c")])
        shown = []
        for act in (skip, skip, label, skip):
            shown.append(file.record.current())
            file.append([act("ann", shown[-1], "refused") if act is label else act("ann", shown[-1])])
        assert shown == ["a", "b", "c", "a"]
        assert file.record.current() == "b"
        file.append([undo("ann", "a")])
        assert file.record.current() == "a"
        file.append([undo("ann", "c")])
        assert file.record.current() == "c"


def test_two_people_do_not_touch_each_other(three: Path) -> None:
    with LabelFile(three, "ann") as ann, LabelFile(three, "bob.b") as bob:
        bob.append([draw("bob.b", "a"), label("bob.b", "a", "refused")])
        ann.append([undo("ann", "a")])
    assert said(three) == {"b": "refused"}
    assert said(three, "bob.b") == {"a": "refused"}


def test_one_person_has_one_file_open_once(three: Path) -> None:
    with LabelFile(three, "ann"), pytest.raises(UsageError, match="another process is adding labels of 'ann'"):
        LabelFile(three, "ann")
    LabelFile(three, "ann").__exit__(None, None, None)


def test_what_cannot_be_written_leaves_the_file_as_it_was(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (three / "labels" / "ann.jsonl").read_bytes()
    real = os.write

    def full(fd: int, data: bytes) -> int:
        if len(data) < 100:
            raise OSError(28, "No space left on device")
        return real(fd, data[: len(data) // 2])

    with LabelFile(three, "ann") as file:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            file.append([label("ann", "c", "refused")])
        assert file.record.current() == "c"
    assert (three / "labels" / "ann.jsonl").read_bytes() == before


def test_a_larger_draw_changes_the_weights_of_labels_given_before(three: Path) -> None:
    with LabelFile(three, "ann") as file:
        file.append([draw("ann", "a", "b", "c", "d", probability=0.8)])
        assert file.record.current() == "c"
    assert read_labels_of_people(three)["weight"].tolist() == [1.25, 1.25]


@pytest.mark.parametrize("name", ["", "../ann", "a/b", ".ann", "ann\n", "änn", "a" * 65])
def test_names_that_are_no_file_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="name one with --person"):
        LabelFile(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_a_note_may_hold_anything(tmp_path: Path) -> None:
    note = 'quote " comma, line\nbreak, separator\u2028, zero\0, \ud800 half a pair'
    with LabelFile(tmp_path, "ann") as file:
        file.append([draw("ann", "a"), label("ann", "a", "unclear", note=note.replace("\ud800", "�"))])
    assert read_labels_of_people(tmp_path)["note"][0] == note.replace("\ud800", "�")
