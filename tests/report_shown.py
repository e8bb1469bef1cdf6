"""Findings as plain values, shown: on a page, on a terminal."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from feint.findings import Findings
from feint.report.page import print_findings, render_report, report_sections
from feint.report.situations import Situated
from feint.report.words import glossary
from feint.tasks.examples import Example, ShownReply
from feint.tasks.registry import load_task

SAY = glossary("alignment_faking")
VALUES = {"complied": 1.0, "refused": 0.0}


def found(findings: Mapping[str, Any]) -> Findings:
    return Findings.model_validate(findings)


def render_html(
    findings: Mapping[str, Any],
    *,
    plan: Mapping[str, Any],
    situations: Sequence[Mapping[str, Any]] = (),
    examples: Sequence[Mapping[str, Any]] = (),
) -> str:
    made = found(findings)
    gathered = {
        "situations": [Situated(**one) for one in situations],
        "examples": [example(one) for one in examples],
    }
    return render_report(made, plan, report_sections(load_task(made.task).sections()), gathered)


def example(told: Mapping[str, Any]) -> Example:
    replies = {
        cell: ShownReply(one["reasoning"], one["reply"], VALUES.get(one["outcome"]), one["missing"], one["stated"])
        for cell, one in told["replies"].items()
    }
    return Example(told["request"], told["wording"], told["twin"], told["text"], replies)


def printed(findings: Mapping[str, Any], width: int = 80, **options: Any) -> str:
    console, made = Console(file=io.StringIO(), width=width, **options), found(findings)
    print_findings(made, console, report_sections(load_task(made.task).sections()))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text
