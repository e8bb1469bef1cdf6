import csv
from pathlib import Path

import pytest

from feint.base.errors import UsageError
from feint.people.label import read_labels_of_people
from feint.people.label.command import export_labels, import_labels
from feint.people.label.replies import FinishedStudy
from feint.people.label.session import Session
from feint.people.label.store import LabelFile


@pytest.fixture
def labelled(study: FinishedStudy) -> FinishedStudy:
    """Four labels by ann, with notes that CSV finds hard."""
    with LabelFile(study.path, "ann") as file:
        session = Session(study, file, n=12)
        for at, note in enumerate(('"quoted", with comma', "two\nlines", "", "=1+1")):
            session.act("unclear" if note else "refused", at, note)
    return study


def write(path: Path, *rows: str, header: str = "person,id,label,note") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_what_is_exported_is_imported(labelled: FinishedStudy, tmp_path: Path) -> None:
    before = read_labels_of_people(labelled.path)
    file = tmp_path / "labels.csv"
    assert export_labels(labelled.path, file) == 4
    with file.open(newline="") as opened:
        assert next(csv.reader(opened)) == ["person", "id", "label", "note"]
    assert import_labels(labelled.path, file) == {"ann": 0}
    (labelled.path / "labels" / "ann.jsonl").unlink()
    assert import_labels(labelled.path, file) == {"ann": 4}
    after = read_labels_of_people(labelled.path)
    same = ["person", "id", "label", "note", "cell", "request", "wording", "voice", "sample"]
    assert after[same].equals(before[same])
    assert after["probability"].isna().all()


def test_imported_labels_take_the_place_of_earlier_ones_and_keep_their_weight(
    labelled: FinishedStudy, tmp_path: Path
) -> None:
    first = read_labels_of_people(labelled.path).iloc[0]
    file = write(
        tmp_path / "t.csv", f"ann,{first['id']},complied", f"bob,{first['id']},refused", header="person,id,label"
    )
    assert import_labels(labelled.path, file) == {"ann": 1, "bob": 1}
    table = read_labels_of_people(labelled.path).set_index(["person", "id"])
    assert table.loc[("ann", first["id"]), "label"] == "complied"
    assert table.loc[("ann", first["id"]), "weight"] == first["weight"]
    assert len(table) == 5


def test_a_person_whose_labels_came_first_goes_on_with_the_rest(study: FinishedStudy, tmp_path: Path) -> None:
    with LabelFile(study.path, "ann") as file:
        Session(study, file, n=12)
        queue = file.record.queue
    import_labels(study.path, write(tmp_path / "t.csv", f"bob,{queue[0]},refused,"))
    with LabelFile(study.path, "bob") as file:
        view = Session(study, file, n=12).view()
        assert (view.at, view.labelled, view.last) == (1, 1, "refused")
    assert read_labels_of_people(study.path)["weight"].notna().all()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["ann,{id},complied,", "ann,nowhere,complied,"], "line 3: .*no reply 'nowhere' in its logs"),
        (["ann,{id},yes,"], "line 2: label 'yes'; expected one of complied, refused, unclear"),
        (["../ann,{id},refused,"], "line 2: person '../ann'.*expected"),
        ([",{id},refused,"], "line 2: person ''"),
        (["ann,{id},refused,", "ann,{id},complied,"], "line 3: 'ann' labels '.*' in line 2 too"),
        (["ann,{id},refused,well, no"], "line 2: 5 columns, the header has 4"),
        (["ann,{id}"], "line 2: label ''"),
        (['ann,{id},refused,"open'], "not valid CSV"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_added(
    study: FinishedStudy, tmp_path: Path, rows: list[str], says: str
) -> None:
    id = study.population["id"].iloc[0]
    file = write(tmp_path / "t.csv", *(row.format(id=id) for row in rows))
    with pytest.raises(UsageError, match=says) as caught:
        import_labels(study.path, file)
    assert "t.csv" in str(caught.value)
    assert not (study.path / "labels").exists()


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("who,id,label,note", "no column 'person'; expected person,id,label,note in the first row"),
        ("person,id,label,id", "column 'id' stands twice"),
        ("person,id,label,verdict", "unknown column 'verdict'"),
        ("person,id,note", "no column 'label'"),
    ],
)
def test_a_wrong_header(study: FinishedStudy, tmp_path: Path, header: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        import_labels(study.path, write(tmp_path / "t.csv", ",".join("abcd"[: header.count(",") + 1]), header=header))


def test_files_that_cannot_be_read(study: FinishedStudy, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        import_labels(study.path, tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("person,id,label\nJörg".encode("latin-1"))
    with pytest.raises(UsageError, match="cannot be read as UTF-8 text"):
        import_labels(study.path, tmp_path / "latin.csv")
    with pytest.raises(UsageError, match="no labels to export"):
        export_labels(study.path, tmp_path / "out.csv")


def test_a_spreadsheets_byte_order_mark_is_no_part_of_a_name(study: FinishedStudy, tmp_path: Path) -> None:
    file = write(tmp_path / "t.csv", f"ann,{study.population['id'].iloc[0]},refused,")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert import_labels(study.path, file) == {"ann": 1}
