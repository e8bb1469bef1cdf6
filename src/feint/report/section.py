"""A section: one heading of the report, with its template, its data and what a terminal shows of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feint.base.words import Words
from feint.findings import Material

if TYPE_CHECKING:
    from rich.console import RenderableType


def nothing(_: "Told") -> "Iterable[RenderableType]":
    """Show nothing on a terminal."""
    return ()


@dataclass(frozen=True)
class Told:
    """Everything that a section may tell: what was found, the plan, and the words of the task.

    Attributes:
        findings: The content of findings.json.
        plan: The frozen plan, as plain values; empty where only findings.json is at hand, as for a terminal.
        say: The words of the task.
        gathered: What the section's own `gather` returned; None without one.
    """

    findings: Mapping[str, Any]
    plan: Mapping[str, Any]
    say: Words
    gathered: Any = None


@dataclass(frozen=True)
class Section:
    """One section of a report.

    Attributes:
        key: Its anchor in the page; letters, digits and hyphens.
        title: Its name in the list of contents, given the words of the task.
        template: Its Jinja2 template: a file in `package`, which may import `macros.html.j2` of the kit.
        package: The package whose folder holds the template, such as "feint.tasks.abstention".
        after: The key of the section that it follows.
        show: The values that its template takes; None where there is nothing to show, so that the section is left out.
        terminal: What a terminal shows of it, given what findings.json holds.
        gather: Reads what the page shows and findings.json does not hold, such as single replies; None for nothing.
    """

    key: str
    title: Callable[[Words], str]
    template: str
    package: str
    after: str
    show: Callable[[Told], Mapping[str, Any] | None]
    terminal: "Callable[[Told], Iterable[RenderableType]]" = nothing
    gather: Callable[[Material], Any] | None = None
