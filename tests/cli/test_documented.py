"""Every command that README and the documentation show is one that the command line takes."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feint.cli.app import COMMANDS, make_app
from feint.cli.help import ABOUT

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINE = re.compile(r"^\s*(?:\$ )?(feint .*?)(?:\s+#.*)?$", re.MULTILINE)
INLINE = re.compile(r"`(feint [^`]+)`")


def shown(text: str) -> list[str]:
    """The commands in a text, in blocks and in sentences; a command without arguments is a name, not a use."""
    fenced = [match[1] for match in LINE.finditer(text)]
    sentences = [match[1] for match in INLINE.finditer(text)]
    return [" ".join(one.split()) for one in (*fenced, *sentences) if len(one.split()) > 2]


def parsed(command: str) -> None:
    """Parse a command as the program would, and run nothing."""
    make_app().parse_args(shlex.split(command)[1:], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_on_a_page_are_taken(page: Path) -> None:
    for command in shown(page.read_text()):
        parsed(command.replace("…", ""))


def test_examples_in_the_help_are_taken(feint: Callable[..., Any]) -> None:
    texts = [ABOUT, *(feint(name, "-h").out for name in COMMANDS)]
    found = [command for text in texts for command in shown(text)]
    assert len(found) > len(COMMANDS)
    for command in found:
        parsed(command)


def test_the_check_can_fail() -> None:
    with pytest.raises(Exception, match="--desig"):
        parsed("feint study --desig motives")
