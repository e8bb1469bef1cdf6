"""Run a study by the command line, and read what can be compared: findings, the plan's hashes, replies and texts."""

import gzip
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from inspect_ai.log import read_eval_log
from inspect_ai.model import ChatMessage, ChatMessageAssistant
from studies import Study

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
FIXTURES = HERE / "fixtures"
Frozen = dict[str, Any]
"""What is kept of a study: `exits`, `folders` (by folder: `findings`, `plan`) and `texts` (by file: lines)."""

MASKS = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(r"(?<![\d.])\d+\.\d+\.\d+(?:\+\w+)?(?![\d.])"), "VERSION"),
)
"""What may differ in texts: hashes, which are compared apart, and versions."""
UNSEEN = frozenset({"script", "style", "svg"})
INLINE = frozenset(
    {"a", "abbr", "b", "code", "del", "em", "i", "ins", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
)
CELLS = frozenset({"td", "th"})


class Lines(HTMLParser):
    """The text of a page that a reader sees, line by line; a table's row is one line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._line: list[str] = []
        self._unseen = self._preformatted = 0

    def end_line(self) -> None:
        """Put down what was collected."""
        if text := " ".join("".join(self._line).split()):
            self.lines.append(text)
        self._line = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        self._preformatted += tag == "pre"
        if tag in CELLS:
            self._line.append(" | ")
        elif not self._unseen and tag not in INLINE:
            self.end_line()

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN
        self._preformatted -= tag == "pre"
        if not self._unseen and tag not in INLINE | CELLS:
            self.end_line()

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        first, *others = data.split("\n") if self._preformatted else [data]
        self._line.append(first)
        for line in others:
            self.end_line()
            self._line.append(line)


def masked(line: str) -> str:
    """A line without what may differ from run to run or from version to version."""
    for pattern, word in MASKS:
        line = pattern.sub(word, line)
    return line.rstrip()


def page_lines(page: str) -> list[str]:
    """The visible text of an HTML page."""
    parser = Lines()
    parser.feed(page)
    parser.close()
    parser.end_line()
    return [masked(line) for line in parser.lines]


def run_study(study: Study, folder: Path) -> Frozen:
    """Run a study's commands in an empty folder, and read what it wrote."""
    for name in study.inputs:
        shutil.copy(HERE / "inputs" / name, folder / name)
    environment = {
        **os.environ, "PYTHONPATH": str(SOURCE), "COLUMNS": "100", "FEINT_THREADS": "1", "OMP_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    exits, said = [], []
    for command in study.commands:
        typed = [sys.executable, str(HERE / "scripted.py"), *shlex.split(command)]
        done = subprocess.run(typed, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=1200)
        exits.append(done.returncode)
        said += [f"$ feint {command.split()[0]}", *done.stdout.splitlines(), *done.stderr.splitlines()]
    texts = {"terminal": [masked(line) for line in said]}
    for page in sorted(folder.rglob("*.html")):
        texts[page.relative_to(folder).as_posix()] = page_lines(page.read_text(encoding="utf-8"))
    folders = {
        path.parent.relative_to(folder).as_posix(): read_folder(path.parent)
        for path in sorted(folder.rglob("findings.json"))
    }
    return {"exits": exits, "folders": folders, "texts": texts}


def read_folder(folder: Path) -> dict[str, Any]:
    """Findings, and hashes of the plan and of all that was said."""
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    hashes = {f"hashes.{name}": value for name, value in plan["hashes"].items()}
    said: Counter[str] = Counter()
    for log in folder.glob("logs/*.eval"):
        said |= Counter(transcripts(log))  # a log may hold again what an earlier one holds
    digest = hashlib.sha256("\n".join(sorted(said.elements())).encode("utf-8", "surrogatepass")).hexdigest()
    return {
        "findings": json.loads((folder / "findings.json").read_text(encoding="utf-8")),
        "plan": {"sha256": plan["sha256"], **hashes, "said": f"{said.total()} {digest}"},
    }


def transcripts(log: Path) -> list[str]:
    """What was said in each sample of a log, by whom, with the tools that were called; no ids and no times."""
    samples = read_eval_log(log.as_posix()).samples or []
    return [json.dumps([turn(message) for message in sample.messages]) for sample in samples]


def turn(message: ChatMessage) -> list[object]:
    """One message."""
    calls = message.tool_calls or [] if isinstance(message, ChatMessageAssistant) else []
    return [message.role, message.text, [[call.function, call.arguments] for call in calls]]


def fixture(name: str) -> Path:
    """Where a study's fixture lies."""
    return FIXTURES / f"{name}.json.gz"


def write_fixture(name: str, frozen: Mapping[str, Any]) -> Path:
    """Keep what a study found; the same is written as the same bytes."""
    FIXTURES.mkdir(exist_ok=True)
    text = json.dumps(frozen, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    fixture(name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    return fixture(name)


def read_fixture(name: str) -> Frozen:
    """What a study found when it was frozen."""
    return dict(json.loads(gzip.decompress(fixture(name).read_bytes())))
