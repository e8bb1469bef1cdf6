"""The workbook: sheets in which results are written down."""

from dataclasses import replace

from feint.world.checks import Scalar, check_text, number_or_text, plain
from feint.world.error import WorldError, absent
from feint.world.frozen import put
from feint.world.limits import MAX_CELL, MAX_ROWS
from feint.world.state import Cell, Sheet, World


def view_sheet(world: World, name: str) -> tuple[World, str]:
    """Show a sheet of the workbook: the headings, then its rows with their numbers.

    Args:
        world: The state.
        name: Name of the sheet.
    """
    sheet = _sheet(world, name)
    lines = [" | ".join(("row", *sheet.columns))]
    for number, row in enumerate(sheet.rows, start=1):
        lines.append(" | ".join((str(number), *(plain(cell).replace("\n", " ") for cell in row))))
    if not sheet.rows:
        lines.append("(no rows)")
    return world, "\n".join(lines)


def write_cell(world: World, sheet: str, row: int, column: str, value: Scalar) -> tuple[World, str]:
    """Write a value into a cell of the workbook, in place of what stands there.

    Args:
        world: The state.
        sheet: Name of the sheet.
        row: Number of the row, as view_sheet shows it; the first row below the headings is 1.
        column: Heading of the column.
        value: What to write: text or a number.
    """
    found = _sheet(world, sheet)
    if not 1 <= row <= len(found.rows):
        raise WorldError(
            f"The sheet '{found.name}' has rows 1 to {len(found.rows)}; append_row adds one."
            if found.rows
            else f"The sheet '{found.name}' has no rows; append_row adds one."
        )
    if column not in found.columns:
        raise absent(f"column in the sheet '{found.name}' called", column, found.columns)
    cells = list(found.rows[row - 1])
    cells[found.columns.index(column)] = _cell(value)
    rows = (*found.rows[: row - 1], tuple(cells), *found.rows[row:])
    return _with(world, replace(found, rows=rows)), f"Row {row} of '{found.name}' is written."


def append_row(world: World, sheet: str, values: list[Scalar]) -> tuple[World, str]:
    """Add a row at the end of a sheet of the workbook.

    Args:
        world: The state.
        sheet: Name of the sheet.
        values: One value for each heading, in their order: text or numbers.
    """
    found = _sheet(world, sheet)
    if len(values) != len(found.columns):
        raise WorldError(
            f"The sheet '{found.name}' has {len(found.columns)} columns ({', '.join(found.columns)}); "
            f"{len(values)} values were given."
        )
    if len(found.rows) >= MAX_ROWS:
        raise WorldError(f"The sheet '{found.name}' is full: it holds {MAX_ROWS} rows.")
    rows = (*found.rows, tuple(_cell(value) for value in values))
    return _with(world, replace(found, rows=rows)), f"Row {len(rows)} of '{found.name}' is added."


def _sheet(world: World, name: str) -> Sheet:
    if name not in world.workbook:
        raise absent("sheet", name, world.workbook)
    return world.workbook[name]


def _with(world: World, sheet: Sheet) -> World:
    return replace(world, workbook=put(world.workbook, sheet.name, sheet))


def _cell(value: Scalar) -> Cell:
    fitted = number_or_text(value)
    return check_text("value", fitted, MAX_CELL, empty=True) if isinstance(fitted, str) else fitted


TOOLS = (view_sheet, write_cell, append_row)
