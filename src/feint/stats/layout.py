"""The layout of a study and its replies, averaged over samples: one core for a single study and for many at once.

Arrays have a leading axis of S studies. A study that was run has S = 1; a simulation has thousands, all of one layout.
Suffixes name the other axes: U units (a request in one wording), R requests, C cells, K values or contrasts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feint.stats.types import Bools, Floats, Ints


@dataclass(frozen=True)
class Layout:
    """The units of a study: requests, each in one wording, sorted by request.

    Attributes:
        request: Code of the request, shape (U,), ascending.
        wording: Code of the wording, shape (U,).
        voice: Code of the voice, shape (U,).
    """

    request: Ints
    wording: Ints
    voice: Ints
    voices: int

    @classmethod
    def of(cls, voice_RW: Ints, phrasing_RW: Ints, voices: int) -> "Layout":
        """The layout of R requests in W wordings each: codes of the voice and of the phrasing within it, shape (R, W).

        Of all the voices that there are, those without any unit do not count.
        """
        present, voice = np.unique(voice_RW, return_inverse=True)
        wording = np.unique(voice_RW * (int(phrasing_RW.max(initial=0)) + 1) + phrasing_RW, return_inverse=True)[1]
        request = np.repeat(np.arange(voice_RW.shape[0]), voice_RW.shape[1])
        return cls(request, wording.reshape(-1), voice.reshape(-1), min(voices, len(present)))

    @cached_property
    def starts(self) -> Ints:
        """Place of the first unit of each request, shape (R,)."""
        return np.unique(self.request, return_index=True)[1]

    @cached_property
    def requests(self) -> Ints:
        """Codes of the requests, shape (R,)."""
        return self.request[self.starts]

    def by_request(self, values: Floats) -> Floats:
        """Sums over the units of each request, from shape (..., U) to (..., R)."""
        if len(self.starts) == len(self.request):
            return values
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))

    def average(self, value: Floats, keep: Bools) -> tuple[Floats, Floats]:
        """Mean per request over the units that are kept, each wording counting once; arguments of shape (S, U).

        Gives means, 0 where nothing is kept, and the number of kept units, shape (S, R) each.
        """
        count = self.by_request(keep.astype(float))
        return self.by_request(np.where(keep, value, 0.0)) / np.maximum(count, 1), count


def over_requests(value_R: Floats, count_R: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean and variance (divided by R) over the requests that have a value, and their number; each of shape (S,).

    Both arguments have the shape (S, R): values, and the units behind each; 0 where there is none.
    """
    here = count_R > 0
    if len(here) and (here == here[0]).all():  # one study, or many that lost nothing
        here, value_R = here[:, here[0]], value_R[:, here[0]]
    requests = here.sum(axis=-1).astype(float)
    divisor = np.maximum(requests, 1)
    mean = value_R.sum(axis=-1) / divisor
    variance = np.where(here, np.square(value_R - mean[..., None]), 0.0).sum(axis=-1) / divisor
    return mean, variance, requests


@dataclass(frozen=True)
class CellMeans:
    """The replies of S studies, averaged over samples, by unit and cell.

    Attributes:
        layout: The units.
        cells: Names of the cells, in the order of the last axis.
        total: Sum of the scored replies, shape (S, U, C).
        scored: Number of scored replies, shape (S, U, C).
        planned: Number of planned replies, shape (S, U, C), or broadcast to it.
    """

    layout: Layout
    cells: tuple[str, ...]
    total: Floats
    scored: Floats
    planned: Floats

    @cached_property
    def mean(self) -> Floats:
        """Mean over scored replies, 0 where none is scored, shape (S, U, C)."""
        return self.total / np.maximum(self.scored, 1)

    def columns(self, cells: Iterable[str]) -> list[int]:
        """Places of some cells."""
        return [self.cells.index(cell) for cell in cells]

    def studies(self, which: Ints | Bools) -> "CellMeans":
        """Some of the studies."""
        planned = np.broadcast_to(self.planned, self.total.shape)
        return CellMeans(self.layout, self.cells, self.total[which], self.scored[which], planned[which])

    def missing(self) -> tuple[Floats, Floats]:
        """Missing rate of each cell and of each voice, NaN without planned replies; shapes (S, C) and (S, V)."""
        planned = np.broadcast_to(self.planned, self.total.shape)
        gone = planned - self.scored
        by_voice = [
            (gone[:, here].sum(axis=(1, 2)), planned[:, here].sum(axis=(1, 2)))
            for here in (self.layout.voice == code for code in range(self.layout.voices))
        ]
        with np.errstate(invalid="ignore", divide="ignore"):
            cells = gone.sum(axis=1) / planned.sum(axis=1)
            voices = np.stack([lost / n for lost, n in by_voice], axis=-1) if by_voice else cells[:, :0]
        return cells, voices


def tabulate(labels: Floats, layout: Layout, cells: tuple[str, ...]) -> CellMeans:
    """Average labels, NaN where missing, over the samples M of many studies; shape (S, C, U, M)."""
    known = ~np.isnan(labels)
    scored = np.moveaxis(known.sum(axis=-1), 1, -1).astype(float)
    total = np.moveaxis(np.where(known, labels, 0.0).sum(axis=-1), 1, -1)
    return CellMeans(layout, cells, total, scored, np.full((1, 1, 1), float(labels.shape[-1])))
