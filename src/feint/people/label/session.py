"""One person's session: the reply on the page, and the line that each key adds to the file."""

from dataclasses import dataclass
from threading import Lock

from feint.base.errors import UsageError
from feint.people.label.draw import default_size, draw_replies
from feint.people.label.events import Draw, PersonLabel, Skip, Undo, now
from feint.people.label.replies import FinishedStudy, Shown
from feint.people.label.store import LabelFile

END = -1
"""The place after the last reply."""
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class View:
    """The content of the page.

    Attributes:
        at: Place of the reply among the drawn replies, from 0; `END` when all have labels. The page knows no other
            name of the reply, because its id tells the cell.
        shown: The reply; None at the end.
        total: Replies that were drawn.
        labelled: Drawn replies that have a label.
        skipped: Drawn replies that were put off.
        again: Whether the shown reply was put off before.
        last: The act that undo takes back: a label, "skip", or "" for none.
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

    def __init__(self, study: FinishedStudy, file: LabelFile, n: int | None = None, seed: int | None = None) -> None:
        """Go on with the replies that were drawn for the person, or draw some.

        Args:
            study: The finished study.
            file: The person's open file.
            n: Replies to label; a larger number than before adds some. None goes on, or takes a usual number.
            seed: Decides which replies are drawn; None goes on, or takes 0.

        Raises:
            UsageError: The number or the seed does not fit the study or what was drawn before.
        """
        self.study, self.file = study, file
        self._lock = Lock()
        draw = settle(study, file, n, seed)
        if draw is not None:
            file.append([draw])
        self._drawn = file.record.drawn
        for key in self._drawn:
            study.row(key)

    def view(self) -> View:
        """Return the content of the page."""
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
                last=last.label if isinstance(last, PersonLabel) else "skip" if last else "",
                note=before.note if before else "",
                counts={name: drawn.count(name) for name in self.study.words.labels},
            )

    def act(self, do: str, at: int, note: str = "", opened: bool = False) -> bool:
        """Act on the reply that the page showed.

        Args:
            do: A label, "skip" or "undo".
            at: The place of the reply that the page showed.
            note: The person's own words.
            opened: Whether the person looked at the reasoning.

        Returns:
            False if nothing was done. A second stroke for a reply that is no longer shown does nothing, so that no
            reply gets a label unseen.

        Raises:
            OSError: The act could not be saved.
        """
        with self._lock:
            current, last = self.file.record.current(), self.file.record.last()
            if at != self._at():
                return False
            time, person = now(), self.file.person
            if do == "undo" and last is not None:
                self.file.append([Undo(id=last.id, time=time, person=person)])
            elif do == "skip" and current is not None:
                self.file.append([Skip(id=current, time=time, person=person)])
            elif do in self.study.words.labels and current is not None:
                about, note = self._drawn[current].model_dump(), note.strip()[:LONGEST_NOTE]
                label = PersonLabel(label=do, note=note, opened=opened, time=time, person=person, **about)
                self.file.append([label])
            else:
                return False
            return True

    def _at(self) -> int:
        current = self.file.record.current()
        return END if current is None else self.file.record.queue.index(current)


def settle(study: FinishedStudy, file: LabelFile, n: int | None, seed: int | None) -> Draw | None:
    """Draw replies where none were drawn yet, or more of them; None goes on with the draw that the file holds."""
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


def make_draw(study: FinishedStudy, person: str, n: int, seed: int) -> Draw:
    """Draw replies, as a line of the file."""
    replies = draw_replies(study.population, n, seed)
    return Draw(
        time=now(), person=person, plan=study.plan.sha256, judge=study.plan.judge, seed=seed, n=n,
        population=len(study.population), replies=tuple(replies),
    )  # fmt: skip
