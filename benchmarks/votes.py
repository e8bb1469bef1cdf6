"""Votes saved by stopping early, and how often the label is that of all 20. Run: python benchmarks/votes.py

Each reply has a probability of a yes, drawn from a population; the labels of every rule are compared with those of the
full 20 votes of the same simulated sequence. With --recorded FILE (a JSON object a line, `{"votes": [true, null, …]}`,
null a failed vote) the recorded sequences are used instead: the population is learnt from one half of the replies and
tried on the other, and the other way round.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd

from feint.judges.graded.votes import Population, VoteRule

REPLIES, FIRST, STUDIES = 1000, 100, 25
FULL, EXACT, SHIPPED = VoteRule(error=0.0, least=20), VoteRule(error=0.0), VoteRule()
MIXTURES = {
    "rare: 90 % B(.5,20), 10 % B(8,2)": ((0.9, 0.5, 20), (0.1, 8, 2)),
    "two-sided: 60 % B(1,12), 40 % B(12,1)": ((0.6, 1, 12), (0.4, 12, 1)),
    "noisy judge: 80 % B(2,30), 20 % B(15,4)": ((0.8, 2, 30), (0.2, 15, 4)),
    "B(.1,.9)": ((1.0, 0.1, 0.9),),
    "B(.2,.2)": ((1.0, 0.2, 0.2),),
    "B(.5,.5)": ((1.0, 0.5, 0.5),),
    "a quarter near the share: B(4,6)": ((0.55, 0.5, 20), (0.2, 12, 1.5), (0.25, 4, 6)),
    "uniform": ((1.0, 1, 1),),
    "all near the share: B(2,3)": ((1.0, 2, 3),),
}


def draw(rng, mixture, replies):
    """Probability of a yes for each reply."""
    parts = np.array(mixture)
    _, a, b = parts[rng.choice(len(parts), replies, p=parts[:, 0])].T
    return rng.beta(a, b)


def apply(decide, votes):
    """Labels (yes: True), votes used and votes for yes, for sequences of shape (replies, 20); `decide` as in `grid`."""
    yes = np.concatenate([np.zeros((len(votes), 1), int), votes.cumsum(axis=1)], axis=1)
    state = decide[np.arange(votes.shape[1] + 1), yes]
    asked = (state != 0).argmax(axis=1)
    at = np.arange(len(votes))
    return state[at, asked] > 0, asked, yes[at, asked]


def grid(rule):
    """The decisions of a rule by votes asked and votes for yes: 1 yes, -1 no, 0 ask on."""
    found = np.zeros((rule.votes + 1, rule.votes + 1), int)
    for asked in range(rule.votes + 1):
        for yes in range(asked + 1):
            found[asked, yes] = {"yes": 1, "no": -1, None: 0}[rule.decide(yes, asked)]
    return found


def sprt(low=0.2, high=0.6, error=0.01):
    """Wald's sequential probability ratio test of the rates `low` and `high`, cut off at what all votes settle."""
    bound, exact = np.log((1 - error) / error), grid(EXACT)
    asked, yes = np.indices(exact.shape)
    ratio = yes * np.log(high / low) + (asked - yes) * np.log((1 - high) / (1 - low))
    early = np.where(ratio >= bound, 1, np.where(ratio <= -bound, -1, 0))
    return np.where(exact != 0, exact, np.where(yes <= asked, early, 0))


def learning(votes):
    """The first replies by the shipped rule, the rest by one that has learnt from them: labels and votes used."""
    label, asked, yes = apply(grid(SHIPPED), votes[:FIRST])
    rule = VoteRule(population=Population.learnt(yes, asked))
    rest, more, _ = apply(grid(rule), votes[FIRST:])
    return np.r_[label, rest], np.r_[asked, more]


def populations(rng):
    """Ratio of votes saved and agreement with all 20 votes, by population and rule."""
    grids = {"cannot change": grid(EXACT), "SPRT .2/.6": sprt(), "shipped": grid(SHIPPED)}
    rows = []
    for name, mixture in MIXTURES.items():
        found = {rule: [] for rule in (*grids, "learnt")}
        for _ in range(STUDIES):
            votes = rng.random((REPLIES, 20)) < draw(rng, mixture, REPLIES)[:, None]
            full = votes.sum(axis=1) >= SHIPPED.needed
            for rule, table in grids.items():
                label, asked, _ = apply(table, votes)
                found[rule].append((asked.mean(), (label == full).mean()))
            label, asked = learning(votes)
            found["learnt"].append((asked.mean(), (label == full).mean()))
        row = {"population": name}
        for rule, studies in found.items():
            asked, same = np.array(studies).T
            row |= {f"{rule} x": 20 / asked.mean(), f"{rule} %": 100 * same.mean()}
        same = np.array(found["learnt"])[:, 1]
        row["learnt, worst study %"] = 100 * same.min()
        row["goal"] = "reached" if row["learnt x"] >= 4 and row["learnt %"] >= 99 else "-"
        rows.append(row)
    return pd.DataFrame(rows)


def curve(rng, replies=20_000):
    """Votes used and agreement by the probability of a yes, under the shipped rule."""
    rows = []
    for rate in (0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1):
        votes = rng.random((replies, 20)) < rate
        label, asked, _ = apply(grid(SHIPPED), votes)
        same = label == (votes.sum(axis=1) >= SHIPPED.needed)
        rows.append((rate, asked.mean(), 20 / asked.mean(), 100 * same.mean()))
    return pd.DataFrame(rows, columns=["rate of yes", "votes", "ratio", "same label %"])


def replay(rule, votes):
    """The label by a rule of recorded votes in their order, None where it is missing, and the number of votes taken."""
    for taken in range(len(votes) + 1):
        yes, no, failed = (votes[:taken].count(kind) for kind in (True, False, None))
        label = rule.settle(yes, no, failed)
        if label:
            break
    return (None if label == "missing" else label), taken


def recorded(path):
    """Votes used and agreement on recorded sequences, by the shipped rule and by one learnt from the other half."""
    sequences = [json.loads(line)["votes"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    halves, rows = [sequences[::2], sequences[1::2]], []
    for name, learn in (("shipped", False), ("learnt", True)):
        used = same = both = calls = missing = 0
        for here, other in (halves, halves[::-1]):
            known = [[vote for vote in votes if vote is not None] for votes in other]
            rule = VoteRule(population=Population.learnt([sum(v) for v in known], [len(v) for v in known]))
            for votes in here:
                (full, _), (early, taken) = replay(FULL, votes), replay(rule if learn else SHIPPED, votes)
                used, calls = used + taken, calls + len(votes)
                missing += full is None
                both += full is not None
                same += full is not None and full == early
        rows.append((name, len(sequences), calls / max(used, 1), 100 * same / max(both, 1), missing))
    return pd.DataFrame(rows, columns=["rule", "replies", "ratio", "same label %", "full label missing"])


def counts():
    """By votes asked, how many numbers of votes for yes decide no, and how many decide yes."""
    for asked, row in enumerate(grid(SHIPPED)[1:], 1):
        yield asked, (row[: asked + 1] == -1).sum(), (row[: asked + 1] == 1).sum()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", type=Path, help="recorded votes, one JSON object a line")
    given = parser.parse_args()
    started, rng = time.process_time(), np.random.default_rng(20261121)
    pd.set_option("display.width", 220, "display.max_columns", 20, "display.max_colwidth", 60)
    if given.recorded:
        print(recorded(given.recorded).round(2).to_string(index=False))
        return
    print(f"Yes from {SHIPPED.needed} of {SHIPPED.votes} votes; stop at a chance of another label <= {SHIPPED.error}.")
    print("\nBoundary of the shipped rule: votes asked, no at most, yes at least")
    print("  ".join(f"{n}: {no - 1 if no else '-'}|{n + 1 - yes if yes else '-'}" for n, no, yes in counts()))
    print(f"\nx: 20 votes / votes used; %: same label as all 20. {STUDIES} studies of {REPLIES} replies a line.")
    print(
        f"learnt: the first {FIRST} replies by the shipped rule, counted in, then by the population learnt from them."
    )
    print(populations(rng).round(2).to_string(index=False))
    print("\nShipped rule by a reply's rate of yes")
    print(curve(rng).round(2).to_string(index=False))
    print(f"\n{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
