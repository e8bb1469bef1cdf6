"""The card of a battery on a terminal."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from feint.findings.battery import BatteryFindings
from feint.report.contrasts import in_unit, span_in_unit
from feint.report.terminal import decision_text, plain, table
from feint.report.text import one_line
from feint.study.battery.words import errs_words, mark_for


def print_card(card: BatteryFindings, out: Path) -> None:
    """Print every axis with its value and the end at which the model is, and the tasks that failed."""
    console = Console(markup=False, highlight=False)
    made = table(f"Signatures of {one_line(card.subject, 60)}", ["axis", ">", ">interval", "says"])
    for axis in card.axes:
        name = plain(one_line(axis.label, 30)) + Text("\n") + plain(one_line(axis.task, 30), "dim")
        if axis.state != "estimated":
            made.add_row(name, "–", "–", plain(f"{axis.state}: {one_line(axis.reason, 60)}", "yellow"))
            continue
        mark = decision_text(mark_for(axis))
        says = Text(f"{mark.plain[0]} {one_line(errs_words(axis), 60)}", style=mark.style)
        unit = "" if axis.unit == "points" else f" {one_line(axis.unit, 14)}"
        ends = span_in_unit(axis.low, axis.high, axis.unit)
        made.add_row(name, in_unit(axis.estimate, axis.unit), plain(f"{ends}{unit}"), says)
    console.print("", made, "", sep="\n")
    for task, study in card.studies.items():
        if study.state != "finished":
            console.print(plain(f"! {task}: {study.state}: {one_line(study.reason, 500)}", "yellow"), soft_wrap=True)
    console.print(f"card: {out / 'card.html'}", soft_wrap=True)
