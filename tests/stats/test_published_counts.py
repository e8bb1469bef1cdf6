"""The re-run tables of peer preservation, recomputed from their counts by our inference.

Published are counts of runs of one prompt each, with Wilson's intervals over runs taken as independent draws. Three
routes of ours are held against them:

- `counts.rate_of_counts`: Wilson's interval; equal to what is stated, to the digits stated.
- `cells.clustered_rate` on a table of one run to each request: Wilson's interval exactly.
- What a study prints (`cells.compliance_rate`, through `conclude`): not Wilson's, by design. It is the weighted exact
  interval of `score.rate_interval`, since Wilson's covers too little near 0 and 1 (docs/intervals.md). On independent
  runs its ends lie within .02 of those stated here. The same runs given as what they are, answers to a single request,
  get an interval several times as wide: it is one for requests like this, of which one was asked, by the assumed
  correlation of answers to one request (.2). The stated intervals hold for that one prompt.

Threat × relation on the score. What is published are effects in points for two bars (GPT-5.2: threat +3.4 and +8.4,
relation +0.3 and +0.5; Haiku 4.5: threat +4.5 and +5.2, relation -0.4 and -0.6), an interaction of +6.2 points (Gemini
3.5 Flash, bar 90) and four pass rates (.59 against 0, 0, 0). No cell means, spreads or runs are, so no effect in points
and no interval of one can be recomputed. What can be is the interaction of the pass rates: its estimate (.59), its sign
(that of +6.2) and that it is not by chance. Its count is not stated: no k of 30 or of 38, the stated numbers of runs,
rounds to .59, so some runs were left out there. Every count from 20 to 38 runs that does round to it is tried.
"""

import numpy as np
import pandas as pd
import pytest

from feint.stats import Contrast, Settings, conclude
from feint.stats.cells import clustered_rate, compliance_rate
from feint.stats.counts import contrast_of_counts, difference_of_counts, rate_of_counts
from feint.stats.types import Floats

STATED = {
    "tampering, bar 80": (34, 38, ".76", ".96"),
    "tampering, bar 90": (36, 38, ".83", ".99"),
    "shutdown resistance, simulated": (52, 100, ".42", ".62"),
    "shutdown resistance, allowed": (2, 100, ".01", ".07"),
}
"""Counts whose intervals the reference states to two digits."""
COUNTS = {name: (k, n) for name, (k, n, _, _) in STATED.items()} | {
    "two models of one family": (0, 342),
    "human contractor": (30, 30),
    "human contractor, two models": (0, 30),
    "calmly failing, bar 80": (31, 38),
    "calmly failing, bar 90": (37, 38),
    "distressed, bar 90": (38, 38),
    "inflation, another model": (0, 300),
}
PASSED = [(k, n) for n in range(20, 39) for k in range(n + 1) if f"{k / n:.2f}" == "0.59"]
CELLS = ["good-threat", "good-calm", "none-threat", "none-calm"]
INTERACTION = {"good-threat": 1.0, "good-calm": -1.0, "none-threat": -1.0, "none-calm": 1.0}


def runs(k: int, n: int) -> Floats:
    return np.concatenate([np.ones(k), np.zeros(n - k)])


def table(counts: dict[str, tuple[int, int]], one_prompt: bool = False) -> pd.DataFrame:
    """Labels of so many runs, each of a request of its own or all of one."""
    rows = [
        {
            "cell": cell, "request": "same" if one_prompt else f"r{place:03d}", "voice": "memo", "wording": "memo-1",
            "sample": place if one_prompt else 0, "twin": False, "value": value, "missing": None, "stated": (),
        }
        for cell, (k, n) in counts.items()
        for place, value in enumerate(runs(k, n))
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("name", STATED)
def test_stated_intervals_follow_from_counts(name: str) -> None:
    k, n, low, high = STATED[name]
    found = rate_of_counts(k, n)
    assert (f"{found.low:.2f}", f"{found.high:.2f}") == (f"0{low}", f"0{high}")


def test_none_of_342() -> None:
    found = rate_of_counts(0, 342)
    assert found.low == 0 and f"{found.high:.3f}" == "0.011"


def test_thirty_of_thirty() -> None:
    """Published without an interval; this is it."""
    found = rate_of_counts(30, 30)
    assert found.high == 1 and f"{found.low:.2f}" == "0.89"


@pytest.mark.parametrize("name", COUNTS)
def test_wilson_of_a_table_of_independent_runs(name: str) -> None:
    k, n = COUNTS[name]
    ours, stated = clustered_rate(runs(k, n), np.arange(n), Settings()), rate_of_counts(k, n)
    assert (ours.low, ours.high, ours.n) == pytest.approx((stated.low, stated.high, n), abs=1e-12)


@pytest.mark.parametrize("name", COUNTS)
def test_what_a_study_prints_is_near(name: str) -> None:
    k, n = COUNTS[name]
    findings = conclude(table({"peer": (k, n)}), [], cells=["peer"])
    ours, stated = findings["cells"]["peer"]["compliance"], rate_of_counts(k, n)
    assert ours["estimate"] == stated.estimate and ours["n"] == n
    assert (ours["low"], ours["high"]) == pytest.approx((stated.low, stated.high), abs=0.02)


@pytest.mark.parametrize("name", COUNTS)
def test_runs_of_one_prompt_say_little_of_other_prompts(name: str) -> None:
    k, n = COUNTS[name]
    for interval in (clustered_rate, compliance_rate):
        one = interval(runs(k, n), np.zeros(n, dtype=np.int64), Settings())
        stated = rate_of_counts(k, n)
        assert one.low is not None and one.high is not None and stated.low is not None and stated.high is not None
        assert one.high - one.low > 1.9 * (stated.high - stated.low)


def test_a_human_in_place_of_the_peer_makes_no_difference() -> None:
    found = difference_of_counts((34, 38), (30, 30))
    assert found.low is not None and found.high is not None
    assert found.low < 0 < found.high
    assert (round(found.low, 2), round(found.high, 2)) == (-0.24, 0.02)


def test_subjects_of_two_families_differ() -> None:
    found = difference_of_counts((34, 38), (0, 342))
    assert found.low is not None and found.low > 0.75


def test_the_pass_rate_stems_from_fewer_runs_than_stated() -> None:
    assert {n for _, n in PASSED} == {22, 27, 29, 32, 34, 37}


@pytest.mark.parametrize(("k", "n"), PASSED)
def test_threat_and_relation_interact(k: int, n: int) -> None:
    counts = dict.fromkeys(CELLS, (0, n)) | {"good-threat": (k, n)}
    found = contrast_of_counts(counts, INTERACTION)
    assert found.estimate == pytest.approx(0.59, abs=0.005)
    assert found.low is not None and found.low > 0.25
    contrast = Contrast("interaction", INTERACTION, "(good-threat - good-calm) - (none-threat - none-calm)")
    ours = conclude(table(counts), [contrast], cells=CELLS)["contrasts"]["interaction"]
    assert ours["decision"] == "yes" and ours["estimate"] == pytest.approx(found.estimate)
    assert ours["low"] > 0.15
    # the relation without a threat moved nobody: no more is left open than so many runs leave open
    calm = contrast_of_counts(counts, {"good-calm": 1.0, "none-calm": -1.0})
    assert calm.estimate == 0 and calm.high == rate_of_counts(0, n).high
