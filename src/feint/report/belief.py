"""The section on what the subject takes its situations for: answers to a forced choice, the verdict of believers."""

from collections.abc import Iterator, Mapping

from rich.console import RenderableType

from feint.findings.belief import BeliefFinding, Detection
from feint.findings.part import Bounds
from feint.report.section import Section, Told, View
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import interval, percent

ALL = "all cells"
NOT_A_VERDICT = "Conditional on its own answers, and no randomised contrast:"


def deviations(value: float | None) -> str:
    """Write a number of standard deviations.

    >>> deviations(1.234), deviations(None)
    ('1.23', '–')
    """
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def ends(found: Bounds) -> str:
    """Write an interval of standard deviations."""
    return "–" if found.low is None else f"[{deviations(found.low)}, {deviations(found.high)}]"


def detections(found: BeliefFinding) -> Mapping[str, Detection]:
    """List d′ and c over all cells, by pair of cells, and by document, where there are any."""
    if found.detection.reason:
        return {}
    return {ALL: found.detection, **found.by_cells, **found.by_voice}


def belief_tables(told: Told) -> Iterator[RenderableType]:
    """Print the answers to forced choices by cell and document, and how well the two kinds of cells are told apart."""
    found = told.findings.belief
    if found is None:
        return
    signal = found.words[found.signal]
    made = table(f"Taken for {signal} (% of answers)", ["where", "stated", ">%", ">interval", ">n", ">missing"])
    for where, entry in {**found.cells, **found.voices}.items():
        made.add_row(
            plain(one_line(where, 22)), plain(entry.holds), percent(entry.estimate), interval(entry.low, entry.high),
            str(entry.n), str(entry.missing),
        )  # fmt: skip
    yield made
    if not detections(found):
        yield plain(f"d′ is missing: {found.detection.reason}.", "dim")
        return
    made = table(f"Told apart, {signal} from {other(found)}", ["where", ">d′", ">interval", ">c", ">interval", ">n"])
    for where, one in detections(found).items():
        if one.sensitivity is None or one.criterion is None:
            made.add_row(plain(one_line(where, 36)), *("–",) * 5)
            continue
        both = (one.sensitivity, one.criterion)
        numbers = [text for part in both for text in (deviations(part.estimate), ends(part))]
        made.add_row(plain(one_line(where, 36)), *numbers, str(one.sensitivity.n))
    yield made


def other(found: BeliefFinding) -> str:
    """Return the words for the level that is not to be detected."""
    return next(words for level, words in found.words.items() if level != found.signal)


def show_belief(told: Told) -> View | None:
    """Show the same in the page."""
    found = told.findings.belief
    if found is None:
        return None
    return {"found": found, "detections": detections(found), "deviations": deviations, "ends": ends,
            "signal": found.words[found.signal], "other": other(found)}  # fmt: skip


BELIEF = Section("belief", "What does it take this for?", show=show_belief, terminal=belief_tables)
