"""A study that stops when it is decided, replayed from its labels: every look that was made, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from feint.stats.differences import differences
from feint.stats.layout import CellMeans
from feint.stats.looks.looking import Looking
from feint.stats.looks.stopping import Block, Standing, standings
from feint.stats.table import Replies, pair
from feint.stats.types import NOT_JUDGED, Bools, Contrast, Ints, Rules, Settings

Value = tuple[float, float]
"""A request's difference, and the replies behind it."""


@dataclass(frozen=True)
class Course:
    """The course of a study that stops when it is decided.

    Attributes:
        order: Requests in the order in which they are asked, drawn beforehand; those that never came may be absent.
        looking: When it is looked, and how.
        each: Replies that are planned to a request in one cell: its wordings, times samples.
        until: A rule, such as `fakes_alignment`, that asking goes on for; None for all contrasts.
    """

    order: tuple[str, ...]
    looking: Looking
    each: int
    until: str | None = None

    def block(self, index: int) -> tuple[str, ...]:
        """The requests of one block, counted from 0."""
        ends = (0, *self.looking.looks)
        return self.order[ends[index] : ends[index + 1]]

    def size(self, index: int) -> int:
        """Number of requests in a whole block."""
        ends = (0, *self.looking.looks)
        return ends[index + 1] - ends[index]


@dataclass(frozen=True)
class Replay:
    """The looks that were made.

    Attributes:
        course: How the study is asked.
        blocks: What each block brought.
        stands: Where the study stood before the first block, and after each.
    """

    course: Course
    blocks: list[Block]
    stands: list[Standing]

    @property
    def now(self) -> Standing:
        """Where it stands."""
        return self.stands[-1]

    @property
    def requests(self) -> int:
        """Requests asked at the last look."""
        return self.course.looking.looks[len(self.blocks) - 1] if self.blocks else 0

    @property
    def ahead(self) -> tuple[str, ...]:
        """The requests of the block that comes next, in the cells of `now`; none where asking has ended."""
        return () if self.now.ended else self.course.block(len(self.blocks))

    def until(self, blocks: int) -> tuple[str, ...]:
        """The requests of the first blocks."""
        return self.course.order[: self.course.looking.looks[blocks - 1]] if blocks else ()

    def closed(self, key: str) -> int:
        """Blocks after which a contrast was closed; all that there are, if it is open."""
        return self.now.since.get(key, len(self.blocks))


def replay(
    replies: Replies,
    contrasts: Sequence[Contrast],
    course: Course,
    settings: Settings,
    rules: Rules,
    *,
    strict: bool = True,
) -> Replay:
    """Look again at a study after each of its blocks. Pure: the same labels give the same looks.

    A look is made after a whole block: every cell that was still to be asked has all replies to all requests of the
    block, missing replies included. Replies beyond the last whole block are not looked at, whatever order they
    came in.

    Args:
        replies: Replies to the requests, twins left out; what waits for its judge counts as not there.
        contrasts: The contrasts of the design.
        course: How the study is asked.
        settings: The numbers that decide.
        rules: The rules of the design.
        strict: Whether every block has to be whole by the decisions that these labels give. Otherwise a block also
            counts that was followed by another, and so was whole by the labels at the time: these may be others.
    """
    place = {name: code for code, name in enumerate(replies.requests)}
    course_codes = np.array([place.get(name, -1) for name in course.order], dtype=np.int64)
    judged = replies.reason != NOT_JUDGED
    whole: Bools = np.asarray(counts(replies.where(judged)) >= course.each)
    begun: Bools = np.asarray(counts(replies).any(axis=1))
    found = values_of(pair(replies), contrasts)
    filled = [k for k in range(len(course.looking.looks)) if len(course.block(k)) == course.size(k)]
    made = [block_of(replies, contrasts, found, course_codes, course.looking.looks[k], course.size(k)) for k in filled]
    stands = standings(made, contrasts, course.looking, settings, rules, course.until)
    last = 0
    for k in filled:
        if stands[k].ended:
            break
        here = course_codes[course.looking.looks[k] - course.size(k) : course.looking.looks[k]]
        columns = np.array([replies.cells.index(cell) for cell in stands[k].cells], dtype=np.int64)
        later = course_codes[course.looking.looks[k] :]
        followed = not strict and begun[later[later >= 0]].any()
        if (here < 0).any() or not (followed or whole[np.ix_(here, columns)].all()):
            break
        last = k + 1
    return Replay(course, made[:last], stands[: last + 1])


def counts(replies: Replies) -> Ints:
    """Replies by request and cell, shape (requests, cells)."""
    shape = (len(replies.requests), len(replies.cells))
    slot = replies.request * shape[1] + replies.cell
    return np.bincount(slot, minlength=shape[0] * shape[1]).reshape(shape)


def values_of(means: CellMeans, contrasts: Sequence[Contrast]) -> dict[str, dict[int, Value]]:
    """By contrast and code of the request, its difference over wordings, and the replies behind it."""
    found = {}
    for contrast in contrasts:
        each = differences(means, contrast.weights)
        replies_R = each.layout.by_request(np.where(each.complete, each.replies, 0.0))[0]
        behind = dict(zip(each.layout.requests.tolist(), replies_R.tolist(), strict=True))
        found[contrast.key] = {
            int(code): (float(value), behind[int(code)]) for code, value in zip(*each.per_request(), strict=True)
        }
    return found


def block_of(
    replies: Replies,
    contrasts: Sequence[Contrast],
    found: Mapping[str, Mapping[int, Value]],
    order: Ints,
    end: int,
    size: int,
) -> Block:
    """The differences of one block, and the missing rates up to the end of the block."""
    here = {c.key: [found[c.key][int(r)] for r in order[end - size : end] if int(r) in found[c.key]] for c in contrasts}
    so_far = np.isin(replies.request, order[:end])
    planned, gone = (
        np.bincount(replies.cell[keep], minlength=len(replies.cells))
        for keep in (so_far, so_far & np.isnan(replies.value))
    )
    rates = {cell: float(lost / n) if n else None for cell, n, lost in zip(replies.cells, planned, gone, strict=True)}
    return Block(
        {key: np.array([value for value, _ in values]) for key, values in here.items()},
        {key: sum(n for _, n in values) for key, values in here.items()},
        rates,
    )


def kept(replies: Replies, made: Replay) -> Bools:
    """Mask of the replies that findings count: replies of blocks that were looked at, and of requests asked since.

    In a block that is not whole yet, a request counts as soon as all cells to be asked have its replies. Other requests
    wait for the study to go on; this keeps the cells balanced.

    Returns:
        A mask, shape (N,).
    """
    place = {name: code for code, name in enumerate(replies.requests)}
    old = [place[name] for name in made.until(len(made.blocks)) if name in place]
    columns = [replies.cells.index(cell) for cell in made.now.cells]
    full: Bools = np.asarray((counts(replies)[:, columns] >= made.course.each).all(axis=1))
    new = [place[name] for name in made.ahead if name in place and full[place[name]]]
    return np.isin(replies.request, [*old, *new])
