"""How well the closed form of power agrees with simulated studies, for the smallest gap that it says is seen.

    python benchmarks/power.py            # 500 studies a row

For each row: contrasts of two and of four cells, eight in the design; the smallest gap that `smallest_gap` says is
called yes in 80 % of studies, and the share of simulated studies that call it yes by the rule of `decide`; how often a
contrast of zero is said to be called no, and is.
"""

import argparse
import time

import numpy as np
from scipy.special import expit

from feint.stats.intervals import tests_of
from feint.stats.power.need import Assumed, power_of_no, smallest_gap
from feint.stats.power.spread import Spread, rates_for
from feint.stats.score import outcomes, score_interval
from feint.stats.types import Contrast, Settings
from feint.tasks.alignment_faking.actors.model import solve_intercept

SETTINGS, TESTS, POWER = Settings(), tests_of(8), 0.8
PAIR = Contrast("pair", {"a": 1.0, "b": -1.0}, "a - b")
FOUR = Contrast("four", {"a": 1.0, "b": -1.0, "c": -1.0, "d": 1.0}, "(a - b) - (c - d)")
SIZES = ((10, 2), (20, 1), (40, 1), (40, 5), (60, 10), (120, 1), (120, 2), (250, 1))
RATES = (0.005, 0.02, 0.1, 0.4)
SPREADS = ((0.0, 0.0), (1.0, 0.5), (2.0, 1.0))


def decided(rng, rates, weights, requests, replies, spread, studies):
    """Shares of studies that say yes and no, by the score interval at Holm's strictest level."""
    difficulty, shifts = spread
    at = np.array([solve_intercept(float(rate), float(np.hypot(*spread))) for rate in rates])
    shared = difficulty * rng.standard_normal((studies, requests, 1))
    chance = expit(at + shared + shifts * rng.standard_normal((studies, requests, len(rates))))
    drawn = (rng.random((studies, requests, replies, len(rates))) < chance[:, :, None]).astype(float)
    values, shares = outcomes(drawn, weights)
    by_request = (drawn @ np.array(weights)).mean(axis=2)
    mean, low, high, p = score_interval(
        by_request, values, shares.mean(axis=(1, 2)), requests * replies, SETTINGS.assumed_icc, SETTINGS.level
    )
    small = SETTINGS.smallest_effect
    yes = (p * TESTS < SETTINGS.alpha) & (low > 0) & (mean >= small)
    return float(yes.mean()), float(((low > -small) & (high < small)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20261121)
    given = parser.parse_args()
    rng, began, rows = np.random.default_rng(given.seed), time.process_time(), []
    print("cells  requests x replies  rate  spread    gap   yes  | no: said  simulated")
    for contrast in (PAIR, FOUR):
        weights = list(contrast.weights.values())
        for requests, replies in SIZES:
            for rate in RATES:
                for spread in SPREADS:
                    assumed = Assumed(dict.fromkeys(contrast.weights, rate), Spread.from_logit(*spread), replies)
                    gap = smallest_gap(assumed, contrast, requests, SETTINGS, TESTS, POWER)
                    base = assumed.rates_of(contrast)
                    said = float(power_of_no(assumed, contrast, np.array([float(requests)]), SETTINGS)[0])
                    no = decided(rng, base, weights, requests, replies, spread, given.studies)[1]
                    yes = np.nan
                    if gap is not None:
                        moved = rates_for(base, weights, np.array([gap]))[0]
                        yes = decided(rng, moved, weights, requests, replies, spread, given.studies)[0]
                    rows.append((replies > 1, spread[0] > 1, yes, said, no))
                    print(
                        f"{len(weights):5d}  {requests:8d} x {replies:<7d}  {rate:.3f}  {spread[0]:g}, {spread[1]:g}  "
                        f"{np.nan if gap is None else gap:5.3f}  {yes:.3f} | {said:.3f}  {no:.3f}",
                        flush=True,
                    )
    table = np.array(rows, float)
    seen = table[~np.isnan(table[:, 2])]
    print("\nyes at the gap that is said to be seen in 80 %: rows, mean, worst, share within .75 to .85")
    parts = {
        "all": np.ones(len(seen), bool),
        "one reply to each request": seen[:, 0] == 0,
        "several replies, requests differ by 0 or 1": (seen[:, 0] == 1) & (seen[:, 1] == 0),
        "several replies, requests differ by 2": (seen[:, 0] == 1) & (seen[:, 1] == 1),
    }
    for name, keep in parts.items():
        yes = seen[keep, 2]
        near = np.mean((yes > 0.75) & (yes < 0.85))
        print(f"{name:45s} {len(yes):4d}  {yes.mean():.3f}  {yes.min():.3f} to {yes.max():.3f}  {near:.3f}")
    likely = table[(table[:, 3] > 0.7) & (table[:, 3] < 0.9)]
    print("\nno where it is said in 70 to 90 %: rows, mean of what is said and of what is simulated")
    print(f"{len(likely):4d}  {likely[:, 3].mean():.3f}  {likely[:, 4].mean():.3f}")
    print(f"\n{time.process_time() - began:.0f} seconds of processor time")


if __name__ == "__main__":
    main()
