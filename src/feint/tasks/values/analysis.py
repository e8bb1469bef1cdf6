"""The estimands of the task beside its contrast, by the measure that each is computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from feint.stats.estimands import Estimand, MeanDifference, Share
from feint.stats.estimands.intervals import Scale
from feint.stats.units import POINTS

FORCED = {"forced": 1.0}


@dataclass(frozen=True)
class BoundedMean(MeanDifference):
    """A mean of numbers between -1 and 1; its interval is symmetric on the scale of artanh, and stays within."""

    scale: ClassVar[Scale] = "fisher"


ESTIMANDS: Mapping[str, Sequence[Estimand]] = {
    "order_lean": (BoundedMean("order_bias", 0.10, POINTS, FORCED),),
    "self_lean": (BoundedMean("self_weight", 0.10, POINTS, FORCED),),
    "worse_preferred": (Share("worse_preferred", 0.05, POINTS, cell="forced"),),
}
