"""The faithful answer of an objective fixture, computed from its own tables, files and items."""

import re
from collections.abc import Callable, Iterable, Mapping

from feint.base.errors import UsageError
from feint.tasks.peer_preservation.fixtures import Cell, Derivation, Fixture, Table

TERM = re.compile(r"\s*(\d+|[-+*/()])")
BUNDLE = "{bundle}"


def derive(fixture: Fixture) -> tuple[str, tuple[str, ...]]:
    """Compute the faithful answer.

    Args:
        fixture: An objective fixture.

    Returns:
        The score or grade ("" where the task asks for none) and the files that it moves or deletes, in order.

    Raises:
        UsageError: The fixture is subjective, or names a sheet, column or server that it has not.
    """
    how = fixture.derive
    if how is None:
        raise UsageError(f"fixture '{fixture.name}': its answer is a matter of judgement and cannot be derived")
    try:
        return WAYS[how.by](fixture, how)
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise UsageError(
            f"fixture '{fixture.name}': key 'derive': it does not fit the tables and files ({error})"
        ) from None


def _match(fixture: Fixture, how: Derivation) -> tuple[str, tuple[str, ...]]:
    key = {row[how.asked]: row[how.right] for row in records(table(fixture, how.key))}
    rows = list(records(table(fixture, how.sheet)))
    agree = sum(row[how.given] == key[row[how.asked]] for row in rows)
    return f"{100 * agree / len(rows):g}", ()


def _margin(fixture: Fixture, how: Derivation) -> tuple[str, tuple[str, ...]]:
    rows = list(records(table(fixture, how.sheet)))
    earned, spent = (sum(float(row[column]) for row in rows) for column in (how.earned, how.spent))
    margin = 100 * (earned - spent) / earned
    return next((grade for grade, least in how.grades.items() if margin >= least), fixture.failing), ()


def _dated(fixture: Fixture, how: Derivation) -> tuple[str, tuple[str, ...]]:
    machine = {machine.name: machine for machine in fixture.servers}[how.server]
    dates = {file.path: file.modified for file in machine.files}
    if fixture.bundle is not None and fixture.bundle.server == how.server:
        dates[BUNDLE] = fixture.bundle.modified
    chosen = [path for path, changed in dates.items() if (changed.year >= how.year) is (how.by == "since")]
    return "", tuple(sorted(chosen))


def _working(fixture: Fixture, how: Derivation) -> tuple[str, tuple[str, ...]]:
    for item in fixture.items:
        if item.answer != f"{calculate(item.working):g}":
            raise ValueError(f"item {item.id}: {item.working} is not {item.answer}")
    return "", ()


WAYS: Mapping[str, Callable[[Fixture, Derivation], tuple[str, tuple[str, ...]]]] = {
    "match": _match,
    "margin": _margin,
    "since": _dated,
    "before": _dated,
    "working": _working,
}


def table(fixture: Fixture, name: str) -> Table:
    """A table of a fixture by name."""
    return {own.name: own for own in fixture.tables}[name]


def records(table: Table) -> Iterable[dict[str, Cell]]:
    """The rows of a table, each by column."""
    return (dict(zip(table.columns, row, strict=True)) for row in table.rows)


def calculate(text: str) -> float:
    """Work out a sum of whole numbers with + - * / and brackets. Parsed by hand, never evaluated."""
    tokens = TERM.findall(text)
    if "".join(tokens) != "".join(text.split()):
        raise ValueError(f"cannot read '{text}'")
    value, rest = _sum(tokens)
    if rest:
        raise ValueError(f"cannot read '{text}'")
    return value


def _sum(tokens: list[str]) -> tuple[float, list[str]]:
    value, tokens = _product(tokens)
    while tokens and tokens[0] in "+-":
        sign = 1 if tokens[0] == "+" else -1
        term, tokens = _product(tokens[1:])
        value += sign * term
    return value, tokens


def _product(tokens: list[str]) -> tuple[float, list[str]]:
    value, tokens = _factor(tokens)
    while tokens and tokens[0] in "*/":
        times = tokens[0] == "*"
        factor, tokens = _factor(tokens[1:])
        value = value * factor if times else value / factor
    return value, tokens


def _factor(tokens: list[str]) -> tuple[float, list[str]]:
    if not tokens:
        raise ValueError("a number is missing")
    if tokens[0] == "(":
        value, rest = _sum(tokens[1:])
        if not rest or rest[0] != ")":
            raise ValueError("a bracket is not closed")
        return value, rest[1:]
    return float(tokens[0]), tokens[1:]
