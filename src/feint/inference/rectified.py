"""The formulas of `feint.inference.corrected`, vectorised over leading axes so that simulations run the same code."""

from typing import Any

import numpy as np
from scipy import special

from feint.inference.intervals import no_exception_bound, two_sided_p
from feint.inference.types import Floats, Ints

UNSEEN = 0.5  # replies that each kind of error counts for, so that none is held for impossible because none was seen


def rectified(
    value_R: Floats, labelled_RC: Floats, person_RC: Floats, judge_RC: Floats, weights_C: Floats, tune: float | None
) -> tuple[Floats, Floats, Floats, Ints]:
    """A contrast of judged replies, moved by the mean error of the judge in each cell.

    Prediction-powered inference (Angelopoulos et al. 2023, Science 382) with power tuning (PPI++, Angelopoulos,
    Duchi & Zrnic 2023, arXiv 2311.01453), in the form for labelled replies that are a subset of the judged ones,
    which is the difference estimator of survey sampling (Särndal, Swensson & Wretman 1992, section 6.3):
    ``theta = lambda * mean_r(value_r) + sum_c w_c * mean_labelled_c(person - lambda * judge)``.
    Its variance is the sum over requests of the squared influence of the request, through its judged and its labelled
    replies alike, times ``R / (R - 1)`` (linearisation, as Liang & Zeger 1986 for clusters); so replies to one request
    may be alike, and the labelled ones need not lie in both cells. Lambda minimises it within 0 (people alone) and 1
    (the judge fully trusted for the spread): a regression through the origin of the two parts of the influence.

    A judge that errs rarely shows no error in a small subset, and a variance of zero. Therefore each cell's variance
    holds two half replies more, one for each kind of error (person 1 and judge 0, and the reverse), as Bonett & Price
    2012 add one of each for differences of paired proportions; the estimate does not. `benchmarks/corrected.py`
    measures what that does to coverage.

    Args:
        value_R: The contrast within each request as judged, shape (..., R).
        labelled_RC: Replies that a person labelled, by request and cell, shape (..., R, C); they may be weighted.
        person_RC: How many of them complied, according to the person, shape (..., R, C).
        judge_RC: How many of them complied, according to the judge, shape (..., R, C).
        weights_C: Weight of each cell in the contrast, shape (C,).
        tune: Lambda, or None for the one that minimises the variance.

    Returns:
        Estimate, standard error, lambda and degrees of freedom (requests with labelled replies in the cell that has
        fewest, less one), each of shape (...).
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


def corrected_interval(
    found: Floats, error: Floats, freedom: Ints, n_effective: Any, reach: float, level: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Student's interval for `rectified`, never narrower than `feint.inference.intervals.mean_interval` allows.

    Args:
        found: Estimate, shape (...).
        error: Standard error, shape (...).
        freedom: Degrees of freedom, at least 1, shape (...).
        n_effective: Effective number of judged replies (see `effective`): correcting them adds none.
        reach: Largest value the contrast can take.
        level: Confidence level.

    Returns:
        Estimate, low, high and two-sided p value, each of shape (...).
    """
    found = np.clip(found, -reach, reach)
    quantile = special.stdtrit(freedom, 0.5 + level / 2)
    q = no_exception_bound(n_effective, level)
    below, above = (np.maximum(quantile * error, (reach + side * found) * q) for side in (1, -1))
    p = two_sided_p(found, np.where(found > 0, below, above) / quantile, freedom)  # type: ignore[arg-type]
    return found, np.maximum(found - below, -reach), np.minimum(found + above, reach), p
