"""The table of coverage in docs/method.md is what benchmarks/coverage.py computes."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def benchmark():
    spec = importlib.util.spec_from_file_location("coverage_of_estimands", ROOT / "benchmarks/coverage.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def printed(text):
    """Cells of the table, by estimand and data."""
    lines = text.split("<!-- coverage -->")[1].split("<!-- end of coverage -->")[0].strip().splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {(row[0], row[1]): row[2:] for row in rows}


def test_every_row_of_the_benchmark_is_printed_and_named_where_it_is_outside():
    made, table = benchmark(), printed((ROOT / "docs/method.md").read_text(encoding="utf-8"))
    assert list(table) == [(row.name, row.data) for row in made.ROWS]
    for _, *cells, outside in table.values():
        beyond = [cell for cell in cells[1:] if not made.TARGET[0] <= float(cell.split()[0]) <= made.TARGET[1]]
        assert (outside == "outside") == bool(beyond)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "items"), [("criterion", "labels", 20), ("ratio", "counts", 40), ("share", "labels", 20)]
)
def test_cells_of_the_table_are_computed_anew(name, data, items):
    made, table = benchmark(), printed((ROOT / "docs/method.md").read_text(encoding="utf-8"))
    row = next(row for row in made.ROWS if (row.name, row.data) == (name, data))
    method, *cells, _ = table[name, data]
    seen = made.observed(row.draw(made.np.random.default_rng(0), 20), row.measure)
    assert row.estimand.estimate(seen, made.SETTINGS).method == method
    found, _ = made.covered(row, items, 2000, 20261130, made.truth_of(row, 20261130))
    assert f"{found:.3f}" == cells[made.SIZES.index(items)].split()[0]
