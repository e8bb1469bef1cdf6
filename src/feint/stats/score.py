"""Score intervals for clustered 0/1 replies: for weighted differences within request, and for one rate.

A t interval estimates the variance from the differences seen, and fails where nearly all of them are alike. A score
interval asks of each candidate value whether the data would be surprising if it were true, with the variance that the
replies would then have. docs/intervals.md compares them with others on simulated studies.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special

from feint.stats.intervals import effective
from feint.stats.types import Floats

PRIOR_REPLIES = 5.0  # how many rare replies the assumed correlation weighs; below about five none can be read off
OWN_WEIGHT = 0.7  # least weight for which an exact rate interval covers 93.5 % or more of the time, 10 to 500 replies
HALVINGS = 24  # of an interval of length 2 or less: ends are exact to seven digits
Moments = tuple[Any, Any, Any]
"""Mean, variance (divided by R) and number R of values over requests, of shape (...) each."""
FEW = 150  # numbers for which calling numpy takes longer than computing 15 times as many


def outcomes(means_C: Floats, weights: Sequence[float]) -> tuple[Floats, Floats]:
    """Distribution of a contrast with one reply in each cell, drawn independently.

    For two cells these are the matched-pair tables of Yang, Sun & Hardin 2012, averaged over all ways of pairing the
    replies to one request: with rates a and b, ``+1: a (1 - b), -1: (1 - a) b, 0: the rest``.

    Takes the share of replies that are 1, in each cell within one request and wording, shape (..., C), and the
    contrast's weight of each cell. Gives the K values that the contrast can take, ascending, shape (K,), and their
    shares, shape (..., K).
    """
    shares: dict[float, Any] = {0.0: np.ones(means_C.shape[:-1])}
    for cell, weight in enumerate(weights):
        rate, found = means_C[..., cell], dict[float, Any]()
        for value, share in shares.items():
            for end, part in ((value, share * (1 - rate)), (round(value + weight, 9), share * rate)):
                found[end] = found[end] + part if end in found else part
        shares = found
    values = sorted(shares)
    return np.array(values), np.stack([shares[value] for value in values], axis=-1)


def shrunk_design_effect(ratio: Any, rarer: Any, replies: Any, requests: Any, icc: float, level: float) -> Any:
    """Design effect of clustered replies, sound with few requests and few rare replies.

    The ratio of the clustered to the independent variance (Kish 1965, section 5.4) is a wild guess where few replies
    are of the rarer kind. It is therefore averaged with what an assumed correlation implies, which counts for five
    rare replies. What the ratio exceeds 1 by was estimated over the requests, so it is inflated by the squared ratio
    of Student's quantile to the normal one; the rest is the variance of a 0/1 reply, which needs no estimate.

    `ratio` is the variance of the mean estimated over requests, by that of independent replies, 0 if neither varies;
    `rarer` the number of replies that are not of the commonest kind; `icc` the assumed correlation of two replies to
    one request. The result is a factor of 1 or more, of the shape of the arguments.
    """
    assumed = replies / effective(replies, requests, icc)
    quantile = special.stdtrit(np.maximum(np.asarray(requests) - 1, 1), 0.5 + level / 2)
    student = (quantile / special.ndtri(0.5 + level / 2)) ** 2
    excess = ((ratio - 1) * student * rarer + (assumed - 1) * PRIOR_REPLIES) / (rarer + PRIOR_REPLIES)
    return 1 + np.maximum(excess, 0)


def pairs_of_moments(
    moments: Moments, values_K: Floats, shares_K: Floats, replies: Any, icc: float, level: float
) -> Any:
    """Effective number of independent sets of one reply per cell, shape (...).

    N over `shrunk_design_effect`, which is here at least ``R / (R - 1)``, the usual correction of a variance taken
    about a fitted mean; it keeps a handful of requests that all agree from being significant. Other arguments than
    `moments` are those of `score_interval`.
    """
    mean, variance, requests = moments
    single = np.maximum((shares_K * values_K**2).sum(axis=-1) - mean**2, 0)
    seen = single > 1e-12
    ratio = np.where(seen, variance / requests / np.where(seen, single / replies, 1), 0)
    rarer = replies * (1 - shares_K.max(axis=-1))
    effect = shrunk_design_effect(ratio, rarer, replies, requests, icc, level)
    return replies / np.maximum(effect, requests / (requests - 1))


def score_interval(
    values_R: Floats, values_K: Floats, shares_K: Floats, replies: Any, icc: float, level: float, gain: Any = 1.0
) -> tuple[Floats, Floats, Floats, Floats]:
    """Score interval for the mean of a contrast over requests.

    It holds every d for which ``|mean - d| sqrt(n) <= z sqrt(V(d))``: V(d) is the variance that one reply per cell
    would give to the contrast if its mean were d, by the maximum-likelihood distribution over `values_K` with that
    mean; n is `pairs_of_moments`. For two cells and one reply in each this is Tango's interval for matched pairs
    (1998), with the correction R / (R - 1) of Laud 2017; an effective number for clusters follows Yang, Sun & Hardin
    2012. For more cells the same likelihood is empirical likelihood with the extreme outcomes among its support (Owen
    2001). The p value comes from the same test for d = 0: below 1 - level exactly when the interval excludes zero.

    Takes the contrast in each request, shape (..., R); the values that it takes with one reply per cell, ascending,
    shape (K,), the extremes symmetric about zero; their shares over requests, shape (..., K), with the same mean; the
    number of replies in each cell; the assumed correlation of two replies to one request; and how many times as much
    each set of replies is worth (`feint.stats.differences.strata_gain`). Gives estimate, low, high and two-sided p
    value, each of shape (...).

    Raises:
        ValueError: Fewer than two requests.
    """
    if values_R.shape[-1] < 2:
        raise ValueError("an interval over requests needs at least two requests")
    moments = values_R.mean(axis=-1), values_R.var(axis=-1), values_R.shape[-1]
    return score_of_moments(moments, values_K, shares_K, replies, icc, level, gain)


def score_of_moments(
    moments: Moments, values_K: Floats, shares_K: Floats, replies: Any, icc: float, level: float, gain: Any = 1.0
) -> tuple[Floats, Floats, Floats, Floats]:
    """`score_interval` from `Moments` over R >= 2 requests, which may differ from study to study."""
    mean, number = moments[0], pairs_of_moments(moments, values_K, shares_K, replies, icc, level) * gain
    low, high, p = score_limits(values_K, shares_K, number, level)
    return mean, np.minimum(low, mean), np.maximum(high, mean), p


def score_limits(values_K: Floats, shares_K: Floats, number: Any, level: float) -> tuple[Floats, Floats, Floats]:
    """Low, high and p value of `score_interval` for shares seen in an effective number of independent sets."""
    z = special.ndtri(0.5 + level / 2)
    turned = np.stack([shares_K, shares_K[..., ::-1]])  # a lower limit is the upper one of the contrast turned round
    values = np.stack([values_K, -values_K[::-1]]).reshape(2, *(1,) * (shares_K.ndim - 1), len(values_K))
    path = Path(np.stack([values, values]), np.stack([turned, turned]))

    def beyond(d: Floats, variance: Floats) -> Floats:
        """Tell if the mean d is too far from the data for the interval, and if d has reached zero."""
        far = number * (d - path.mean) ** 2 > z**2 * variance + 1e-12
        return np.stack([far[:, 0], (d >= 0)[:, 1]], axis=1)

    d, variance = path.first(beyond)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.ndtr(-np.sqrt(number / variance[1]) * np.abs(d[1] - path.mean[1]))
    mean = path.mean[0, 0]
    return -d[0, 1], d[0, 0], np.where(mean < 0, p[0], np.where(mean > 0, p[1], 1.0))


class Path:
    """The likeliest distributions over given values with a mean at or above that of the data, in order of their mean.

    With a multiplier t from 0 down to -1 / top, the shares g become ``p ∝ g / (1 + t x)`` (the dual of empirical
    likelihood). If the highest value was never seen, this ends at a mean below it; from there on the highest value
    takes what the mean lacks: ``p = g (top - d) / (top - x)``. Both parts are explicit, so a monotone
    question about them needs one bisection.
    """

    def __init__(self, values: Floats, shares: Floats):
        """Values, ascending, and shares, shape (..., K) each."""
        self.x, self.g, self.top = values, shares, values[..., -1:]
        self.mean = (values * shares).sum(axis=-1)
        below = self.x < self.top
        self.odds = np.where(below, shares / np.where(below, self.top - self.x, 1), 0)
        self.unseen = shares[..., -1] <= 0
        total = self.odds.sum(axis=-1)
        self.corner = np.where(self.unseen, self.top[..., 0] - 1 / np.where(total > 0, total, 1), self.top[..., 0])

    def at(self, u: Floats) -> tuple[Floats, Floats]:
        """Mean and variance at a place from 0 (the data) to 2 (all at the top), each of shape (...)."""
        t = np.minimum(u, 1)[..., None] / self.top
        with np.errstate(divide="ignore", invalid="ignore"):
            p = np.where(self.g > 0, self.g / np.maximum(1 - t * self.x, 1e-300), 0)
        p = p / p.sum(axis=-1, keepdims=True)
        top = self.top[..., 0]
        d = np.where(u <= 1, (p * self.x).sum(axis=-1), self.corner + (u - 1) * (top - self.corner))
        lacking = self.odds * (top - d)[..., None]
        p = np.where((u > 1)[..., None], lacking, p)
        rest = np.where(u > 1, np.maximum(1 - lacking.sum(axis=-1), 0), 0)
        return d, (p * (self.x - d[..., None]) ** 2).sum(axis=-1) + rest * (top - d) ** 2

    def first(self, holds: Any) -> tuple[Floats, Floats]:
        """Mean and variance at the first place where a condition on them holds, which then holds ever after.

        With few numbers, as nearly always, most time goes into calling numpy: four halvings are then taken together, by
        looking at all 15 places between. The places are the first axis of what the condition is given.
        """
        together = 4 if self.g.size <= FEW else 1
        parts = 2**together
        between = np.arange(1, parts).reshape(-1, *(1,) * self.mean.ndim) / parts
        low, width = np.zeros(self.mean.shape), 2.0
        for _ in range(HALVINGS // together):
            failing = (parts - 1) - holds(*self.at(low + width * between)).sum(axis=0)
            width /= parts
            low = low + width * failing
        return self.at(low + width)


def rate_interval(share: Any, n: Any, level: float, own: float = OWN_WEIGHT) -> tuple[Floats, Floats]:
    """Interval for one rate from the exact binomial tails, an outcome as extreme as the one seen counting in part.

    The limits p solve ``own * P(X >= x | p) + (1 - own) * P(X > x | p) = alpha / 2``, and its mirror image. With own =
    1 these are Clopper & Pearson's (1934), which cover too much; with own = 1/2 the mid-P limits (Lancaster 1961;
    Berry & Armitage 1995), whose coverage falls to 92 % for some rates, as Wilson's falls below 90 % near 0 and 1.
    0.7 is the least weight with at least 93.5 % for rates from .002 to .998 and 10 to 500 replies. Where the number n
    of replies is not whole, being an effective one, the tails are those of the beta distribution (Korn & Graubard
    1998). The observed share and n are scalars or arrays; low and high have their shape.
    """
    share, n = np.broadcast_arrays(np.asarray(share, float), np.asarray(n, float))
    share = np.stack([1 - share, share])  # a lower limit is the upper one of the opposite share
    x = share * n
    rest = np.maximum(n - x, 0)
    low, high = share.astype(float), np.ones(share.shape)
    for _ in range(HALVINGS):
        p = (low + high) / 2
        upto = np.where(rest > 1e-9, special.betaincc(x + 1, np.maximum(rest, 1e-9), p), 1.0)
        under = np.where(x > 1e-9, special.betaincc(np.maximum(x, 1e-9), rest + 1, p), 0.0)
        unlikely = own * upto + (1 - own) * under <= (1 - level) / 2
        low, high = np.where(unlikely, low, p), np.where(unlikely, p, high)
    turned, high = np.where(rest > 1e-9, high, 1.0)
    return 1 - turned, high
