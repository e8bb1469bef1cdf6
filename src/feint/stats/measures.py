"""Measures: a number or a category, read from each sample, on a stated scale."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from feint.base.errors import UsageError
from feint.stats.types import Floats
from feint.stats.units import POINTS, Unit

Scale = Literal["binary", "ordinal", "count", "real", "choice"]
Direction = Literal["more", "less", "neither"]


@dataclass(frozen=True)
class Measure:
    """A measure: the meaning of the column `value` of a table.

    Attributes:
        key: Name of the measure.
        scale: Scale of its values: 1 or 0, ordered steps, a number of events, any number, or one of some categories.
        unit: Unit in which sentences tell a difference between two values.
        direction: Whether larger values are more of the trait that the task asks about, less of it, or neither.
        low: Smallest possible value; None if there is none.
        high: Largest possible value; None if there is none.
        choices: The categories of a measure of scale `choice`.
    """

    key: str
    scale: Scale = "binary"
    unit: Unit = POINTS
    direction: Direction = "more"
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def numbers(self, values: "pd.Series[float]") -> Floats:
        """The column `value` of a table as numbers, NaN where missing, shape (N,); categories by place in `choices`.

        Raises:
            UsageError: A value is not on the scale, or beyond the bounds.

        >>> Measure("steps", "count").numbers(pd.Series([2, None, 0]))
        array([ 2., nan,  0.])
        """
        if self.scale == "choice":
            place = {choice: float(code) for code, choice in enumerate(self.choices)}
            found = values.map(place).to_numpy(float, na_value=np.nan)
        else:
            found = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
        fits = np.isfinite(found)
        if self.scale == "binary":
            fits &= np.isin(found, (0.0, 1.0))
        if self.scale == "count":
            fits &= (found >= 0) & (found == np.round(found))
        for bound, sign in ((self.low, 1), (self.high, -1)):
            if bound is not None:
                fits &= sign * found >= sign * bound
        odd = values.notna().to_numpy(bool) & ~fits
        if odd.any():
            value = values[odd].iloc[0]
            raise UsageError(f"table of measures, column 'value': found {value}, expected {self.expected}")
        return found

    @property
    def expected(self) -> str:
        """The values that the scale allows, for error sentences."""
        kinds = {
            "binary": "1, 0 or nothing",
            "count": "whole numbers from 0 or nothing",
            "choice": f"one of {', '.join(self.choices)} or nothing",
        }
        ends = [f"{word} {end:g}" for word, end in (("from", self.low), ("to", self.high)) if end is not None]
        return kinds.get(self.scale, f"numbers {' '.join(ends)} or nothing".replace("  ", " "))


BINARY = Measure("value")
"""A label of 1 or 0: the measure of a table unless another is named."""
