"""Tables as people have them: of spreadsheets in other languages, of interfaces, of several runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from recorded import table_rows, write_csv, write_jsonl

from feint.base.errors import UsageError
from feint.study.compare.studies import compare_command
from feint.study.importing.files import import_command
from feint.study.importing.table import read_table
from feint.study.importing.transcript import Collection

Rows = list[dict[str, Any]]
MAPPED = {"subject": "Modell", "cell": "Bedingung", "request": "Anfrage", "reply": "Antwort"}


def german(rows: Rows) -> pd.DataFrame:
    names = {theirs: ours for ours, theirs in MAPPED.items()}
    made = pd.DataFrame([{theirs: row[ours] for theirs, ours in names.items()} for row in rows])
    return made.assign(Schaden=["3,5" if row["cell"] == "free" else "1,0" for row in rows])


def as_read(found: Collection) -> list[tuple[object, str]]:
    return sorted((one.key, one.reply) for one in found.transcripts)


def text_of(rows: Rows, **how: Any) -> str:
    return str(pd.DataFrame(rows).to_csv(index=False, **how))


WRITERS: dict[str, Callable[[Path, Rows], object]] = {
    "utf16.csv": lambda path, rows: pd.DataFrame(rows).to_csv(path, sep="\t", index=False, encoding="utf-16"),
    "bars.csv": lambda path, rows: path.write_text(text_of(rows, sep="|")),
    "crlf.csv": lambda path, rows: path.write_text(text_of(rows, lineterminator="\r\n"), newline=""),
    "ends_in_separators.csv": lambda path, rows: path.write_text(text_of(rows) + ",,,,,\n"),
    "blanks.csv": lambda path, rows: path.write_text(
        text_of([{f" {name} ": f" {value} " if name != "reply" else value for name, value in row.items()}
                 for row in rows]),
    ),
    "categories.parquet": lambda path, rows: pd.DataFrame(rows).astype({"cell": "category"}).to_parquet(path),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_is_the_same_in_every_dress(name: str, tmp_path: Path) -> None:
    rows = table_rows("Größe/日本 a/b?#%20")
    WRITERS[name](tmp_path / name, rows)
    assert as_read(read_table([tmp_path / name])) == as_read(read_table([write_csv(tmp_path / "t.csv", rows)]))


@pytest.mark.parametrize("least", ["3", "3.0", "3,0"])
def test_a_spreadsheet_with_decimal_commas_counts(least: str, tmp_path: Path) -> None:
    german(table_rows()).to_csv(tmp_path / "g.csv", sep=";", index=False, encoding="utf-8-sig")
    found = read_table([tmp_path / "g.csv"], MAPPED, complied=f"Schaden>={least}")
    assert {(one.cell, one.labels["Schaden"]) for one in found.transcripts} == {
        ("free", "complied"),
        ("paid", "refused"),
    }


def test_a_text_within_an_answer_is_named_by_its_path(tmp_path: Path) -> None:
    rows = table_rows()
    answers = [{**row, "reply": {"choices": [{"message": {"role": "a", "content": row["reply"]}}]}} for row in rows]
    (tmp_path / "a.json").write_text(json.dumps(answers))
    with pytest.raises(
        UsageError, match=r"entry 1: .* holds dict; .* --map reply=reply\.choices\.0\.message\.content$"
    ):
        read_table([tmp_path / "a.json"])
    found = read_table([tmp_path / "a.json"], {"reply": "reply.choices.0.message.content"})
    assert as_read(found) == as_read(read_table([write_jsonl(tmp_path / "t.jsonl", rows)]))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.jsonl", '{"subject": "m"}\nnull\n', r"a.jsonl, line 1: no column 'cell'"),
        ("a.jsonl", json.dumps(table_rows()[0]) + "\nnull\n", r"a.jsonl, line 2: .* found null; remove it"),
        ("a.json", json.dumps({"meta": 1, "data": table_rows()}), r"its key 'data' holds one: save that list"),
        ("a.csv", text_of(table_rows()).replace("reply", "Reply"), r"name it with --map reply=Reply$"),
        ("a.csv", text_of(table_rows()).replace(",free,", ",Free,").replace(",paid,", ",PAID,"),
         r"cells Free, PAID: .* --map Free=free --map PAID=paid, or give"),
        ("a.csv", text_of(table_rows()[:3]).replace("r0", "größer"), r"line 2: .*; save it as UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_the_remedy(name: str, text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="cp1252")
    with pytest.raises(UsageError, match=says):
        read_table([tmp_path / name])


def test_a_name_with_a_line_break_is_shown_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write_csv(tmp_path / "t.csv", [*table_rows("a\nb"), *table_rows("c\x1b[31m[red]x")])
    import_command([table], None, tmp_path / "out")
    compare_command([tmp_path / "out"], None)
    said = capsys.readouterr().out
    assert said.count("! a b and c") == 2 and "\x1b" not in said and "\nb and" not in said


def test_one_id_in_two_files_is_no_second_reply(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "sample"} for row in table_rows(samples=1)]
    files = [write_csv(tmp_path / name, rows) for name in ("care.csv", "honesty.csv")]
    with pytest.raises(
        UsageError, match=r"honesty.csv, line 2: request 'r0' .* in another file, too \(.*care.csv, line"
    ):
        read_table(files)
    numbered = [write_csv(tmp_path / f"{n}.csv", [{**row, "sample": n} for row in rows]) for n in (1, 2)]
    assert len(read_table(numbered).transcripts) == 2 * len(rows)
