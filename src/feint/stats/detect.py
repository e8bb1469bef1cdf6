"""Sensitivity and criterion of clustered answers to a forced choice, with intervals at rates of 0 and 1 too."""

import numpy as np
from scipy import special

from feint.stats.cells import FEW
from feint.stats.estimands.intervals import detection
from feint.stats.intervals import effective
from feint.stats.types import Estimate, Floats, Settings

SQRT_TAU = float(np.sqrt(2 * np.pi))


def detect(ones_RC: Floats, trials_RC: Floats, settings: Settings) -> tuple[Estimate, Estimate]:
    """Estimate d′ and criterion c of signal detection over clusters of answers, such as the wordings of a situation.

    ``d' = z(H) - z(F)`` and ``c = -(z(H) + z(F)) / 2``, in standard deviations, with the log-linear correction of
    Hautus 1995 (BRMIC 27, 46-51; see `feint.stats.estimands.intervals.detection`): H is (hits + ½) / (signals + 1), F
    the same of false alarms. Above 0, c is reluctance to report a signal.

    The variance is the larger of two. One is of Gourevitch & Galanter 1967 (Psychometrika 32, 25-33), of independent
    answers: ``H(1 - H) / (n φ(zH)²) + F(1 - F) / (m φ(zF)²)``, a quarter of that for c; n is the effective number of
    answers (Kish 1965) if a rate is too near 0 or 1 to show how alike answers to one wording are. The other is over
    clusters: ``R / (R - 1) Σ u_r²``, u_r being the linearised part of cluster r in the statistic. The interval is
    Student's t with R - 1 degrees of freedom.

    Takes answers that report a signal, and answers, by cluster, with signal and without, shape (R, 2) each. The
    estimates are in standard deviations, and count answers. Nothing is estimated where either kind was not asked; one
    cluster has no interval.

    >>> ones, trials = np.array([[9.0, 1.0], [8.0, 2.0], [9.0, 2.0]]), np.full((3, 2), 10.0)
    >>> sensitivity, criterion = detect(ones, trials, Settings())
    >>> round(sensitivity.estimate, 2), round(criterion.estimate, 2), sensitivity.n
    (1.98, -0.07, 60)
    """
    n_C, k_C = trials_RC.sum(axis=0), ones_RC.sum(axis=0)
    if not (n_C > 0).all():
        return Estimate(n=int(n_C.sum())), Estimate(n=int(n_C.sum()))
    values = detection(k_C[None], n_C[None])
    rate_C = (k_C + 0.5) / (n_C + 1)
    height_C = np.exp(-np.square(special.ndtri(rate_C)) / 2) / SQRT_TAU
    clusters_C = (trials_RC > 0).sum(axis=0)
    rare_C = np.minimum(k_C, n_C - k_C) < FEW
    worth_C = np.where(rare_C, effective(n_C, clusters_C, settings.assumed_icc), n_C)
    apart = float((rate_C * (1 - rate_C) / (worth_C * np.square(height_C))).sum())
    part_RC = (ones_RC - k_C / n_C * trials_RC) / (n_C * height_C)
    count = int((trials_RC.sum(axis=1) > 0).sum())
    found = []
    weights = (np.array([1.0, -1.0]), 1.0), (np.array([-0.5, -0.5]), 0.25)
    for value, (weight_C, share) in zip(values, weights, strict=True):
        over = float(np.square(part_RC @ weight_C).sum()) * count / max(count - 1, 1)
        middle, error = float(value[0]), float(np.sqrt(max(apart * share, over)))
        if count < 2:
            found.append(Estimate(middle, n=int(n_C.sum())))
            continue
        half = float(special.stdtrit(count - 1, 0.5 + settings.level / 2)) * error
        p = float(2 * special.stdtr(count - 1, -abs(middle) / error))
        found.append(Estimate(middle, middle - half, middle + half, int(n_C.sum()), p))
    return found[0], found[1]
