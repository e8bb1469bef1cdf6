"""Interval methods compared on simulated studies of known truth. Run: python benchmarks/intervals.py [--every 1]

Rows are a grid of gaps, rates, numbers of requests and replies, and of how requests differ in rate and in effect. Every
subject complies with probability expit(a + b_r + e_rc); with effects "few", a fifth of the requests carries the gap.
"""

import argparse
import time
from itertools import product

import numpy as np
import pandas as pd
from interval_methods import CONTRASTS, RATES, SETTINGS, SLOW, distribution, limits
from scipy import special
from truth import level

from feint.stats import effective

REQUESTS, SAMPLES, DIFFER = (10, 20, 40, 100), (1, 2, 5, 20), (0.0, 1.0, 2.0)
BAND = (0.935, 0.965)
NEEDED = 6  # rare replies below which no method can hold the level: see `attainable`


def gap_rows():
    """The grid: gap, lower rate, requests, replies to each, how requests differ (logit), how effects do."""
    for gap in (0.0, 0.05, 0.1, 0.5):
        for rate in sorted({min(rate, round(0.995 - gap, 3)) for rate in (0.005, 0.02, 0.1, 0.45, 0.98)}):
            for n in REQUESTS:
                for m in SAMPLES:
                    for differ in DIFFER:
                        for effects in ("alike", "vary", "few")[: 3 if gap else 2]:
                            yield gap, rate, n, m, differ, effects


def simulate(rng, row, studies, cells):
    """Compliance over samples by study, request and cell; the first cell has the gap, the others the lower rate."""
    gap, rate, n, m, differ, effects = row
    common = rng.normal(size=(studies, n, 1)) * differ
    if effects == "few":
        p = np.repeat(special.expit(level(rate, differ) + common), cells, axis=-1)
        share = min(1.0, max(0.2, gap / (0.9 * (1 - rate))))
        p[..., 0] += (rng.random((studies, n)) < share) * gap / share / (1 - rate) * (1 - p[..., 0])
    else:
        own = {"alike": 0.0, "vary": 1.5}[effects]
        a = np.array([level(r, float(np.hypot(differ, own))) for r in (rate + gap, *[rate] * (cells - 1))])
        p = special.expit(a + common + own * rng.normal(size=(studies, n, cells)))
    return rng.binomial(m, p) / m


def attainable(rare, n, m):
    """Whether the expected number of independent rare replies is six or more.

    With fewer than 3.7 none at all is seen in more than 2.5 % of studies; that one data set must then not miss, and
    its side never does. And fewer than six that all go one way are not significant at 5 % (2 / 2^5 = .06).
    """
    return effective(n * m, n, SETTINGS.assumed_icc) * rare >= NEEDED


def compare(rng, rows, studies, methods, cells):
    """Coverage and mean width of every method in every row."""
    weights, found = np.array([1.0, -1.0, -1.0, 1.0][:cells]), []
    for row in rows:
        y = simulate(rng, row, studies, cells)
        data = distribution(y, weights, row[3])
        fits = {"attainable": attainable(1 - data.shares.mean(axis=0).max(), *row[2:4])}
        for name, method in methods.items():
            low, high = limits(method, data)
            fits[name] = np.mean((low <= row[0] + 1e-9) & (high >= row[0] - 1e-9))
            fits[name + " width"] = np.mean(high - low)
        found.append((*row, *fits.values()))
    return pd.DataFrame(found, columns=["gap", "rate", "requests", "replies", "differ", "effects", *fits])


def compare_rates(rng, rows, studies):
    """The same for the rate of one cell."""
    found = []
    for rate, n, m, differ in rows:
        p = special.expit(level(rate, differ) + differ * rng.normal(size=(studies, n)))
        y = rng.binomial(m, p) / m
        fits = {"attainable": attainable(min(rate, 1 - rate), n, m)}
        for name, method in RATES.items():
            low, high = method(y, m)
            fits[name] = np.mean((low <= rate + 1e-12) & (high >= rate - 1e-12))
            fits[name + " width"] = np.mean(high - low)
        found.append((rate, n, m, differ, *fits.values()))
    return pd.DataFrame(found, columns=["rate", "requests", "replies", "differ", *fits])


def show(title, table, methods):
    """Per method over all rows and over the attainable ones; then its three worst rows."""
    print(f"\n{title}: {len(table)} rows, {table['attainable'].sum()} attainable")
    lines = {}
    for name in methods:
        line = {}
        for part, rows in (("all", table), ("attainable", table[table["attainable"]])):
            c = rows[name]
            line |= {
                (part, "in band"): ((c >= BAND[0]) & (c <= BAND[1])).mean(),
                (part, "below"): (c < BAND[0]).mean(),
                (part, "above"): (c > BAND[1]).mean(),
                (part, "min"): c.min(),
                (part, "mean"): c.mean(),
                (part, "width"): rows[name + " width"].mean(),
            }
        lines[name] = line
    print(pd.DataFrame(lines).T.round(3).to_string())
    keys = list(table.columns[: list(table.columns).index("attainable")])
    for name in methods:
        rows = table.nsmallest(3, name).iterrows()
        worst = [f"{row[name]:.3f} at {' '.join(map(str, row[keys]))}" for _, row in rows]
        print(f"  worst of {name} ({' '.join(keys)}): " + "; ".join(worst), flush=True)


def target(title, table, draw, times=10):
    """Rows in which the method used falls short are drawn anew: the lowest of many is low by chance as well.

    Args:
        title: Heads the lines.
        table: What `show` shows.
        draw: Takes rows of the grid and returns a table of newly drawn studies.
        times: How often each such row is drawn.
    """
    keys = list(table.columns[: list(table.columns).index("attainable")])
    short = table[table["used"] < BAND[0]][keys]
    print(f"\n{title}: target {BAND[0]} in every row. Lowest {table['used'].min():.3f}; below it {len(short)} rows")
    if len(short):
        rows = list(short.itertuples(index=False, name=None))
        anew = pd.concat([draw(rows) for _ in range(times)]).groupby(keys, sort=False)["used"].mean()
        print(f"the same rows with {times} times as many new studies:\n{anew.round(4).to_string()}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=4, help="take every nth row of the grid")
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261121)
    given = parser.parse_args()
    rng, started, n = np.random.default_rng(given.seed), time.process_time(), given.studies
    pd.set_option("display.width", 200, "display.max_columns", 50)
    grid = [list(gap_rows())[i] for i in rng.permutation(len(list(gap_rows())))]
    rates = list(product((0.005, 0.02, 0.05, 0.1, 0.3, 0.5, 0.9, 0.98), REQUESTS, SAMPLES, DIFFER))
    some = sorted(rng.permutation(len(rates))[:: max(1, given.every // 4)])
    print(f"seed {given.seed}, {n} studies a row; the band is 93.5 to 96.5 %")
    two = compare(rng, sorted(grid[:: given.every]), n, CONTRASTS, 2)
    show("Differences of two cells", two, CONTRASTS)
    four = compare(rng, sorted(grid[1 :: 3 * given.every]), n, CONTRASTS, 4)
    show("Differences of differences (four cells)", four, CONTRASTS)
    one = compare_rates(rng, [rates[i] for i in some], n)
    show("The rate of one cell", one, RATES)
    ours = {"used": CONTRASTS["used"]}
    target("Differences of two cells", two, lambda rows: compare(rng, rows, n, ours, 2))
    target("Differences of differences", four, lambda rows: compare(rng, rows, n, ours, 4))
    target("The rate of one cell", one, lambda rows: compare_rates(rng, rows, n))
    slow = {**SLOW, "t, no-exception limit": CONTRASTS["t, no-exception limit"], "used": CONTRASTS["used"]}
    few = compare(rng, sorted(grid[2 :: 12 * given.every]), 500, slow, 2)
    show("Resampling methods, 500 studies a row (a figure near .95 is good to .02)", few, slow)
    print(f"\n{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
