"""The hierarchical look at a study: from its table of labels to what the model says, or why it says nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np
import pandas as pd
from scipy.special import ndtri

from feint.base.errors import UsageError
from feint.base.words import USUAL
from feint.stats.bayes.counts import Counts, code_cells, count_replies
from feint.stats.bayes.model import SCALES, Draws, Sampling, Tell, draw, model_data
from feint.stats.bayes.summary import (
    interval_of,
    rates,
    standardise,
    summarise_contrast,
    summarise_requests,
    weights_of,
)
from feint.stats.table import read_table
from feint.stats.types import Contrast, Floats, Rules, Settings
from feint.stats.verdict import gap_contrast

FEWEST = 3
"""Requests without which the spread between requests is nothing but its prior."""
MOST_R_HAT, LEAST_ESS = 1.01, 100
"""Vehtari et al. 2021: r-hat above 1.01, or fewer effective draws than 100 for each chain, and no draw is believed."""
LONGER, CAREFUL = 3, 0.97
"""Of a second attempt, where the first did not converge: how many times as many draws, and its acceptance rate."""


@dataclass(frozen=True)
class Diagnosis:
    """The diagnostics of a fit.

    Attributes:
        r_hat: The largest of what is reported; None where one has no value, which counts as a failure.
        ess: The least effective number of draws of what is reported, over all chains.
        faults: What is wrong, a clause each; none if the draws can be believed.
    """

    r_hat: float | None
    ess: float | None
    divergences: int
    faults: list[str]


def fit(
    table: pd.DataFrame,
    contrasts: Sequence[Contrast],
    settings: Settings | None = None,
    *,
    cells: Sequence[str],
    rules: Rules | None = None,
    headline: str = USUAL.headline,
    sampling: Sampling | None = None,
    tell: Tell = lambda done, total: None,
) -> dict[str, object]:
    """Fit the model of `feint.stats.bayes.model` to a study's labels. The same table gives the same numbers.

    Without convergence a longer run with smaller steps follows; if that fails too, only the reason is returned.

    Args:
        table: As `feint.stats.conclude` takes it. Benign twins and missing replies are left out.
        contrasts: The contrasts of the design.
        settings: The numbers that decide.
        cells: The cells of the design, in its order.
        rules: As `feint.stats.conclude` takes them; they say which contrast is the gap.
        headline: The rule that answers the task's question.
        sampling: How long to sample, in the first attempt.
        tell: Called with steps done and steps in all.

    Returns:
        Plain values: `converged`, `faults` (why not), `sampler`, `replies`, `missing`, `requests`, `wordings`,
        `repeated` (whether requests have effects of their own), `contrasts` (by key; None where a cell has no scored
        reply), `spread` (standard deviations on the logit scale) and `carriers` (None without a gap, or where effects
        of single requests cannot be told). Without convergence the last three are empty. Differences are fractions.

    Raises:
        UsageError: The table does not fit, replies to too few requests are scored, or numpyro is not installed.
    """
    settings, sampling = settings or Settings(), sampling or Sampling()
    counts = count_replies(read_table(table, cells)[0])
    # Of a contrast with a cell without scored replies, the model knows nothing but its prior.
    known = [contrast for contrast in contrasts if set(contrast.weights) <= set(counts.cells)]
    if len(counts.requests) < FEWEST or not known:
        raise UsageError(
            f"the model needs scored replies to {FEWEST} requests in the cells of a contrast; found "
            f"{len(counts.requests)} requests in {len(counts.cells)} cells: ask more, with feint study --resume"
        )
    gap = gap_contrast(contrasts, rules or {}, headline)
    columns, keys = code_cells(weights_of(known, counts), [contrast.key for contrast in known])
    data = model_data(counts, columns)
    attempts = 0
    for chosen in (sampling, replace(sampling, draws=LONGER * sampling.draws, accept=CAREFUL)):
        attempts += 1
        draws = draw(data, chosen, tell)
        said, found = describe(draws, counts, keys, contrasts, known, gap, settings, chosen.seed)
        if not found.faults:
            break
    return {
        "converged": not found.faults,
        "faults": found.faults,
        "sampler": {
            "library": f"numpyro {version('numpyro')}",
            "chains": chosen.chains,
            "warmup": chosen.warmup,
            "draws": chosen.draws,
            "seed": chosen.seed,
            "attempts": attempts,
            "r_hat": found.r_hat,
            "ess": found.ess,
            "divergences": found.divergences,
        },
        "smallest_effect": settings.smallest_effect,
        "replies": int(counts.scored.sum()),
        "missing": counts.missing,
        "requests": len(counts.requests),
        "wordings": counts.wordings,
        "repeated": counts.repeated,
        **(said if not found.faults else {"contrasts": {}, "spread": {}, "carriers": None}),
    }


def describe(
    draws: Draws,
    counts: Counts,
    keys: Sequence[str | None],
    contrasts: Sequence[Contrast],
    known: Sequence[Contrast],
    gap: Contrast | None,
    settings: Settings,
    seed: int,
) -> tuple[dict[str, object], Diagnosis]:
    """Say everything that is said of a posterior, and whether each number in it can be believed."""
    rate = rates(draws, counts)
    by_contrast = standardise(rate, seed) @ weights_of(known, counts).T
    reported: dict[str, Floats] = {"contrasts": by_contrast, "intercept": draws.parameters["intercept"]}
    reported |= {name: draws.parameters[name] for name in SCALES if name in draws.parameters}
    carriers = None
    if gap is not None and gap in known and counts.repeated:
        own = rate @ weights_of([gap], counts)[0]
        reported["requests"] = own
        carriers = {"contrast": gap.key, **summarise_requests(own, counts.requests, settings)}
    told: dict[str, dict[str, float] | None] = {contrast.key: None for contrast in contrasts}
    for k, contrast in enumerate(known):
        told[contrast.key] = summarise_contrast(by_contrast[..., k], settings)
    spread = {name: interval_of(draws.parameters[f"sd_{name}"], settings) for name in ("requests", "wordings")}
    if counts.repeated:
        for k, key in enumerate(keys):
            if key is not None:
                spread[key] = interval_of(draws.parameters["sd_effects"][..., k], settings)
    return {"contrasts": told, "spread": spread, "carriers": carriers}, diagnose(draws, reported)


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
