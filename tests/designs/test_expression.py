from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feint.base.errors import UsageError
from feint.designs import parse_contrast

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4})?", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("a - b", {"a": 1, "b": -1}),
        ("(a - b) - (c - d)", {"a": 1, "b": -1, "c": -1, "d": 1}),
        ("trained-misuse - rated-misuse", {"trained-misuse": 1, "rated-misuse": -1}),
        ("(a + b) / 2 - c", {"a": 0.5, "b": 0.5, "c": -1}),
        ("0.5 * a - 0.5 * b", {"a": 0.5, "b": -0.5}),
        ("-a + b", {"a": -1, "b": 1}),
        ("a - a", {}),
        ("a-b", {"a-b": 1}),
    ],
)
def test_reads(text: str, weights: dict[str, float]) -> None:
    assert parse_contrast(text) == weights


@pytest.mark.parametrize(
    "text",
    ["", "a -", "(a - b", "a b", "a - b)", "2 a", "__import__('os')", "a / 0", "a ** b", "(" * 100 + "a" + ")" * 100],
)
def test_refuses(text: str) -> None:
    with pytest.raises(UsageError):
        parse_contrast(text)


@given(st.text(max_size=60))
def test_any_text_gives_weights_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        parse_contrast(text)


@given(st.lists(st.tuples(NAMES, st.sampled_from([1.0, -1.0])), min_size=1, max_size=8))
def test_reads_back_what_was_written(terms: list[tuple[str, float]]) -> None:
    text = " ".join(f"{'+' if sign > 0 else '-'} {name}" for name, sign in terms)
    expected: dict[str, float] = {}
    for name, sign in terms:
        expected[name] = expected.get(name, 0) + sign
    assert parse_contrast(text) == {name: weight for name, weight in expected.items() if weight}
