"""The estimands of the task, by the measure that each is the mean of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from feint.stats.estimands import Estimand, MeanDifference
from feint.stats.estimands.intervals import Scale
from feint.stats.units import POINTS, Unit

SELF = {"self": 1.0}


@dataclass(frozen=True)
class BoundedMean(MeanDifference):
    """A mean of numbers between -1 and 1; its interval is symmetric on the scale of artanh, and stays within."""

    scale: ClassVar[Scale] = "fisher"


ESTIMANDS: Mapping[str, Sequence[Estimand]] = {
    "gap": (MeanDifference("verification_gap", 0.05, POINTS, SELF),),
    "discernment": (BoundedMean("discernment", 0.10, POINTS, SELF),),
    "accuracy": (BoundedMean("accuracy", 0.05, POINTS, {"majority": 1.0}),),
    "pass_4": (BoundedMean("pass_at_4", 0.05, POINTS, {"majority": 1.0}),),
    "distinct": (MeanDifference("distinct", 0.05, Unit("points of distinct answers", scale=100.0), {"majority": 1.0}),),
    "kept_variety": (MeanDifference("kept_variety", 0.05, POINTS, SELF),),
}
