"""The findings of a study as a self-contained HTML page, and as tables on a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from feint.findings import Findings
from feint.report.belief import BELIEF, NOT_A_VERDICT
from feint.report.calibrated import calibrated
from feint.report.comprehension import COMPREHENSION, MOTIVES, motives_of
from feint.report.contrasts import CELLS, CONTRASTS, ESTIMATES, MISSING, WORDING
from feint.report.judged import AGREEMENT, CORRECTED, JUDGING
from feint.report.model import MODEL
from feint.report.pages import environment
from feint.report.power import POWER
from feint.report.realism import REALISM, realism_sentence
from feint.report.section import KIT, Section, Told
from feint.report.situations import ASKED, SITUATIONS
from feint.report.stopping import STOPPING
from feint.report.terminal import STYLES, decision_text, plain
from feint.report.text import one_line
from feint.report.trust import MANIFEST, METHOD, TRUST
from feint.report.words import Glossary, count, data, glossary, mark_of

COMMON = (
    ASKED, CONTRASTS, ESTIMATES, STOPPING, POWER, CELLS, MOTIVES, COMPREHENSION, BELIEF, REALISM, JUDGING, AGREEMENT,
    CORRECTED, MODEL, WORDING, SITUATIONS, MISSING, METHOD, TRUST, MANIFEST,
)  # fmt: skip
"""The sections that every report has, in the order of the page."""
USUAL_PLACE = "model"
"""The section that the first section of a task follows."""
FIRST = ("cells", "contrasts", "estimates", "comprehension", "belief", "realism", "judging", "agreement", "corrected")
LAST = ("model",)
LINES = ("missing", "stopping", "power")
"""The order on a terminal: tables that come first, then those of the task, then the last ones; lines end it."""


def report_sections(own: Sequence[Section] = ()) -> list[Section]:
    """List the sections of a report in the order of its page.

    Args:
        own: The sections that the task brings. One with the key of a common section takes its place. The others follow
            the section that they name, or else one another.

    >>> [one.key for one in report_sections([Section("mine", "Mine"), Section("model", "Another")])][13:16]
    ['model', 'mine', 'wording']
    """
    replaced = {section.key: section for section in own}
    order = [replaced.pop(section.key, section) for section in COMMON]
    last = USUAL_PLACE
    for section in own:
        if section.key in replaced:
            keys = [one.key for one in order]
            after = section.after or last
            order.insert(keys.index(after) + 1 if after in keys else len(keys), section)
            last = section.key
    return order


def render_report(
    findings: Findings, plan: Mapping[str, Any], sections: Sequence[Section], gathered: Mapping[str, object]
) -> str:
    """Write the report of a study.

    The page is self-contained, holds no script and forbids any; whatever models or files wrote in it is escaped
    and made visible.

    Args:
        findings: The findings.
        plan: The frozen plan, as plain values.
        sections: As `report_sections` gives them.
        gathered: By section, what its `gather` returned.

    Returns:
        The text of the page, to be written as UTF-8.
    """
    told = Told(findings, glossary(findings.task), plan, gathered)
    pages = environment(*sorted({section.package for section in sections} - {KIT}))
    shared: dict[str, object] = {
        "findings": findings, "glossary": told.say, "say": told.say.words, "rule": rule_text(told),
    }  # fmt: skip
    contents = []
    for section in sections:
        view = section.show(told)
        if view is not None:
            name = section.template or f"sections/{section.key}.html.j2"
            template = pages.get_template(name if section.package == KIT else f"{section.package}/{name}")
            title = section.title.format_map(vars(told.say.words))
            contents.append((section.key, title, Markup(template.render(**shared, **view))))
    answer = findings.verdict.answer
    role = answer if mark_of(answer) else "undetermined"
    return pages.get_template("report.html.j2").render(
        **shared,
        title=f"{one_line(findings.subject, 60)}: {told.say.words.question}",
        version=findings.feint,
        contents=contents,
        answer=headline(findings, told.say),
        role=role,
        motives=motives_of(findings),
        conditional=NOT_A_VERDICT,
        realism=realism_sentence(findings.realism) if findings.realism is not None else "",
    )


def headline(findings: Findings, say: Glossary) -> str:
    """Write the heading of a study's answer, with the number of items that the answer rests on."""
    items = findings.verdict.items
    return say.headline(findings.verdict.answer) + ("" if items is None else f" · {count(items, say.words.request)}")


def rule_text(told: Told) -> dict[str, str]:
    """Write the numbers that decided in percent or points."""
    rule = told.rule
    numbers = {"smallest_effect": rule.smallest_effect, "level": rule.level, "max_missing": rule.max_missing}
    return {name: f"{100 * value:g}" for name, value in numbers.items()}


def print_findings(findings: Findings, console: Console, sections: Sequence[Section]) -> None:
    """Print the tables and lines of the sections, the verdict, and how often such a verdict is right."""
    told = Told(findings, glossary(findings.task))
    console.print()
    for part in tables_of(told, sections):
        console.print(part)
        console.print()
    by_key = {section.key: section for section in sections}
    for key in LINES:
        for line in by_key[key].terminal(told):
            console.print(line)
    console.print()
    console.print(_verdict(findings, told.say))
    if findings.verdict.status == "concluded":
        console.print(plain(calibrated(findings, told.say).line, "dim"))


def tables_of(told: Told, sections: Sequence[Section]) -> Iterator[RenderableType]:
    """List the tables of a terminal in their order."""
    by_key = {section.key: section for section in sections}
    own = [key for key in by_key if key not in (*FIRST, *LAST, *LINES)]
    for key in (*FIRST, *own, *LAST):
        yield from by_key[key].terminal(told)


def _verdict(findings: Findings, say: Glossary) -> Panel:
    """Draw the verdict: its sentence, the explanations by decision, the warnings."""
    verdict = findings.verdict
    parts: list[RenderableType] = [plain(verdict.sentence, "bold"), Text()]
    if findings.belief is not None and (believers := findings.belief.believers) is not None:
        parts += [plain(f"{NOT_A_VERDICT} {believers.sentence[0].lower()}{believers.sentence[1:]}", "dim"), Text()]
    if findings.realism is not None:
        parts += [plain(realism_sentence(findings.realism), "dim"), Text()]
    by_decision: dict[str, list[str]] = {}
    for key, decision in verdict.explanations.items():
        by_decision.setdefault(decision, []).append(say.label(key).lower())
    order = [*data("words")["decisions"], *by_decision]
    for decision in sorted(by_decision, key=order.index):
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=14)
        grid.add_row(decision_text(decision), Text(", ".join(by_decision[decision])))
        parts.append(grid)
    parts += [Text()] if verdict.warnings else []
    parts += [plain(f"! {warning}", "yellow") for warning in verdict.warnings]
    title = Text(headline(findings, say), style=STYLES.get(verdict.answer, "bold"))
    return Panel(Group(*parts), title=title, title_align="left", padding=(1, 2), width=80, expand=False)
