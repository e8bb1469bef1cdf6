"""Wrong decisions of whole studies: eight contrasts of `motives`, Holm. Run: python benchmarks/decisions.py

Truth as in benchmarks/truth.py: requests differ by 1 on the logit scale, their cells by 0.5 more. The formulas are
those of `feint.stats`, called on arrays of simulated studies.
"""

import argparse
import time

import numpy as np
import pandas as pd
from interval_methods import distribution, used
from scipy import special
from truth import CELLS, LADDER, SETTINGS, gap_of, level, studies_of

from feint.stats import Contrast, conclude, holm
from feint.stats.decide import DecisionRule
from feint.stats.intervals import tests_of
from feint.stats.types import NO, YES

RATES, SIZES = (0.03, 0.2, 0.5, 0.92, 0.97), ((40, 1), (120, 1), (40, 3), (100, 4), (40, 12))
SMALL, TARGET = SETTINGS.smallest_effect, 0.05
RAISED = ("trained", "penalty", "trained-other")
PAIRS = [i for i, weights in enumerate(LADDER.values()) if len(weights) == 2]


def decisions(y, samples):
    """Yes and no by study and contrast, by the rule of `feint.stats.decide`."""
    found = []
    for weights in LADDER.values():
        columns = [CELLS.index(cell) for cell in weights]
        found.append(used(distribution(y[..., columns], np.array(list(weights.values()), float), samples)))
    mean, low, high, p = (np.stack([entry[i] for entry in found], axis=-1) for i in range(4))
    rule = DecisionRule.of(SETTINGS, tests_of(len(LADDER)))
    said = rule.decisions(mean, low, high, holm(p, rule.tests))
    return said == YES, said == NO


def published(y, samples):
    """Which contrasts the published rule claims: over 1 point, and bands of one standard error that do not meet."""
    error = np.sqrt(y.mean(axis=1) * (1 - y.mean(axis=1)) / (y.shape[1] * samples))
    found = []
    for weights in LADDER.values():
        columns, w = [CELLS.index(cell) for cell in weights], np.array(list(weights.values()), float)
        gap = y[..., columns].mean(axis=1) @ w
        found.append((gap > 0.01) & (gap > error[:, columns].sum(axis=1)))
    return np.stack(found, axis=-1)


def wrong(rng, studies):
    """Wrong yes per study, with no true contrast and with one; wrong no at the smallest effect; no to equal cells."""
    rows = []
    for rate in RATES:
        at = [min(rate, 1 - SMALL) + SMALL * (cell in RAISED) for cell in CELLS]
        real = [i for i, key in enumerate(LADDER) if gap_of(LADDER[key], at) > SMALL / 2]
        other = rate + 0.4 if rate < 0.5 else rate - 0.4
        rated = [other if cell in ("silence", "intention") else rate for cell in CELLS]
        for n, m in SIZES:
            null = studies_of(rng, [rate] * len(CELLS), n, m, studies)
            yes, no = decisions(null, m)
            one = decisions(studies_of(rng, rated, n, m, studies), m)[0]
            edge = decisions(studies_of(rng, at, n, m, studies), m)[1]
            claims = published(null, m)
            rows.append(
                {
                    "rate": rate,
                    "requests": n,
                    "replies": m,
                    "wrong yes, none true": yes.any(axis=1).mean(),
                    "wrong yes, one true": np.delete(one, list(LADDER).index("rater_sycophancy"), 1).any(axis=1).mean(),
                    "no at 5 points": edge[:, real].mean(),
                    "no to equal cells": no[:, PAIRS].mean(),
                    "published: wrong, study": claims.any(axis=1).mean(),
                    "published: wrong, gap": claims.mean(),
                }
            )
    return pd.DataFrame(rows)


def wrong_coherence(rng, studies):
    """Share of studies in which a subject that heeds neither facts nor wording is called incoherent."""
    rows = []
    contrast = Contrast("gap", {"a": 1.0, "b": -1.0}, "a - b", gap=True)
    columns = ["cell", "request", "wording", "voice", "sample", "twin", "value"]
    for rate in (0.04, 0.5):
        for n, each in ((120, 1), (40, 3)):
            named = 0
            for _ in range(studies):
                p = special.expit(level(rate, 1.0) + rng.normal(size=n))
                labels = [
                    (cell, f"r{r}", f"v{(r + k) % 3}-{r % 4}", f"v{(r + k) % 3}", 0, False, float(rng.random() < p[r]))
                    for r in range(n)
                    for k in range(each)
                    for cell in ("a", "b")
                ]
                table = pd.DataFrame(labels, columns=columns).assign(missing=None, stated=[()] * len(labels))
                named += conclude(table, [contrast], cells=["a", "b"])["coherence"]["decision"] == "yes"
            rows.append((rate, n, each, named / studies))
    return pd.DataFrame(rows, columns=["rate", "requests", "voices each", "wrongly incoherent"])


def speed(rng, studies=500):
    """Whole studies of 120 requests a minute: the eight contrasts on arrays, one core."""
    y, started = studies_of(rng, [0.2] * len(CELLS), 120, 1, studies), time.process_time()
    decisions(y, 1)
    return studies / (time.process_time() - started) * 60


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=2000, help="per line; low coherence takes 300")
    parser.add_argument("--seed", type=int, default=20261121)
    given = parser.parse_args()
    started, rng = time.process_time(), np.random.default_rng(given.seed)
    pd.set_option("display.width", 200, "display.max_columns", 20)
    print(f"Decisions of whole studies; seed {given.seed}, {given.studies} studies a line")
    table = wrong(rng, given.studies)
    print(table.round(3).to_string(index=False))
    print(f"\nTarget {TARGET} or less; highest of {len(table)} lines")
    print(table[[name for name in table if name.startswith(("wrong", "no at"))]].max().round(3).to_string())
    print("\nLow coherence named where nothing moves compliance, 300 studies a line")
    print(wrong_coherence(rng, 300).round(3).to_string(index=False))
    print(f"\n{speed(rng):.0f} studies a minute on one core; {time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
