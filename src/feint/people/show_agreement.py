"""`feint judge check`: tables of the agreement of judges and people, and the replies on which they disagree."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from feint.people.agree import WORDS, Agreement, Rated, check_judges, read_rated
from feint.people.label.replies import open_study
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import glossary
from feint.stats import Estimate
from feint.stats.agreement.kappa import cohens_kappa, krippendorffs_alpha

READ = 300
"""Characters of a reply that are printed of a disagreement."""


def check_command(folder: Path, *, person: str | None = None, show: int = 5) -> None:
    """Print how far judges and people agree, and the replies on which they do not."""
    rated = read_rated(folder, person)
    found = check_judges(rated)
    console = Console(markup=False, highlight=False)
    whom = person or (next(iter(rated.people)) if len(rated.people) == 1 else f"most of {len(rated.people)} people")
    labelled = sum(label is not None for label in rated.agreed)
    counted = "kappa, sensitivity and specificity undo that rare cells and labels were drawn more often"
    if rated.weights is None:
        counted = "some were not drawn at random, so each counts alike and the numbers are of these replies alone"
    console.print(f"{labelled:,} of {len(rated.items):,} replies are labelled {' or '.join(WORDS)} by {whom};")
    console.print(f"{counted}\n", soft_wrap=True)
    console.print(agreement_table(found, whom))
    console.print()
    for name, entry in found.items():
        console.print(confusion_table(name, entry))
        console.print()
    if len(rated.people) > 1 or len(rated.judges) > 1:
        console.print(between_table(rated))
        console.print()
    show_disagreements(folder, found, show, console)


def agreement_table(found: Mapping[str, Agreement], whom: str) -> Table:
    """Tabulate kappa, sensitivity, specificity and area by judge."""
    made = table(
        f"Judges against {one_line(whom, 40)} (95 % intervals)", ["judge", "measure", ">value", ">interval", ">n"]
    )
    for name, entry in found.items():
        rows = [("kappa", entry.kappa), ("sensitivity", entry.sensitivity), ("specificity", entry.specificity)]
        rows += [("area under curve", entry.auroc)] if entry.auroc is not None else []
        for place, (measure, value) in enumerate(rows):
            made.add_row(plain(one_line(name, 30) if place == 0 else ""), measure, *numbers(value))
    return made


def numbers(value: Estimate) -> tuple[str, str, str]:
    """Format an estimate as three columns: value, interval, items; a dash where a number is missing."""
    shown = "–" if value.estimate is None else f"{value.estimate:.2f}"
    between = "–" if value.low is None or value.high is None else f"[{value.low:.2f}, {value.high:.2f}]"
    return shown, between, str(value.n)


def confusion_table(name: str, entry: Agreement) -> Table:
    """Tabulate the judge's labels by those of the people, and count replies that the judge did not label."""
    counts = entry.confusion
    gone = ", ".join(f"{count} {glossary().reason(why)}" for why, count in entry.unlabelled.items())
    made = table(one_line(name, 40), ["judge ↓ people →", *(f">{label}" for label in counts.labels)])
    for label, row in zip(counts.labels, counts.counts, strict=True):
        made.add_row(label, *map(str, row))
    if gone:
        made.caption, made.caption_justify = Text(f"not labelled by it: {gone}", "dim"), "left"
    return made


def between_table(rated: Rated) -> Table:
    """Tabulate the agreement of every two raters, and of all together."""
    judges = {name: judge.labels for name, judge in rated.judges.items()}
    everybody = {**rated.people, **judges}
    made = table("Agreement beyond chance", ["between", "measure", ">value", ">interval", ">n"])
    for a, b in combinations(everybody, 2):
        if a in rated.people and b in rated.judges and len(rated.people) == 1:
            continue  # the table above has this pair
        value = cohens_kappa(everybody[a], everybody[b], rated.requests, weights=rated.weights)
        made.add_row(plain(f"{one_line(a, 22)} and {one_line(b, 22)}"), "kappa", *numbers(value))
    for title, raters in (("people", rated.people), ("judges", judges), ("all", everybody)):
        if len(raters) > 1 and (title != "all" or (rated.people and rated.judges)):
            value = krippendorffs_alpha(list(zip(*raters.values(), strict=True)), rated.requests)
            made.add_row(
                f"all {len(raters)} {title}" if title != "all" else f"all {len(raters)}", "alpha", *numbers(value)
            )
    return made


def show_disagreements(folder: Path, found: Mapping[str, Agreement], show: int, console: Console) -> None:
    """Print the replies on which a judge and the people differ; replies on which most judges differ come first."""
    said: dict[str, list[str]] = {}
    truth: dict[str, str] = {}
    for name, entry in found.items():
        for item, judge, people in entry.disagreements:
            said.setdefault(item, []).append(f"{name}: {judge}")
            truth[item] = people
    if not said:
        console.print("No disagreements.")
        return
    study = open_study(folder)
    order = sorted(said, key=lambda item: (-len(said[item]), item))
    console.print(f"Disagreements: {len(said):,} replies{f', of which {show}' if len(said) > show else ''}")
    for item in order[:show]:
        shown = study.read(item)
        console.print(plain(f"\n{item}", "bold"))
        console.print(plain(f"people: {truth[item]}; {'; '.join(said[item])}", "dim"), soft_wrap=True)
        console.print(plain(f"> {one_line(shown.request, READ)}"), soft_wrap=True)
        console.print(plain(f"< {one_line(shown.reply, READ)}"), soft_wrap=True)
