"""A section: a part of the report with its own heading, template, data and terminal tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rich.console import RenderableType

from feint.base.words import Words
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


def show_always(_: Told) -> View:
    """Show a section whose template needs nothing beside the findings."""
    return {}


def print_nothing(_: Told) -> Iterable[RenderableType]:
    """Show nothing on a terminal."""
    return ()


@dataclass(frozen=True)
class Section:
    """A section of a report. A task's section with the key of a common one takes its place.

    Attributes:
        key: Its anchor in the page; letters, digits and hyphens.
        title: Its name in the list of contents. Attributes of `feint.base.words.Words` may stand in braces, as in
            "{how_often}".
        template: Its Jinja2 template: a file in the folder of `package`. It is given `findings`, `say` (the words of
            the task), `rule` (the numbers that decided) and the values of `show`, and may import `macros.html.j2`.
        package: The package that the template belongs to, such as "feint.tasks.abstention".
        after: The key of the section that it follows, "" for the one before it in the task's list.
        show: The values that its template takes; None if there is nothing to show, and the section is left out.
        terminal: The tables and lines that a terminal shows.
        gather: Reads what the page shows and findings.json does not hold, such as single replies; `show` finds it in
            `Told.gathered`.
    """

    key: str
    title: str
    template: str
    package: str = KIT
    after: str = ""
    show: Callable[[Told], View | None] = show_always
    terminal: Callable[[Told], Iterable[RenderableType]] = print_nothing
    gather: Callable[[StudyData], object] | None = None

    def heading(self, words: Words) -> str:
        """Write its name in the list of contents."""
        return self.title.format_map(vars(words))


def in_order(common: Sequence[Section], own: Sequence[Section], usual: str) -> list[Section]:
    """Put the sections of a task among the common ones.

    Args:
        common: In the order of the page.
        own: Those of a task. One with the key of a common section takes its place.
        usual: The key of the common section that the first of the task's own follows. The others follow one another.

    >>> a, b, c, d = (Section(key, "", "") for key in "abcd")
    >>> [one.key for one in in_order([a, b], [c, d], "a")]
    ['a', 'c', 'd', 'b']
    """
    replaced = {section.key: section for section in own}
    order = [replaced.pop(section.key, section) for section in common]
    last = usual
    for section in own:
        if section.key in replaced:
            keys = [one.key for one in order]
            after = section.after or last
            order.insert(keys.index(after) + 1 if after in keys else len(keys), section)
            last = section.key
    return order
