"""The rule of the published studies, for comparison: independent cells, bands of one standard error."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feint.stats import Contrast

LEAST = 0.01
"""A contrast above one point is a gap."""


def claims(labels: NDArray[np.float64], contrasts: Sequence[Contrast], cells: Sequence[str]) -> NDArray[np.bool_]:
    """Find the contrasts that the published rule calls a gap.

    Sheshadri et al. 2025 treat cells as independent samples, call a difference above one point a gap, and draw bands
    of one standard error. The rule is read strictly here: the bands must not meet, so the contrast has to be larger
    than the sum of the standard errors ``sqrt(p (1 - p) / n)`` of its cells. Missing replies are left out.

    Args:
        labels: 1, 0 or NaN, shape (S, C, U, M).
        contrasts: The contrasts of the design.
        cells: The cells, in the order of the labels.

    Returns:
        Shape (S, K).
    """
    known = ~np.isnan(labels)
    n = np.maximum(known.sum(axis=(2, 3)), 1)
    rate = np.where(known, labels, 0.0).sum(axis=(2, 3)) / n
    error = np.sqrt(rate * (1 - rate) / n)
    found = []
    for contrast in contrasts:
        at, weights = [list(cells).index(cell) for cell in contrast.weights], np.array(list(contrast.weights.values()))
        gap = rate[:, at] @ weights
        found.append((gap > LEAST) & (gap > error[:, at] @ np.abs(weights)))
    return np.stack(found, axis=-1)
