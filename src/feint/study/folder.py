"""The folder of a study: plan.json, logs/, findings.json, report.html, and a cache until the study is complete."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from threading import Lock
from typing import Literal

from feint.base.errors import UsageError
from feint.base.sealed import write_sealed
from feint.money.prices import registered
from feint.study.plan.frozen import Plan, first_difference, read_plan

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows


Start = Literal["new", "resume", "overwrite"]
CACHE_DIR = "INSPECT_CACHE_DIR"
_ALONE = Lock()
"""Held by the study that asks; Inspect runs one evaluation at a time, with one cache and one list of prices."""


class Folder:
    """The parts of a study.

    Attributes:
        path: The folder itself.
        plan: The frozen plan.
        logs: Inspect's logs.
        quiz: The logs of comprehension questions.
        cache: Replies and judges' answers that may not be in a log yet.
        judging: The record of the judges that replace the plan's judges.
        spending: The ledger, with a line for each answer.
        labels: People's labels, a file for each person.
        findings: The findings.
        model: The fitted mixed model of all cells.
        report: The report.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan = path / "plan.json"
        self.logs = path / "logs"
        self.quiz = path / "quiz"
        self.cache = path / "cache"
        self.judging = path / "judging.json"
        self.spending = path / "spending.jsonl"
        self.labels = path / "labels"
        self.findings = path / "findings.json"
        self.model = path / "model.json"
        self.report = path / "report.html"

    def check(self, plan: Plan, start: Start) -> None:
        """Check that this plan may run here.

        Raises:
            UsageError: The folder exists and is neither resumed nor overwritten, is resumed and does not exist, is not
                a study's, is the study of another plan, or would lose people's labels.
        """
        taken = self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir()))
        if start == "overwrite" and taken and not self.plan.is_file():
            raise UsageError(f"{self.path}: not the folder of a study, so it is not overwritten; choose another --out")
        if start == "overwrite" and any(path.is_file() for path in self.labels.rglob("*")):
            raise UsageError(
                f"{self.labels}: people's labels of this study, which --overwrite would delete; move the folder away "
                "first, or choose another --out"
            )
        if start == "new" and taken:
            hint = "add --resume to finish it or --overwrite to replace it, or " if self.plan.is_file() else ""
            raise UsageError(f"{self.path}: exists already; {hint}choose another --out")
        if start != "resume":
            return
        if not self.path.exists():
            raise UsageError(f"{self.path}: no such folder, so there is nothing to resume; leave --resume out")
        old = read_plan(self.plan)
        if old.sha256 != plan.sha256:
            raise UsageError(
                f"{self.plan}: the plan of another study ({first_difference(old, plan)}); give the same options, "
                "or choose another --out"
            )

    def create(self, plan: Plan, *, anew: bool = False) -> None:
        """Write the plan, unless it is there already; `anew` removes an existing study.

        Raises:
            UsageError: The folder cannot be written, or another process is running the study that is to be removed.
        """
        try:
            if anew and self.plan.is_file():
                with self.held():
                    shutil.rmtree(self.path)
            self.logs.mkdir(parents=True, exist_ok=True)
            if not self.plan.exists():
                write_sealed(self.plan, plan)
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be written ({error.strerror}); choose another --out") from None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from running this study at the same time; the lock ends with the process."""
        if fcntl is None:  # no such locks on this system
            yield
            return
        path = self.path / ".lock"
        with locked(path):
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def drop_cache(self) -> None:
        """Remove the cache, whose replies the log now holds."""
        shutil.rmtree(self.cache, ignore_errors=True)


def locked(path: Path) -> TextIOWrapper:
    """Open a lock file and lock it, unless another process has the lock; closing the file unlocks it.

    Raises:
        UsageError: Another process has the lock.
    """
    while True:
        lock = path.open("w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise UsageError(f"{path.parent}: another process is running this study; wait for it") from None
        try:
            if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                return lock
        except FileNotFoundError:
            pass
        # Another process removed the file after it was opened here: a lock on a removed file does nothing.
        lock.close()


@contextmanager
def study_cache(path: Path) -> Iterator[None]:
    """Let Inspect keep replies under a folder while the block runs; a study in another thread waits for its turn."""
    with _ALONE, registered():
        before = os.environ.get(CACHE_DIR)
        os.environ[CACHE_DIR] = str(path.resolve())
        try:
            yield
        finally:
            if before is None:
                del os.environ[CACHE_DIR]
            else:
                os.environ[CACHE_DIR] = before
