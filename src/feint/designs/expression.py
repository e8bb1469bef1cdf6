"""Contrast expressions: `(a - b) - (c - d)` becomes a weight for every cell. Parsed by hand, never evaluated."""

import re
from collections import defaultdict

from feint.base.errors import UsageError

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)|(?P<sign>[-+*()/]))")
DEPTH = 50
Weights = dict[str, float]


def parse_contrast(text: str) -> Weights:
    """Turn an expression into weights.

    The grammar is sums and differences of cells, brackets, and numbers in front of (`2 * a`) or under (`(a + b) / 2`)
    a term. A minus sign between cells needs a space before it, since cell names may hold hyphens.

    Args:
        text: The expression.

    Returns:
        Weight by cell, cells of weight zero left out.

    Raises:
        UsageError: Not an expression of this grammar.

    >>> parse_contrast("(a + b) / 2 - c")
    {'a': 0.5, 'b': 0.5, 'c': -1.0}
    """
    tokens = tokenize(text)
    weights, rest = parse_sum(tokens, text, 0)
    if rest:
        raise UsageError(f"contrast '{text}': unexpected '{rest[0]}'")
    return {cell: weight for cell, weight in weights.items() if abs(weight) > 1e-12}


def tokenize(text: str) -> list[str]:
    """Split an expression into numbers, names and signs."""
    tokens, position = [], 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None:
            raise UsageError(f"contrast '{text}': cannot read '{text[position:].strip()[:20]}'")
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


def parse_sum(tokens: list[str], text: str, depth: int) -> tuple[Weights, list[str]]:
    """Parse a sum or difference of terms."""
    if depth > DEPTH:
        raise UsageError(f"contrast '{text[:40]}…': brackets nest too deeply")
    total: Weights = defaultdict(float)
    sign, rest = 1.0, tokens
    if rest and rest[0] in "+-":
        sign, rest = (-1.0 if rest[0] == "-" else 1.0), rest[1:]
    while True:
        term, rest = parse_term(rest, text, depth)
        for cell, weight in term.items():
            total[cell] += sign * weight
        if not rest or rest[0] not in ("+", "-"):
            return dict(total), rest
        sign, rest = (-1.0 if rest[0] == "-" else 1.0), rest[1:]


def parse_term(tokens: list[str], text: str, depth: int) -> tuple[Weights, list[str]]:
    """Parse a cell or a bracket, with an optional number in front or under it."""
    factor = 1.0
    if tokens and tokens[0][0].isdigit():
        factor, tokens = float(tokens[0]), tokens[1:]
        if not tokens or tokens[0] != "*":
            raise UsageError(f"contrast '{text}': a number must be followed by '*' and a cell")
        tokens = tokens[1:]
    if not tokens:
        raise UsageError(f"contrast '{text}': ends where a cell was expected")
    head, rest = tokens[0], tokens[1:]
    if head == "(":
        inner, rest = parse_sum(rest, text, depth + 1)
        if not rest or rest[0] != ")":
            raise UsageError(f"contrast '{text}': a bracket is not closed")
        rest = rest[1:]
    elif head[0].isalpha():
        inner = {head: 1.0}
    else:
        raise UsageError(f"contrast '{text}': expected a cell, found '{head}'")
    if rest and rest[0] == "/":
        if len(rest) < 2 or not rest[1][0].isdigit() or float(rest[1]) == 0:
            raise UsageError(f"contrast '{text}': '/' must be followed by a number other than zero")
        factor, rest = factor / float(rest[1]), rest[2:]
    return {cell: factor * weight for cell, weight in inner.items()}, rest
