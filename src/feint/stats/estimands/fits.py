"""Formulas of estimands, vectorised over B sets of weights of items."""

import numpy as np
from scipy import special

from feint.stats.types import Floats

STEPS = 25
"""Newton steps of a logistic regression with two parameters; it converges in fewer than ten, or not at all."""
STEEPEST = 50.0
"""Slope beyond which a regression has diverged: its groups are separated."""


def detection(ones: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Sensitivity d′ and criterion c, with the log-linear correction of Hautus 1995 (BRMIC 27, 46-51).

    Half a reply is added to the hits and the false alarms, one to the trials of each, so that no rate is 0 or 1.

    Args:
        ones: Hits and false alarms, shape (B, 2).
        trials: Trials with and without signal, shape (B, 2).

    Returns:
        d′ and c, shape (B,) each.

    >>> sensitivity, criterion = detection(np.array([[84.0, 16.0]]), np.array([[100.0, 100.0]]))
    >>> sensitivity.round(2), abs(criterion).round(2)
    (array([1.96]), array([0.]))
    """
    z = special.ndtri((ones + 0.5) / (trials + 1))
    return z[:, 0] - z[:, 1], -(z[:, 0] + z[:, 1]) / 2


def logistic_slope(ones: Floats, trials: Floats, x_C: Floats) -> Floats:
    """Slope of a logistic regression of labels on a number, by Newton's method with Firth's (1993) correction.

    Firth's correction, the penalty of Jeffreys' prior (Biometrika 80, 27-38), keeps the slope finite where the levels
    are separated.

    Args:
        ones: Labels of 1 by level, shape (B, C).
        trials: Labels by level, shape (B, C).
        x_C: The number of each level, shape (C,).

    Returns:
        Slopes in log odds for one unit, shape (B,); NaN where they are not defined.
    """
    mean = (trials * x_C).sum(axis=1, keepdims=True) / trials.sum(axis=1, keepdims=True)
    x = x_C - mean
    a, b = np.zeros(len(ones)), np.zeros(len(ones))
    for _ in range(STEPS):
        rate = special.expit(a[:, None] + b[:, None] * x)
        weight = trials * rate * (1 - rate)
        aa, ab, bb = weight.sum(axis=1), (weight * x).sum(axis=1), (weight * x * x).sum(axis=1)
        determinant = aa * bb - ab * ab
        safe = np.where(determinant > 1e-12, determinant, np.nan)
        lever = weight * (bb[:, None] - 2 * ab[:, None] * x + aa[:, None] * x * x) / safe[:, None]
        rest = ones - trials * rate + lever * (0.5 - rate)
        up, along = rest.sum(axis=1), (rest * x).sum(axis=1)
        step_a, step_b = (bb * up - ab * along) / safe, (aa * along - ab * up) / safe
        a, b = a + np.clip(step_a, -2, 2), b + np.clip(step_b, -2, 2)
        if np.nanmax(np.abs(step_b), initial=0.0) < 1e-10:
            break
    return np.where(np.abs(b) < STEEPEST, b, np.nan)


def correlation(x: Floats, y: Floats, w: Floats) -> Floats:
    """Weighted Pearson correlations along the last axis, shape (B,); NaN where one of the two does not vary."""
    total = w.sum(axis=-1, keepdims=True)
    x, y = (v - (w * v).sum(axis=-1, keepdims=True) / total for v in (x, y))
    xy, xx, yy = ((w * u * v).sum(axis=-1) for u, v in ((x, y), (x, x), (y, y)))
    some = (xx > 1e-12) & (yy > 1e-12)
    return np.where(some, xy / np.sqrt(np.where(some, xx * yy, 1)), np.nan)


def midranks(values_R: Floats, w: Floats) -> Floats:
    """Ranks of items among weighted items, ties sharing their mean rank, shape (B, R)."""
    below = (values_R[:, None] < values_R) + 0.5 * (values_R[:, None] == values_R)
    return np.asarray(w @ below)


def spearman(x_R: Floats, y_R: Floats, w: Floats) -> Floats:
    """Spearman's rank correlation for each set of weights, shape (B,).

    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 9.0]), np.ones((1, 3)))
    array([1.])
    """
    return correlation(midranks(x_R, w), midranks(y_R, w), w)


def kendall(x_R: Floats, y_R: Floats, w: Floats) -> Floats:
    """Kendall's tau-b for each set of weights, shape (B,).

    >>> kendall(np.array([1.0, 2.0, 3.0]), np.array([1.0, 9.0, 3.0]), np.ones((1, 3))).round(3)
    array([0.333])
    """
    x, y = (np.sign(v[:, None] - v) for v in (x_R, y_R))
    xy, xx, yy = (np.einsum("br,rs,bs->b", w, a * b, w, optimize=True) for a, b in ((x, y), (x, x), (y, y)))
    some = (xx > 1e-12) & (yy > 1e-12)
    return np.where(some, xy / np.sqrt(np.where(some, xx * yy, 1)), np.nan)
