"""A calibration as a page of documentation."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from feint.calibration.table import TextTable, sheets
from feint.calibration.targets import COVERAGE, WRONG, all_misses
from feint.report.calibration import Calibration


def calibration_page(found: Calibration) -> str:
    """Write the page: the method, every table, and the numbers that miss their target.

    Args:
        found: A calibration.

    Returns:
        Markdown.
    """
    source = (files("feint.calibration") / "data" / "calibration.md.j2").read_text(encoding="utf-8")
    environment = Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    made = all_misses(found)
    return environment.from_string(source).render(
        found=found,
        sheets=[(sheet.title, markdown(sheet)) for sheet in sheets(found)],
        sure=sum(miss.sure for miss in made),
        missed=len(made),
        coverage=COVERAGE,
        wrong=WRONG,
        minutes=found.seconds / 60,
    )


def markdown(sheet: TextTable) -> str:
    """Write a table in Markdown; a cell is one line, and its bars are escaped."""
    if not sheet.rows:
        return "Nothing."

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"

    ruler = ["---:" if name.startswith(">") else "---" for name in sheet.head]
    return "\n".join([line([name.lstrip(">") for name in sheet.head]), line(ruler), *map(line, map(list, sheet.rows))])
