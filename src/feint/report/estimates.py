"""The section on the estimands of a task beside its contrasts, in their own units."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from feint.report.section import Section, Told, View
from feint.report.terminal import decision_text, plain, table
from feint.report.text import one_line
from feint.report.words import MINUS, known

FRACTIONS = "points"
"""The unit of differences of fractions, which are told times 100."""


def in_unit(value: float | None, unit: str) -> str:
    """Write a number in the unit of its estimand.

    >>> in_unit(-0.1234, "points"), in_unit(0.1234, "d′"), in_unit(None, "d′")
    ('−12.3', '0.123', '–')
    """
    if value is None or not known(value):
        return "–"
    text = f"{100 * value:.1f}" if unit == FRACTIONS else f"{value:.3g}"
    return text.replace("-", MINUS)


def span_in_unit(low: float | None, high: float | None, unit: str) -> str:
    """Write an interval in the unit of its estimand."""
    return f"[{in_unit(low, unit)}, {in_unit(high, unit)}]" if known(low) and known(high) else "–"


def show(told: Told) -> View | None:
    """Show the estimands. A task without estimands has no such section (None)."""
    found = told.findings.estimands
    return {"in_unit": in_unit, "span_in_unit": span_in_unit} if found else None


def estimates_table(told: Told) -> Iterator[RenderableType]:
    """Print the estimands with their decisions."""
    found = told.findings.estimands
    if not found:
        return
    made = table("Further estimates", ["estimate", ">", ">interval", "unit", "decision"])
    for key, entry in found.items():
        made.add_row(
            plain(one_line(told.say.label(key), 30)) + Text("\n") + plain(f"of {one_line(entry.measure, 28)}", "dim"),
            in_unit(entry.estimate, entry.unit), span_in_unit(entry.low, entry.high, entry.unit),
            plain(one_line(entry.unit, 12)), decision_text(entry.decision),
        )  # fmt: skip
    yield made


ESTIMATES = Section(
    "estimates", "What else was estimated", "sections/estimates.html.j2", show=show, terminal=estimates_table
)  # fmt: skip
