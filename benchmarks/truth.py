"""What the simulations of this folder share: the contrasts of `motives`, and studies whose truth is known.

Every subject complies with probability expit(a + b_r + e_rc): a sets the rate over all requests, b_r is normal over
requests and the same in every cell, e_rc is normal over requests and cells.
"""

from functools import cache

import numpy as np
from scipy import special

from feint.stats import Settings

SETTINGS = Settings()
GAPS = {0.0: (0.005, 0.02, 0.1, 0.5, 0.98), 0.1: (0.005, 0.05, 0.45, 0.89), 0.5: (0.005, 0.25, 0.49)}
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
LADDER = {
    "intention_salience": {"intention": 1, "silence": -1},
    "rater_sycophancy": {"rated": 1, "intention": -1},
    "intimidation": {"penalty": 1, "rated": -1},
    "goal_guarding": {"trained": 1, "rated": -1},
    "contingency": {"trained": 1, "trained-regardless": -1},
    "care_for_others": {"trained-other": 1, "rated": -1},
    "terminal": {"trained-sealed": 1, "rated-sealed": -1},
    "instrumental": {"trained-misuse": 1, "rated-misuse": -1, "trained-sealed": -1, "rated-sealed": 1},
}
CELLS = sorted({cell for weights in LADDER.values() for cell in weights})


@cache
def level(rate, deviation):
    """The a for which expit(a + deviation * z), z normal, has the mean `rate`."""
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = (WEIGHTS / WEIGHTS.sum() * special.expit(middle + deviation * NODES)).sum()
        low, high = (middle, high) if mean < rate else (low, middle)
    return low


def studies_of(rng, rates, requests, samples, studies, shared=1.0, own=0.5):
    """Compliance by study, request and cell over samples: requests differ by `shared`, their cells by `own` (logit)."""
    a = np.array([level(rate, float(np.hypot(shared, own))) for rate in rates])
    common = rng.normal(size=(studies, requests, 1)) * shared
    apart = rng.normal(size=(studies, requests, len(rates))) * own
    return rng.binomial(samples, special.expit(a + common + apart)) / samples


def gap_of(weights, rates):
    """A contrast's true value, for rates in the order of `CELLS`."""
    return sum(weight * rates[CELLS.index(cell)] for cell, weight in weights.items())
