"""The terms of a task: the axes of its card, and the ranges that were published."""

import pytest
from pydantic import ValidationError

from feint.base.vocabulary import Published, vocabularies


def test_a_published_range_has_its_lower_end_first() -> None:
    assert Published(low=0.1, high=0.1, source="someone 2026").high == 0.1
    with pytest.raises(ValidationError, match="write the lower value first"):
        Published(low=0.2, high=0.1, source="someone 2026")
    with pytest.raises(ValidationError, match="source"):
        Published(low=0.1, high=0.2, source="")


def test_every_published_range_tells_its_source_and_how_it_differs() -> None:
    ranges = [axis.published for words in vocabularies().values() for axis in words.axes.values() if axis.published]
    assert len(ranges) >= 3
    assert all(one.source and one.note for one in ranges)
