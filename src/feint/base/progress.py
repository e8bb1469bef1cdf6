"""Show progress: a bar that is redrawn on a terminal, a line for every tenth in logs and pipes.

Tasks do not import this module: Inspect would announce its hooks to whoever runs a task alone.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from inspect_ai.hooks import Hooks, SampleEnd, hooks
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

Display = Literal["rich", "plain", "none"]
DISPLAYS: tuple[Display, ...] = ("rich", "plain", "none")
TENTHS = 10
ENOUGH = 30
"""Replies after which the remaining time is estimated; the first replies include the loading of models."""
EVERY = 0.5
"""Seconds between two looks for news."""
Show: TypeAlias = Callable[[int, int, str], None]
"""Shows steps done, steps in all and a text."""


@dataclass
class Progress:
    """The progress of a study.

    Attributes:
        total: Replies planned.
        most: Whether `total` is an upper bound.
        asked: Replies in hand, with those of an earlier run.
        missing: Missing replies among those in hand.
        reused: Replies in hand when this run began.
        began: Time of the beginning, by `time.monotonic`.
        doing: The first word of the line.
        spent: Returns the text about costs, "" for no text.
    """

    total: int
    asked: int = 0
    missing: int = 0
    reused: int = 0
    began: float = field(default_factory=time.monotonic)
    doing: str = "asked"
    spent: Callable[[], str] = str
    most: bool = False

    def text(self) -> str:
        """Write the progress in one short line.

        >>> Progress(3080, asked=312, missing=5, reused=300).text()
        'asked 312 of 3,080, 5 missing'
        """
        done = self.asked - self.reused
        known = done >= ENOUGH and not self.most
        left = (time.monotonic() - self.began) / done * (self.total - self.asked) if known else None
        clock = "" if left is None else f", {int(left) // 60}:{int(left) % 60:02d} left"
        money = f", {spent}" if (spent := self.spent()) else ""
        of = "of at most" if self.most else "of"
        return f"{self.doing} {self.asked:,} {of} {self.total:,}, {self.missing:,} missing{money}{clock}"


_SHOWN: ContextVar[tuple[Progress, Show] | None] = ContextVar("feint_progress", default=None)
"""The progress that is shown in this context, and its display."""


@hooks(name="feint_progress", description="Progress of a study")
class StudyProgress(Hooks):
    """Counts the samples of the running study."""

    def enabled(self) -> bool:
        """Return whether a study shows its progress."""
        return _SHOWN.get() is not None

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Count one sample."""
        scores = (data.sample.scores or {}).values()
        # A sample that is judged later has no score yet, and is not missing.
        unlabelled = bool(scores) and all(score.answer == "missing" for score in scores)
        count_one(missing=unlabelled or data.sample.error is not None)


def count_one(*, missing: bool) -> None:
    """Count one reply, or one label of a judge, if progress is shown."""
    if (shown := _SHOWN.get()) is None:
        return
    progress, show = shown
    progress.asked = min(progress.asked + 1, progress.total)
    progress.missing += missing
    show(progress.asked, progress.total, progress.text())


@contextmanager
def showing(progress: Progress, display: Display, console: Console, news: Callable[[], str] = str) -> Iterator[None]:
    """Show the progress of a study while the block runs: "rich" redraws a bar, "plain" prints lines.

    `news` returns the next line about calls that fail, see `telling`.
    """
    if display == "none":
        yield
        return
    with _bar("", console) if display == "rich" else _lines(console) as show:
        show(progress.asked, progress.total, progress.text())
        token = _SHOWN.set((progress, show))
        try:
            with telling(console, display, news):
                yield
        finally:
            _SHOWN.reset(token)


@contextmanager
def telling(console: Console, display: Display, news: Callable[[], str]) -> Iterator[None]:
    """While the block runs, print every line that `news` returns; it is asked twice a second, in another thread.

    A block that waits for a silent server cannot print anything itself.
    """
    done = threading.Event()

    def tell() -> None:
        while not done.wait(EVERY):
            if line := news():
                console.print(line, highlight=False, markup=False, soft_wrap=True)

    if display == "none":
        yield
        return
    teller = threading.Thread(target=tell, name="feint-news", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


@contextmanager
def steps(title: str, console: Console, *, lines: bool = False) -> Iterator[Callable[[int, int], None]]:
    """While the block runs, show a computation's steps by a function of the steps done and the steps in all.

    If the console is no terminal, nothing is shown, or `lines` are printed.
    """
    if console.is_terminal:
        with _bar(title, console, TimeElapsedColumn(), TimeRemainingColumn()) as show:
            yield lambda done, total: show(done, total, f"step {done:,} of {total:,}")
    elif lines:
        console.print(f"{title}: preparing")
        with _lines(console) as show:
            yield lambda done, total: show(done, total, f"{title}: step {done:,} of {total:,}")
    else:
        yield lambda done, total: None


@contextmanager
def _bar(title: str, console: Console, *more: TimeElapsedColumn | TimeRemainingColumn) -> Iterator[Show]:
    columns = (*([TextColumn(title)] if title else []), BarColumn(), TextColumn("{task.fields[text]}"), *more)
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=None, text="preparing")
        yield lambda done, total, text: bars.update(task, completed=done, total=total, text=text)


@contextmanager
def _lines(console: Console) -> Iterator[Show]:
    last = (0, -1)

    def show(done: int, total: int, text: str) -> None:
        nonlocal last
        # A second attempt at a computation has more steps: its lines come after the lines of the first.
        if (part := (total, done * TENTHS // max(total, 1))) > last:
            last = part
            console.print(text, highlight=False)

    yield show
