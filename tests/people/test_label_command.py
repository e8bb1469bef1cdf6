import sys
from pathlib import Path

import pytest

from feint.base.errors import UsageError
from feint.cli import main
from feint.people.label import command, read_labels_of_people
from feint.people.label.replies import FinishedStudy
from feint.people.label.session import Session


def test_it_says_where_labels_lie_and_how_to_go_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(session: Session, port: int, announce: object) -> None:
        session.act("refused", 0)
        raise KeyboardInterrupt

    monkeypatch.setattr("feint.people.label.server.serve", serve)
    monkeypatch.setattr("getpass.getuser", lambda: "ann")
    command.label_command(folder, n=12)
    first, _, last = capsys.readouterr().out.strip().splitlines()
    assert first == f"labels: {folder}/labels/ann.jsonl, 0 of 12 replies labelled"
    assert last == f"1 of 12 replies labelled; go on with: feint label {folder}"
    command.label_command(folder, person="bob", n=12)
    assert capsys.readouterr().out.strip().endswith(f"go on with: feint label {folder} --person bob")
    assert read_labels_of_people(folder)["person"].tolist() == ["ann", "bob"]


def test_out_to_csv_and_in_again(study: FinishedStudy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f"person,id,label\nann,{study.population['id'].iloc[0]},refused\n")
    command.import_command(study.path, file)
    command.export_command(study.path, tmp_path / "out.csv")
    assert capsys.readouterr().out == f"ann: labels added: 1\nlabels written to {tmp_path}/out.csv: 1\n"


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    with pytest.raises(UsageError, match="--person: this user has no name; give one"):
        command.user()


def test_the_command_line_reads_and_writes_tables(
    study: FinishedStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def feint(*arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", ["feint", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == (2 if "-n" in arguments else 0)

    table, out = tmp_path / "t.csv", tmp_path / "out.csv"
    table.write_text(f"person,id,label\nann,{study.population['id'].iloc[0]},refused\n")
    feint("label", study.path, "--import", table)
    feint("label", study.path, "--export", out)
    assert out.read_text().splitlines()[1].startswith("ann,")
    capsys.readouterr()
    feint("label", study.path, "--export", out, "-n", 5)
    assert capsys.readouterr().err == "feint: --export goes without -n; leave one out\n"
