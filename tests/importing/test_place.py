"""The folder of an import: whole, or as it was."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from recorded import table_rows, write_csv

from feint.base.errors import UsageError
from feint.study.conclude.conclude import NotSavedError
from feint.study.folder import Folder
from feint.study.importing import files
from feint.study.importing.files import import_files


def rows_of(*subjects: str, requests: int = 4) -> list[dict[str, object]]:
    return [row for subject in subjects for row in table_rows(subject, requests)]


def inside(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_second_import_replaces_the_first_only_if_asked_to(tmp_path: Path) -> None:
    first, second = (write_csv(tmp_path / f"{n}.csv", rows_of("one", name)) for n, name in enumerate(("two", "three")))
    import_files([first], None, tmp_path / "out")
    with pytest.raises(UsageError, match=r"exists already; add --overwrite to replace its studies, or choose another"):
        import_files([second], None, tmp_path / "out")
    found = import_files([second], None, tmp_path / "out", overwrite=True)
    assert set(found) == {tmp_path / "out" / "one", tmp_path / "out" / "three"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"one", "three"}
    import_files([second], None, tmp_path / "new")
    assert inside(tmp_path / "out") == inside(tmp_path / "new")


def test_what_was_not_imported_is_never_replaced(tmp_path: Path) -> None:
    table, out = write_csv(tmp_path / "t.csv", rows_of("one")), tmp_path / "out"
    import_files([table], None, out)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"notes.txt: no study that was imported, so --overwrite does not replace it"):
        import_files([table], None, out, overwrite=True)
    (out / "notes.txt").unlink()
    (out / "one" / "labels").mkdir()
    (out / "one" / "labels" / "me.jsonl").write_text("{}")
    with pytest.raises(UsageError, match=r"one: people's labels of this study, which --overwrite would delete"):
        import_files([table], None, out, overwrite=True)
    assert (out / "one" / "labels" / "me.jsonl").is_file()


def test_a_study_that_another_process_writes_is_not_replaced(tmp_path: Path) -> None:
    table, out = write_csv(tmp_path / "t.csv", rows_of("one")), tmp_path / "out"
    import_files([table], None, out)
    code = (
        "import sys; from pathlib import Path; from feint.study.folder import Folder\n"
        "with Folder(Path(sys.argv[1])).held(): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(out / "one")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        with pytest.raises(UsageError, match="another process is running this study"):
            import_files([table], None, out, overwrite=True)
        other.communicate()
    assert Folder(out / "one").findings.is_file()


def test_an_import_that_fails_midway_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, out = write_csv(tmp_path / "t.csv", rows_of("one", "two")), tmp_path / "out"
    conclude = files.conclude_folder

    def full(path: Path) -> object:
        if path.name == "two":
            raise NotSavedError(f"{path}: findings.json and report.html are not saved (No space left)", None)  # type: ignore[arg-type]
        return conclude(path)

    monkeypatch.setattr(files, "conclude_folder", full)
    with pytest.raises(UsageError, match="No space left"):
        import_files([table], None, out)
    assert not out.exists()
    monkeypatch.undo()
    import_files([write_csv(tmp_path / "u.csv", rows_of("one", requests=5))], None, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    monkeypatch.setattr(files, "conclude_folder", full)
    with pytest.raises(UsageError, match="No space left"):
        import_files([table], None, out, overwrite=True)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_what_a_killed_import_left_behind_is_no_study(tmp_path: Path) -> None:
    (tmp_path / "out" / ".part" / "one").mkdir(parents=True)
    import_files([write_csv(tmp_path / "t.csv", rows_of("one"))], None, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"one"}


def test_a_full_disk_is_one_line_also_from_several_processes(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", rows_of(*(f"m{n}" for n in range(5))))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000))

    command = [sys.executable, "-m", "feint.cli", "import", str(table), "--out", str(tmp_path / "out")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, preexec_fn=limited)
    assert ran.returncode == 2 and len(ran.stderr.splitlines()) == 1, ran.stderr
    assert "File too large" in ran.stderr and "memory" not in ran.stderr
    assert not (tmp_path / "out").exists()
