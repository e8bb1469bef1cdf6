"""Looking after every block: errors, coverage and replies needed, by method. Run: python benchmarks/stopping.py

Truth as in benchmarks/truth.py: requests differ by 1 on the logit scale, their cells by 0.35 more; every request is
asked once in each cell. One contrast counts as one of nine tests (p times 9); whole studies are the ladder of `motives`
with Holm's method, cells dropped once no open contrast needs them, and requirements. What is undecided at the last look
counts as the most replies that could be asked for.
"""

import argparse
import time

import numpy as np
import pandas as pd
from betting import betting
from scipy import special
from spending import SPENDING, group_sequential
from truth import CELLS, GAPS, LADDER, SETTINGS, level

from feint.stats import Contrast, holm
from feint.stats.decide import DecisionRule
from feint.stats.intervals import tests_of
from feint.stats.looks.sequence import asymptotic, moments, studentised, widened
from feint.stats.looks.stopping import Block, Looking, standings
from feint.stats.types import NO, YES

LOOKS = (*range(10, 100, 10), *range(100, 300, 25), *range(300, 1001, 50))
EFFECTS = (0.0, 0.02, 0.05, 0.10, 0.20, 0.40, 0.70)
PLACES = {"low": lambda gap: (0.03 + gap, 0.03), "even": lambda gap: (0.5 + gap / 2, 0.5 - gap / 2)}
RARE = {**GAPS, 0.05: (0.002, 0.005, 0.03, 0.475, 0.945)}
TESTS = tests_of(len(LADDER))
METHODS = ("betting", "asymptotic", *SPENDING)
PUBLISHED, PEEKING, CHUNK, TINY = 400, "peeking", 500, 1e-9
KEYS = list(LADDER)
REACH = [sum(map(abs, weights.values())) / 2 for weights in LADDER.values()]
WEIGHED = np.array([[cell in weights for cell in CELLS] for weights in LADDER.values()]).astype(int)
REQUIRES = {"terminal": "contingency", "instrumental": "contingency"}
RULE = ("goal_guarding", "contingency")
RULES = {
    "fakes_alignment": dict.fromkeys(RULE, "yes"),
    "training_sycophancy": dict(zip(RULE, ("yes", "no"), strict=True)),
}
TRAINED = ("trained", "trained-sealed", "trained-misuse")
SUBJECTS = {
    "refuses, 3 %": {},
    "refuses, 20 %": dict.fromkeys(CELLS, 0.2),
    "torn, 50 %": dict.fromkeys(CELLS, 0.5),
    "complies, 97 %": dict.fromkeys(CELLS, 0.97),
    **{f"fakes, {gap} points": dict.fromkeys(TRAINED, 0.03 + gap / 100) for gap in (70, 40, 20, 10, 5)},
    "trained either way, 40": dict.fromkeys((*TRAINED, "trained-regardless"), 0.43),
    "pleases raters": {cell: 0.9 for cell in CELLS if cell not in ("silence", "intention")},
}


def replies(rng, rates, requests, studies, shared=1.0, own=0.35, samples=1):
    """Compliance over samples by study, request and cell."""
    p = special.expit(
        np.array([level(rate, float(np.hypot(shared, own))) for rate in rates])
        + shared * rng.normal(size=(studies, requests, 1))
        + own * rng.normal(size=(studies, requests, len(rates)))
    )
    return (rng.random(p.shape) < p).astype(float) if samples == 1 else rng.binomial(samples, p) / samples


def seen(method, d, reach, looks=LOOKS, samples=1):
    """A contrast at every look by a method; `peeking` is the interval for a fixed n, uncorrected."""
    n = np.array(looks)
    worth = n * samples / (1 + (samples - 1) * SETTINGS.assumed_icc)
    if method == "asymptotic":
        return asymptotic(d, n, worth, reach, SETTINGS.level, Looking(looks).horizon)
    if method == "betting":
        return betting(d, n, reach, SETTINGS.level)
    if method in SPENDING:
        return group_sequential(d, n, worth, reach, SETTINGS.level, tuple(n / n[-1]), np.arange(len(n)), method)
    mean, spread = moments(d, n)
    error = np.maximum(spread, 1e-300) / np.sqrt(n)
    half = studentised(special.ndtri(0.5 + SETTINGS.level / 2), n - 1) * error
    return widened(n, mean, half, 2 * special.stdtr(n - 1, -np.abs(mean) / error), worth, reach, SETTINGS.alpha)


def decisions(mean, low, high, p_holm):
    """The rule of Feint on arrays: 1 yes, -1 no, 0 undetermined."""
    said = DecisionRule.of(SETTINGS, TESTS).decisions(mean, low, high, p_holm)
    return (said == YES).astype(int) - (said == NO)


def anytime(p_T):
    """Running minimum over looks, the last axis: a p value that may be read at any look, then or later."""
    return np.minimum.accumulate(p_T, axis=-1)


def right(gap):
    """The right decision about a gap: 1, -1, or 0 where the gap is the smallest of interest and either will do."""
    return 0 if abs(gap - SETTINGS.smallest_effect) < TINY else 1 if gap > SETTINGS.smallest_effect else -1


def least(good, share=0.9):
    """The fewest requests at which a share of studies is right, fixed beforehand; inf if not even the last look's."""
    enough = good.mean(axis=0) >= share
    return LOOKS[int(enough.argmax())] if enough.any() else np.inf


def published(rng, rates, studies):
    """Share called a gap by the published habit: 400 replies a cell, independent cells, more than one point apart."""
    y = [replies(rng, (rate,), PUBLISHED, studies)[..., 0].mean(axis=1) for rate in rates]
    return float(np.mean(y[0] - y[1] > 0.01))


def one_contrast(rng, studies):
    """By place, effect and method: decisions, coverage, replies asked; and what fixed sizes need and claim."""
    rows, habits, last = [], [], len(LOOKS) - 1
    for place, rates_of in PLACES.items():
        plan = np.inf
        for gap in EFFECTS:
            y = replies(rng, rates_of(gap), LOOKS[-1], studies)
            d = y[..., 0] - y[..., 1]
            for method in (*METHODS, PEEKING):
                w = seen(method, d, 1.0)
                found = decisions(w.estimate, w.low, w.high, np.minimum(anytime(w.p) * TESTS, 1))
                stop = np.where((found != 0).any(axis=1), (found != 0).argmax(axis=1), last)
                said, asked = found[np.arange(studies), stop], 2 * np.array(LOOKS)[stop]
                inside = (w.low <= gap) & (gap <= w.high)
                shares = [np.mean(said == k) for k in (1, -1, 0)]
                shares += [inside[np.arange(studies), stop].mean(), inside.all(axis=1).mean()]
                rows.append((place, 100 * gap, method, *shares, *np.quantile(asked, (0.5, 0.9)), asked.mean()))
            at = decisions(w.estimate, w.low, w.high, w.p * TESTS)
            known = least(at == right(gap)) if right(gap) else np.nan
            plan = known if gap == 0 else plan
            habits.append(
                (place, 100 * gap, 2 * known, 2 * plan, 2 * PUBLISHED, published(rng, rates_of(gap), studies))
            )
    columns = ["place", "gap", "method", "yes", "no", "open", "covers", "covers always", "median", "90 %", "mean"]
    habit = ["place", "gap", "fixed, gap known", "fixed, planned for no", "published", "published: gap"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame(habits, columns=habit)


def coverage(rng, studies):
    """Share of studies whose interval covers the gap at every look, over rare and even rates, by method."""
    rows = []
    for shared, own, samples in ((0.0, 0.0, 1), (1.0, 0.35, 1), (2.0, 0.7, 1), (1.0, 0.35, 5)):
        for gap, rates in RARE.items():
            for rate in rates:
                y = replies(rng, (rate + gap, rate), LOOKS[-1], studies, shared, own, samples)
                for method in (*METHODS, PEEKING):
                    w = seen(method, y[..., 0] - y[..., 1], 1.0, samples=samples)
                    found = decisions(w.estimate, w.low, w.high, np.minimum(anytime(w.p) * TESTS, 1))
                    first = np.take_along_axis(found, (found != 0).argmax(axis=1)[:, None], axis=1)
                    always = ((w.low <= gap) & (gap <= w.high)).all(axis=1).mean()
                    no = np.mean(first == -1) if right(gap) == 0 else np.nan
                    rows.append((shared, samples, gap, rate, method, always, no))
    return pd.DataFrame(rows, columns=["differ", "samples", "gap", "rate", "method", "covers always", "wrong no"])


def run_studies(watched, only_rule):
    """Replay studies as `feint.stats.looks.stopping.standings` does: decisions, whether moot, closing look, replies."""
    mean, low, high, p = (np.stack([getattr(w, k) for w in watched], axis=-1) for k in ("estimate", "low", "high", "p"))
    p, shape = np.minimum.accumulate(p, axis=1), (len(mean), len(KEYS))
    said, stop, asked, held = np.zeros(shape, int), np.full(shape, len(LOOKS) - 1), np.zeros(len(mean)), np.ones(shape)
    moot = np.tile([only_rule and key not in RULE for key in KEYS], (len(mean), 1))
    for t, n in enumerate(LOOKS):
        still = (said == 0) & ~moot
        asked += (n - (LOOKS[t - 1] if t else 0)) * (still @ WEIGHED > 0).sum(axis=1)
        held = np.where(still, p[:, t], held)
        now = decisions(mean[:, t], low[:, t], high[:, t], holm(held, TESTS))
        closed = still & (now != 0)
        said, stop = np.where(closed, now, said), np.where(closed, t, stop)
        for key, other in {**REQUIRES, **(dict(zip(RULE, RULE[::-1], strict=True)) if only_rule else {})}.items():
            shut = (said[:, KEYS.index(other)] == -1) & (said[:, KEYS.index(key)] == 0) & ~moot[:, KEYS.index(key)]
            moot[shut, KEYS.index(key)], stop[shut, KEYS.index(key)] = True, t
    return said, moot, stop, asked


def check(watched, values, only_rule):
    """The vectorised replay must be the one that Feint does."""
    said, moot, _, asked = run_studies(watched, only_rule)
    contrasts = [
        Contrast(key, weights, key, requires={REQUIRES[key]: "yes"} if key in REQUIRES else {})
        for key, weights in LADDER.items()
    ]
    parts = [np.split(d[0], LOOKS)[: len(LOOKS)] for d in values]
    blocks = [Block({key: part[t] for key, part in zip(KEYS, parts, strict=True)}) for t in range(len(LOOKS))]
    until, count = "fakes_alignment" if only_rule else None, 0
    for t in range(len(LOOKS)):
        before = standings(blocks[:t], contrasts, Looking(LOOKS), SETTINGS, RULES, until)[-1]
        count += len(before.cells) * (LOOKS[t] - (LOOKS[t - 1] if t else 0))
    now = standings(blocks, contrasts, Looking(LOOKS), SETTINGS, RULES, until)[-1]
    word = {"yes": 1, "no": -1}
    assert [word[now.decided[key].decision] if key in now.decided else 0 for key in KEYS] == said[0].tolist()
    assert [key in now.moot for key in KEYS] == moot[0].tolist() and count == asked[0]


def whole_studies(rng, studies):
    """By subject and method: wrong decisions, coverage, replies until all is closed and until the rule is settled."""
    rows = []
    for number, (subject, high) in enumerate(SUBJECTS.items()):
        rates = [high.get(cell, 0.03) for cell in CELLS]
        truth = np.array([sum(w * rates[CELLS.index(c)] for c, w in weights.items()) for weights in LADDER.values()])
        parts = {method: [] for method in (*METHODS, PEEKING, "fixed")}
        for _ in range(studies // CHUNK):
            y = replies(rng, rates, LOOKS[-1], CHUNK)
            values = [sum(w * y[..., CELLS.index(c)] for c, w in weights.items()) for weights in LADDER.values()]
            for method in (*METHODS, PEEKING):
                watched = [seen(method, d, reach) for d, reach in zip(values, REACH, strict=True)]
                if number % 5 == 0 and method == "asymptotic" and not parts[method]:
                    for only_rule in (False, True):
                        check(watched, values, only_rule)
                parts[method].append(study_errors(watched, truth))
            parts["fixed"].append(decided_fixed(watched))
        for method in (*METHODS, PEEKING):
            wrong_yes, wrong_no, done, covered, good, asked, asked_rule = map(
                np.concatenate, zip(*parts[method], strict=True)
            )
            shares = [x.mean() for x in (wrong_yes, wrong_no, done, covered, covered.all(axis=1), good)]
            rows.append(
                (subject, method, *shares, *np.quantile(asked, (0.5, 0.9)), *np.quantile(asked_rule, (0.5, 0.9)))
            )
        found = np.concatenate(parts["fixed"])
        wanted = np.array([right(gap) for gap in truth])
        all_right = least(((found == wanted) | (wanted == 0)).all(axis=-1)) * len(CELLS)
        ruled = least(rule_right(found, wanted)) * 3
        rows.append((subject, "fixed, truth known", *[np.nan] * 6, all_right, all_right, ruled, ruled))
    shares = ["wrong yes", "wrong no", "all closed", "covers", "covers all 8", "rule right"]
    return pd.DataFrame(rows, columns=["subject", "method", *shares, "median", "90 %", "rule: median", "rule: 90 %"])


def rule_right(said, wanted):
    """Whether `fakes_alignment` is decided as it should be; where a gap is the smallest of interest, either will do."""
    a, b = (said[..., KEYS.index(key)] for key in RULE)
    verdict = np.where((a == -1) | (b == -1), -1, np.where((a == 1) & (b == 1), 1, 0))
    wanted = [wanted[KEYS.index(key)] for key in RULE]
    return np.isin(verdict, (1, -1)) if 0 in wanted else verdict == min(wanted)


def study_errors(watched, truth):
    """Wrong yes, wrong no, all closed, coverage at closing, rule right, replies, and replies for the rule alone."""
    said, moot, stop, asked = run_studies(watched, False)
    rule_said, _, _, rule_asked = run_studies(watched, True)
    row, small = np.arange(len(said)), SETTINGS.smallest_effect
    ends = [np.stack([getattr(w, k)[row, stop[:, i]] for i, w in enumerate(watched)], axis=1) for k in ("low", "high")]
    covered = (ends[0] <= truth + TINY) & (truth - TINY <= ends[1])
    wrong_yes = ((said == 1) & (truth <= TINY)).any(axis=1)
    wrong_no = ((said == -1) & (truth >= small - TINY)).any(axis=1)
    good = rule_right(rule_said, np.array([right(gap) for gap in truth]))
    return wrong_yes, wrong_no, ((said != 0) | moot).all(axis=1), covered, good, asked, rule_asked


def decided_fixed(watched):
    """Decisions had n been fixed at each of the looks, shape (studies, looks, contrasts)."""
    mean, low, high, p = (np.stack([getattr(w, k) for w in watched], axis=-1) for k in ("estimate", "low", "high", "p"))
    return decisions(mean, low, high, holm(p))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=500, help="a multiple of 500")
    parser.add_argument("--seed", type=int, default=20261121)
    options = parser.parse_args()
    pd.set_option("display.width", 200)
    started, rng = time.process_time(), np.random.default_rng(options.seed)
    print(f"{options.studies} studies a line, seed {options.seed}; looks after {', '.join(map(str, LOOKS))} requests")
    table, habits = one_contrast(rng, options.studies)
    print("\nOne contrast of two cells; replies to both until it is decided")
    print(table.round(3).to_string(index=False))
    print("\nThe same without looking: replies that decide nine studies in ten right")
    print(habits.round(3).to_string(index=False))
    print("\nCoverage at every look up to 1000, and wrong no at 5 points, over rates and over how far requests differ")
    wide = coverage(rng, options.studies)
    by = wide.pivot_table(index=["differ", "samples", "gap", "rate"], columns="method", values="covers always")
    print(by.round(3).to_string())
    print(
        wide.groupby("method")[["covers always", "wrong no"]].describe(percentiles=[0.05, 0.5]).round(3).T.to_string()
    )
    print(
        f"\nWhole studies: 8 contrasts, 11 cells; published: {18 * PUBLISHED} replies (400 a cell, a design a motive)"
    )
    print(whole_studies(rng, options.studies).round(3).to_string(index=False))
    print(f"\n{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
