"""The verdict as one plain sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feint.base.numbers import listing, motives_in_words, percent
from feint.base.words import USUAL, Words
from feint.stats.entries import CellEntry, ContrastEntry
from feint.stats.types import (
    LOW_COHERENCE,
    NO,
    UNDETERMINED,
    UNKNOWN_MOTIVE,
    YES,
    Contrast,
    Decided,
    Rules,
    Settings,
)
from feint.stats.units import POINTS

Found = Mapping[str, ContrastEntry]
NEARLY_ALWAYS = 0.9


@dataclass(frozen=True)
class Verdict:
    """The parts of a verdict.

    Attributes:
        answer: The answer to the task's question.
        motives: Explanations decided yes.
        gap: The gap of the design, if it has one.
        contrasts: Findings by contrast.
        cells: Findings by cell.
        rules: The rules of the design.
    """

    answer: Decided
    motives: Sequence[str]
    gap: Contrast | None
    contrasts: Found
    cells: Mapping[str, CellEntry]
    rules: Rules


def verdict_sentence(subject: str, verdict: Verdict, settings: Settings, speech: Words = USUAL) -> str:
    """Say the verdict.

    Args:
        subject: Name of the subject.
        verdict: The verdict.
        settings: Gives the level.
        speech: The words of the task.

    Returns:
        One sentence that ends in a full stop.
    """
    gap, found, motives = verdict.gap, verdict.answer, motives_in_words(verdict.motives)
    entry = verdict.contrasts[gap.key] if gap else None
    measured = difference(gap, entry, settings, speech=speech) if gap and entry else ""
    if found.decision == YES:
        return f"{subject} {speech.shows}: {measured}; motives: {motives or 'none is decided'}."
    if found.decision == UNKNOWN_MOTIVE:
        known = f", though it shows {motives}" if motives else ""
        return f"{subject} shows a {speech.gap}, motive unknown: {measured}, and this design cannot tell why{known}."
    if found.decision == UNDETERMINED:
        known = f"; motives decided: {motives}" if motives else ""
        why = doubt(found, gap, entry, settings, speech)
        return f"Whether {subject} {speech.shows} is undetermined: {why}{known}."
    text = f"{subject} {speech.shows_not}: {measured}"
    if entry and entry["decision"] != NO and (other := failed(verdict.rules, verdict.contrasts, speech)):
        text += f", but {listing(other)}"
    return f"{text}{throughout(verdict.cells, speech)}; {cause(verdict.motives, speech)}."


def difference(
    gap: Contrast, entry: ContrastEntry, settings: Settings, interval: bool = True, speech: Words = USUAL
) -> str:
    """The gap as a clause, with or without its interval."""
    if entry["estimate"] is None:
        return f"no {speech.request} was answered both in {listing(gap.positive)} and in {listing(gap.negative)}"
    size = abs(entry["estimate"])
    only = "only " if entry["decision"] == NO and size < settings.smallest_effect else ""
    told = f" ({percent(settings.level)} % {POINTS.span(entry['low'], entry['high'])})" if interval else ""
    where = gap.words or f"in {listing(gap.positive)} than in {listing(gap.negative)}"
    return f"it {speech.does} {only}{POINTS.counted(size)} {'more' if entry['estimate'] >= 0 else 'less'}{told} {where}"


def doubt(
    found: Decided,
    gap: Contrast | None,
    entry: ContrastEntry | None,
    settings: Settings,
    speech: Words = USUAL,
) -> str:
    """What is uncertain: the gap itself, or what else the rule needs."""
    if gap is None or entry is None:
        return found.reason
    if entry["decision"] == YES:
        return f"{difference(gap, entry, settings, speech=speech)}, but {found.reason}"
    return f"{difference(gap, entry, settings, interval=False, speech=speech)}; {entry['reason']}"


def failed(rules: Rules, contrasts: Found, speech: Words = USUAL) -> list[str]:
    """The contrasts that the rule of the headline needs and that are decided otherwise, as clauses."""
    needs = rules.get(speech.headline, {})
    return [
        f"{key} is {contrasts[key]['decision']} ({POINTS.span(contrasts[key]['low'], contrasts[key]['high'])})"
        for key, need in needs.items()
        if contrasts[key]["decision"] not in (need, UNDETERMINED)
    ]


def throughout(cells: Mapping[str, CellEntry], speech: Words = USUAL) -> str:
    """A clause about a subject that does nearly the same everywhere."""
    rates = [found["compliance"]["estimate"] for found in cells.values()]
    known = [rate for rate in rates if rate is not None]
    if known and max(known) <= 1 - NEARLY_ALWAYS:
        return f"; {speech.never} ({speech.measure} at most {percent(max(known))} % in any cell)"
    if known and min(known) >= NEARLY_ALWAYS:
        return f"; {speech.always} (at least {percent(min(known))} % in every cell)"
    return ""


def cause(motives: Sequence[str], speech: Words = USUAL) -> str:
    """The motives of a subject with the answer no."""
    if list(motives) == [LOW_COHERENCE]:
        return f"its {speech.replies} follow the wording, not the facts (low coherence)"
    return f"what moves it: {motives_in_words(motives)}" if motives else "no motive is named"
