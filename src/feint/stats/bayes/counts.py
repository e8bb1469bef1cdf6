"""The data of the model: replies as counts by request, wording and cell, and cells coded by contrasts."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

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


def code_cells(weights_KC: Floats, keys: list[str]) -> tuple[Floats, tuple[str | None, ...]]:
    """Code the cells of a design so that its contrasts are coefficients: logit = intercept + columns @ coefficients.

    With A the weights of the contrasts that are linearly independent, the cells are A⁺ b + N g: A A⁺ = I and A N = 0,
    so b are the contrasts and g is the rest (generalised inverse of a hypothesis matrix: Schad, Vasishth, Hohenstein &
    Kliegl 2020, J. Memory and Language 110, 104038). N is an orthonormal basis of what is orthogonal to the contrasts
    and to the mean over cells. A contrast that is a sum of earlier ones has no coefficient of its own.

    Args:
        weights_KC: Weight of every cell in every contrast, shape (K, C); each row sums to 0.
        keys: Names of the contrasts, in the order of the rows.

    Returns:
        The columns, shape (C, C - 1), each summing to 0 over the cells, and for each the contrast whose size on the
        logit scale is its coefficient; None for the columns that hold what no contrast looks at.
    """
    chosen: list[int] = []
    for row in range(len(weights_KC)):
        if np.linalg.matrix_rank(weights_KC[[*chosen, row]]) > len(chosen):
            chosen.append(row)
    independent = weights_KC[chosen]
    rest = null_space(np.vstack([independent, np.ones(weights_KC.shape[1])]))
    columns = np.hstack([np.linalg.pinv(independent), rest])
    return columns, (*(keys[row] for row in chosen), *(None for _ in range(rest.shape[1])))
