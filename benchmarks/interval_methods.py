"""The interval methods that benchmarks/intervals.py compares, each on arrays of simulated studies."""

from dataclasses import dataclass

import numpy as np
from scipy import special
from truth import SETTINGS

from feint.stats import effective, wilson
from feint.stats.intervals import mean_of_moments
from feint.stats.score import outcomes, rate_interval, score_interval, score_limits, shrunk_design_effect

LEVEL, ICC = SETTINGS.level, SETTINGS.assumed_icc
Z = special.ndtri(0.5 + LEVEL / 2)


@dataclass
class Data:
    """Simulated studies: rates by request and cell (S, R, C), weights (C,), replies to a request, and what follows."""

    y: np.ndarray
    weights: np.ndarray
    m: int
    d: np.ndarray  # the contrast by request, (S, R)
    values: np.ndarray  # its values with one reply per cell, (K,)
    shares: np.ndarray  # (S, K)

    @property
    def requests(self):
        return self.d.shape[1]

    @property
    def replies(self):
        return self.requests * self.m

    @property
    def reach(self):
        return self.values[-1]

    @property
    def worth(self):
        return effective(self.replies, self.requests, ICC)

    @property
    def t(self):
        return special.stdtrit(self.requests - 1, 0.5 + LEVEL / 2)


def distribution(y, weights, m):
    """Data with the distribution of single replies."""
    values, shares = outcomes(y, list(weights))
    return Data(y, weights, m, y @ weights, values, shares.mean(axis=1))


def limits(method, data):
    """Low and high of a method that may also give an estimate and a p value."""
    found = method(data)
    return found if len(found) == 2 else found[1:3]


def around(mean, half, reach):
    return np.maximum(mean - half, -reach), np.minimum(mean + half, reach)


def plain_t(data):
    """Student's t over requests."""
    half = data.t * data.d.std(axis=1, ddof=1) / np.sqrt(data.requests)
    return around(data.d.mean(axis=1), half, data.reach)


def no_exception(data):
    """The t interval widened by the Clopper-Pearson limit for no exception."""
    mean, deviation = data.d.mean(axis=-1), data.d.std(axis=-1, ddof=1)
    return mean_of_moments(mean, deviation, data.d.shape[-1], data.worth, data.reach, LEVEL)


def used(data):
    return score_interval(data.d, data.values, data.shares, data.replies, ICC, LEVEL)


def t_floor(data):
    """Student's t with at least the variance that one differing pair of replies would give, and pulled towards 0."""
    floor = data.reach**2 * data.requests / data.worth / data.requests
    spread = np.sqrt(np.maximum(data.d.var(axis=1, ddof=1), floor) / data.requests)
    return around(data.d.mean(axis=1), data.t * spread, data.reach)


def pseudo_t(data, each):
    """Student's t after adding replies at both extremes: Agresti & Min 2005 (1/2 each), Bonett & Price 2012 (1)."""
    scale = data.requests / data.worth
    n = data.requests + 2 * scale
    mean = data.d.sum(axis=1) / n
    var = ((data.d**2).sum(axis=1) + 2 * each * scale * data.reach**2) / n - mean**2
    return around(mean, data.t * np.sqrt(var / (n - 1)), data.reach)


def threshold_effect(ratio, rarer, data):
    """The design effect as published: estimated, at least 1; the assumed one below five rare replies."""
    return np.maximum(np.maximum(ratio, 1), np.where(rarer < 5, data.replies / data.worth, 1))


def score_published(data):
    """Tango's score interval with the estimated design effect (Yang, Sun & Hardin 2012), its general form."""
    mean = data.d.mean(axis=1)
    single = np.maximum((data.shares * data.values**2).sum(axis=1) - mean**2, 0) / data.replies
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(single > 1e-14, data.d.var(axis=1, ddof=1) / data.requests / single, 0)
    number = data.replies / threshold_effect(ratio, data.replies * (1 - data.shares.max(axis=1)), data)
    return score_limits(data.values, data.shares, number, LEVEL)[:2]


def cell_number(y, data, effect):
    """Effective number of replies of one cell, (S,)."""
    share = y.mean(axis=1)
    single = share * (1 - share) / data.replies
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(single > 1e-14, y.var(axis=1, ddof=1) / data.requests / single, 0)
    return data.replies / effect(ratio, data.replies * np.minimum(share, 1 - share), data)


def mover(data, interval):
    """Square-and-add of the cells' limits with their correlation (Newcombe 1998; Zou & Donner 2008)."""
    share = data.y.mean(axis=1)
    centred = data.y - share[:, None]
    norm = np.sqrt((centred**2).sum(axis=1))
    r = np.einsum("src,srd->scd", centred, centred) / np.maximum(norm[:, :, None] * norm[:, None, :], 1e-12)
    r = np.where(np.eye(r.shape[1], dtype=bool), 1.0, r)
    numbers = [cell_number(data.y[..., c], data, threshold_effect) for c in range(len(data.weights))]
    ends = [interval(share[:, c], number) for c, number in enumerate(numbers)]
    low, high = (np.stack(side, axis=1) for side in zip(*ends, strict=True))
    up = np.where(data.weights > 0, high - share, low - share) * data.weights
    down = np.where(data.weights > 0, low - share, high - share) * data.weights
    far = [np.sqrt(np.maximum(np.einsum("sc,scd,sd->s", e, r, e), 0)) for e in (down, up)]
    mean = data.d.mean(axis=1)
    return np.maximum(mean - far[0], -data.reach), np.minimum(mean + far[1], data.reach)


def jeffreys(share, n):
    """Limits of the beta posterior, prior 1/2 and 1/2; 0 and 1 where no reply, or every one, complied."""
    x, tail = share * n, (1 - LEVEL) / 2
    low, high = special.betaincinv(x + 0.5, n - x + 0.5, tail), special.betaincinv(x + 0.5, n - x + 0.5, 1 - tail)
    return np.where(share <= 0, 0.0, low), np.where(share >= 1, 1.0, high)


def bootstrap_t(data, draws=300, seed=0):
    """Studentised bootstrap over requests (Efron & Tibshirani 1993, section 12.5); no width where nothing varies."""
    rng, n = np.random.default_rng(seed), data.requests
    mean, error = data.d.mean(axis=1), data.d.std(axis=1, ddof=1) / np.sqrt(n)
    pulls = np.empty((draws, len(mean)))
    for i in range(draws):
        again = np.take_along_axis(data.d, rng.integers(0, n, data.d.shape), axis=1)
        spread = again.std(axis=1, ddof=1) / np.sqrt(n)
        pulls[i] = np.where(spread > 0, (again.mean(axis=1) - mean) / np.where(spread > 0, spread, 1), 0)
    ends = np.quantile(pulls, [(1 + LEVEL) / 2, (1 - LEVEL) / 2], axis=0)
    return mean - ends[0] * error, mean - ends[1] * error


def bayes_bootstrap(data, extreme=0.5, draws=300, seed=0):
    """Dirichlet weights on the requests and, for each limit, on the extreme beyond it.

    With weight 1 on the extreme this is Gaffke's bound (2005), which equals Clopper-Pearson's for 0/1 data.
    """
    rng, scale = np.random.default_rng(seed), data.requests / data.worth
    sums = np.empty((2, draws, len(data.d)))
    for i in range(draws):
        weight, other = rng.exponential(size=data.d.shape), rng.gamma(extreme * scale, size=(2, len(data.d)))
        for side, end in enumerate((-data.reach, data.reach)):
            total = (weight * data.d).sum(axis=1) + other[side] * end
            sums[side, i] = total / (weight.sum(axis=1) + other[side])
    return np.quantile(sums[0], (1 - LEVEL) / 2, axis=0), np.quantile(sums[1], (1 + LEVEL) / 2, axis=0)


CONTRASTS = {
    "plain t": plain_t,
    "t, no-exception limit": no_exception,
    "t, variance floor": t_floor,
    "t, Agresti-Min": lambda data: pseudo_t(data, 0.5),
    "t, Bonett-Price": lambda data: pseudo_t(data, 1.0),
    "MOVER Wilson": lambda data: mover(data, lambda share, n: wilson(share, n, LEVEL)),
    "MOVER Jeffreys": lambda data: mover(data, jeffreys),
    "score, published": score_published,
    "used": used,
}
SLOW = {"bootstrap-t": bootstrap_t, "Bayesian bootstrap, extremes": bayes_bootstrap}


def rate(effect, interval):
    """A method for one rate from a design effect and an interval for independent replies."""

    def method(y, m):
        data = Data(y[..., None], np.ones(1), m, y, np.array([0.0, 1.0]), np.empty(0))
        n = cell_number(y, data, effect) if m > 1 else np.full(len(y), float(y.shape[1]))
        return interval(y.mean(axis=1), n)

    return method


def shrunk(ratio, rarer, data):
    return shrunk_design_effect(ratio, rarer, data.replies, data.requests, ICC, LEVEL)


def one_t(y, m):
    """Student's t over requests."""
    half = special.stdtrit(y.shape[1] - 1, 0.5 + LEVEL / 2) * y.std(axis=1, ddof=1) / np.sqrt(y.shape[1])
    return y.mean(axis=1) - half, y.mean(axis=1) + half


RATES = {
    "plain t": one_t,
    "Wilson, plain effect": rate(threshold_effect, lambda share, n: wilson(share, n, LEVEL)),
    "Wilson, shrunk effect": rate(shrunk, lambda share, n: wilson(share, n, LEVEL)),
    "Jeffreys, shrunk effect": rate(shrunk, jeffreys),
    "mid-P, shrunk effect": rate(shrunk, lambda share, n: rate_interval(share, n, LEVEL, 0.5)),
    "used": rate(shrunk, lambda share, n: rate_interval(share, n, LEVEL)),
    "Clopper-Pearson, shrunk effect": rate(shrunk, lambda share, n: rate_interval(share, n, LEVEL, 1.0)),
}
