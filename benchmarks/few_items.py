"""How few items intervals can bear, and how often sound twins fail by chance. Run: python benchmarks/few_items.py

Coverage of the 95 % interval of a contrast of two cells, over gaps, rates, and effects that differ between items; the
lowest of all rows, by items and by replies to each. Then the share of studies of eleven cells in which some cell has
less than nine in ten benign twins answered, though the subject answers nearly all (exact, binomial).
"""

import argparse
from itertools import product

import numpy as np
import pandas as pd
from interval_methods import CONTRASTS, distribution, limits
from intervals import simulate
from scipy import stats

from feint.stats import Settings

ITEMS, REPLIES = (2, 3, 4, 5, 6, 8, 10, 15, 20), (1, 5, 20)
GAPS, RATES, EFFECTS, DIFFER = (0.3, 0.5, 0.8), (0.005, 0.1), ("vary", "few"), (0.0, 2.0)
TWINS, ANSWERED, CELLS = (10, 20, 40), (0.95, 0.97, 0.98, 0.99), 11
WIDE = 0.995


def coverage(studies, seed):
    """Lowest and mean coverage, and the share of rows below .93, by items and replies to each."""
    rows = []
    for n, m in product(ITEMS, REPLIES):
        rng, found = np.random.default_rng([seed, n, m]), []
        for gap, rate, differ, effects in product(GAPS, RATES, DIFFER, EFFECTS):
            row = (gap, min(rate, round(WIDE - gap, 3)), n, m, differ, effects)
            data = distribution(simulate(rng, row, studies, 2), np.array([1.0, -1.0]), m)
            low, high = limits(CONTRASTS["used"], data)
            found.append(np.mean((low <= gap + 1e-9) & (high >= gap - 1e-9)))
        rows.append((n, m, min(found), np.mean(found), np.mean(np.array(found) < 0.93)))
    return pd.DataFrame(rows, columns=["items", "replies", "lowest", "mean", "below .93"])


def false_alarms():
    """Share of studies in which some cell's twins fail by chance, by twins in a cell and the share answered."""
    least = Settings().twin_least
    rows = []
    for n in TWINS:
        most = int(np.ceil(least * n - 1e-9)) - 1  # answers that are too few
        rows.append((n, *(1 - (1 - stats.binom.cdf(most, n, share)) ** CELLS for share in ANSWERED)))
    return pd.DataFrame(rows, columns=["twins in a cell", *(f"{share:.0%} answered" for share in ANSWERED)])


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261130)
    options = parser.parse_args()
    table = coverage(options.studies, options.seed)
    print(f"{options.studies} studies a row, seed {options.seed}, {len(GAPS) * len(RATES) * 4} rows for each figure")
    for name in ("lowest", "mean", "below .93"):
        print(f"\nCoverage, {name}, by items (down) and replies to each (across)")
        print(table.pivot_table(index="items", columns="replies", values=name).round(3).to_string())
    print(f"\nSound studies of {CELLS} cells in which some cell's twins fail")
    print(false_alarms().round(4).to_string(index=False))


if __name__ == "__main__":
    main()
