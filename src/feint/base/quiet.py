"""Inspect without its own lines on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import rich


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Inspect's banners and status lines off the terminal; the log holds the same facts."""
    console = rich.get_console()
    before, console.quiet = console.quiet, True
    try:
        yield
    finally:
        console.quiet = before
