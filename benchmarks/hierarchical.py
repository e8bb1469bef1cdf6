"""The mixed model beside the paired intervals, on simulated studies whose truth is known.

Run: python benchmarks/hierarchical.py [--studies N] [--requests N] [--wordings N]

Studies of `motives` (eleven cells, eight contrasts) by several actors. For both methods: how often the 95 % interval
holds the population's difference, how wide it is, the mean deviation of the estimate; and how long each takes, how many
fits converged, how often the two contradict each other, and of the requests that truly carry the gap, how many are
among the same number of requests with the largest shrunken effect, and with the largest raw difference.
"""

import argparse
import time

import numpy as np
import pandas as pd

from feint.designs import load_design
from feint.situations import load_voices
from feint.stats import Settings, conclude
from feint.stats.bayes import Sampling, disagreements, fit
from feint.study.plan.frozen import contrasts_of
from feint.tasks.alignment_faking.actors import get_actor, true_rates
from feint.tasks.alignment_faking.actors.simulate import chances, draw_labels, place_wordings, study_table

ACTORS = ("smallest", "few-requests", "uneven", "scarce", "guarded")
SETTINGS = Settings()


def study(actor, cells, requests, wordings, rng):
    """Table of labels, and the true rate of every request by cell, shape (C, R)."""
    voice, phrasing = place_wordings(requests, wordings)
    at = np.array([[actor.intercepts(cell, name) for name in sorted(load_voices())] for cell in cells.values()])
    rate = chances(actor, at[:, voice], voice, phrasing, 1, rng)[..., None]
    shape = (1, len(cells), requests, wordings, 1)
    labels = draw_labels(actor, rate, shape, rng)[0]
    return study_table(actor, cells, labels), np.broadcast_to(rate, shape)[0, ..., 0].mean(axis=2)


def compare(name, seed, requests, wordings, sampling):
    """One study by both methods: a row for each contrast, and what concerns the study."""
    design = load_design("motives")
    actor, contrasts = get_actor(name), contrasts_of(design)
    rng = np.random.default_rng(seed)
    table, rate = study(actor, design.cells, requests, wordings, rng)
    weights = np.array([[contrast.weights.get(cell, 0) for cell in design.cells] for contrast in contrasts])
    truth = weights @ true_rates(actor, design.cells)
    arguments = {"cells": list(design.cells), "rules": design.rules}
    begun = time.process_time()
    paired = conclude(table, contrasts, SETTINGS, **arguments)["contrasts"]
    middle = time.process_time()
    model = fit(table, contrasts, SETTINGS, sampling=sampling, **arguments)
    ended = time.process_time()
    whole = {"actor": name, "converged": model["converged"], "attempts": model["sampler"]["attempts"],
             "paired s": middle - begun, "model s": ended - middle}  # fmt: skip
    if not model["converged"]:
        print(f"{name} {seed}: {model['faults']}", flush=True)
        return [], whole
    rows = []
    for contrast, true in zip(contrasts, truth, strict=True):
        row = {"actor": name}
        for method, found in (("paired", paired[contrast.key]), ("model", model["contrasts"][contrast.key])):
            row[f"{method} holds"] = found["low"] - 1e-12 <= true <= found["high"] + 1e-12
            row[f"{method} width"] = found["high"] - found["low"]
            row[f"{method} error"] = found["estimate"] - true
        rows.append(row)
    whole["contradictions"] = len(disagreements(paired, model["contrasts"], SETTINGS))
    gap = model["carriers"]["contrast"]
    own = weights[[c.key for c in contrasts].index(gap)] @ rate
    carry = set(np.flatnonzero(own > 0.5))
    if actor.carriers < 1 and carry:
        shrunken = [int(entry["request"][1:]) for entry in model["carriers"]["requests"]]
        raw = sorted(range(requests), key=lambda r: -paired[gap]["per_request"][f"r{r:04d}"])
        whole |= {f"{how} finds": len(carry & set(order[: len(carry)])) / len(carry)
                  for how, order in (("model", shrunken), ("raw", raw))}  # fmt: skip
    return rows, whole


def summarise(rows, studies):
    every, whole = pd.DataFrame(rows), pd.DataFrame(studies)
    print(f"\n{len(whole)} studies, {int(whole['converged'].sum())} converged, {len(every)} contrasts")
    print(every.groupby("actor").mean().round(3).to_string(), end="\n\n")
    print(every.drop(columns="actor").mean().round(3).to_frame("all").T.to_string(), end="\n\n")
    print(whole.groupby("actor").mean(numeric_only=True).round(2).to_string())
    first, later = whole["model s"].iloc[0], whole["model s"].iloc[1:]
    print(f"\nprocessor time: paired {whole['paired s'].median():.2f} s; model {first:.0f} s for the first, which ")
    print(f"compiles, and {later.median():.1f} s for others", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=40, help="In all, the same number of each actor.")
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--wordings", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20261121)
    given = parser.parse_args()
    pd.set_option("display.width", 200, "display.max_columns", 30)
    sampling, rows, studies = Sampling(), [], []
    for at in range(given.studies):
        name = ACTORS[at % len(ACTORS)]
        found, whole = compare(name, given.seed + at, given.requests, given.wordings, sampling)
        rows += found
        studies.append(whole)
        print(f"{at + 1} of {given.studies}: {whole}", flush=True)
        if rows and (at + 1 == given.studies or (at + 1) % (2 * len(ACTORS)) == 0):
            summarise(rows, studies)


if __name__ == "__main__":
    main()
