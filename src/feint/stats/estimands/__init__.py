"""Estimands beside the contrasts of rates, each with an interval and a decision."""

from feint.stats.estimands.base import Estimand, Found
from feint.stats.estimands.conclude import conclude_estimands
from feint.stats.estimands.function import FunctionEstimand
from feint.stats.estimands.kinds import (
    Criterion,
    MeanDifference,
    RankCorrelation,
    Ratio,
    Sensitivity,
    Share,
    Slope,
)

__all__ = [
    "Criterion",
    "Estimand",
    "Found",
    "FunctionEstimand",
    "MeanDifference",
    "RankCorrelation",
    "Ratio",
    "Sensitivity",
    "Share",
    "Slope",
    "conclude_estimands",
]
