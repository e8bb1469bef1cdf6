"""Convergence of the sampler: rank-normalised split r-hat, effective sample size, divergences."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from feint.stats.bayes.model import Draws
from feint.stats.types import Floats

MOST_R_HAT, LEAST_ESS = 1.01, 100
"""Vehtari et al. 2021: r-hat above 1.01, or fewer effective draws than 100 for each chain, and no draw is believed."""


@dataclass(frozen=True)
class Diagnosis:
    """The diagnostics of a fit.

    Attributes:
        r_hat: The largest of what is reported; None where one has no value, which counts as a failure.
        ess: The least effective number of draws of what is reported, over all chains.
        divergences: Of all draws.
        faults: What is wrong, a clause each; none if the draws can be believed.
    """

    r_hat: float | None
    ess: float | None
    divergences: int
    faults: list[str]


def diagnose(draws: Draws, reported: Mapping[str, Floats]) -> Diagnosis:
    """Check everything that is reported.

    Each quantity is judged by the larger r-hat of two (of ranks, and of ranks of the distance from the median) and by
    the effective number of draws of its ranks (Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021, Bayesian Analysis
    16, 667-718, formulas 14 and 15 and section 4). What is `reported` of the posterior has shape (chains, draws, ...).
    """
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    flat = np.concatenate([values.reshape(*values.shape[:2], -1) for values in reported.values()], axis=2)
    chains, length = flat.shape[:2]
    ranked = normal_ranks(flat)
    folded = normal_ranks(np.abs(flat - np.median(flat, axis=(0, 1))))
    halves = np.concatenate([ranked[:, : length // 2], ranked[:, -(length // 2) :]])
    with np.errstate(invalid="ignore", divide="ignore"):
        # What never moves has no r-hat: NaN, which numpy's maximum keeps and which fails below.
        worst = float(np.max([split_gelman_rubin(ranked), split_gelman_rubin(folded)]))
        least = float(np.min(effective_sample_size(halves)))
    faults = []
    if not worst <= MOST_R_HAT:
        faults.append(f"r-hat is {worst:.3f}, above {MOST_R_HAT:g}")
    if not least >= LEAST_ESS * chains:
        faults.append(f"the draws are worth {least:.0f} independent ones, fewer than {LEAST_ESS * chains}")
    if draws.divergences:
        faults.append(f"{draws.divergences} draws diverged")
    finite = [float(value) if np.isfinite(value) else None for value in (worst, least)]
    return Diagnosis(finite[0], finite[1], draws.divergences, faults)


def normal_ranks(values_CDQ: Floats) -> Floats:
    """Replace draws by the normal scores of their ranks over all chains, quantity by quantity; shape (C, D, Q)."""
    chains, draws, quantities = values_CDQ.shape
    from scipy.stats import rankdata  # slow to import, and every study imports this room

    ranks = rankdata(values_CDQ.reshape(-1, quantities), axis=0)
    scores: Floats = ndtri((ranks - 0.375) / (chains * draws + 0.25)).reshape(chains, draws, quantities)
    return scores
