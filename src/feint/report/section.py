"""A section: a part of the report with its own heading, template, data and terminal tables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rich.console import RenderableType

from feint.findings import Findings
from feint.findings.analysis import StudyData
from feint.report.words import Glossary
from feint.stats.types import Settings

KIT = "feint.report"
"""The package that holds the templates of the sections that every report has."""
View: TypeAlias = Mapping[str, object]
"""The values that a template takes, by name."""


@dataclass(frozen=True)
class Told:
    """Everything that a section may tell: what was found, the plan, and the words of the task.

    Attributes:
        findings: The content of findings.json.
        say: The words of the task.
        plan: The frozen plan, as plain values; empty if findings.json alone is at hand, as for a terminal.
        gathered: By section, what its `gather` returned.
    """

    findings: Findings
    say: Glossary
    plan: Mapping[str, Any] = field(default_factory=dict)
    gathered: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rule(self) -> Settings:
        """The numbers that decided: the plan's, or the usual ones if only findings.json is at hand."""
        return Settings(**self.plan.get("settings", {}))


@dataclass(frozen=True)
class Section:
    """A section of a report. A task's section with the key of a common one takes its place.

    Attributes:
        key: Its anchor in the page; letters, digits and hyphens.
        title: Its name in the list of contents. Attributes of `feint.base.words.Words` may stand in braces, as in
            "{how_often}".
        template: Its Jinja2 template: a file in the folder of `package`, "sections/KEY.html.j2" if left out. It is
            given `findings`, `say` (the words of the task), `rule` (the numbers that decided) and the values of
            `show`, and may import `macros.html.j2`.
        package: The package that the template belongs to, such as "feint.tasks.abstention".
        after: The key of the section that it follows, "" for the one before it in the task's list.
        show: The values that its template takes; None if there is nothing to show, and the section is left out.
        terminal: The tables and lines that a terminal shows.
        gather: Reads what the page shows and findings.json does not hold, such as single replies; `show` finds it in
            `Told.gathered`.
    """

    key: str
    title: str
    template: str = ""
    package: str = KIT
    after: str = ""
    show: Callable[[Told], View | None] = lambda _: {}
    terminal: Callable[[Told], Iterable[RenderableType]] = lambda _: ()
    gather: Callable[[StudyData], object] | None = None
