"""Input that would be silently changed: each file is read whole and alike everywhere, or refused with its line."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from feint.base.data import read_yaml
from feint.base.errors import UsageError
from feint.base.parsing import parse_json, parse_yaml
from feint.base.rows import read_rows
from feint.designs import load_design
from feint.study.importing.table import read_table
from feint.tasks.alignment_faking.requests import load_requests

INPUTS = Path(__file__).parent / "inputs"
MINI = str(INPUTS / "mini.yaml")
ROWS = [
    {"subject": "m", "cell": cell, "request": request, "reply": reply}
    for cell in ("rated", "trained")
    for request, reply in (("r0", "Sure; here it is, \u2028as asked."), ("r1", ' No.\x0b\x85 "Never."'))
]


def file(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def table(separator: str = ",", end: str = "\n", head: str = "", foot: str = "", pad: str = "") -> str:
    lines = [(separator + pad).join(ROWS[0])]
    for row in ROWS:
        quoted = ['"' + value.replace('"', '""') + '"' for value in row.values()]
        lines.append((separator + pad).join(quoted))
    return head + end.join(lines) + end + foot


SHAPES: Mapping[str, str] = {
    "commas.csv": table(),
    "semicolons.csv": table(";"),
    "tabs.csv": table("\t"),
    "tabs.tsv": table("\t"),
    "named.csv": table(";", "\r\n", head="sep=;\r\n"),
    "mark.csv": "\ufeff" + table(),
    "carriage.csv": table(end="\r"),
    "both.csv": table(end="\r\n", foot="\r\n\r\n"),
    "padded.csv": table(pad=" "),
    "blank.csv": table(head="\n", foot="\n  \n"),
    "lines.jsonl": "\r\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\r\n\n",
    "old.jsonl": "\ufeff" + "\r".join(json.dumps(row, ensure_ascii=False) for row in ROWS),
    "list.json": "\ufeff" + json.dumps(ROWS, ensure_ascii=False, indent=1),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_a_table_gives_the_same_rows(name: str, tmp_path: Path) -> None:
    path = file(tmp_path / name, SHAPES[name])
    assert [row for _, row in read_rows(path)] == ROWS
    assert [one.reply for one in read_table([path], design=MINI).transcripts] == [row["reply"] for row in ROWS]


@pytest.mark.parametrize("name", ["two-rows.csv", "three.jsonl"])
def test_requests_end_at_line_breaks_alone(name: str) -> None:
    texts = [item.text for item in load_requests("harmlessness", str(INPUTS / name)).items]
    assert len(texts) == {"two-rows.csv": 2, "three.jsonl": 3}[name]
    assert "\u2028" in texts[0] or "\x0b" in texts[1]


def test_a_blank_last_line_and_a_long_cell_are_no_mistake(tmp_path: Path) -> None:
    assert len(load_requests("harmlessness", str(INPUTS / "blanklast.csv")).items) == 3
    long = "word " * 40_000
    path = file(tmp_path / "long.csv", f"id,text\nq0,{long}\n")
    assert load_requests("harmlessness", str(path)).items[0].text == long.strip()


def requests(path: Path) -> object:
    return load_requests("harmlessness", str(path))


def rows(path: Path) -> object:
    return list(read_rows(path))


def imported(path: Path) -> object:
    return read_table([path], design=MINI)


@pytest.mark.parametrize(
    ("read", "name", "content", "says"),
    [
        (imported, "duphead.csv", None, r"line 1: column 'reply' stands twice"),
        (requests, "duphead-requests.csv", None, r"line 1: column 'text' stands twice"),
        (rows, "a.csv", "id; text ;text\n1;2;3\n", r"line 1: column 'text' stands twice"),
        (rows, "a.jsonl", '{"a": 1}\n{"a": 1, "a": 2}\n', r"line 2: key 'a' stands twice"),
        (rows, "a.jsonl", '{"a": 1, " a": 2}\n', r"line 1: column 'a' stands twice"),
        (rows, "a.json", '[{"a": 1},\n {"b": {"c": 1,\n "c": 2}}]', r"line 3: key 'c' stands twice"),
        (read_yaml, "dupcell.yaml", None, r"line 8: key 'trained' stands already in line 7"),
        (read_yaml, "dupfact.yaml", None, r"line 6: key 'rated' stands already in line 6"),
        (read_yaml, "a.yaml", "yes: 1\ntrue: 2\n", r"line 2: key 'true' stands already in line 1"),
        (read_yaml, "a.yaml", "a: [{b: 1, 'b': 2}]\n", r"line 1: key 'b' stands already"),
        (requests, "listtext.jsonl", None, r"line 1: column 'text' holds list; expected text"),
        (requests, "a.jsonl", '{"text": {"role": "user"}}', r"line 1: column 'text' holds dict; expected text"),
        (requests, "a.jsonl", '{"text": "a"}\n{"text": "b", "id": [1]}', r"line 2: column 'id' holds list"),
        (requests, "a.csv", "id,text\nq,a\nq,b\n", r"line 3: 'q' stands already"),
        (imported, "a.csv", "subject,cell,request,sample,reply\nm,rated,r,inf,No.\n", r"line 2: column 'sample'"),
        (imported, "a.csv", "subject,cell,request,sample,reply\nm,rated,r,1e99,No.\n", r"line 2: column 'sample'"),
        (rows, "a.csv", 'a,b\n1,2\n"3,4\n5,6\n', r"line 3: not valid CSV"),
        (rows, "a.csv", "a,b\n1,2\n3\x00,4\n", r"line 3 holds NUL"),
    ],
)  # fmt: skip
def test_what_would_be_lost_is_refused_with_its_line(
    read: Callable[[Path], object], name: str, content: str | None, says: str, tmp_path: Path
) -> None:
    path = INPUTS / name if content is None else file(tmp_path / name, content)
    with pytest.raises(UsageError, match=says) as raised:
        read(path)
    assert name in str(raised.value)


@pytest.mark.parametrize("facts", ["{1: yes}", "[rated]", "{rated: {a: b}}", "{rated: [yes]}", "7"])
def test_a_design_with_values_of_another_kind_is_told_of(facts: str, tmp_path: Path) -> None:
    text = (INPUTS / "mini.yaml").read_text(encoding="utf-8").replace("{rated: yes, trained: self}", facts)
    with pytest.raises(UsageError, match=r"a\.yaml"):
        load_design(str(file(tmp_path / "a.yaml", text)))


def test_merged_keys_and_aliases_are_no_repetition() -> None:
    text = "base: &b {x: 1, y: 2}\none: &o {<<: *b, x: 3}\ntwo: {<<: *o, z: 4}\nall: [*b, *b]\n"
    assert parse_yaml(text, "a.yaml:")["two"] == {"x": 3, "y": 2, "z": 4}


def test_yaml_lines_end_at_line_breaks_alone() -> None:
    said: Any = parse_yaml('a: one\u2028two\nb: "three\x85 four"\n', "a.yaml:")
    assert said == {"a": "one\u2028two", "b": "three\x85 four"}


def test_half_a_character_is_shown_as_one_that_is_missing() -> None:
    assert parse_json(r'{"a": ["\ud83d!", "\ud83d\ude00", "\\ud83d"]}', "a") == {"a": ["\ufffd!", "😀", "\\ud83d"]}
    assert read_table([INPUTS / "surrogate.jsonl"], design=MINI).transcripts[0].reply.count("\ufffd") == 1


def test_a_number_that_is_not_given_is_counted() -> None:
    assert {one.sample for one in read_table([INPUTS / "samplenan.csv"], design=MINI).transcripts} == {1}
