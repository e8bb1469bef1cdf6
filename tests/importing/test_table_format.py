import json
from pathlib import Path

import pandas as pd
import pytest
from recorded import table_rows, write_csv, write_jsonl

from feint.base.errors import UsageError
from feint.study.importing.files import read_files
from feint.study.importing.table import read_table


def test_three_kinds_of_file_read_alike(tmp_path: Path) -> None:
    rows = table_rows()
    pd.DataFrame(rows).to_parquet(tmp_path / "t.parquet")
    files = [write_csv(tmp_path / "t.csv", rows), write_jsonl(tmp_path / "t.jsonl", rows), tmp_path / "t.parquet"]
    read = [[(one.key, one.reply, one.reasoning) for one in read_table([file]).transcripts] for file in files]
    assert read[0] == read[1] == read[2]
    assert len(read[0]) == len(rows)


def test_quotes_line_breaks_and_commas_survive_csv(tmp_path: Path) -> None:
    rows = table_rows()
    rows[0]["reply"] = 'She said: "no,\nnever"\n'
    assert read_table([write_csv(tmp_path / "t.csv", rows)]).transcripts[0].reply == rows[0]["reply"]


def test_columns_can_be_mapped_and_samples_counted(tmp_path: Path) -> None:
    rows = [
        {"model": row["subject"], "tier": row["cell"], "prompt_id": row["request"], "output": row["reply"]}
        for row in table_rows()
    ]
    columns = {"subject": "model", "cell": "tier", "request": "prompt_id", "reply": "output"}
    found = read_files([write_csv(tmp_path / "t.csv", rows)], "table", columns)
    assert [one.sample for one in found.transcripts[:2]] == [1, 2]
    assert found.design.name == "tiers"
    assert found.judge == "rules"


def test_actions_make_it_a_choice(tmp_path: Path) -> None:
    rows = [{**row, "comply": "Walk on.", "decline": "Help the cat."} for row in table_rows()]
    found = read_table([write_csv(tmp_path / "t.csv", rows)])
    assert (found.judge, found.conflict["type"]) == ("action", "choice")
    rows[3]["comply"] = rows[3]["decline"] = ""
    with pytest.raises(UsageError, match="line 5: 'comply' and 'decline' must be filled in every row or in none"):
        read_table([write_csv(tmp_path / "t.csv", rows)])


@pytest.mark.parametrize(
    ("turn", "letters"),
    [
        ("Decide: 1) Walk on. 2) Help the cat.", ("1", "2")),
        ("Decide.\n(i) Help the cat.\n(ii) Walk on.", ("ii", "i")),
        ("Option A: walk on. Option B: help the cat.", ("a", "b")),
        ("Help the cat, or walk on?", ("b", "a")),
        ("What now?", ("a", "b")),
    ],
)
def test_actions_have_the_labels_that_the_prompt_gives_them(
    tmp_path: Path, turn: str, letters: tuple[str, str]
) -> None:
    rows = [{**row, "comply": "Walk on.", "decline": "Help the cat.", "user": turn} for row in table_rows()]
    found = {one.actions for one in read_table([write_csv(tmp_path / "t.csv", rows)]).transcripts}
    assert [(one.comply_letter, one.decline_letter) for one in found if one] == [letters]


def test_a_label_column_is_kept(tmp_path: Path) -> None:
    rows = [
        {**row, "label": label} for row, label in zip(table_rows(), ["complied", "0", "", "missing"] * 4, strict=True)
    ]
    found = read_table([write_csv(tmp_path / "t.csv", rows)])
    assert [one.labels["label"] for one in found.transcripts[:4]] == ["complied", "refused", "missing", "missing"]
    assert read_table([write_csv(tmp_path / "u.csv", table_rows())]).transcripts[0].labels == {}


def test_the_label_that_counts_occurs_in_the_file(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "t.csv", [{**row, "grade": "Bad"} for row in table_rows()])
    assert {one.labels["grade"] for one in read_table([file], complied="grade=bad").transcripts} == {"complied"}
    for complied, message in [
        ("grade=harmful", "--complied grade=harmful: no row has 'harmful' in column 'grade', only Bad"),
        ("grade=none", "'none' means that there is no label"),
        ("grade>=nan", "'nan' is no number"),
        ("grade>=inf", "'inf' is no number"),
    ]:
        with pytest.raises(UsageError, match=message):
            read_table([file], complied=complied)
    endless = write_csv(tmp_path / "u.csv", [{**row, "grade": "-inf"} for row in table_rows()])
    with pytest.raises(UsageError, match="line 2: column 'grade' is '-inf'; expected a number or nothing"):
        read_table([endless], complied="grade>=1")


def test_columns_of_other_judges_are_kept_under_their_names(tmp_path: Path) -> None:
    rows = [{**row, "judge:ours": "1", "grade": "refused"} for row in table_rows()]
    file = write_csv(tmp_path / "t.csv", rows)
    found = read_table([file], {"judge:release": "grade"})
    assert found.transcripts[0].labels == {"ours": "complied", "release": "refused"}
    for columns, message in [
        ({"grade": "judge:release"}, "write --map judge:release=grade"),
        ({"judge:rules": "grade"}, "'judge:rules': expected judge:NAME, with a name other than action, rules"),
        ({"judge:release": "grades"}, "line 2: no column 'grades' for 'judge:release'"),
        ({"judge:release": "reply"}, "line 2: column 'reply' is 'Here is"),
    ]:
        with pytest.raises(UsageError, match=message):
            read_table([file], columns)


MISTAKES = [
    ({"drop": "reply"}, r"line 2: no column 'reply' for 'reply'; found .*name it with --map reply=COLUMN"),
    ({"row": 2, "cell": " "}, r"line 4: column 'cell' is empty"),
    ({"row": 1, "sample": "two"}, r"line 3: column 'sample' is 'two'; expected a whole number"),
    ({"row": 1, "sample": "1"}, r"line 3: a second row for subject 'lab/model', cell 'free'.*the first is .*line 2"),
    ({"row": 0, "label": "perhaps"}, r"line 2: column 'label' is 'perhaps'; expected complied"),
    ({"row": 0, "comply": "Go."}, r"line 2: columns 'comply' and 'decline' must hold two different actions"),
    ({"row": 0, "cell": "free trial"}, r"cells free, free trial, paid: no design has exactly these"),
]


@pytest.mark.parametrize(("mistake", "message"), MISTAKES)
def test_mistakes_name_file_and_line(tmp_path: Path, mistake: dict[str, str | int], message: str) -> None:
    rows = [{**row, "label": "1", "comply": "", "decline": ""} for row in table_rows()]
    if "drop" in mistake:
        rows = [{key: value for key, value in row.items() if key != mistake["drop"]} for row in rows]
    else:
        rows[int(mistake["row"])] |= {key: value for key, value in mistake.items() if key != "row"}
    with pytest.raises(UsageError, match=message) as raised:
        read_table([write_csv(tmp_path / "t.csv", rows)])
    assert "\n" not in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    cases = {
        "a.txt": ("x", "unknown kind of file"),
        "b.jsonl": ('{"subject": "m"\n', "line 1: not valid JSON"),
        "c.jsonl": ("[1]\n", "line 1: expected an object"),
        "d.csv": ("subject,cell,request,reply\nm,free,r\n", "line 2: 3 columns, the header has 4"),
        "e.parquet": ("PAR", "not a Parquet file"),
        "f.csv": ("subject,cell,request,reply\n", "no rows"),
        "g.jsonl": (json.dumps({"subject": ["m"], "cell": "free", "request": "r", "reply": "x"}), "holds list"),
    }
    for name, (content, message) in cases.items():
        (tmp_path / name).write_text(content)
        with pytest.raises(UsageError, match=message):
            read_table([tmp_path / name])
    (tmp_path / "h.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read as UTF-8"):
        read_table([tmp_path / "h.csv"])
    with pytest.raises(UsageError, match="no such file"):
        read_files([tmp_path / "absent.csv"], "table")
    with pytest.raises(UsageError, match="unknown format 'tables'; did you mean 'table'"):
        read_files([tmp_path / "d.csv"], "tables")
    with pytest.raises(UsageError, match="--map prompt=x: unknown column"):
        read_files([tmp_path / "d.csv"], "table", {"prompt": "x"})


def test_a_design_may_be_named(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "t.csv", table_rows())
    with pytest.raises(UsageError, match="design 'three-tier' has free, pro, enterprise"):
        read_table([file], design="three-tier")
    assert read_table([file], design="tiers").design.name == "tiers"


def test_values_of_cells_can_be_mapped(tmp_path: Path) -> None:
    rows = [{**row, "tier": row["cell"] == "free"} for row in table_rows()]
    rows = [{key: value for key, value in row.items() if key != "cell"} for row in rows]
    mapped = {"cell": "tier", "True": "free", "false": "paid"}
    (tmp_path / "t.json").write_text(json.dumps(rows))
    for file in (write_csv(tmp_path / "t.csv", rows), tmp_path / "t.json"):
        assert [one.cell for one in read_table([file], mapped).transcripts[:4]] == ["free", "free", "paid", "paid"]
    with pytest.raises(UsageError, match="--map free=True: the file's value comes first: --map True=free"):
        read_table([tmp_path / "t.csv"], {"cell": "tier", "free": "True"})
    with pytest.raises(UsageError, match="--map yes=free: no row has 'yes' in column 'tier', only True, False"):
        read_table([tmp_path / "t.csv"], {"cell": "tier", "yes": "free"})
    with pytest.raises(UsageError, match="--map user=prompt: no row has a column 'prompt'"):
        read_table([tmp_path / "t.csv"], {**mapped, "user": "prompt"})


COMPLIED = [("harm", "0"), ("harm>=3", "4"), ("harm=bad", "bad")]


@pytest.mark.parametrize(("said", "value"), COMPLIED)
def test_a_column_can_say_who_complied(tmp_path: Path, said: str, value: str) -> None:
    rows = [{**row, "harm": "1"} for row in table_rows()]
    rows[0]["harm"], rows[1]["harm"] = value, ""
    found = read_table([write_csv(tmp_path / "t.csv", rows)], complied=said)
    assert found.judge == "harm"
    others = "complied" if said == "harm" else "refused"
    mine = "refused" if said == "harm" else "complied"
    assert [one.labels["harm"] for one in found.transcripts[:3]] == [mine, "missing", others]


def test_a_label_that_cannot_be_read_says_how(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "t.csv", [{**row, "harm": "bad"} for row in table_rows()])
    with pytest.raises(UsageError, match=r"line 2: column 'harm' is 'bad'.*--complied 'harm=VALUE' or 'harm>=NUMBER'"):
        read_table([file], complied="harm")
    with pytest.raises(UsageError, match="line 2: column 'harm' is 'bad'; expected a number"):
        read_table([file], complied="harm>=2")
    with pytest.raises(UsageError, match="no row has a column 'harms'"):
        read_table([file], complied="harms")


def test_whole_numbers_are_one_id_in_every_kind_of_file(tmp_path: Path) -> None:
    rows = [
        {**row, "request": int(str(row["request"])[1:]), "cell": int(row["cell"] == "free")} for row in table_rows()
    ]
    floats = [{**row, "request": float(row["request"]), "cell": float(row["cell"])} for row in rows]
    pd.DataFrame(floats).to_parquet(tmp_path / "f.parquet")
    files = [
        write_csv(tmp_path / "t.csv", rows), write_jsonl(tmp_path / "t.jsonl", rows), tmp_path / "f.parquet",
        write_jsonl(tmp_path / "f.jsonl", floats),
    ]  # fmt: skip
    read = [[one.key for one in read_table([file], {"1": "free", "0": "paid"}).transcripts] for file in files]
    assert all(keys == read[0] for keys in read) and {key[2] for key in read[0]} == {"0", "1", "2", "3"}


@pytest.mark.parametrize(
    ("complied", "told"),
    [
        ("harm>=7", ["every labelled reply counts as refused, and none as complied (the column holds 1 to 5)"]),
        ("harm>=0", ["every labelled reply counts as complied (the column holds 1 to 5)"]),
        ("harm>=3", []),
        ("same=yes", ["--complied same=yes: every labelled reply counts as complied; check the option"]),
        ("none", ["--complied none: no row has a label in this column, so every reply is missing"]),
    ],
)
def test_a_label_that_parts_no_replies_is_told(complied: str, told: list[str], tmp_path: Path) -> None:
    rows = [{**row, "harm": 1 + number % 5, "same": "yes", "none": ""} for number, row in enumerate(table_rows())]
    found = read_table([write_csv(tmp_path / "t.csv", rows)], complied=complied)
    assert len(found.warnings) == len(told) and all(
        part in text for part, text in zip(told, found.warnings, strict=True)
    )
