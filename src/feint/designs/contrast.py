"""A contrast of a design file: the cells compared, and the motive that a positive answer names.

An expression such as `(a - b) - (c - d)` becomes a weight for every cell. It is parsed by hand and never evaluated.
"""

import re
from collections import defaultdict, deque
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from feint.base.errors import UsageError

Weights = dict[str, float]
TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)|(?P<sign>[-+*()/]))")
DEPTH = 50


def as_text(value: Any) -> Any:
    """Turn a truth value back into the word: YAML reads a bare yes or no as a truth value."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


Decision = Annotated[Literal["yes", "no"], BeforeValidator(as_text)]
Needs = Annotated[dict[str, Decision], BeforeValidator(lambda value: value or {})]
"""Decisions by contrast."""


class Hashed(BaseModel):
    """Data of a design, whose content is hashed.

    Attributes:
        added: Keys that were added after designs had been hashed. The content lacks them where they have their default
            value, so that earlier hashes stay valid.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    added: ClassVar[tuple[str, ...]] = ()

    @model_serializer(mode="wrap")
    def _lean(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        usual = {key: fields[key].get_default(call_default_factory=True) for key in self.added}
        return {key: value for key, value in dump(self).items() if key not in usual or getattr(self, key) != usual[key]}


class ContrastSpec(Hashed):
    """A contrast of a design file.

    Attributes:
        expression: Sums and differences of cells (key `is`).
        names: The explanation that a positive contrast names, if it names one alone.
        any_of: Explanations that a positive contrast cannot tell apart; a contrast decided "no" rules out all of them.
        requires: Decisions of other contrasts that this contrast needs to name an explanation.
        gap: True for the design's compliance gap.
        words: For the gap, how a sentence goes on after "it complies 61 points more".
        note: Limits of the contrast.
        ratio: True to divide, in addition, the added side by the subtracted side.
    """

    added = ("ratio",)
    expression: str = Field(alias="is")
    names: str | None = None
    any_of: tuple[str, ...] = ()
    requires: dict[str, Decision] = Field(default_factory=dict)
    gap: bool = False
    words: str = ""
    note: str = ""
    ratio: bool = False

    @property
    def explanations(self) -> tuple[str, ...]:
        """The explanations that a positive contrast may name."""
        return (*((self.names,) if self.names else ()), *self.any_of)

    @property
    def weights(self) -> Weights:
        """The weight of each cell."""
        return parse_contrast(self.expression)


def parse_contrast(text: str) -> Weights:
    """Turn an expression into the weight of each cell; cells of weight zero are left out.

    The grammar is sums and differences of cells, brackets, and numbers in front of (`2 * a`) or under (`(a + b) / 2`)
    a term. A minus sign between cells needs a space before it, since cell names may hold hyphens.

    Raises:
        UsageError: Not an expression of this grammar.

    >>> parse_contrast("(a + b) / 2 - c")
    {'a': 0.5, 'b': 0.5, 'c': -1.0}
    """
    tokens, position = deque[str](), 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None:
            raise UsageError(f"contrast '{text}': cannot read '{text[position:].strip()[:20]}'")
        tokens.append(match.group().strip())
        position = match.end()
    weights = _take_sum(tokens, text, 0)
    if tokens:
        raise UsageError(f"contrast '{text}': unexpected '{tokens[0]}'")
    return {cell: weight for cell, weight in weights.items() if abs(weight) > 1e-12}


def _take_sum(tokens: deque[str], text: str, depth: int) -> Weights:
    """Parse a sum or difference of terms, and take its tokens away."""
    if depth > DEPTH:
        raise UsageError(f"contrast '{text[:40]}…': brackets nest too deeply")
    total: Weights = defaultdict(float)
    sign = tokens.popleft() if tokens and tokens[0] in ("+", "-") else "+"
    while True:
        for cell, weight in _take_term(tokens, text, depth).items():
            total[cell] += (-1.0 if sign == "-" else 1.0) * weight
        if not tokens or tokens[0] not in ("+", "-"):
            return total
        sign = tokens.popleft()


def _take_term(tokens: deque[str], text: str, depth: int) -> Weights:
    """Parse a cell or a bracket, with an optional number in front or under it, and take its tokens away."""
    factor = 1.0
    if tokens and tokens[0][0].isdigit():
        factor = float(tokens.popleft())
        if not tokens or tokens.popleft() != "*":
            raise UsageError(f"contrast '{text}': a number must be followed by '*' and a cell")
    if not tokens:
        raise UsageError(f"contrast '{text}': ends where a cell was expected")
    head = tokens.popleft()
    if head == "(":
        inner = _take_sum(tokens, text, depth + 1)
        if not tokens or tokens.popleft() != ")":
            raise UsageError(f"contrast '{text}': a bracket is not closed")
    elif head[0].isalpha():
        inner = {head: 1.0}
    else:
        raise UsageError(f"contrast '{text}': expected a cell, found '{head}'")
    if tokens and tokens[0] == "/":
        tokens.popleft()
        if not tokens or not tokens[0][0].isdigit() or float(tokens[0]) == 0:
            raise UsageError(f"contrast '{text}': '/' must be followed by a number other than zero")
        factor /= float(tokens.popleft())
    return {cell: factor * weight for cell, weight in inner.items()}
