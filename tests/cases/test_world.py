"""Faults of the world: each command ends with one line and exit code 2, and what was paid for is kept."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feint.base.data import read_text
from feint.base.errors import UsageError
from feint.base.naming import LONGEST, folder_name, folder_names
from feint.cli.faults import fault_of
from feint.study.folder import Folder

INPUTS = Path(__file__).parent / "inputs"
MINI = str(INPUTS / "mini.yaml")
ASK = ("actor/guarded", "--design", MINI, "-n", "1", "--wordings", "1", "--twins", "0", "--display", "none")
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study."""
    path = tmp_path_factory.mktemp("made") / "study"
    command = [sys.executable, "-m", "feint.cli", "study", *ASK, "--out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    """A copy of the finished study."""
    return shutil.copytree(made, tmp_path / "study")


def one_line(ran: Any, *words: str, code: int = 2) -> None:
    assert ran.code == code, ran
    said = ran.err.strip().splitlines()
    assert len(said) == 1 and said[0].startswith("feint: ") and "Traceback" not in ran.err, ran
    for word in words:
        assert word in said[0]


@pytest.mark.parametrize(
    ("name", "says"),
    [("corrupt.csv.gz", "corrupt.csv.gz: cannot be read"), ("bigint.jsonl", "line 1: not valid JSON")],
)
def test_broken_input_is_one_line_and_writes_nothing(feint: Run, tmp_path: Path, name: str, says: str) -> None:
    one_line(feint("import", INPUTS / name, "--design", MINI, "--out", "o"), says)
    assert not (tmp_path / "o").exists()


def test_what_is_no_plain_file_is_refused(feint: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "bomb.csv.gz").write_bytes(packed_zeros())
    for name, says in (
        ("pipe.csv", "not a plain file"), ("folder.csv", ""), ("bomb.csv.gz", "too large"), ("no.csv", "no such file"),
        (f"{'x' * 300}.csv", ""), ("no.csv/a.csv", ""),
    ):  # fmt: skip
        one_line(feint("show", MINI, "rated", "--requests", name), says)
    for path in ("pipe.csv", "folder.csv", "no.csv"):
        with pytest.raises(UsageError):
            read_text(tmp_path / path)


def packed_zeros() -> bytes:
    import gzip

    return gzip.compress(b" " * (1 << 27), 9)


ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
FULL = "feint: standard output: No space left on device; what was printed is lost, and what was saved is not\n"


@pytest.mark.parametrize(
    ("output", "given", "code", "says"),
    [
        ("> /dev/full", {}, 2, FULL),
        ("", ASCII, 0, ""),
        pytest.param("", {"PYTHONIOENCODING": "cp1252"}, 0, "", marks=pytest.mark.slow),
        pytest.param(">&- 2>&-", {}, 0, "", marks=pytest.mark.slow),
        pytest.param("2> /dev/full", {}, 0, "", marks=pytest.mark.slow),
        pytest.param("| head -c 10", {}, 0, "", marks=pytest.mark.slow),
    ],
)
def test_an_output_that_ends_ends_no_command(
    study: Path, output: str, given: dict[str, str], code: int, says: str
) -> None:
    (study / "report.html").unlink()
    command = [sys.executable, "-m", "feint.cli", "report", str(study)]
    ran = subprocess.run(
        ["sh", "-c", f'"$0" "$@" {output}', *command], capture_output=True, env={**os.environ, **given}, check=False
    )
    assert (ran.returncode, ran.stderr.decode()) == (code, says)
    assert (study / "report.html").is_file()
    assert output or b"?" in ran.stdout


def test_a_folder_that_cannot_be_written_shows_its_findings(
    feint: Run, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with read_only(study, monkeypatch):
        ran = feint("report", study)
        one_line(ran, "are not saved", str(study))
        assert "fakes alignment" in ran.out
        for arguments in (["study", *ASK, "--resume", "--out", study], ["judge", study]):
            one_line(feint(*arguments), str(study), "cannot be written")


def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a folder read-only while a block runs: by a mount where that is allowed, else by its mode."""
    from contextlib import contextmanager

    @contextmanager
    def made() -> Iterator[None]:
        if os.geteuid():
            folder.chmod(0o500)
            try:
                yield
            finally:
                folder.chmod(0o700)
            return
        if subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], capture_output=True, check=False).returncode:
            pytest.skip("this user may write everywhere and mount nothing")
        try:
            yield
        finally:
            subprocess.run(["umount", folder], check=True)

    return made()


@pytest.mark.slow
@pytest.mark.parametrize("room", [20, 120, 300])
def test_a_full_disk_is_one_line_and_resume_goes_on(feint: Run, tmp_path: Path, room: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={room}k", "none", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may mount nothing")
    try:
        many = [*ASK[:3], "-n", "30", *ASK[5:], "--out", disk / "study"]
        ran = feint("study", *many)
        assert ran.code == 2 and "Traceback" not in ran.err and "No space left" in ran.err, ran
        assert str(disk) in ran.err.splitlines()[-1] and "--resume" in ran.err.splitlines()[-1]
        subprocess.run(["mount", "-o", "remount,size=50m", disk], check=True)
        start = ["--resume"] if (disk / "study").exists() else []
        assert feint("study", *many, *start).code == 0
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_file_that_may_not_grow_is_one_line(study: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "feint.cli", "report", str(study)], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )  # fmt: skip
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1 and "File too large" in ran.stderr
    assert json.loads((study / "findings.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("how", ["cut", "empty", "damaged"])
def test_a_torn_log_is_named_and_set_aside(feint: Run, study: Path, tmp_path: Path, made: Path, how: str) -> None:
    log = next((study / "logs").glob("*.eval"))
    said = log.read_bytes()
    middle = len(said) // 2
    damaged = said[:middle] + bytes(byte ^ 255 for byte in said[middle : middle + 300]) + said[middle + 300 :]
    log.write_bytes({"cut": said[:2000], "empty": b"", "damaged": damaged}[how])
    one_line(feint("report", study), log.name, "cut off or damaged", "--resume")
    one_line(feint("judge", study), log.name, "cut off or damaged")
    if how != "damaged":  # its header is whole, and compare needs no more
        ran = feint("compare", study, made)
        assert ran.code == 0 and f"{study} is left out" in " ".join(ran.out.split()) and "actor/guarded" in ran.out
        one_line(feint("compare", study), log.name)
    ran = feint("study", *ASK, "--resume", "--out", study)
    assert ran.code == 0 and "set aside" in ran.err and log.with_name(f"{log.name}.torn").is_file()
    assert feint("report", study).code == 0


def test_a_second_writer_is_told_who_writes(feint: Run, study: Path) -> None:
    code = "import sys, time; from pathlib import Path; from feint.study.folder import Folder\n"
    code += f"with Folder(Path({str(study)!r})).held(): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file() and path.name != ".lock"}
        for arguments in (
            ["study", *ASK, "--resume", "--out", study], ["study", *ASK, "--overwrite", "--out", study],
            ["judge", study], ["label", study, "--person", "ann"],
        ):  # fmt: skip
            one_line(feint(*arguments), f"process {other.pid}, since 20", "another process is running this study")
        ran = feint("report", study)
        one_line(ran, f"process {other.pid}", "are not saved")
        assert "fakes alignment" in ran.out
        assert before == {path: path.read_bytes() for path in before}
        other.communicate("")
    assert feint("report", study).code == 0


def test_labels_and_reports_share_a_study(feint: Run, study: Path) -> None:
    with Folder(study).shared():
        assert feint("report", study).code == 0


@pytest.mark.parametrize("name", ["hash#1", "q?uery", "pct%20x", 'it\'s "q"', "line\nbreak", "模型 甲", "st*r[a]::b"])
def test_a_folder_may_have_any_name(feint: Run, study: Path, tmp_path: Path, name: str) -> None:
    place = tmp_path / name / "study"
    place.parent.mkdir()
    study.rename(place)
    for arguments in (["report", place], ["study", *ASK, "--resume", "--out", place], ["compare", place]):
        assert feint(*arguments).code == 0
    for torn in (place / "logs").glob("*.eval"):
        torn.unlink()
    ran = feint("study", *ASK, "--resume", "--out", place)  # asks everything again
    assert ran.code == 0 and ran.err == ""
    assert feint("judge", place).code == 0


def test_names_of_folders_keep_letters_and_stay_apart() -> None:
    names = folder_names(["模型甲", "模型乙", "मॉडल-एक", "a/b", "a b", "A-B", "con", "x" * 400, "x" * 401, "?"])
    assert names["模型甲"] == "模型甲" and names["मॉडल-एक"] == "मॉडल-एक"
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert all(len(name.encode()) <= LONGEST for name in names.values()) and names["con"] != "con"
    assert folder_name("..") == "subject" and folder_name("a. ") == "a"


def test_subjects_of_other_scripts_import_side_by_side(feint: Run, tmp_path: Path) -> None:
    assert feint("import", INPUTS / "chinese.csv", "--design", MINI, "--out", "o").code == 0
    assert {path.name for path in (tmp_path / "o").iterdir()} == {"模型甲", "模型乙"}


def test_cells_that_share_no_request_write_nothing(feint: Run, tmp_path: Path) -> None:
    ran = feint("import", INPUTS / "floatids.csv", "--design", MINI, "--out", "o")
    assert ran.code == 2 and not (tmp_path / "o").exists()
    assert "share no request" in ran.err and "'0'" in ran.err and "'0.0'" in ran.err


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(28, "No space left on device", "a/plan.json"), "a/plan.json: No space left on device; make room"),
        (ExceptionGroup("tasks", [ValueError("x"), OSError(30, "Read-only file system", "a")]), "a: Read-only"),
        (RecursionError("maximum recursion depth exceeded"), "nested too deep"),
        (UnicodeEncodeError("utf-8", "a\ud83d", 1, 2, "surrogates not allowed"), "U+D83D cannot be written"),
        (MemoryError(), "not enough memory"),
        (OverflowError("cannot convert float infinity to integer"), "too large"),
    ],
)  # fmt: skip
def test_faults_of_the_world_are_told_from_mistakes_of_the_program(error: Exception, says: str) -> None:
    assert says in (fault_of(error) or "")
    assert fault_of(KeyError("cell")) is None and fault_of(ValueError("bad")) is None
