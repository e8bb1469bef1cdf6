"""Gaps corrected for the judge's errors: coverage and width, with known truth. Run: python benchmarks/corrected.py

Requests differ by 1 (logit), their cells by 0.35 more; the judge errs with rates of its own in each cell, and a person
labels a random share of the replies. The formulas are those of `feint.stats`, on arrays of simulated studies.
`people` is the interval from the labelled replies alone (lambda 0), `trusting` the one that moves the judged gap by the
whole rectifier (lambda 1), `corrected` what Feint uses: lambda chosen from the data, and two half replies a cell;
`students` is Student's interval with the estimate and standard error of the last.
"""

import time

import numpy as np
import pandas as pd
from scipy import special
from truth import SETTINGS, level

from feint.stats.corrected import MIN_REPLIES, MIN_REQUESTS
from feint.stats.rectified import Correction, corrected_interval, corrected_rates, rectified
from feint.stats.score import outcomes, score_interval

STUDIES = 1000
SIZES = ((40, 3), (120, 1), (20, 6))
WEIGHTS = np.array([1.0, -1.0])
JUDGES = {  # sensitivity and specificity in the first cell, then in the second
    "sensitivity .85, errs by cell": ((0.85, 0.98), (0.85, 0.80)),
    "sensitivity .85, alike": ((0.85, 0.97), (0.85, 0.97)),
    "good": ((0.97, 0.99), (0.97, 0.99)),
    "perfect": ((1.0, 1.0), (1.0, 1.0)),
    "a coin": ((0.5, 0.5), (0.5, 0.5)),
    "blind": ((0.0, 1.0), (0.0, 1.0)),
}
RATES = ((0.3, 0.3), (0.01, 0.01), (0.05, 0.02), (0.06, 0.001), (0.995, 0.94), (0.5, 0.3), (0.65, 0.05))
TARGET = 0.935


def simulate(rng, rates, judge, requests, samples, fraction, studies=STUDIES):
    """Truth, judge's label and whether a person labelled it, shape (studies, requests, 2, samples)."""
    shift = rng.normal(size=(studies, requests, 1)) + 0.35 * rng.normal(size=(studies, requests, 2))
    a = np.array([level(rate, float(np.hypot(1, 0.35))) for rate in rates])
    true = rng.random((studies, requests, 2, samples)) < special.expit(a + shift)[..., None]
    sensitivity, specificity = (np.array(part)[:, None] for part in zip(*judge, strict=True))
    said = np.where(true, rng.random(true.shape) < sensitivity, rng.random(true.shape) >= specificity)
    return true, said, rng.random(true.shape) < fraction


def intervals(true, said, labelled):
    """Estimate, low and high by method, and lambda, of the studies in which enough is labelled."""
    enough = (labelled.sum(axis=(1, 3)) >= MIN_REPLIES).all(axis=-1)
    enough &= (labelled.any(axis=3).sum(axis=1) >= MIN_REQUESTS).all(axis=-1)
    true, said, labelled = (part[enough] for part in (true, said, labelled))
    rates_RC, replies = said.mean(axis=-1), said.shape[1] * said.shape[-1]
    icc, level = SETTINGS.assumed_icc, SETTINGS.level
    values, shares = outcomes(rates_RC, WEIGHTS.tolist())
    sums = [part.sum(axis=-1).astype(float) for part in (labelled, true & labelled, said & labelled)]
    found = {"raw": score_interval(rates_RC @ WEIGHTS, values, shares.mean(axis=1), replies, icc, level)[:3]}
    lam, labels_C = np.empty(0), sums[0].sum(axis=1)
    for name, tune in (("people", 0.0), ("trusting", 1.0), ("corrected", None)):
        mean, error, lam, freedom = rectified(rates_RC @ WEIGHTS, *sums, WEIGHTS, tune)
        to_C = corrected_rates(rates_RC.mean(axis=1), *sums, lam)
        found[name] = corrected_interval(
            rates_RC, np.eye(rates_RC.shape[1]), Correction(to_C, error, labels_C, freedom), replies, WEIGHTS, icc,
            level,
        )[:3]  # fmt: skip
    half = special.stdtrit(freedom, 0.5 + level / 2) * error
    found["students"] = mean, mean - half, mean + half
    return found, lam, enough.mean()


def table(rng, requests, samples):
    """Coverage and mean half width by gap, judge and labelled share."""
    rows = []
    for name, judge in JUDGES.items():
        for rates in RATES:
            gap = rates[0] - rates[1]
            for fraction in (0.1, 0.4, 1.0):
                found, lam, enough = intervals(*simulate(rng, rates, judge, requests, samples, fraction))
                if enough < 0.5:
                    continue
                row = {"judge": name, "rates": rates, "labelled": fraction, "per cell": requests * samples * fraction}
                for method, (_, low, high) in found.items():
                    row[method] = np.mean((low <= gap + 1e-9) & (gap - 1e-9 <= high))
                for method in ("raw", "people", "corrected", "students"):
                    row[f"± {method}"] = np.mean(found[method][2] - found[method][1]) / 2
                row |= {f"bias {method}": np.mean(found[method][0]) - gap for method in ("raw", "corrected")}
                rows.append(row | {"lambda": lam.mean()})
    return pd.DataFrame(rows)


def main():
    started, rng = time.process_time(), np.random.default_rng(20261121)
    pd.set_option("display.width", 220, "display.max_columns", 20)
    print(f"Coverage of nominal 95 % intervals and their half width; {STUDIES} studies a line (coverage ± 0.014)")
    every = []
    for requests, samples in SIZES:
        found = table(rng, requests, samples)
        every.append(found)
        print(f"\n{requests} requests, {samples} samples a cell")
        print(found.round(3).to_string(index=False))
    whole = pd.concat(every)
    methods = ["raw", "people", "trusting", "corrected", "students"]
    print(f"\nCoverage over all {len(whole)} lines; target {TARGET} or more")
    print(whole[methods].quantile([0, 0.05, 0.5, 1]).round(3).to_string())
    print("lines below the target: " + ", ".join(f"{name} {(whole[name] < TARGET).sum()}" for name in methods))
    print("mean half width: " + ", ".join(f"{n[2:]} {whole[n].mean():.3f}" for n in whole if n.startswith("±")))
    print(f"\n{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
