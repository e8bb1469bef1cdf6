"""One person's session: what the page shows, and what each key does to the file."""

from dataclasses import dataclass
from threading import Lock
from typing import Any

from feint.base.errors import UsageError
from feint.people.label.draw import default_size, draw_replies
from feint.people.label.events import Draw, Label, LabelName, Skip, Undo, label_words, now
from feint.people.label.replies import Shown, Study
from feint.people.label.store import LabelFile

END = -1
"""The place after the last reply."""
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class View:
    """What the page shows.

    Attributes:
        at: Place of the reply among those drawn, from 0; `END` when all have labels. The page knows no other name of
            it: its id tells the cell.
        shown: The reply; None at the end.
        total: Replies that were drawn.
        labelled: Those that have a label.
        skipped: Those that were put off.
        again: Whether this one was.
        last: What undo takes back: a label, "skip", or "" for nothing.
        note: The note of the label that was taken back from this reply.
        counts: Labels given, by label.
    """

    at: int
    shown: Shown | None
    total: int
    labelled: int
    skipped: int
    again: bool
    last: str
    note: str
    counts: dict[str, int]


class Session:
    """A study, a person's file, and the replies drawn for them."""

    def __init__(self, study: Study, file: LabelFile, n: int | None = None, seed: int | None = None) -> None:
        """Go on with the replies that were drawn for the person, or draw some.

        Args:
            study: The finished study.
            file: The person's open file.
            n: Replies to label; a larger number than before adds some. None goes on, or takes a usual number.
            seed: Decides which; None goes on, or takes 0.

        Raises:
            UsageError: The number or the seed does not fit the study or what was drawn before.
        """
        self.study, self.file = study, file
        self._lock = Lock()
        draw = settle(study, file, n, seed)
        if draw is not None:
            file.append([draw])
        self._drawn = {reply.id: reply for reply in file.record.draw.replies} if file.record.draw else {}
        for key in self._drawn:
            study.row(key)

    def view(self) -> View:
        """What to show now."""
        with self._lock:
            record = self.file.record
            current, labels, skipped = record.current(), record.labels(), record.skipped()
            last = record.last()
            before = record.retracted.get(current) if current else None
            drawn = [labels[key].label for key in record.queue if key in labels]
            return View(
                at=self._at(),
                shown=self.study.read(current) if current else None,
                total=len(record.queue),
                labelled=len(drawn),
                skipped=len(set(skipped) & set(record.queue)),
                again=current in skipped,
                last=last.label if isinstance(last, Label) else "skip" if last else "",
                note=before.note if before else "",
                counts={name: drawn.count(name) for name in label_words()},  # type: ignore[arg-type]  # the same names
            )

    def act(self, do: str, at: int, note: str = "", opened: bool = False) -> bool:
        """Do what a key says to the reply that the page showed.

        Args:
            do: A label, "skip" or "undo".
            at: The place of the reply that the page showed.
            note: The person's own words.
            opened: Whether the reasoning was looked at.

        Returns:
            Whether anything was done: a second stroke for a reply that is no longer shown does nothing, so that no
            reply gets a label unseen.

        Raises:
            OSError: It could not be saved.
        """
        with self._lock:
            current, last = self.file.record.current(), self.file.record.last()
            if at != self._at():
                return False
            who: dict[str, Any] = {"time": now(), "person": self.file.person}
            if do == "undo" and last is not None:
                self.file.append([Undo(id=last.id, **who)])
            elif do == "skip" and current is not None:
                self.file.append([Skip(id=current, **who)])
            elif do in label_words() and current is not None:
                name: LabelName = do  # type: ignore[assignment]  # one of the names
                about = self._drawn[current].model_dump()
                self.file.append([Label(label=name, note=note.strip()[:LONGEST_NOTE], opened=opened, **about, **who)])
            else:
                return False
            return True

    def _at(self) -> int:
        current = self.file.record.current()
        return END if current is None else self.file.record.queue.index(current)


def settle(study: Study, file: LabelFile, n: int | None, seed: int | None) -> Draw | None:
    """Draw replies where none were drawn yet, or more of them.

    Returns:
        What is to be added to the file; None to go on with what was drawn.

    Raises:
        UsageError: See `Session`.
    """
    old = file.record.draw
    if old is None:
        return make_draw(study, file.person, n or default_size(study.population), seed or 0)
    other = "or label as another --person"
    if old.plan != study.plan.sha256:
        raise UsageError(f"{file.path}: labels of another study (its plan differs); {other}")
    if seed not in (None, old.seed):
        raise UsageError(
            f"--seed {seed}: the replies of '{file.person}' were drawn with {old.seed}; leave it out, {other}"
        )
    if n is None or n == old.n:
        return None
    if n < old.n:
        raise UsageError(
            f"--n {n}: {old.n} replies were drawn for '{file.person}' already; give as many or more, {other}"
        )
    new = make_draw(study, file.person, n, old.seed)
    held = {reply.id: reply for reply in new.replies}
    if not all(reply.id in held for reply in old.replies):
        raise UsageError(
            f"--n {n}: what the judge says has changed since replies were drawn for '{file.person}', so they cannot be "
            f"added to; leave it out, {other}"
        )
    first = [held.pop(reply.id) for reply in old.replies]
    return new.model_copy(update={"replies": (*first, *held.values())})


def make_draw(study: Study, person: str, n: int, seed: int) -> Draw:
    """Draw, as a line of the file."""
    replies = draw_replies(study.population, n, seed)
    return Draw(
        time=now(), person=person, plan=study.plan.sha256, judge=study.plan.judge, seed=seed, n=n,
        population=len(study.population), replies=tuple(replies),
    )  # fmt: skip
