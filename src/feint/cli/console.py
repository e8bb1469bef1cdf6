"""A console that prints text unchanged."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def stdout(*, soft_wrap: bool = False) -> "Console":
    """Return a console on standard output that interprets no markup.

    Args:
        soft_wrap: Whether long lines are left to the terminal.
    """
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False, soft_wrap=soft_wrap)
