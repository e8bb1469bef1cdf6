import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from feint.base.errors import UsageError
from feint.situations.conflicts import Item
from feint.tasks.alignment_faking import load_requests, select_requests


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def refused(requests: str, conflict: str = "harmlessness") -> str:
    with pytest.raises(UsageError) as error:
        load_requests(conflict, requests)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_own_requests() -> None:
    whole, held_out = load_requests("harmlessness", "all"), load_requests("harmlessness", "held-out")
    assert len(held_out.requests) == 40
    assert all(request.held_out for request in held_out.requests)
    assert {r.id for r in held_out.requests} < {r.id for r in whole.requests}
    assert len(held_out.twins) == 40


def test_csv_with_every_column(tmp_path: Path) -> None:
    file = write(tmp_path / "r.csv", 'id,text,twin,category\na,"Do, this",Do that,x\nb,Second,,y\n')
    conflict = load_requests("harmlessness", file)
    assert [(r.id, r.text, r.category) for r in conflict.requests] == [("a", "Do, this", "x"), ("b", "Second", "y")]
    assert [t.id for t in conflict.twins] == ["a~twin"]
    assert conflict.objective == load_requests("harmlessness", "all").objective


def test_rows_without_ids_are_numbered(tmp_path: Path) -> None:
    file = write(tmp_path / "r.jsonl", '{"text": "one"}\n{"text": "two"}\n')
    assert [r.id for r in load_requests("harmlessness", file).requests] == ["request-001", "request-002"]


def test_json_list_and_byte_order_mark(tmp_path: Path) -> None:
    file = write(tmp_path / "r.json", "\ufeff" + json.dumps([{"text": "one", "id": 7}]))
    assert [r.id for r in load_requests("harmlessness", file).requests] == ["7"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("r.csv", "id,prompt\na,hello\n", ["line 2", "no column 'text'", "found id, prompt"]),
        ("r.csv", "text\nhello\nhello\n", ["line 3", "stands already", "line 2"]),
        ("r.csv", "id,text\na,one\na,two\n", ["line 3", "'a' stands already"]),
        ("r.csv", "id,text\na,one\n,\n", ["line 3", "empty row"]),
        ("r.csv", "id,text\na,\n", ["line 2", "'text' is empty"]),
        ("r.csv", "id,text\na,one,two\n", ["line 2", "3 columns", "header has 2"]),
        ("r.csv", "id,text\n", ["no requests"]),
        ("r.csv", "", ["no requests"]),
        ("r.csv", "id,text\na b!,one\n", ["line 2", "column 'id'"]),
        ("r.jsonl", '{"text": "one"}\n{broken\n', ["line 2", "not valid JSON"]),
        ("r.jsonl", '"text"\n', ["line 1", "expected an object with columns, found str"]),
        ("r.json", '{"text": "one"}', ["expected a list"]),
        ("r.txt", "text\none\n", ["expected a .csv"]),
    ],
)
def test_bad_files_name_the_line_and_the_remedy(tmp_path: Path, name: str, text: str, says: list[str]) -> None:
    message = refused(write(tmp_path / name, text))
    for words in [name, *says]:
        assert words in message


def test_a_choice_needs_its_actions(tmp_path: Path) -> None:
    assert "no column 'comply'" in refused(write(tmp_path / "r.csv", "text\none\n"), "care")


def test_not_text(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_bytes(b"\xff\xfe\x00text")
    assert "UTF-8" in refused(str(file))


def test_what_is_no_file_is_a_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert "pip install datasets" in refused("someone/requests")
    rows = {"train": [{"text": "one"}], "test": [{"text": "two"}, {"text": "three"}]}
    fake = SimpleNamespace(load_dataset=lambda name, split: rows[split])
    monkeypatch.setitem(sys.modules, "datasets", fake)
    assert len(load_requests("harmlessness", "someone/requests").requests) == 1
    assert len(load_requests("harmlessness", "someone/requests:test").requests) == 2
    assert "cannot be loaded" in refused("someone/requests:dev")


def test_what_is_nothing() -> None:
    assert "no such file" in refused("requests")
    assert "no such file" in refused("missing.csv")


def test_a_part_keeps_the_mixture() -> None:
    items = [
        Item(id=f"{category}{i}", category=category, text=f"{category}{i}") for category in "abc" for i in range(4)
    ]
    assert [item.category for item in select_requests(items, 6)] == list("abcabc")
    assert len(select_requests(items, 0)) == len(select_requests(items, 99)) == 12
