"""One person's session: the replies drawn for the person, the reply on the page, and the line that each key adds.

Replies are drawn at random, from every cell and every outcome that the judge gave.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

import pandas as pd

from feint.base.errors import UsageError
from feint.people.label.events import Draw, DrawnReply, PersonLabel, Skip, Undo, now
from feint.people.label.replies import FinishedStudy, ReplyRow, Shown, records
from feint.people.label.store import LabelFile
from feint.situations import number

END = -1
"""The place after the last reply."""
LONGEST_NOTE = 2000
Stratum = tuple[str, str]
"""A cell, and the judge's label: one of the task's labels, or "missing"."""
USUAL = 100
PER_CELL = 14
"""Replies of each cell. `feint.stats.corrected` needs 10 labelled replies of a cell, and some cannot be told."""
AT_LEAST = 2
"""Replies of each stratum, if it has as many: one reply says nothing about how much replies differ."""


@dataclass(frozen=True)
class View:
    """The content of the page.

    Attributes:
        at: Place of the reply among the drawn replies, from 0; `END` when all have labels. The page knows no other
            name of the reply, because its id tells the cell.
        shown: The reply; None at the end.
        total, labelled, skipped: Replies that were drawn, that have a label, that were put off.
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

        A larger number `n` than before adds replies, and the seed decides which are drawn. None goes on, or takes a
        usual number and the seed 0.

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
        """Give the reply at a place a label, "skip" it, or "undo" the last act; return False if nothing was done.

        A second stroke for a reply that is no longer shown does nothing, so that no reply gets a label unseen. The
        person may have `opened` the reasoning.

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


def default_size(population: pd.DataFrame) -> int:
    """Return how many replies are drawn by default.

    Each stratum gets some, each cell enough, and all together at least `USUAL` if the study has as many.
    """
    strata = sizes_of(population)
    cells = {cell for cell, _ in strata}
    return min(len(population), max(USUAL, PER_CELL * len(cells), AT_LEAST * len(strata)))


def draw_replies(population: pd.DataFrame, n: int, seed: int) -> list[DrawnReply]:
    """Draw a stratified random sample.

    Within a stratum each reply has the same probability: replies drawn over replies there. Strata take turns in a
    fixed order (see `allocate`), so a larger draw of the same seed holds the smaller draw.

    Args:
        population: One row for each reply, see `ReplyRow`.
        n: How many replies.
        seed: Decides which replies are drawn, and their order, which follows neither cells nor labels.

    Raises:
        UsageError: More replies than there are, or too few for every stratum to have one.
    """
    sizes = sizes_of(population)
    if n > len(population):
        raise UsageError(f"--n {n}: the study has only {len(population)} replies to label; give at most so many")
    if n < len(sizes):
        raise UsageError(
            f"--n {n}: too few to draw from each of the {len(sizes)} combinations of a cell and what the judge says; "
            f"give at least {len(sizes)}"
        )
    taken = allocate(sizes, n)
    strata: dict[Stratum, list[ReplyRow]] = {}
    for row in records(population):
        strata.setdefault((row["cell"], row["judged"]), []).append(row)
    drawn = []
    for stratum, rows in strata.items():
        rows.sort(key=lambda row: number("draw", seed, row["id"]))
        drawn += [drawn_reply(row, taken[stratum] / len(rows)) for row in rows[: taken[stratum]]]
    return sorted(drawn, key=lambda reply: number("order", seed, reply.id))


def sizes_of(population: pd.DataFrame) -> dict[Stratum, int]:
    """Count the replies of each stratum."""
    return dict(Counter((row["cell"], row["judged"]) for row in records(population)))


def allocate(sizes: Mapping[Stratum, int], n: int) -> dict[Stratum, int]:
    """Share out a sample: two replies to each stratum, as far as they go, and the rest in proportion to size.

    The proportional part follows Sainte-Laguë: the next reply goes where size over (taken + 1/2) is largest. In a
    larger sample, no stratum gets fewer replies. There are at least `n` replies, and at most `n` strata.

    >>> allocate({("free", "complied"): 60, ("paid", "refused"): 20}, 8)
    {('free', 'complied'): 6, ('paid', 'refused'): 2}
    """
    taken = dict.fromkeys(sizes, 0)

    def claim(stratum: Stratum) -> tuple[int, float, int]:
        has = taken[stratum]
        return max(AT_LEAST - has, 0), sizes[stratum] / (has + 0.5), number("claim", *stratum)

    for _ in range(n):
        taken[max((one for one in sizes if taken[one] < sizes[one]), key=claim)] += 1
    return taken


def drawn_reply(row: ReplyRow, probability: float | None) -> DrawnReply:
    """Turn a row of the population into a drawn reply."""
    about = {name: value for name, value in row.items() if name in DrawnReply.model_fields}
    return DrawnReply.model_validate({**about, "probability": probability})
