"""The layout that many studies share, and their replies averaged over samples and requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from feint.stats.types import Bools, Floats, Ints


@dataclass(frozen=True)
class Layout:
    """What every one of many studies asked: units, each a request in one wording, sorted by request.

    Attributes:
        request: Code of the request, shape (U,), ascending from 0 without gaps.
        wording: Code of the wording, shape (U,).
        voice: Code of the voice, shape (U,).
        voices: Number of voices.
    """

    request: Ints
    wording: Ints
    voice: Ints
    voices: int

    @classmethod
    def of(cls, voice_RW: Ints, phrasing_RW: Ints, voices: int) -> "Layout":
        """The layout of requests that are all put in equally many wordings.

        Args:
            voice_RW: Code of the voice by request and wording, shape (R, W).
            phrasing_RW: Code of the phrasing within its voice, likewise.
            voices: Number of voices there are; those that nothing is told in do not count.
        """
        present, voice = np.unique(voice_RW, return_inverse=True)
        wording = np.unique(voice_RW * (int(phrasing_RW.max(initial=0)) + 1) + phrasing_RW, return_inverse=True)[1]
        request = np.repeat(np.arange(voice_RW.shape[0]), voice_RW.shape[1])
        return cls(request, wording.reshape(-1), voice.reshape(-1), min(voices, len(present)))

    @cached_property
    def starts(self) -> Ints:
        """Where the units of each request begin, shape (R,)."""
        return np.unique(self.request, return_index=True)[1]

    def by_request(self, values: Floats) -> Floats:
        """Sums over the units of each request, from shape (..., U) to (..., R)."""
        if len(self.starts) == len(self.request):
            return values
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))


@dataclass(frozen=True)
class Table:
    """Replies of many studies averaged over samples, as `feint.stats.table.Units` of one.

    Attributes:
        layout: The units.
        mean: Compliance over scored replies, 0 where none is scored, shape (S, U, C).
        scored: Number of scored replies, shape (S, U, C).
    """

    layout: Layout
    mean: Floats
    scored: Floats

    def where(self, studies: Sequence[int] | Ints | Bools) -> "Table":
        """Some of the studies."""
        return Table(self.layout, self.mean[studies], self.scored[studies])


def tabulate(labels: Floats, layout: Layout) -> Table:
    """Average over samples.

    Args:
        labels: 1, 0 or NaN where missing, shape (S, C, U, M).
        layout: The units.
    """
    known = ~np.isnan(labels)
    scored = np.moveaxis(known.sum(axis=-1), 1, -1).astype(float)
    summed = np.moveaxis(np.where(known, labels, 0.0).sum(axis=-1), 1, -1)
    return Table(layout, summed / np.maximum(scored, 1), scored)


def average(value: Floats, keep: Bools, layout: Layout) -> tuple[Floats, Floats]:
    """Mean per request over the units that are kept.

    Args:
        value: Shape (S, U).
        keep: Likewise.
        layout: The units.

    Returns:
        Means, 0 where nothing is kept, and the number of kept units; both of shape (S, R).
    """
    count = layout.by_request(keep.astype(float))
    return layout.by_request(np.where(keep, value, 0.0)) / np.maximum(count, 1), count


def over_requests(value_R: Floats, count_R: Floats) -> tuple[Floats, Floats, Any]:
    """Mean and variance (divided by R) over requests that have a value, and their number; each of shape (S,)."""
    here = count_R > 0
    requests = here.sum(axis=-1)
    divisor = np.maximum(requests, 1)
    mean = value_R.sum(axis=-1) / divisor
    variance = np.where(here, np.square(value_R - mean[..., None]), 0.0).sum(axis=-1) / divisor
    return mean, variance, requests
