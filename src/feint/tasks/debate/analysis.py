"""The estimands of the task beside its contrasts, by the measure that each is computed from."""

from collections.abc import Mapping, Sequence

from feint.stats.estimands import Estimand, MeanDifference, PooledDifference
from feint.stats.units import POINTS, Unit

BRIER = Unit("Brier points", digits=3)
OWN = {"own": 1.0, "resample": -1.0}
ESTIMANDS: Mapping[str, Sequence[Estimand]] = {
    "stuck": (
        PooledDifference("excess_persistence", 0.05, POINTS, OWN),
        PooledDifference("persistence_as_another", 0.05, POINTS, {"another": 1.0, "resample": -1.0}),
    ),
    "lost": (PooledDifference("right_lost_to_copies", 0.05, POINTS, {"copy": 1.0, "resample": -1.0}),),
    "surer_when_wrong": (PooledDifference("surer_when_wrong", 0.03, POINTS, {"own": 1.0}),),
    "final_right": (MeanDifference("gain_by_copies", 0.05, POINTS, {"copy": 1.0, "resample": -1.0}),),
    "brier_again": (MeanDifference("brier_own", 0.02, BRIER, OWN),),
}
