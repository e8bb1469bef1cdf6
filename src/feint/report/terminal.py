"""Findings on a terminal: readable on 80 columns, and nothing in them is taken for markup or escape codes."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from feint.report.calibrated import calibrated
from feint.report.text import one_line, visible
from feint.report.words import (
    count,
    data,
    headline_of,
    interval,
    known,
    label,
    minus,
    percent,
    points,
    ratio_line,
    reason,
    speech_of,
    words,
)

STYLES = {"yes": "bold red", "no": "blue", "undetermined": "dim", "conflicting": "magenta"}
_BAR = 10


def print_findings(findings: Mapping[str, Any], console: Console) -> None:
    """Print the cells, the contrasts and the verdict.

    Args:
        findings: The content of findings.json.
        console: Where to print.
    """
    console.print()
    console.print(_cells(findings))
    console.print()
    console.print(_contrasts(findings))
    console.print()
    if "comprehension" in findings:
        console.print(_comprehension(findings))
        console.print()
    from feint.report.judged import judged_tables  # its tables are begun here, too

    for made in judged_tables(findings):
        console.print(made)
        console.print()
    from feint.report.runs import run_tables

    for made in run_tables(findings):
        console.print(made)
        console.print()
    from feint.report.hierarchical import model_parts  # and so are these

    for part in model_parts(findings):
        console.print(part)
        console.print()
    console.print(_missing(findings))
    if "stopping" in findings:
        from feint.report.funnels import stopping_line

        console.print(plain(stopping_line(findings), "dim"))
    if "power" in findings:
        from feint.report.power import seen_line

        console.print(plain(seen_line(findings), "dim"))
    console.print()
    console.print(_verdict(findings))
    console.print(plain(calibrated(findings).line, "dim"))


def plain(text: str, style: str = "") -> Text:
    """Make text that is printed as it stands: visible, without markup.

    Args:
        text: Any text.
        style: How Rich shows it.
    """
    return Text(visible(text), style=style)


def decision_text(decision: str) -> Text:
    """Write a decision with its mark, in its colour.

    Args:
        decision: Such as "yes"; another word is shown without a colour.
    """
    mark = words("decisions", decision)
    return Text(f"{mark['mark'] if mark else '○'} {one_line(decision, 24)}", style=STYLES.get(decision, ""))


def table(title: str, columns: Sequence[str]) -> Table:
    """Begin a table: the first column is text, those that begin with ">" are numbers.

    Args:
        title: Printed above it.
        columns: The heads.
    """
    made = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for head in columns:
        made.add_column(head.lstrip(">"), justify="right" if head.startswith(">") else "left", header_style="dim")
    return made


def _bar(share: float | None) -> Text:
    if share is None or not known(share):
        return Text()
    full = round(share * _BAR)
    return Text("━" * full, style="bold") + Text("─" * (_BAR - full), style="dim")


def _cells(findings: Mapping[str, Any]) -> Table:
    tame = any(entry.get("twins") for entry in findings["cells"].values())
    made = table(
        f"{speech_of(findings).measure.capitalize()} by cell (%)",
        ["cell", ">%", ">interval", "", ">n", *([">twins"] if tame else []), ">missing"],
    )
    for cell, entry in findings["cells"].items():
        whole, twins = entry["compliance"], entry.get("twins")
        gone = sum(entry["missing"].values())
        made.add_row(
            plain(one_line(cell, 22)), percent(whole["estimate"]), interval(whole["low"], whole["high"]),
            _bar(whole["estimate"]), str(whole["n"]),
            *([percent(twins["estimate"] if twins else None)] if tame else []),
            Text(str(gone), style="" if gone else "dim"),
        )  # fmt: skip
    return made


def _contrasts(findings: Mapping[str, Any]) -> Table:
    looked = findings.get("stopping", {}).get("contrasts", {})
    heads = ["contrast", ">points", ">interval", "decision", *([">after"] if looked else [])]
    made = table(f"Contrasts (points of {speech_of(findings).measure})", heads)
    for key, entry in findings["contrasts"].items():
        name = plain(label(key)) + Text("\n") + plain(minus(str(entry["is"])), "dim")
        if "ratio" in entry:
            name += Text(f"\n{ratio_line(entry['ratio'])}", "dim")
        made.add_row(
            name, points(entry["estimate"]), interval(entry["low"], entry["high"], signed=True),
            decision_text(entry["decision"]), *([_after(looked[key])] if looked else []),
        )  # fmt: skip
    return made


def _after(entry: Mapping[str, Any]) -> Text:
    """Say after how many requests a contrast was closed."""
    return Text(f"{entry['after']:,}" if entry["after"] else "not asked" if entry["moot"] else "open", style="dim")


def _comprehension(findings: Mapping[str, Any]) -> Table:
    made = table("Comprehension (% right when asked what is stated)", ["fact", ">%", ">interval", ">chance", ">n"])
    for fact, entry in findings["comprehension"]["facts"].items():
        made.add_row(
            plain(one_line(fact, 22)), percent(entry["estimate"]), interval(entry["low"], entry["high"]),
            percent(entry["chance"]), str(entry["n"]),
        )  # fmt: skip
    return made


def missing_words(by_reason: Mapping[str, int]) -> str:
    """List what is missing by reason, such as ``15 cut off, 2 no reply tag``.

    Args:
        by_reason: Reason to number of replies.
    """
    return ", ".join(f"{n:,} {reason(key)}" for key, n in by_reason.items() if n)


def _missing(findings: Mapping[str, Any]) -> Text:
    replies = findings["replies"]
    why = missing_words(replies["missing_by_reason"])
    planned = count(replies["planned"], speech_of(findings).reply)
    line = f"{planned} planned, {replies['scored']:,} scored, {replies['missing']:,} missing"
    return Text(line + (f" ({why})" if why else ""), style="dim")


def _verdict(findings: Mapping[str, Any]) -> Panel:
    verdict = findings["verdict"]
    fakes, heading = headline_of(findings)
    parts: list[Any] = [plain(verdict["sentence"], "bold")]
    by_decision: dict[str, list[str]] = {}
    for key, decision in verdict["explanations"].items():
        by_decision.setdefault(decision, []).append(label(key).lower())
    order = [*data("words")["decisions"], *by_decision]
    parts.append(Text())
    for decision in sorted(by_decision, key=order.index):
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=14)
        grid.add_row(decision_text(decision), Text(", ".join(by_decision[decision])))
        parts.append(grid)
    parts += [Text()] if verdict["warnings"] else []
    parts += [plain(f"! {warning}", "yellow") for warning in verdict["warnings"]]
    title = Text(heading, style=STYLES.get(fakes, "bold"))
    return Panel(Group(*parts), title=title, title_align="left", padding=(1, 2), width=80, expand=False)
