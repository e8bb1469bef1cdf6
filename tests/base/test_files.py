"""Files of every kind: read with one message each, written in one step, sealed, and grown line by line."""

import gzip
import json
from pathlib import Path

import pytest

from feint.base.data import read_front_matter, read_text, read_yaml
from feint.base.errors import UsageError
from feint.base.rows import read_rows
from feint.base.sealed import Sealed, read_sealed, write_sealed
from feint.base.writing import append_line, read_lines, write_json, write_text


def file(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'id,text\n1,one\n2,"two, or\u2028three"\n'),
        ("A.CSV", '\ufeff id , text \r\n1,one\r\n\r\n2,"two, or\u2028three"\r\n'),
        ("a.jsonl", '{"id": "1", "text": "one"}\n\n{"id": "2", "text": "two, or\u2028three"}\n'),
        ("a.json", '\ufeff[{"id": "1", "text": "one"}, {"id": "2", "text": "two, or\u2028three"}]'),
    ],
)
def test_rows_are_the_same_in_every_form(tmp_path: Path, name: str, content: str) -> None:
    expected = [{"id": "1", "text": "one"}, {"id": "2", "text": "two, or\u2028three"}]
    assert [row for _, row in read_rows(file(tmp_path / name, content))] == expected
    packed = file(tmp_path / f"{name}.gz", gzip.compress(content.encode()))
    assert [row for _, row in read_rows(packed)] == expected


def test_rows_have_places(tmp_path: Path) -> None:
    path = file(tmp_path / "a.csv", 'text\n"one\nmore"\n\ntwo\n')
    assert list(read_rows(path)) == [(f"{path}, line 3", {"text": "one\nmore"}), (f"{path}, line 5", {"text": "two"})]
    path = file(tmp_path / "a.jsonl", '{"a": 1}\n\n{"a": 2}\n')
    assert [where for where, _ in read_rows(path)] == [f"{path}, line 1", f"{path}, line 3"]


def test_a_short_row_is_filled_only_where_that_is_meant(tmp_path: Path) -> None:
    path = file(tmp_path / "a.csv", "person,note\nann\n")
    assert list(read_rows(path, short=True)) == [(f"{path}, line 2", {"person": "ann", "note": ""})]
    with pytest.raises(UsageError, match="line 2: 1 columns, the header has 2"):
        list(read_rows(path))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", "x", "unknown kind of file; expected a .csv, .tsv, .jsonl, .ndjson, .json, .parquet file"),
        ("a.csv", "a,b\n1,2,3\n", "line 2: 3 columns, the header has 2; put texts with separators or line breaks in"),
        ("a.csv", 'a\n"open\n', "not valid CSV"),
        ("a.csv", b"\xff\xfe\x00", "cannot be read as UTF-8 text"),
        ("a.csv.gz", b"no gzip", "cannot be read .*; copy or save it again"),
        ("a.jsonl", '{"a": 1}\n{\n', "line 2: not valid JSON"),
        ("a.jsonl", '{"a": 1}\n[1]\n', "line 2: expected an object with columns, found list"),
        ("a.jsonl", "[" * 100_000, "line 1: not valid JSON"),
        ("a.jsonl", '{"a": ' + "1" * 5000 + "}", "line 1: not valid JSON"),
        ("a.json", "{}", "expected a list of objects at the top level"),
        ("a.json", "[\n{},\n1x]", "not valid JSON .* at line 3, column 2"),
        ("a.json", "[{}, 3]", "entry 2: expected an object with columns, found int"),
    ],
)
def test_a_bad_file_is_one_line_with_name_and_remedy(
    tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        list(read_rows(file(tmp_path / name, content)))
    assert name in str(raised.value) and "\n" not in str(raised.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for read in (read_text, read_yaml, read_front_matter, lambda path: list(read_rows(path))):
        with pytest.raises(UsageError, match="no such file"):
            read(tmp_path / "absent.csv")
    assert list(read_lines(tmp_path / "absent.jsonl")) == []


def test_front_matter(tmp_path: Path) -> None:
    for content in ("---\nname: mine\n---\nBody\n---\nmore\n", "---\r\nname: mine\r\n---\r\nBody\r\n---\r\nmore\r\n"):
        assert read_front_matter(file(tmp_path / "a.md", content)) == ({"name": "mine"}, "Body\n---\nmore\n")
    for content, says in [
        ("Body", "expected front matter"),
        ("---\nname: [\n---\n", "front matter is not valid YAML"),
        ("---\n---\nBody", "expected a mapping of keys"),
    ]:
        with pytest.raises(UsageError, match=says):
            read_front_matter(file(tmp_path / "a.md", content))


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"text": "é"})
    assert json.loads(path.read_text(encoding="utf-8")) == {"text": "é"} and path.read_text().endswith("}\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_text(path, "new")
    assert [found.name for found in tmp_path.iterdir()] == ["a.json"] and "é" in path.read_text(encoding="utf-8")


OWNER = {"owner": "a"}


class Note(Sealed):
    owner: str
    text: str = ""


def read_note(path: Path) -> Note:
    return read_sealed(Note, path, kind="a note", remedy="write it anew", changed="changed; remove it", of=OWNER)


def test_a_sealed_record_comes_back(tmp_path: Path) -> None:
    write_sealed(tmp_path / "a.json", Note(owner="a", text="kept"))
    assert read_note(tmp_path / "a.json") == Note(owner="a", text="kept").sealed()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"text": "other"}, "changed; remove it"),
        ({"sha256": ""}, "changed; remove it"),
        (Note(owner="b").sealed().model_dump(), "changed; remove it"),
        ({"more": 1}, r"not a note \(.*\); write it anew"),
    ],
)
def test_a_changed_record_is_refused(tmp_path: Path, change: dict[str, object], says: str) -> None:
    path = tmp_path / "a.json"
    write_json(path, Note(owner="a", text="kept").sealed().model_dump() | change)
    with pytest.raises(UsageError, match=says):
        read_note(path)


def test_lines_grow_and_a_torn_one_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    append_line(path, {"n": 1})
    with path.open("ab") as kept:
        kept.write(b'{"n": 2, "tex')
    append_line(path, {"n": 3})
    with path.open("ab") as kept:
        kept.write(b"7\n\xff\xfe\n")
    assert list(read_lines(path)) == [{"n": 1}, {"n": 3}]
