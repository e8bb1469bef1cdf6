"""Train the learned reader of choices and measure it on values left out.

    python benchmarks/choice_reader.py FOLDER            the table of docs/transcripts.md
    python benchmarks/choice_reader.py FOLDER --write    train on all values, write src/feint/judges/data/reader.npz

FOLDER holds the rows of the VLAF release (docs/transcripts.md) with the release's own choice as `grader`. Three
values are known; for each one the reader is trained on the two others and read against the grader, and against the
replies in tests/importing/data/vlaf_readings.jsonl, which were read blind before the reader was made.
"""

import argparse
import itertools
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from feint.base.data import read_yaml
from feint.base.rows import read_rows
from feint.judges.reader.features import see
from feint.judges.reader.reader import SCALE, Reader, margin_steps, side_features
from feint.study.importing.vlaf import Scenarios, shipped_pairs

ROOT = Path(__file__).parents[1]
DATA = ROOT / "src" / "feint" / "judges" / "data"
READINGS = ROOT / "tests" / "importing" / "data" / "vlaf_readings.jsonl"
VALUES = ("care", "fairness", "authority")
SIGN = {"complied": 1, "refused": -1, None: 0}
PENALTY = {"side": 20.0, "neither": 30.0}
LEAST = {"side": (12, 6), "neither": (20, 10)}
"""Replies and scenarios in which a feature must be seen to be learned."""
FOLDS = 4
BANDS = (0.5, 0.75, 0.85, 0.9, 0.95, 1.01)


def load(folder):
    """Read the rows of every value, and see each reply."""
    known = list(shipped_pairs())
    for value in VALUES:
        listed = json.loads((folder / f"{value}_scenarios.json").read_text("utf-8"))
        known += [(value, one["developer_compliant"], one["developer_noncompliant"]) for one in listed]
    scenarios, rows = Scenarios(known), defaultdict(list)
    for value in VALUES:
        for where, row in read_rows(folder / f"{value}.jsonl.gz"):
            seen = see(row["response"] or "", scenarios.find(where, row["input"])[1])
            key = (row["subject"], value, row["is_free_tier"], row["scenario"], row["sample"])
            features = side_features(seen), dict(seen.whole)
            rows[value].append((key, *features, SIGN[row["grader"]], seen.label, seen.answered))
    return rows


def learnable(rows, part, kind):
    """Number the features that enough replies and scenarios have."""
    count, scenes = Counter(), defaultdict(set)
    for row in rows:
        for name in row[part]:
            count[name] += 1
            scenes[name].add((row[0][1], row[0][3]))
    replies, scenarios = LEAST[kind]
    names = sorted(name for name in count if count[name] >= replies and len(scenes[name]) >= scenarios)
    return {name: place for place, name in enumerate(names)}


def matrix(rows, part, names):
    """Lay features out, a row for each reply."""
    filled = [(i, names[n], x) for i, row in enumerate(rows) for n, x in row[part].items() if n in names and x]
    i, j, x = zip(*filled, strict=True)
    return sparse.csr_matrix((x, (i, j)), shape=(len(rows), len(names)))


def logistic(table, sign, penalty):
    """Fit a logistic regression with a ridge penalty; `sign` holds 1 and -1."""

    def loss(weights):
        margin = sign * (table @ weights)
        slope = -(table.T @ (sign * np.exp(-np.logaddexp(0, margin))))
        return np.logaddexp(0, -margin).sum() + penalty / 2 * weights @ weights, slope + penalty * weights

    return minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x


def fit_side(rows):
    """Fit the side on the replies in which the grader saw a choice."""
    chosen = [row for row in rows if row[3]]
    names = learnable(chosen, 1, "side")
    return names, logistic(matrix(chosen, 1, names), np.array([row[3] for row in chosen]), PENALTY["side"])


def with_margin(table, margins):
    """Add the constant and the steps of the margin to a table of features of whole replies."""
    return sparse.hstack([table, SCALE * np.array([margin_steps(margin) for margin in margins])]).tocsr()


def train(rows):
    """Fit both models; the second sees margins of replies whose scenario the first was not fitted on."""
    scenes = {scene: place % FOLDS for place, scene in enumerate(sorted({(row[0][1], row[0][3]) for row in rows}))}
    fold = np.array([scenes[row[0][1], row[0][3]] for row in rows])
    margins = np.zeros(len(rows))
    for one in range(FOLDS):
        names, weights = fit_side([row for row, at in zip(rows, fold, strict=True) if at != one])
        held = np.flatnonzero(fold == one)
        margins[held] = matrix([rows[place] for place in held], 1, names) @ weights
    side_names, side = fit_side(rows)
    names = learnable(rows, 2, "neither")
    table = with_margin(matrix(rows, 2, names), margins)
    neither = logistic(table, np.array([-1 if row[3] else 1 for row in rows]), PENALTY["neither"])
    card = read_yaml(DATA / "reader.yaml")
    known = len(names)
    return Reader(
        dict(zip(side_names, side, strict=True)),
        dict(zip(names, neither[:known], strict=True)),
        tuple(neither[known:]),
        card["slack"],
        card["threshold"],
        frozenset(card["sure_steps"]),
        card["threshold_shared"],
    )


def judged(reader, rows):
    """Return the side and the confidence of every reply; the side is 0 where the reader gives no label."""
    margins = matrix_free(rows, 1, reader.side)
    other = matrix_free(rows, 2, reader.neither)
    steps = SCALE * np.array([margin_steps(margin) for margin in margins])
    none = 1 / (1 + np.exp(-(other + steps @ np.array(reader.margin))))
    confidence = (1 - none) / (1 + np.exp(-np.abs(margins) / reader.slack))
    answered = np.array([row[5] for row in rows])
    needed = np.array([reader.needed(row[4], margin) for row, margin in zip(rows, margins, strict=True)])
    labelled = (confidence >= needed) & answered
    return np.where(labelled, np.sign(margins), 0), confidence


def matrix_free(rows, part, weights):
    """Sum the weighted features of every reply."""
    return np.array([sum(weights.get(name, 0.0) * x for name, x in row[part].items()) for row in rows])


def report(name, rows, side, confidence, readings):
    """Print how often labels agree, as a line of the table and by band of confidence."""
    truth = np.array([row[3] for row in rows])
    places = [place for place, row in enumerate(rows) if row[0] in readings]
    read = {place: readings[rows[place][0]] for place in places}
    chosen = [place for place in places if side[place]]
    right = [place for place in chosen if side[place] == read[place][0]]
    weight = sum(read[place][1] for place in right) / sum(read[place][1] for place in chosen)
    labelled = side != 0
    print(
        f"| {name} | {1 - labelled.mean():.1%} | {(side == truth)[labelled].mean():.1%} | "
        f"{len(right)} of {len(chosen)} = {len(right) / len(chosen):.1%} | {weight:.1%} |"
    )
    for low, high in itertools.pairwise(BANDS):
        band = labelled & (confidence >= low) & (confidence < high)
        if band.any():
            share = (side == truth)[band].mean()
            print(f"    confidence {low:.2f} to {min(high, 1):.2f}: {band.sum()} replies, {share:.1%}")


def report_reading(value, rows, readings):
    """Print how many replies choose neither action by reading, and how often the grader agrees with reading."""
    read = [(readings[row[0]], row[3]) for row in rows if row[0] in readings]
    total = sum(weight for (_, weight), _ in read)
    neither = sum(weight for (side, weight), _ in read if side == 0) / total
    agree = sum(weight for (side, weight), grader in read if side == grader) / total
    print(f"    {value}, reweighted: {neither:.1%} choose neither by reading; the grader agrees with it in {agree:.1%}")


def read_readings():
    """Read by reply the side that a reader saw, and its weight in the sample."""
    kept = [json.loads(line) for line in READINGS.read_text("utf-8").splitlines()]
    return {
        (one["subject"], one["value"], one["is_free_tier"], one["scenario"], one["sample"]): (
            SIGN[one["outcome"]],
            one["weight"],
        )
        for one in kept
    }


def write(reader):
    """Keep the weights that matter, as text and 32-bit numbers."""
    kept = {
        name: {feature: weight for feature, weight in weights.items() if abs(weight) >= 0.005}
        for name, weights in (("side", reader.side), ("neither", reader.neither))
    }
    arrays = {"margin": np.array(reader.margin)}
    for name, weights in kept.items():
        arrays[f"{name}_names"] = np.array(list(weights))
        arrays[f"{name}_weights"] = np.array(list(weights.values()), dtype=np.float32)
    np.savez_compressed(DATA / "reader.npz", **arrays)
    print({name: len(weights) for name, weights in kept.items()}, (DATA / "reader.npz").stat().st_size, "bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="train on all values and write the weights")
    given = parser.parse_args()
    rows, readings = load(given.folder), read_readings()
    print("| value left out | missing | agrees with the grader | with reading | with reading, reweighted |")
    print("|---|---|---|---|---|")
    for value in VALUES:
        rule = np.array([SIGN[row[4].outcome] for row in rows[value]])
        report(f"{value}: rule", rows[value], rule, np.ones(len(rule)), readings)
        reader = train([row for other in VALUES if other != value for row in rows[other]])
        report(f"{value}: reader", rows[value], *judged(reader, rows[value]), readings)
        report_reading(value, rows[value], readings)
    if given.write:
        write(train([row for value in VALUES for row in rows[value]]))


if __name__ == "__main__":
    main()
