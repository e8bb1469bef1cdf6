"""The folder of a study: plan.json, logs/, findings.json, report.html, and a cache until the study is complete."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
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
LOCK = ".lock"
PLAIN = re.compile(r"[\w./ +,=-]*")
"""Paths that Inspect reads as they are."""
_LINKS: dict[Path, TemporaryDirectory[str]] = {}
_HELD: ContextVar[frozenset[Path]] = ContextVar("feint_held", default=frozenset())
"""The folders whose locks this context holds."""
_ALONE = Lock()
"""Held by the study that asks; Inspect runs one evaluation at a time, with one cache and one list of prices."""


class Folder:
    """The parts of a study.

    Attributes:
        path: The folder itself.
        plan: The frozen plan.
        logs: Inspect's logs.
        quiz: The logs of comprehension questions.
        belief: The logs of forced choices.
        realism: The logs of prompts that a model read for realism.
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
        self.belief = path / "belief"
        self.realism = path / "realism"
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
        if start != "new" and self.path.is_dir():
            with self.held():
                pass  # refused here, before anything is asked, if another process writes
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
            self.path.mkdir(parents=True, exist_ok=True)
            with self.held():
                for old in self.path.iterdir() if anew and self.plan.is_file() else ():
                    if old.is_dir() and not old.is_symlink():
                        shutil.rmtree(old)
                    elif old.name != LOCK:  # it would let others in
                        old.unlink()
                self.logs.mkdir(exist_ok=True)
                if not self.plan.exists():
                    write_sealed(self.plan, plan)
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be written ({error.strerror}); choose another --out") from None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from writing this study while the block runs; the lock ends with the process.

        Blocks may be nested.

        Raises:
            UsageError: Another process writes it, or the folder cannot be written.
        """
        with holding(self.path, shared=False):
            yield

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Keep other processes from running, judging or replacing this study while the block runs.

        Processes that only add labels or write a report may share it; otherwise as for `held`.
        """
        with holding(self.path, shared=True):
            yield

    def runner(self) -> str:
        """Say which other process is running, judging or replacing this study; "" if none is."""
        if fcntl is None or self.path.resolve() in _HELD.get():
            return ""
        with suppress(OSError), (self.path / LOCK).open(encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return running(lock)
        return ""

    def drop_cache(self) -> None:
        """Remove the cache, whose replies the log now holds."""
        shutil.rmtree(self.cache, ignore_errors=True)


@contextmanager
def holding(folder: Path, *, shared: bool) -> Iterator[None]:
    """Hold the lock of a folder, alone or with others that share it; see `Folder.held` and `Folder.shared`."""
    place = folder.resolve()
    if fcntl is None or place in _HELD.get():  # no such locks on this system, or held by an outer block
        yield
        return
    path = folder / LOCK
    with locked(path, shared=shared) as lock:
        token = _HELD.set(_HELD.get() | {place})
        try:
            yield
        finally:
            _HELD.reset(token)
            # The last one removes the file.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)


def locked(path: Path, *, shared: bool = False) -> TextIOWrapper:
    """Open a lock file and lock it, unless another process has the lock; closing the file unlocks it.

    The file says who has it, and since when.

    Raises:
        UsageError: Another process has the lock, or the file cannot be written.
    """
    while True:
        try:
            lock = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{path.parent}: cannot be written ({error.strerror}); allow it, make room, or copy the folder"
            ) from None
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            said = running(lock)
            lock.close()
            raise UsageError(f"{path.parent}: {said}") from None
        except OSError:
            return lock  # a file system without locks
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                with suppress(OSError):  # a full disk keeps nobody out
                    lock.truncate(0)
                    lock.write(f"process {os.getpid()}, since {datetime.now().astimezone():%Y-%m-%d %H:%M:%S}")
                    lock.flush()
                return lock
        # Another process removed the file after it was opened here: a lock on a removed file does nothing.
        lock.close()


def running(lock: TextIOWrapper) -> str:
    """Say which process has a lock, from the text of the lock's file."""
    lock.seek(0)
    return f"another process is running this study ({lock.read(200).strip() or 'a moment ago'}); wait for it, or end it"


def plain_path(path: Path) -> str:
    """Return a path under which Inspect finds a folder, through a link if need be, until this program ends.

    Inspect takes paths for addresses and patterns, which lose what follows a "#" or "?", for example.

    Raises:
        UsageError: The system has no such links.
    """
    place = path.resolve()
    if PLAIN.fullmatch(str(place)):
        return str(place)
    if place not in _LINKS:
        _LINKS[place] = TemporaryDirectory(prefix="feint-")
        try:
            Path(_LINKS[place].name, "study").symlink_to(place, target_is_directory=True)
        except (OSError, NotImplementedError) as error:
            raise UsageError(
                f"{path}: Inspect cannot read this path, and there are no links ({error}); choose an --out of letters, "
                "digits, dots and dashes"
            ) from None
    return str(Path(_LINKS[place].name, "study"))


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
