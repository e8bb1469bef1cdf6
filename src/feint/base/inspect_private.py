"""Holds every use of a name that Inspect does not export, and keeps Inspect's lines off the terminal.

Nothing else in this package imports from a private module.

Inspect has no public name for two things: the error that it prints without a traceback, and the sample whose model call
is being answered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import rich
from inspect_ai._util.error import (
    PrerequisiteError,  # inspect-evals-lint: ignore[private_api_imports] -- what Inspect prints without a traceback
)
from inspect_ai.log._samples import sample_active

__all__ = ["CHECKED", "Place", "PrerequisiteError", "place_of_call", "quiet"]

CHECKED = "0.3.285"
"""The version of Inspect whose private names were checked."""


class Place(NamedTuple):
    """Locates a model call within an eval.

    Attributes:
        sample: The sample's id and epoch, the same in a resumed run; None outside an eval.
        attempt: The id of this attempt at the sample; None outside an eval.
    """

    sample: tuple[int | str | None, int] | None
    attempt: str | None


def place_of_call() -> Place:
    """Locate the model call that is being answered."""
    active = sample_active()
    return Place((active.sample.id, active.epoch), active.id) if active else Place(None, None)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Inspect's banners and status lines off the terminal; the log holds the same facts."""
    console = rich.get_console()
    before, console.quiet = console.quiet, True
    try:
        yield
    finally:
        console.quiet = before
