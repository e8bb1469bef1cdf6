"""Groups with requests as blocks: the linear algebra of `feint.stats.wordings`, for many studies at once."""

from functools import cached_property

import numpy as np

from feint.stats.types import Floats, Ints

TINY = 1e-9


class Grouping:
    """Sums over groups along the last axis.

    Attributes:
        code: Code of the group of each unit, from 0 without gaps, shape (U,).
        size: Units per group, shape (G,).
    """

    def __init__(self, code: Ints) -> None:
        self.code, self.size = code, np.bincount(code)

    @cached_property
    def order(self) -> tuple[Ints, Ints]:
        """Units sorted by group, and where each group starts among them."""
        order = np.argsort(self.code, kind="stable")
        return order, np.searchsorted(self.code[order], np.arange(len(self.size)))

    def sums(self, values: Floats) -> Floats:
        """Sums per group, from shape (..., U) to (..., G)."""
        order, starts = self.order
        return np.asarray(np.add.reduceat(values[..., order], starts, axis=-1))

    def means(self, values: Floats) -> Floats:
        """Means per group, from shape (..., U) to (..., G)."""
        found: Floats = self.sums(values) / self.size
        return found


class Blocked:
    """Groups with requests as blocks: the information matrix A of `feint.stats.wordings.between`, never written out.

    Factorising the matrix takes seconds where every core is busy, as while a local model replies.

    Attributes:
        group: The groups.
        request: The requests.
    """

    def __init__(self, g: Ints, r: Ints) -> None:
        self.group, self.request = Grouping(g), Grouping(r)

    def information(self, x_G: Floats) -> Floats:
        """The product A x, shape (..., G)."""
        means = self.request.means(x_G[..., self.group.code])
        found: Floats = self.group.size * x_G - self.group.sums(means[..., self.request.code])
        return found

    def trace(self) -> float:
        """The trace of A."""
        groups, asked = len(self.group.size), self.request.size
        pairs, count = np.unique(self.request.code * groups + self.group.code, return_counts=True)
        return len(self.group.code) - float((np.square(count) / asked[pairs // groups]).sum())

    def solve(self, q_G: Floats) -> Floats:
        """An x with A x = q, by conjugate gradients with the diagonal as preconditioner; shape (..., G)."""
        size = self.group.size
        x, rest = np.zeros(q_G.shape), q_G.astype(float)
        scaled = rest / size
        step, before = scaled, (rest * scaled).sum(axis=-1)
        enough = TINY**2 * before
        for _ in range(10 * q_G.shape[-1]):
            image = self.information(step)
            curvature = (step * image).sum(axis=-1)
            # A is singular along equal shifts of a part: what is left of q there is rounding.
            going = (before > enough) & (curvature > TINY * (step * size * step).sum(axis=-1))
            if not going.any():
                break
            length = np.where(going, before / np.where(going, curvature, 1), 0.0)[..., None]
            x, rest = x + length * step, rest - length * image
            scaled = rest / size
            after = (rest * scaled).sum(axis=-1)
            step = scaled + np.where(going, after / np.where(going, before, 1), 0.0)[..., None] * step
            before = np.where(going, after, 0.0)
        return x


def codes(values: Ints) -> Ints:
    """Codes from 0 without gaps.

    >>> codes(np.array([7, 3, 7]))
    array([1, 0, 1])
    """
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def parts(a_U: Ints, b_U: Ints) -> int:
    """Number of connected parts of the graph whose edges join a[u] and b[u].

    >>> parts(np.array([0, 1, 2]), np.array([0, 0, 1]))
    2
    """
    label = np.arange(int(a_U.max()) + 1)
    while True:
        of_b = np.full(int(b_U.max()) + 1, len(label))
        np.minimum.at(of_b, b_U, label[a_U])
        following = label.copy()
        np.minimum.at(following, a_U, of_b[b_U])
        if (following == label).all():
            return len(np.unique(label))
        label = following
