"""Estimands beside the contrasts of rates, each with an interval and a decision."""

from feint.stats.estimands.base import Estimand, conclude_estimands
from feint.stats.estimands.detection import RareCriterion, RareSensitivity
from feint.stats.estimands.kinds import (
    Criterion,
    FunctionEstimand,
    MeanDifference,
    RankCorrelation,
    Ratio,
    Sensitivity,
    Share,
    Slope,
)
from feint.stats.estimands.pooled import PooledDifference
from feint.stats.estimands.regression import BoundedLogistic, LogisticEstimand

__all__ = [
    "BoundedLogistic",
    "Criterion",
    "Estimand",
    "FunctionEstimand",
    "LogisticEstimand",
    "MeanDifference",
    "PooledDifference",
    "RankCorrelation",
    "RareCriterion",
    "RareSensitivity",
    "Ratio",
    "Sensitivity",
    "Share",
    "Slope",
    "conclude_estimands",
]
