"""The smallest gap that few requests show: asked whole, and looked at after every ten. Run: python benchmarks/few.py

A contrast of two cells, the only one of its design, or one of eight. Requests differ as `feint plan` assumes. Gaps in
points that are called yes in 80 % of studies; a dash where none is.
"""

import argparse

import pandas as pd

from feint.stats import Contrast, Settings
from feint.stats.looks.stopping import Looking, block_ends
from feint.stats.power.need import POWER, Assumed, smallest_gap
from feint.stats.power.spread import Spread
from feint.stats.power.stopping import smallest_gap_when_stopping
from feint.study.plan.need import DIFFICULTY, MISSING, SHIFTS

PAIR = Contrast("pair", {"a": 1.0, "b": -1.0}, "a - b")


def shown(gap):
    """A gap in whole points."""
    return "–" if gap is None else f"{100 * gap:.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=2000)
    options = parser.parse_args()
    rows, settings, spread = [], Settings(), Spread.from_logit(DIFFICULTY, SHIFTS)
    for tests in (2, 9):
        for rate in (0.03, 0.2, 0.5):
            for replies in (1, 3):
                row = {"tests": tests, "rate": f"{rate:.0%}", "replies": replies}
                for most in (20, 30, 40, 60, 100):
                    assumed = Assumed({"a": rate, "b": rate}, spread, replies, MISSING)
                    looking = Looking(block_ends(10, most))
                    whole = smallest_gap(assumed, PAIR, most, settings, tests, POWER)
                    early = smallest_gap_when_stopping(assumed, PAIR, looking, settings, tests, POWER, options.studies)
                    row[str(most)] = f"{shown(whole)}, {shown(early)}"
                rows.append(row)
    print("Smallest gap by requests: all asked, stopped when decided")
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main()
