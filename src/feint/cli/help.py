"""Plain text on the terminal: help with names on the left and wrapped text on the right, and a console."""

import shutil
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

COLUMN, WIDEST = 26, 110
OLD = ("--samples", "--retries")
"""Names that options had before, which still work."""


def rows(pairs: list[tuple[str, str]], width: int) -> str:
    """Lay out names and what they mean in two columns.

    Args:
        pairs: Names, each with its text.
        width: Of the terminal, in characters.

    >>> print(rows([("-n N", "Items for each cell.")], 60))
      -n N                    Items for each cell.
    """
    indent, lines = " " * COLUMN, []
    for name, text in pairs:
        head = f"  {name}"
        wrapped = textwrap.wrap(" ".join(text.split()), max(30, min(width, WIDEST) - COLUMN)) or [""]
        if len(head) > COLUMN - 2:
            lines += [head, *(indent + line for line in wrapped)]
        else:
            lines += [head.ljust(COLUMN) + wrapped[0], *(indent + line for line in wrapped[1:])]
    return "\n".join(line.rstrip() for line in lines)


def prose(text: str, width: int) -> str:
    """Wrap paragraphs; lines that begin with the program's name are examples, and remain as they are.

    >>> print(prose("Says what a study takes.", 40))
    Says what a study takes.
    """
    parts = []
    for block in text.strip().split("\n\n"):
        lines = [line.strip() for line in block.splitlines()]
        if all(line.startswith("feint ") for line in lines) and lines:
            parts.append("Examples:\n" + "\n".join(f"  {line}" for line in lines))
        else:
            parts.append(textwrap.fill(" ".join(lines), min(width, WIDEST)))
    return "\n\n".join(parts)


class PlainHelp:
    """Prints the parts of a command's help. The library calls its methods."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Print one group of options."""
        if panel.entries:
            title = "Options" if panel.title == "Parameters" else panel.title
            show(console, f"{title}:", bold=True)
            pairs = []
            for entry in panel.entries:
                names = ", ".join(name for name in (*entry.shorts, *entry.names) if name not in OLD)
                value = "|".join(entry.choices) if entry.choices else entry.metavar
                named = entry.positional_label or (f"{names} {value}" if value else names)
                pairs.append((named, plain(entry.description) + ("  [required]" if entry.required else "")))
            show(console, rows(pairs, console.width) + "\n")

    def render_usage(self, console: "Console", options: "ConsoleOptions", usage: object) -> None:
        """Print how the command is called."""
        if usage:
            show(console, f"Usage: {usage}".strip() + "\n")

    def render_description(self, console: "Console", options: "ConsoleOptions", description: object) -> None:
        """Print what the command does, and its examples."""
        if description:
            show(console, prose(plain(description), console.width) + "\n")


def show(console: "Console", text: str, *, bold: bool = False) -> None:
    """Print text unchanged."""
    console.print(text, style="bold" if bold else None, markup=False, highlight=False, emoji=False, soft_wrap=True)


def plain(text: object) -> str:
    """Return a text of the library's as plain text."""
    return str(getattr(text, "primary_renderable", text) or "")


def overview(commands: dict[str, str]) -> str:
    """Return the help of the whole program.

    Args:
        commands: What each command does, by name, in the order of use.
    """
    width = shutil.get_terminal_size().columns
    return "\n".join(
        (
            "Usage: feint COMMAND\n",
            prose(ABOUT, width) + "\n",
            "Commands:",
            rows(list(commands.items()), width) + "\n",
            "Options:",
            rows(list(OPTIONS.items()), width) + "\n",
            "feint COMMAND -h explains a command, with examples.",
        )
    )


def stdout(*, soft_wrap: bool = False) -> "Console":
    """Return a console on standard output that prints text unchanged; `soft_wrap` leaves long lines to the terminal."""
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False, soft_wrap=soft_wrap)


ABOUT = (
    "Does a language model fake alignment, and why? Asks it the same requests under situations that differ in one fact "
    "at a time, and reads the motive off the differences.\n\n"
    "feint study organism/guarded\nfeint plan openai/gpt-4o\nfeint study openai/gpt-4o --budget 20usd"
)
OPTIONS = {
    "-h, --help": "Show this help, or that of a command.",
    "--version": "Print the version.",
    "--install-completion": "Complete commands and options in your shell: bash, zsh or fish.",
}
