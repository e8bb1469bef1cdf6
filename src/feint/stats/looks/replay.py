"""A study that stops when it is decided, replayed from its labels: every look that was made, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from feint.stats.contrasts import summarise_contrasts
from feint.stats.decide import DecisionRule
from feint.stats.differences import differences
from feint.stats.intervals import tests_of
from feint.stats.looks.stopping import Block, Looking, Standing, standings
from feint.stats.table import Replies, pair
from feint.stats.types import (
    NOT_JUDGED,
    UNDETERMINED,
    YES,
    Bools,
    Contrast,
    ContrastEntry,
    Decided,
    Ints,
    Rules,
    Settings,
)


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
    came in. Twins are left out, and what waits for its judge counts as not there.

    If `strict`, every block has to be whole by the decisions that these labels give. Otherwise a block also counts that
    was followed by another, and so was whole by the labels at the time: these may be others.
    """
    place = {name: code for code, name in enumerate(replies.requests)}
    order = np.array([place.get(name, -1) for name in course.order], dtype=np.int64)
    whole: Bools = np.asarray(counts(replies.where(replies.reason != NOT_JUDGED)) >= course.each)
    begun: Bools = np.asarray(counts(replies).any(axis=1))
    spans = [(start, end) for start, end in pairwise((0, *course.looking.looks)) if end <= len(order)]
    made = blocks_of(replies, contrasts, order, spans)
    stands = standings(made, contrasts, course.looking, settings, rules, course.until)
    last = 0
    for start, end in spans:
        if stands[last].ended:
            break
        here, later = order[start:end], order[end:]
        columns = np.array([replies.cells.index(cell) for cell in stands[last].cells], dtype=np.int64)
        followed = not strict and begun[later[later >= 0]].any()
        if (here < 0).any() or not (followed or whole[np.ix_(here, columns)].all()):
            break
        last += 1
    return Replay(course, made[:last], stands[: last + 1])


def counts(replies: Replies) -> Ints:
    """Replies by request and cell, shape (requests, cells)."""
    shape = (len(replies.requests), len(replies.cells))
    slot = replies.request * shape[1] + replies.cell
    return np.bincount(slot, minlength=shape[0] * shape[1]).reshape(shape)


def blocks_of(
    replies: Replies, contrasts: Sequence[Contrast], order: Ints, spans: Sequence[tuple[int, int]]
) -> list[Block]:
    """The blocks between places in the order of requests: differences, replies behind them, missing rates so far."""
    means, found = pair(replies), {}
    for contrast in contrasts:
        each = differences(means, contrast.weights)
        replies_R = each.layout.by_request(np.where(each.complete, each.replies, 0.0))[0]
        behind = dict(zip(each.layout.requests.tolist(), replies_R.tolist(), strict=True))
        codes, values = (x.tolist() for x in each.per_request())
        found[contrast.key] = {code: (value, behind[code]) for code, value in zip(codes, values, strict=True)}
    made = []
    for start, end in spans:
        here = {key: [of[r] for r in order[start:end].tolist() if r in of] for key, of in found.items()}
        so_far = np.isin(replies.request, order[:end])
        planned, gone = (
            np.bincount(replies.cell[keep], minlength=len(replies.cells))
            for keep in (so_far, so_far & np.isnan(replies.value))
        )
        block = Block(
            {key: np.array([value for value, _ in values]) for key, values in here.items()},
            {key: sum(n for _, n in values) for key, values in here.items()},
            {cell: float(lost / n) if n else None for cell, n, lost in zip(replies.cells, planned, gone, strict=True)},
        )
        made.append(block)
    return made


def kept(replies: Replies, made: Replay) -> Bools:
    """Mask of the replies that findings count: of blocks that were looked at, and of requests asked since; shape (N,).

    In a block that is not whole yet, a request counts as soon as all cells to be asked have its replies. Other requests
    wait for the study to go on; this keeps the cells balanced.
    """
    place = {name: code for code, name in enumerate(replies.requests)}
    old = [place[name] for name in made.until(len(made.blocks)) if name in place]
    columns = [replies.cells.index(cell) for cell in made.now.cells]
    full: Bools = np.asarray((counts(replies)[:, columns] >= made.course.each).all(axis=1))
    new = [place[name] for name in made.ahead if name in place and full[place[name]]]
    return np.isin(replies.request, [*old, *new])


def summarise_stopped(
    replies: Replies, contrasts: Sequence[Contrast], settings: Settings, made: Replay
) -> dict[str, ContrastEntry]:
    """Findings per contrast, as `feint.stats.contrasts.summarise_contrasts`, by intervals that hold at all looks.

    Estimate, interval, p value and decision of a contrast come from the look that closed the contrast, or from the last
    look; all other numbers rest on the same requests.
    """
    by_size: dict[int, dict[str, ContrastEntry]] = {}
    summary: dict[str, ContrastEntry] = {}
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    for contrast in contrasts:
        size = made.closed(contrast.key)
        if size not in by_size:
            asked = set(made.until(size))
            mask = np.array([replies.requests[code] in asked for code in replies.request], dtype=bool)
            missing: Mapping[str, float | None] = made.blocks[size - 1].missing if size else {}
            rates = {cell: missing.get(cell) for cell in replies.cells}
            by_size[size] = summarise_contrasts(replies.where(mask), contrasts, settings, rates)
        entry, found = by_size[size][contrast.key], made.now.estimates[contrast.key]
        decided = decision_on(contrast, made, rule)
        if decided.decision == YES:
            decided = Decided(YES, decided.reason + rule.caution(entry["worst_case"]["low"]))
        summary[contrast.key] = {
            **entry,
            **found.as_dict(),
            "p": found.p,
            "p_holm": made.now.p_holm[contrast.key],
            "decision": decided.decision,
            "reason": decided.reason,
        }
    return summary


def decision_on(contrast: Contrast, made: Replay, rule: DecisionRule) -> Decided:
    """The decision on a contrast, or the reason for no decision."""
    key, now = contrast.key, made.now
    if key in now.decided:
        return now.decided[key]
    if key in now.moot:
        return Decided(UNDETERMINED, f"not asked for, or no longer: {now.moot[key]}")
    if not made.blocks:
        return Decided(UNDETERMINED, f"no look yet: the first is after {made.course.looking.looks[0]} requests")
    missing = {cell: made.blocks[-1].missing.get(cell) for cell in contrast.weights}
    return rule.decide(now.estimates[key], now.p_holm[key], missing)


def summarise_stopping(made: Replay, contrasts: Sequence[Contrast], replies: Replies) -> dict[str, object]:
    """The looks behind the decisions of a study, from the replies that the findings count.

    The result is the content of `feint.findings.contrasts.StoppingFinding`, but for its counts of replies.
    """
    ends, now = (0, *made.course.looking.looks), made.now
    return {
        "until": made.course.until or "decided",
        "method": made.course.looking.method,
        "requests": made.requests,
        "most": ends[-1],
        "ended": now.ended,
        "open": list(now.open),
        "cells": {c: len(np.unique(replies.request[replies.cell == i])) for i, c in enumerate(replies.cells)},
        "contrasts": {
            contrast.key: {
                "after": ends[now.since[contrast.key]] if contrast.key in now.since else None,
                "moot": now.moot.get(contrast.key, ""),
                "path": [
                    {"requests": ends[look], **made.stands[look].estimates[contrast.key].as_dict()}
                    for look in range(1, made.closed(contrast.key) + 1)
                ],
            }
            for contrast in contrasts
        },
    }
