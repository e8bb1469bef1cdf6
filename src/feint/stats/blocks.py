"""Groups with requests as blocks: the linear algebra of `feint.stats.wordings`."""

from typing import Any

import numpy as np

from feint.stats.types import Floats, Ints

TINY = 1e-9


class Blocked:
    """Groups with requests as blocks: the information matrix A of `between`, never written out.

    Factorising it takes seconds where every core is busy, which they are while a local model replies.

    Attributes:
        g: Code of the group, shape (U,).
        r: Code of the request, shape (U,).
        size: Units per group, shape (G,).
        asked: Units per request, shape (R,).
    """

    def __init__(self, g: Ints, r: Ints) -> None:
        self.g, self.r, self.size, self.asked = g, r, np.bincount(g), np.bincount(r)

    def request_means(self, values_U: Floats) -> Floats:
        """Mean per request, shape (R,)."""
        return np.bincount(self.r, weights=values_U) / self.asked

    def information(self, x_G: Floats) -> Floats:
        """The product A x."""
        means = self.request_means(x_G[self.g])
        return self.size * x_G - np.bincount(self.g, weights=means[self.r])

    def trace(self) -> float:
        """The trace of A."""
        pairs, count = np.unique(self.r * len(self.size) + self.g, return_counts=True)
        return len(self.g) - float((np.square(count) / self.asked[pairs // len(self.size)]).sum())

    def solve(self, q_G: Floats) -> Floats:
        """An x with A x = q, by conjugate gradients with the diagonal as preconditioner."""
        x, rest = np.zeros(len(q_G)), q_G.astype(float)
        step = scaled = rest / self.size
        enough = TINY**2 * float(rest @ scaled)
        for _ in range(10 * len(q_G)):
            before = float(rest @ scaled)
            if before <= enough:
                break
            image = self.information(step)
            curvature = float(step @ image)
            if curvature <= TINY * float(step @ (self.size * step)):
                break  # A is singular along equal shifts of a part: what is left of q there is rounding
            length = before / curvature
            x, rest = x + length * step, rest - length * image
            scaled = rest / self.size
            step = scaled + float(rest @ scaled) / before * step
        return x


def codes(values: Any) -> Ints:
    """Codes from 0 without gaps."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def parts(a_U: Ints, b_U: Ints) -> int:
    """Number of connected parts of the graph whose edges join a[u] and b[u]."""
    label = np.arange(int(a_U.max()) + 1)
    while True:
        of_b = np.full(int(b_U.max()) + 1, len(label))
        np.minimum.at(of_b, b_U, label[a_U])
        following = label.copy()
        np.minimum.at(following, a_U, of_b[b_U])
        if (following == label).all():
            return len(np.unique(label))
        label = following
