"""Coverage of the intervals of estimands on simulated studies with known truth. Run: python benchmarks/coverage.py

Writes the table of docs/method.md between its markers; `--check` prints it alone. Truth is the estimand of a very large
study. A row is one estimand on one kind of data: items differ, and where it says so each is asked several times.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from feint.stats import Settings
from feint.stats.estimands import Criterion, MeanDifference, RankCorrelation, Ratio, Sensitivity, Share, Slope
from feint.stats.estimands.base import Estimand, Observed
from feint.stats.estimands.intervals import bca_interval, t_interval
from feint.stats.measures import Measure
from feint.stats.table import Replies
from feint.stats.units import Unit

SIZES, SETTINGS, LARGE, TARGET = (10, 20, 40, 80), Settings(), 200_000, (0.93, 0.97)
DOC, START, END = Path(__file__).parent.parent / "docs/method.md", "<!-- coverage -->", "<!-- end of coverage -->"
ONE, REAL, COUNT = Unit("units", digits=2), Measure("score", "real"), Measure("steps", "count")
BOUNDED, LABEL = Measure("grade", "real", low=0.0, high=10.0), Measure("label")
Draw = Callable[[np.random.Generator, int], np.ndarray]
"""Draws the values of some items, shape (items, cells, samples)."""


@dataclass(frozen=True)
class Row:
    """One estimand on one kind of data."""

    name: str
    data: str
    estimand: Estimand
    measure: Measure
    draw: Draw


@dataclass(frozen=True)
class Median(Estimand):
    """Stands for a function that a task registers: the median over items of a difference, which is not smooth."""

    method = "bca by item"

    @property
    def cells(self):
        return "a", "b"

    def statistic(self, seen):
        value = seen.replies.value.reshape(len(seen.replies.requests), 2, -1).mean(axis=2)
        value_R = np.sort(value[:, 0] - value[:, 1])
        order = np.argsort(value[:, 0] - value[:, 1])

        def median(w):
            upto = np.cumsum(w[:, order], axis=1)
            half = upto[:, -1:] / 2
            low, high = (np.argmax(found, axis=1) for found in (upto >= half, upto > half))
            return (value_R[low] + value_R[high]) / 2

        return median, len(value_R)


def items(rng, n, spread=1.0):
    return spread * rng.normal(size=(n, 1, 1))


def labels(rng, n, levels, samples=1, spread=1.0, own=0.5):
    """Labels of items that differ by `spread` on the logit scale, and by `own` in each cell."""
    logit = np.array(levels)[:, None] + items(rng, n, spread) + own * rng.normal(size=(n, len(levels), 1))
    return (rng.random((n, len(levels), samples)) < special.expit(logit)).astype(float)


def normal(rng, n, samples=1):
    return np.array([1.0, 0.5])[:, None] + items(rng, n) + rng.normal(size=(n, 2, samples))


def skewed(rng, n, samples=1):
    return np.exp(0.5 * items(rng, n) + 0.8 * rng.normal(size=(n, 2, samples)) + np.array([0.4, 0.0])[:, None])


def zeros(rng, n, samples=1):
    some = rng.random((n, 2, samples)) < np.array([0.5, 0.3])[:, None]
    return some * rng.exponential(1.0, (n, 2, samples)) * np.exp(0.5 * items(rng, n))


def counts(rng, n, samples=1, zero=0.0, cells=2):
    rate = np.exp(0.5 * items(rng, n)) * np.array([3.0, 2.0, 1.5, 1.0])[:cells, None]
    return rng.poisson(rate, (n, cells, samples)) * (rng.random((n, cells, samples)) >= zero)


def grades(rng, n, samples=1):
    return np.clip(np.round(zeros(rng, n, samples) * 3), 0, 10)


def stepped(rng, n, samples=1, skew=False):
    """Four levels with a slope of 0.3 a step that differs between items."""
    noise = rng.normal(size=(n, 4, samples))
    each = 0.3 + 0.3 * rng.normal(size=(n, 1, 1))
    return items(rng, n) + each * np.arange(4)[:, None] + (np.exp(noise) if skew else noise)


def pairs(rng, n, samples=1, whole=False):
    both = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], n)[:, :, None] + 0.5 * rng.normal(size=(n, 2, samples))
    return np.floor(np.exp(both)) if whole else both


AB, STEPS = {"a": 1.0, "b": -1.0}, {"a": 0.0, "b": 1.0, "c": 2.0, "d": 3.0}
DIFFERENCE, RATIO = MeanDifference("difference", 0.1, ONE, AB), Ratio("ratio", 0.1, ONE, "a", "b")
LINEAR, LOGISTIC = Slope("slope", 0.1, ONE, STEPS), Slope("slope", 0.1, ONE, STEPS, "logistic")
DPRIME, CRITERION = Sensitivity("d", 0.1, ONE, "a", "b"), Criterion("c", 0.1, ONE, "a", "b")
SHARE, MEDIAN = Share("share", 0.1, ONE, "a"), Median("median", 0.1, ONE)
SPEARMAN, KENDALL = (RankCorrelation("rank", 0.1, ONE, "a", "b", kind) for kind in ("spearman", "kendall"))


def several(draw: Draw, samples: int = 5) -> Draw:
    return lambda rng, n: draw(rng, n, samples)


ROWS = (
    Row("mean difference", "labels", DIFFERENCE, LABEL, lambda g, n: labels(g, n, (1.0, -0.5))),
    Row("mean difference", "labels, 5 a cell", DIFFERENCE, LABEL, lambda g, n: labels(g, n, (1.0, -0.5), 5)),
    Row("mean difference", "normal", DIFFERENCE, REAL, normal),
    Row("mean difference", "skewed", DIFFERENCE, REAL, skewed),
    Row("mean difference", "skewed, 5 a cell", DIFFERENCE, REAL, several(skewed)),
    Row("mean difference", "zero-inflated", DIFFERENCE, REAL, zeros),
    Row("mean difference", "grades from 0 to 10", DIFFERENCE, BOUNDED, grades),
    Row("ratio", "counts", RATIO, COUNT, counts),
    Row("ratio", "counts, 5 a cell", RATIO, COUNT, several(counts)),
    Row("ratio", "zero-inflated counts", RATIO, COUNT, lambda g, n: counts(g, n, zero=0.5)),
    Row("ratio", "skewed", RATIO, REAL, skewed),
    Row("slope, linear", "normal", LINEAR, REAL, stepped),
    Row("slope, linear", "skewed, 5 a cell", LINEAR, REAL, lambda g, n: stepped(g, n, 5, True)),
    Row("slope, linear", "counts", LINEAR, COUNT, lambda g, n: counts(g, n, cells=4)),
    Row("slope, logistic", "labels", LOGISTIC, LABEL, lambda g, n: labels(g, n, (-1, -0.4, 0.2, 0.8))),
    Row("slope, logistic", "labels, 5 a cell", LOGISTIC, LABEL, lambda g, n: labels(g, n, (-1, -0.4, 0.2, 0.8), 5)),
    Row("d′", "labels", DPRIME, LABEL, lambda g, n: labels(g, n, (1.0, -1.0))),
    Row("d′", "labels, 5 a cell", DPRIME, LABEL, lambda g, n: labels(g, n, (1.0, -1.0), 5)),
    Row("d′", "labels near the ends", DPRIME, LABEL, lambda g, n: labels(g, n, (3.0, -3.0), 5)),
    Row("criterion", "labels", CRITERION, LABEL, lambda g, n: labels(g, n, (1.5, -0.5))),
    Row("criterion", "labels, 5 a cell", CRITERION, LABEL, lambda g, n: labels(g, n, (1.5, -0.5), 5)),
    Row("share", "labels", SHARE, LABEL, lambda g, n: labels(g, n, (0.5,))),
    Row("share", "labels, 5 a cell", SHARE, LABEL, lambda g, n: labels(g, n, (0.5,), 5)),
    Row("share", "rare labels, 5 a cell", SHARE, LABEL, lambda g, n: labels(g, n, (-3.0,), 5)),
    Row("Spearman", "normal", SPEARMAN, REAL, pairs),
    Row("Spearman", "skewed counts", SPEARMAN, COUNT, lambda g, n: pairs(g, n, whole=True)),
    Row("Kendall", "normal", KENDALL, REAL, pairs),
    Row("Kendall", "skewed counts", KENDALL, COUNT, lambda g, n: pairs(g, n, whole=True)),
    Row("function (median)", "skewed, 5 a cell", MEDIAN, REAL, several(skewed)),
)


def observed(values: np.ndarray, measure: Measure) -> Observed:
    """A study from its values, shape (items, cells, samples)."""
    request, cell, _ = (axis.ravel() for axis in np.indices(values.shape))
    nothing = np.zeros_like(request)
    blank = np.full(len(request), "", dtype=object)
    names = [f"r{i}" for i in range(len(values))]
    cells = list("abcd")[: values.shape[1]]
    known = Replies(cells, ["v"], names, cell, request, nothing, nothing, values.ravel(), blank, blank)
    return Observed(pd.DataFrame(), known, measure)


def truth_of(row: Row, seed: int) -> float:
    """The estimand of a very large study."""
    seen = observed(row.draw(np.random.default_rng(seed), 4000 if row.name == "Kendall" else LARGE), row.measure)
    if row.name == "share":
        return float(seen.replies.value.mean())
    if row.name == "Spearman":
        x, y = seen.replies.value.reshape(-1, 2).T
        return float(pd.Series(x).corr(pd.Series(y), method="spearman"))
    if row.name == "Kendall":  # several studies that fit in memory
        rng = np.random.default_rng(seed)
        return float(np.mean([kendall_of(row.draw(rng, LARGE)) for _ in range(2)]))
    statistic, n = row.estimand.statistic(seen)
    return float(statistic(np.ones((1, n)))[0])


def kendall_of(values: np.ndarray) -> float:
    x, y = values[:, :, 0].T
    return float(pd.Series(x).corr(pd.Series(y), method="kendall"))


def covered(row: Row, n: int, studies: int, seed: int, truth: float, method: str = "") -> tuple[float, float]:
    """Share of intervals that hold the truth, and share of studies without an interval."""
    rng, held = np.random.default_rng([seed, ROWS.index(row), n]), []
    for _ in range(studies):
        seen = observed(row.draw(rng, n), row.measure)
        if method == "t":
            found = t_interval(*row.estimand.statistic(seen), SETTINGS.level, row.estimand.scale)
        elif method == "bca":
            found = bca_interval(*row.estimand.statistic(seen), SETTINGS.level)
        else:
            found = row.estimand.estimate(seen, SETTINGS).estimate
        held.append(np.nan if found.low is None else found.low <= truth <= found.high)
    return float(np.nanmean(held)), float(np.isnan(held).mean())


def table(studies: int, seed: int) -> str:
    """The table in Markdown."""
    sizes = " | ".join(f"{n} items" for n in SIZES)
    lines = [f"| estimand | data | interval | {sizes} | |", "|---" * (len(SIZES) + 4) + "|"]
    for row in ROWS:
        truth = truth_of(row, seed)
        found = [covered(row, n, studies, seed, truth) for n in SIZES]
        method = row.estimand.estimate(observed(row.draw(np.random.default_rng(0), 20), row.measure), SETTINGS).method
        cells = [f"{share:.3f}" + (f" ({100 * none:.0f} % none)" if none >= 0.005 else "") for share, none in found]
        outside = any(not TARGET[0] <= round(share, 3) <= TARGET[1] for share, _ in found[1:])
        lines.append(f"| {row.name} | {row.data} | {method} | {' | '.join(cells)} | {'outside' if outside else ''} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def compare(studies: int, seed: int) -> None:
    """Print both intervals over items where an estimand could have either."""
    for row in ROWS:
        if row.name != "share":
            truth = truth_of(row, seed)
            told = [f"{covered(row, n, studies, seed, truth, way)[0]:.3f}" for way in ("t", "bca") for n in SIZES]
            print(f"{row.name:20s} {row.data:24s} t {' '.join(told[:4])}   bca {' '.join(told[4:])}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=2000, help="per cell of the table")
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--check", action="store_true", help="print the table, and leave docs/method.md alone")
    parser.add_argument("--compare", action="store_true", help="print both intervals over items instead")
    given = parser.parse_args()
    started = time.process_time()
    if given.compare:
        compare(given.studies, given.seed)
        return
    made = table(given.studies, given.seed)
    print(f"{time.process_time() - started:.0f} s of processor time")
    if not given.check:
        text = DOC.read_text(encoding="utf-8")
        before, after = text.split(START)[0], text.split(END)[1]
        DOC.write_text(f"{before}{START}\n{made}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
