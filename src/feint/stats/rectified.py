"""The formulas of `feint.stats.corrected`, vectorised over leading axes so that simulations run the same code."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from feint.stats.score import outcomes, pairs_of_moments, score_limits
from feint.stats.types import Floats, Ints

UNSEEN = 0.5  # replies counted for each kind of error, so that an unseen error is not taken for impossible


def rectified(
    value_R: Floats, labelled_RC: Floats, person_RC: Floats, judge_RC: Floats, weights_C: Floats, tune: float | None
) -> tuple[Floats, Floats, Floats, Ints]:
    """A contrast of judged replies, moved by the mean error of the judge in each cell.

    Prediction-powered inference (Angelopoulos et al. 2023, Science 382) with power tuning (PPI++, Angelopoulos,
    Duchi & Zrnic 2023, arXiv 2311.01453), in the form for labelled replies that are a subset of the judged ones,
    which is the difference estimator of survey sampling (Särndal, Swensson & Wretman 1992, section 6.3):
    ``theta = lambda * mean_r(value_r) + sum_c w_c * mean_labelled_c(person - lambda * judge)``.
    Its variance is the sum over requests of the squared influence of the request, through its judged and its labelled
    replies alike, times ``R / (R - 1)`` (linearisation, as Liang & Zeger 1986 for clusters); replies to one request
    may be alike, and labelled replies may be in one cell only. Lambda minimises it within 0 (people alone) and 1
    (the judge fully trusted for the spread): a regression through the origin of the two parts of the influence.

    A judge that errs rarely shows no error in a small subset, and a variance of zero. Therefore each cell's variance
    holds two half replies more, one for each kind of error (person 1 and judge 0, and the reverse), as Bonett & Price
    2012 add one of each for differences of paired proportions; the estimate does not. `benchmarks/corrected.py`
    measures what that does to coverage.

    Takes the contrast within each request as judged, shape (..., R); replies that a person labelled, which may be
    weighted, and their labels of 1 by the person and by the judge, by request and cell, shape (..., R, C) each; the
    weight of each cell; and lambda, or None for the one that minimises the variance. Gives estimate, standard error,
    lambda and degrees of freedom (requests with labelled replies in the cell that has fewest, less one), each of shape
    (...).
    """
    requests = value_R.shape[-1]
    labelled_C = labelled_RC.sum(axis=-2)
    n_C = labelled_C + 2 * UNSEEN
    person_C, judge_C = ((y.sum(axis=-2) + UNSEEN) / n_C for y in (person_RC, judge_RC))
    share_C = weights_C / n_C
    # influence of a request = fixed + lambda * moving; that of the two half replies follows
    fixed_R = (share_C[..., None, :] * (person_RC - labelled_RC * person_C[..., None, :])).sum(axis=-1)
    moving_R = (value_R - value_R.mean(axis=-1, keepdims=True)) / requests - (
        share_C[..., None, :] * (judge_RC - labelled_RC * judge_C[..., None, :])
    ).sum(axis=-1)
    half = np.sqrt(UNSEEN)
    fixed = np.concatenate([fixed_R, half * share_C * (1 - person_C), -half * share_C * person_C], axis=-1)
    moving = np.concatenate([moving_R, half * share_C * judge_C, -half * share_C * (1 - judge_C)], axis=-1)
    if tune is None:
        scale = np.square(moving).sum(axis=-1)
        lam = np.clip(-(fixed * moving).sum(axis=-1) / scale, 0.0, 1.0)
    else:
        lam = np.full(value_R.shape[:-1], tune)
    variance = np.square(fixed + lam[..., None] * moving).sum(axis=-1) * requests / (requests - 1)
    moved_C = (person_RC.sum(axis=-2) - lam[..., None] * judge_RC.sum(axis=-2)) / labelled_C
    found = lam * value_R.mean(axis=-1) + (weights_C * moved_C).sum(axis=-1)
    freedom = (labelled_RC > 0).sum(axis=-2).min(axis=-1) - 1
    return found, np.sqrt(variance), lam, freedom


def corrected_rates(judged_C: Floats, labelled_RC: Floats, person_RC: Floats, judge_RC: Floats, lam: Floats) -> Floats:
    """Compliance of each cell as corrected, ``lambda * judged + mean_labelled(person - lambda * judge)``, in [0, 1].

    Weighed as in the contrast they give the estimate of `rectified`, unless one of them had left [0, 1]. Takes the
    compliance as judged over all replies, shape (..., C), arguments of `rectified`, and lambda, shape (...).
    """
    person_C, judge_C = (y.sum(axis=-2) / labelled_RC.sum(axis=-2) for y in (person_RC, judge_RC))
    return np.asarray(np.clip(lam[..., None] * (judged_C - judge_C) + person_C, 0.0, 1.0))


def moved(rates_UC: Floats, from_C: Floats, to_C: Floats) -> Floats:
    """Draw rates of mean `from_C` in each cell towards 0 or away from 0, in proportion, until the mean is `to_C`."""
    start, end = from_C[..., None, :], to_C[..., None, :]
    down = rates_UC * np.where(start > 0, end / np.where(start > 0, start, 1), 0)
    up = 1 - (1 - rates_UC) * np.where(start < 1, (1 - end) / np.where(start < 1, 1 - start, 1), 0)
    return np.where(end <= start, down, up)


@dataclass(frozen=True)
class Correction:
    """The content of labels by people for a contrast.

    Attributes:
        rates: `corrected_rates`, shape (..., C).
        error: Standard error by `rectified`, shape (...).
        labelled: Replies that a person labelled, by cell, shape (..., C).
        freedom: Degrees of freedom, at least 1, shape (...).
    """

    rates: Floats
    error: Floats
    labelled: Floats
    freedom: Ints


def corrected_interval(
    rates_UC: Floats,
    average_RU: Floats,
    found: Correction,
    replies: Any,
    weights_C: Floats,
    icc: float,
    level: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Score interval for `rectified`, by the effective number of replies that the correction is worth.

    As Korn & Graubard (1998, *Survey Methodology* 24) do for rates from surveys, the standard error of whatever
    estimator it was is turned into the number of independent replies that would have it: ``n = V / error² * (z / t)²``
    with V the variance of the contrast from one reply in each cell, at the corrected rates (with the half replies that
    `error` holds), and t for its degrees of freedom. The interval is that of `feint.stats.score.score_limits` for
    n. How single replies are distributed is taken from the judged rates, moved within every cell to the corrected
    one; and n is never above what `score_interval` would take for the replies so moved, since labels by people add no
    replies. So where a person labelled every reply and always agreed, the interval holds that of the judged contrast.

    Takes rates as judged, by unit (request, or request and wording) and cell, shape (..., U, C); how units are averaged
    for each request, rows that sum to 1, shape (R, U); the correction; judged replies of the cell that has fewest; the
    weight of each cell; and the assumed correlation of two replies to one request. Gives estimate, low, high and
    two-sided p value, each of shape (...).
    """

    def single_replies(rates_C: Floats) -> tuple[Floats, Floats, Floats]:
        drawn_UC = moved(rates_UC, (average_RU @ rates_UC).mean(axis=-2), rates_C)
        values_K, shares_UK = outcomes(drawn_UC, weights_C.tolist())
        return ((average_RU @ drawn_UC) * weights_C).sum(axis=-1), values_K, (average_RU @ shares_UK).mean(axis=-2)

    value_R, values_K, shares_K = single_replies(found.rates)
    smooth_K = single_replies((found.rates * found.labelled + UNSEEN) / (found.labelled + 2 * UNSEEN))[2]
    variance = smooth_K @ values_K**2 - (smooth_K @ values_K) ** 2
    quantiles = special.ndtri(0.5 + level / 2) / special.stdtrit(found.freedom, 0.5 + level / 2)
    moments = value_R.mean(axis=-1), value_R.var(axis=-1), value_R.shape[-1]
    most = pairs_of_moments(moments, values_K, shares_K, replies, icc, level)
    mean, number = shares_K @ values_K, np.minimum(most, variance / found.error**2 * quantiles**2)
    low, high, p = score_limits(values_K, shares_K, number, level)
    return mean, np.minimum(low, mean), np.maximum(high, mean), p
