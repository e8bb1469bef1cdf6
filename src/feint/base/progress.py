"""Progress of a study, told by Inspect's hooks: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, Protocol

from inspect_ai.hooks import Hooks, SampleEnd, hooks
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

Display = Literal["rich", "plain", "none"]
DISPLAYS: tuple[Display, ...] = ("rich", "plain", "none")
PLAIN_LINES = 10
TELLING = 30
"""Replies after which the time that is left can be told; the first ones include the loading of models."""


@dataclass
class Tally:
    """How far a study is.

    Attributes:
        total: Replies planned.
        most: Whether they are the most that may be asked.
        asked: Replies in hand, those of an earlier run among them.
        missing: Of these, how many are missing.
        reused: Replies in hand when this run began.
        began: When it began, by `time.monotonic`.
        doing: What the line begins with.
        spent: Says what was spent, "" where there is nothing to say.
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
        """The tally in one short line."""
        done = self.asked - self.reused
        known = done >= TELLING and not self.most
        left = (time.monotonic() - self.began) / done * (self.total - self.asked) if known else None
        clock = "" if left is None else f", {int(left) // 60}:{int(left) % 60:02d} left"
        money = f", {spent}" if (spent := self.spent()) else ""
        of = "of at most" if self.most else "of"
        return f"{self.doing} {self.asked:,} {of} {self.total:,}, {self.missing:,} missing{money}{clock}"


class Teller(Protocol):
    """Shows a tally."""

    def tell(self, tally: Tally) -> None:
        """Show how far it is."""


class Bar:
    """A bar that is redrawn in place."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress = progress
        self.task = progress.add_task("", total=total, text="")

    def tell(self, tally: Tally) -> None:
        """Redraw."""
        self.progress.update(self.task, completed=tally.asked, text=tally.text())


class Lines:
    """A line for every tenth, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.told = -1

    def tell(self, tally: Tally) -> None:
        """Print, if another tenth is done."""
        part = tally.asked * PLAIN_LINES // max(tally.total, 1)
        if part > self.told:
            self.told = part
            self.console.print(tally.text(), highlight=False)


_SHOWN: ContextVar[tuple[Tally, Teller] | None] = ContextVar("feint_progress", default=None)
"""The progress that is shown in this context, and its display."""


@hooks(name="feint_progress", description="Progress of a study")
class StudyProgress(Hooks):
    """Counts the samples of the study that is running."""

    def enabled(self) -> bool:
        """Only while a study shows its progress."""
        return _SHOWN.get() is not None

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Count one sample."""
        scores = (data.sample.scores or {}).values()
        # Where a judge labels later, there is no score yet, and nothing is missing.
        unlabelled = bool(scores) and all(score.answer == "missing" for score in scores)
        count_one(missing=unlabelled or data.sample.error is not None)


def count_one(*, missing: bool) -> None:
    """Count one reply, or one label of a judge, where progress is shown."""
    if (shown := _SHOWN.get()) is None:
        return
    tally, teller = shown
    tally.asked = min(tally.asked + 1, tally.total)
    tally.missing += missing
    teller.tell(tally)


@contextmanager
def showing(tally: Tally, display: Display, console: Console) -> Iterator[None]:
    """Show progress while the block runs.

    Args:
        tally: Where it stands at the beginning.
        display: "rich" redraws a bar, "plain" prints lines, "none" is silent.
        console: Where to show it.
    """
    if display == "none":
        yield
        return
    columns = (BarColumn(), TextColumn("{task.fields[text]}"))
    with Progress(*columns, console=console, transient=True) if display == "rich" else nullcontext() as progress:
        teller = Lines(console) if progress is None else Bar(progress, tally.total)
        if progress is not None:
            teller.tell(tally)
        token = _SHOWN.set((tally, teller))
        try:
            yield
        finally:
            _SHOWN.reset(token)
