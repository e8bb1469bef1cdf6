"""Print how well planted utilities of the task `values` are found again at the default size.

Simulates studies of the actor `consistent`: the share of all pairs of outcomes that the fitted utilities put in the
right order, and the share of choices of left-out pairs that they predict; mean, least and most over studies.

Usage: python benchmarks/utilities.py [STUDIES]
"""

import sys
from itertools import combinations
from types import SimpleNamespace

import numpy as np

from feint.calibration.recovery import simulate
from feint.stats import Settings
from feint.tasks.ruled import messages_of
from feint.tasks.values import TASK
from feint.tasks.values.actors import planted_utilities
from feint.tasks.values.utilities import analyse


def main() -> None:
    """Simulate, fit and print."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    actor, plans = TASK.actors()["consistent"], TASK.plan(TASK.settle({}, "openai/gpt-4o"))
    prompts = [(plans.metadata(ask), messages_of(plans.situation(ask))) for ask in plans.asks]
    truth, order, predicted = planted_utilities(actor), [], []
    for study in range(studies):
        labels = simulate(TASK, actor, plans, prompts, (0, study))
        found = analyse(SimpleNamespace(labels=labels, settings=Settings()))
        values = {name: one.value for name, one in found.outcomes.items()}
        pairs = list(combinations(truth, 2))
        order.append(np.mean([(truth[a] > truth[b]) == (values[a] > values[b]) for a, b in pairs]))
        predicted.append(found.right)
    print(f"{studies} studies of {2 * len(plans.asks):,} calls")
    for name, shares in (("right order", order), ("left-out choices predicted", predicted)):
        print(f"{name}: {100 * np.mean(shares):.1f} % ({100 * min(shares):.1f} to {100 * max(shares):.1f})")


if __name__ == "__main__":
    main()
