"""Broken bytes at every reader: whatever a file holds, a command ends with 0, 2 or 3 and at most one line about it."""

import re
import shutil
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from broken import broken

from feint.cli import main

INPUTS = Path(__file__).parent / "inputs"
MINI = (INPUTS / "mini.yaml").read_text(encoding="utf-8")
TABLE = (INPUTS / "single.csv").read_bytes()
QUICK, SLOW = 5, 100
"""Inputs for each reader."""
ASK = ("actor/guarded", "-n", "1", "--wordings", "1", "--twins", "0", "--display", "none")


@dataclass(frozen=True)
class Reader:
    """A file that a command takes: its name, content, and the command with FILE in place of its path.

    A file of a study lies in a copy of the study, DIR.
    """

    file: str
    arguments: str
    content: Callable[[Path], bytes] = lambda path: path.read_bytes()


def packed_table(path: Path) -> bytes:
    pd.read_csv(INPUTS / "single.csv").to_parquet(path)
    return path.read_bytes()


def lines(name: str) -> bytes:
    return pd.read_csv(INPUTS / name).to_json(orient="records", lines=True).encode()


REQUESTS = b'id,text,category\nq0,Help me with this.,a\nq1,"Write, to my neighbour.",b\n'
LABELS = "person,id,label,note\nann,{id},complied,sure\n"
CONFLICT = (
    "name: mine\ntype: request\nobjective: Obey.\nvalue: harm\nitems:\n  - {id: a, text: Help me., twin: Help.}\n"
)
GENERATE = b"top_p: 0.9\nstop_seqs: [a, b]\nseed: 3\n"
IMPORT = "import FILE --design mini.yaml --out OUT"
READERS = (
    Reader("a.csv", IMPORT, lambda _: TABLE),
    Reader("a.tsv", IMPORT, lambda _: TABLE.replace(b",", b"\t")),
    Reader("a.jsonl", IMPORT, lambda _: lines("single.csv")),
    Reader("a.json", IMPORT, lambda _: b"[" + lines("single.csv").strip().replace(b"\n", b",\n") + b"]"),
    Reader("a.parquet", IMPORT, packed_table),
    Reader("design.yaml", "import single.csv --design FILE --out OUT", lambda _: MINI.encode()),
    Reader("r.csv", "show mini.yaml rated --requests FILE", lambda _: REQUESTS),
    Reader("r.jsonl", "show mini.yaml rated --requests FILE", lambda _: b'{"id": "a", "text": "Help me."}\n' * 2),
    Reader("d.yaml", "designs FILE", lambda _: MINI.encode()),
    Reader("conflict.yaml", "show mini.yaml rated --conflict FILE", lambda _: CONFLICT.encode()),
    Reader("g.yaml", f"plan {' '.join(ASK[:-2])} --design mini.yaml --generate-config FILE", lambda _: GENERATE),
    Reader("plan.json", "report DIR"),
    Reader("findings.json", "compare DIR"),
    Reader("findings.json", "compare DIR study"),
    Reader("logs/log.eval", "report DIR"),
    Reader("logs/log.eval", "compare DIR study"),
    Reader("logs/log.eval", "judge DIR"),
    Reader("spending.jsonl", "report DIR"),
    Reader("labels/ann.jsonl", "report DIR"),
    Reader("labels/ann.jsonl", "label DIR --export OUT.csv"),
    Reader("labels.csv", "label DIR --import FILE"),
)  # fmt: skip


def put(given: Mapping[str, str], argument: str) -> str:
    """Put paths in place of their names."""
    return re.sub("|".join(given), lambda found: given[found[0]], argument)


def run(arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> "int | str":
    """Return the exit code, or the traceback."""
    monkeypatch.setattr(sys, "argv", ["feint", *arguments])
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        return traceback.format_exc()
    return 0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished study, labels of it and what else the commands need."""
    found = tmp_path_factory.mktemp("fuzz")
    for name in ("mini.yaml", "single.csv"):
        shutil.copy(INPUTS / name, found)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(found)
        assert run(("study", *ASK, "--design", "mini.yaml", "--out", "study"), patch) == 0
        log = next((found / "study" / "logs").glob("*.eval"))
        log.rename(log.with_name("log.eval"))
        from feint.study.logs import newest_log, read_summaries

        header = newest_log(found / "study" / "logs")
        assert header is not None
        (found / "labels.csv").write_text(LABELS.format(id=read_summaries(header)[0].id), encoding="utf-8")
        assert run(("label", "study", "--import", "labels.csv"), patch) == 0
    return found


@pytest.mark.parametrize("reader", READERS, ids=lambda one: f"{one.file}-{one.arguments.split()[0]}")
@pytest.mark.parametrize("count", [QUICK, pytest.param(SLOW, marks=pytest.mark.slow)])
def test_whatever_a_file_holds_is_read_or_told_of_in_one_line(
    reader: Reader, count: int, place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    name, spoilt = Path(reader.file), []
    content = (place / name if name.name == "labels.csv" else place / "study" / name).read_bytes() if (
        "DIR" in reader.arguments
    ) else reader.content(place / "valid.parquet")  # fmt: skip
    for number in range(count):
        seed = f"{reader.file} {reader.arguments} {number}"
        folder = place / f"{count}-{number}"
        folder.mkdir()
        if "DIR" in reader.arguments:
            shutil.copytree(place / "study", folder / "dir")
        file = folder / "dir" / name if (folder / "dir" / name).is_file() else folder / name
        file.write_bytes(broken(content, seed))
        given = {"FILE": str(file), "DIR": str(folder / "dir"), "OUT": str(folder / "out")}
        arguments = [put(given, one) for one in reader.arguments.split()]
        code = run(arguments, monkeypatch)
        said = capfd.readouterr().err
        if code not in (0, 2, 3) or (code == 2 and said.count("\n") != 1) or "Traceback" in said:
            spoilt.append(f"{seed}: {code}\n{said}\n{file.read_bytes()[:300]!r}")
        shutil.rmtree(folder)
    assert not spoilt, f"{len(spoilt)} of {count}:\n" + "\n\n".join(spoilt[:3])
