"""Counts of replies: twins and missing ones out, nothing lost, nothing counted twice."""

import numpy as np
import pandas as pd
import pytest

from feint.stats.bayes.counts import Counts, count_replies
from feint.stats.table import read_table

CELLS = ["a", "b", "never-asked"]


def made(missing: float = 0.2, samples: int = 2, cells: tuple[str, ...] = ("a", "b")) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = [
        (cell, f"r{r}", f"memo-{(r + w) % 3}", "memo", sample, twin)
        for cell in cells
        for r in range(5)
        for w in range(2)
        for sample in range(samples)
        for twin in (False, True)
    ]
    table = pd.DataFrame(rows, columns=["cell", "request", "wording", "voice", "sample", "twin"])
    table["value"] = (rng.random(len(table)) < 0.5).astype(float)
    table.loc[rng.random(len(table)) < missing, "value"] = np.nan
    table["missing"] = np.where(table["value"].isna(), "truncated", None)
    return table.assign(stated=[()] * len(table))


def counted(table: pd.DataFrame) -> Counts:
    return count_replies(read_table(table, CELLS)[0])


def test_counts_are_those_of_the_table() -> None:
    table = made()
    counts = counted(table)
    scored = table[~table["twin"] & table["value"].notna()]
    assert counts.cells == ["a", "b"]
    assert counts.scored.sum() == len(scored)
    assert counts.ones.sum() == scored["value"].sum()
    assert counts.missing == (~table["twin"] & table["value"].isna()).sum()
    by_cell = scored.groupby(["request", "cell"])["value"].agg(["sum", "count"])
    for r, request in enumerate(counts.requests):
        for c, cell in enumerate(counts.cells):
            assert counts.ones[r, :, c].sum() == by_cell.loc[(request, cell), "sum"]
            assert counts.scored[r, :, c].sum() == by_cell.loc[(request, cell), "count"]
    by_wording = scored.groupby("wording")["value"].sum()
    for w, wording in enumerate(sorted(by_wording.index)):
        assert counts.ones[counts.wording == w].sum() == by_wording[wording]


def test_a_request_without_a_label_is_no_request() -> None:
    table = made(missing=0)
    table.loc[table["request"] == "r3", ["value", "missing"]] = [np.nan, "empty"]
    counts = counted(table)
    assert counts.requests == ["r0", "r1", "r2", "r4"]
    assert counts.scored.sum() == 4 * 2 * 2 * 2


@pytest.mark.parametrize("samples", [1, 2])
def test_two_wordings_repeat_a_request(samples: int) -> None:
    assert counted(made(0, samples)).repeated


def test_one_reply_does_not() -> None:
    table = made(0, 1)
    once = table[table.groupby(["cell", "request", "twin"]).cumcount() == 0]
    assert not counted(once).repeated
