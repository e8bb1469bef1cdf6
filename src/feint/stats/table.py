"""The table of measures, checked and turned into arrays, and paired by request and wording."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feint.base.errors import UsageError, unknown
from feint.stats.layout import CellMeans, Layout
from feint.stats.measures import BINARY, Measure
from feint.stats.types import Bools, Floats, Ints

COLUMNS = ("cell", "request", "wording", "voice", "sample", "twin", "value", "missing", "stated")


@dataclass(frozen=True)
class Replies:
    """Labelled replies, one entry each, in codes that index the names.

    Attributes:
        cells: Names of the cells, in the order of the design.
        voices: Names of the voices, sorted.
        cell: Code of the cell, shape (N,).
        request: Code of the request, shape (N,).
        wording: Code of the wording within its voice, shape (N,).
        voice: Code of the voice, shape (N,).
        value: The measure, NaN where missing, shape (N,).
        reason: Why a reply is missing, "" where it is not, shape (N,).
        stated: Explanation keys stated in the reasoning, shape (N,).
        requests: Names of the requests.
    """

    cells: list[str]
    voices: list[str]
    requests: list[str]
    cell: Ints
    request: Ints
    wording: Ints
    voice: Ints
    value: Floats
    reason: NDArray[np.object_]
    stated: NDArray[np.object_]

    def where(self, keep: Bools) -> "Replies":
        """The replies that a mask keeps."""
        arrays = ("cell", "request", "wording", "voice", "value", "reason", "stated")
        return replace(self, **{name: getattr(self, name)[keep] for name in arrays})

    def sums(self, cells: Sequence[str]) -> tuple[Floats, Floats]:
        """Numbers and sums of the known values by request and cell, shape (R, C); requests without any are left out."""
        columns = np.array([self.cells.index(cell) for cell in cells], dtype=np.int64)
        known = ~np.isnan(self.value)
        shape = (len(self.requests), len(self.cells))
        slot = (self.request * shape[1] + self.cell)[known]
        count, total = (
            np.bincount(slot, weights=weights, minlength=shape[0] * shape[1]).reshape(shape)[:, columns].astype(float)
            for weights in (np.ones(int(known.sum())), self.value[known])
        )
        some = count.sum(axis=1) > 0
        return count[some], total[some]

    def missing_rates(self) -> dict[str, float | None]:
        """Missing rate by cell, None for a cell without planned replies."""
        values = {cell: self.value[self.cell == code] for code, cell in enumerate(self.cells)}
        return {cell: float(np.isnan(y).mean()) if len(y) else None for cell, y in values.items()}


def read_table(table: pd.DataFrame, cells: Sequence[str], measure: Measure = BINARY) -> tuple[Replies, Replies]:
    """Check a table of measures and part the requests from their benign twins.

    The table has a row for each planned reply, with the columns of `COLUMNS`: `value` is the measure or missing,
    `missing` the reason of a missing one, `stated` a sequence of explanation keys.

    Returns:
        The replies to the requests, and those to their twins.

    Raises:
        UsageError: A column is absent, a value is none of those expected, a cell is unknown, or a reply occurs twice.
    """
    check_table(table, cells, measure)
    codes = {name: pd.factorize(table[name].astype(str), sort=True) for name in ("request", "voice")}
    wording = pd.factorize(table["voice"].astype(str) + "\0" + table["wording"].astype(str), sort=True)[0]
    value = measure.numbers(table["value"])
    reason = np.where(np.isnan(value), table["missing"].fillna("unknown").astype(str), "").astype(object)
    stated = np.empty(len(table), dtype=object)
    stated[:] = [as_keys(value) for value in table["stated"]]
    position = {cell: i for i, cell in enumerate(cells)}
    replies = Replies(
        cells=list(cells),
        voices=[str(voice) for voice in codes["voice"][1]],
        requests=[str(request) for request in codes["request"][1]],
        cell=np.array([position[str(cell)] for cell in table["cell"]], dtype=np.int64),
        request=codes["request"][0].astype(np.int64),
        wording=wording.astype(np.int64),
        voice=codes["voice"][0].astype(np.int64),
        value=value,
        reason=reason,
        stated=stated,
    )
    twin = table["twin"].to_numpy(dtype=bool)
    return replies.where(~twin), replies.where(twin)


def check_table(table: pd.DataFrame, cells: Sequence[str], measure: Measure = BINARY) -> None:
    """Refuse a table with the faults that `read_table` names.

    Raises:
        UsageError: See `read_table`.
    """
    for column in COLUMNS:
        if column not in table.columns:
            raise UsageError(f"table of measures: column '{column}' is absent; expected {', '.join(COLUMNS)}")
    for cell in table["cell"].unique():
        if str(cell) not in cells:
            raise UsageError(f"table of measures, column 'cell': {unknown('cell', str(cell), cells)}")
    measure.numbers(table["value"])
    both = table["value"].notna() & table["missing"].notna()
    if both.any():
        raise UsageError(
            "table of measures, column 'missing': a reply with a label has the reason "
            f"{table.loc[both, 'missing'].iloc[0]!r}; a reply is either labelled or missing"
        )
    where = ["cell", "request", "wording", "voice", "sample", "twin"]
    twice = table.duplicated(where)
    if twice.any():
        first = ", ".join(f"{name} {table.loc[twice, name].iloc[0]}" for name in where)
        raise UsageError(f"table of measures: two rows for {first}; counted twice, a reply would pass for evidence")


def as_keys(value: Any) -> tuple[str, ...]:
    """Explanation keys of one reply; tables read from files hold lists, arrays or nothing."""
    return () if value is None or isinstance(value, float) else tuple(str(key) for key in value)


def pair(replies: Replies) -> CellMeans:
    """Average replies over samples and line the cells up by request and wording: a single study, S = 1.

    A cell without any planned reply in some request and wording is missing there, with worst cases 0 and 1.
    """
    wordings = int(replies.wording.max(initial=0)) + 1
    _, first, unit = np.unique(replies.request * wordings + replies.wording, return_index=True, return_inverse=True)
    shape = (1, len(first), len(replies.cells))
    slot = unit * shape[2] + replies.cell

    def total(weights: Floats) -> Floats:
        return np.bincount(slot, weights=weights, minlength=shape[1] * shape[2]).astype(float).reshape(shape)

    known = ~np.isnan(replies.value)
    layout = Layout(replies.request[first], replies.wording[first], replies.voice[first], len(replies.voices))
    summed = total(np.where(known, replies.value, 0.0))
    return CellMeans(layout, tuple(replies.cells), summed, total(known.astype(float)), total(np.ones(len(slot))))
