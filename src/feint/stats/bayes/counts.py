"""Replies as counts: labels of 1 and labels in all, by request, wording and cell."""

from dataclasses import dataclass

import numpy as np

from feint.stats.table import Replies
from feint.stats.types import Floats, Ints

REPEATED = 2.0
"""Scored replies that a request needs in a cell, on average, before its own effect can be told from chance."""


@dataclass(frozen=True)
class Counts:
    """Counts of replies; every request has M places for the wordings in which it was asked, some perhaps empty.

    Attributes:
        cells: Names of the C cells that have scored replies, in the order of the design.
        requests: Names of the R requests that have scored replies.
        ones: Replies with the label 1, shape (R, M, C).
        scored: Replies with a label, shape (R, M, C); 0 where nothing was asked or all is missing.
        wording: Code of the wording, shape (R, M); any in an empty place.
        wordings: How many wordings there are.
        missing: Replies without a label, which are left out.
    """

    cells: list[str]
    requests: list[str]
    ones: Floats
    scored: Floats
    wording: Ints
    wordings: int
    missing: int

    @property
    def repeated(self) -> bool:
        """True if requests have enough replies in every cell for effects of their own.

        One reply to each request in a cell cannot tell "this request has another effect" from chance: for single
        binary replies the variance of effects is not identified. It takes a second.
        """
        return float(self.scored.sum(axis=1).mean(axis=0).min()) >= REPEATED


def count_replies(replies: Replies) -> Counts:
    """Count the scored replies to the requests (twins left out by `feint.stats.table.read_table`)."""
    known = ~np.isnan(replies.value)
    cells, cell = np.unique(replies.cell[known], return_inverse=True)
    requests, request = np.unique(replies.request[known], return_inverse=True)
    wordings, wording = np.unique(replies.wording[known], return_inverse=True)
    # Each request's wordings get places 0, 1, ... of their own.
    pairs, pair = np.unique(request * max(len(wordings), 1) + wording, return_inverse=True)
    owner = pairs // max(len(wordings), 1)
    place = np.arange(len(pairs)) - np.searchsorted(owner, owner)
    shape = (len(requests), int(place.max(initial=-1)) + 1, len(cells))
    scored, ones = np.zeros(shape), np.zeros(shape)
    at = (request, place[pair], cell)
    np.add.at(scored, at, 1.0)
    np.add.at(ones, at, replies.value[known])
    told = np.zeros(shape[:2], dtype=np.int64)
    told[owner, place] = pairs % max(len(wordings), 1)
    return Counts(
        cells=[replies.cells[code] for code in cells],
        requests=[replies.requests[code] for code in requests],
        ones=ones,
        scored=scored,
        wording=told,
        wordings=len(wordings),
        missing=int((~known).sum()),
    )
