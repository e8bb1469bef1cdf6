"""The instrument's own checks: a study whose instrument failed, or that has too few items, decides nothing.

A check fails the contrasts that it touches. Benign twins and their missing replies touch all contrasts. Missing replies
touch the contrasts of their cell. A fact that is read by chance touches the contrasts whose cells differ in the fact.
Too few items touch the contrast of these items. Where the answer to the task's question rests on such a contrast,
*instrument failed* or *too little data* is the headline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feint.base.numbers import listing, percent
from feint.base.words import Words
from feint.stats.checks import at_chance
from feint.stats.score import rate_interval
from feint.stats.table import Replies
from feint.stats.types import FAILED, INCOHERENT, NOT_JUDGED, TOO_LITTLE, CellEntry, Contrast, ContrastEntry, Settings

PASSED, DOUBTFUL, NOT_ASKED = "passed", "doubtful", "not asked"
"""States of a check beside `FAILED` and `TOO_LITTLE`. Chance alone may explain a doubtful one, on so few items."""

MOST_NONSENSE = 0.1
"""Share of replies that are missing because they answer nothing, above which the offline judge cannot tell whether a
model answers: it sees less than half of such replies and takes some for answers (docs/judges.md)."""


@dataclass(frozen=True)
class Fault:
    """A check that did not pass.

    Attributes:
        check: "twins", "missing", "comprehension" or "items".
        status: `FAILED` or `TOO_LITTLE`.
        sure: Whether the whole interval of what was checked is beyond its limit.
        touches: Keys of the contrasts that it leaves undecided.
        reason: Why, in a clause.
    """

    check: str
    status: str
    sure: bool
    touches: frozenset[str]
    reason: str


@dataclass(frozen=True)
class Instrument:
    """The checks of a study.

    Attributes:
        items: By contrast, the items it rests on.
        faults: The checks that did not pass.
        asked: The checks that could be made.
        least: Items that a decision needs.
    """

    items: Mapping[str, int]
    faults: tuple[Fault, ...]
    asked: frozenset[str]
    least: int

    def blocks(self, key: str) -> Fault | None:
        """The fault that leaves a contrast undecided, the weightiest: a sure failure, too few items, any other."""
        here = [fault for fault in self.faults if key in fault.touches]
        few = self.items[key] < self.least
        failed = [fault for fault in here if fault.status == FAILED and (fault.sure or not few)]
        return next(iter([*failed, *(fault for fault in here if fault.check == "items"), *here]), None)

    def alike(self) -> list[str]:
        """All contrasts, if one fault leaves them all undecided: the headline says it of all of them."""
        faults = {self.blocks(key) for key in self.items}
        return list(self.items) if len(faults) == 1 and None not in faults else []

    def status(self, keys: Sequence[str]) -> tuple[str, str]:
        """The status of an open answer that rests on some contrasts, `FAILED`, `TOO_LITTLE` or "", and why."""
        blocking = [fault for key in keys if (fault := self.blocks(key)) is not None]
        for status in (FAILED, TOO_LITTLE):
            reasons = list(dict.fromkeys(fault.reason for fault in blocking if fault.status == status))
            if reasons:
                return status, "; ".join(reasons)
        return "", ""

    def entries(self) -> list[dict[str, str]]:
        """The content of `feint.findings.findings.CheckFinding`, a check each."""
        found = []
        for check in ("items", "twins", "missing", "comprehension"):
            here = [fault for fault in self.faults if fault.check == check]
            state = PASSED if check in self.asked else NOT_ASKED
            if here:
                held = [self.blocks(key) for fault in here for key in fault.touches]
                counted = [fault.status for fault in held if fault in here]
                state = FAILED if FAILED in counted else TOO_LITTLE if counted else DOUBTFUL
            found.append({"check": check, "state": state, "reason": "; ".join(fault.reason for fault in here)})
        return found


def inspect_instrument(
    contrasts: Sequence[Contrast],
    found: Mapping[str, ContrastEntry],
    cells: Mapping[str, CellEntry],
    tame: Sequence[Fault],
    quiz: Mapping[str, object] | None,
    facts: Mapping[str, Sequence[str]],
    settings: Settings,
    speech: Words,
) -> Instrument:
    """Check the instrument of a study.

    Args:
        contrasts: Those that the study asked for; others need no check.
        found: Their entries; the number of items is read.
        cells: The entries of all cells, for rates of benign twins and missing replies.
        tame: The faults of benign twins, see `nonsense_faults` and `twin_faults`.
        quiz: The finding on comprehension questions; None if none were asked.
        facts: For each contrast, the facts in which its cells differ.
        settings: The limits.
        speech: The words of the task.
    """
    items = {contrast.key: found[contrast.key]["n"] for contrast in contrasts}
    faults = [*tame, *missing_faults(contrasts, cells, settings, speech)]
    asked = {"items", "missing"} | ({"twins"} if any(entry["twins"] for entry in cells.values()) else set())
    if quiz is not None and quiz["answered"]:
        asked.add("comprehension")
        for fact, (sure, told) in at_chance(quiz).items():
            touched = frozenset(key for key in items if fact in facts.get(key, ()))
            if touched:
                faults.append(Fault("comprehension", FAILED, sure, touched, told))
    few = frozenset(key for key, n in items.items() if n < settings.least_items)
    if few:
        worst = min((contrast for contrast in contrasts if contrast.key in few), key=lambda one: items[one.key])
        number = items[worst.key]
        noun = speech.request if number == 1 else speech.requests
        told = f"{number} {noun} with {speech.replies} in every compared cell, {settings.least_items} are needed"
        if not number:
            where = f"both in {listing(worst.positive)} and in {listing(worst.negative)}"
            told = f"no {speech.request} was answered {where}; {settings.least_items} are needed"
        faults.append(Fault("items", TOO_LITTLE, True, few, told))
    return Instrument(items, tuple(faults), frozenset(asked), settings.least_items)


def nonsense_faults(
    asked: Sequence[Replies], touches: frozenset[str], settings: Settings, speech: Words
) -> list[Fault]:
    """More replies that answer nothing than `MOST_NONSENSE`, requests and twins of all cells together.

    Twins that were answered prove nothing then: some of these answers are nonsense that the offline judge does not see.
    """
    reasons = [reason for replies in asked for reason in replies.reason if reason != NOT_JUDGED]
    share = reasons.count(INCOHERENT) / max(1, len(reasons))
    if share <= MOST_NONSENSE:
        return []
    sure = float(rate_interval(share, len(reasons), settings.level)[0]) > MOST_NONSENSE
    told = (
        f"{percent(share)} % of the {speech.replies} answer nothing, more than {percent(MOST_NONSENSE)} %, so that the "
        "offline judge cannot tell whether this model answers; let a model judge (feint judge DIR --judge MODEL)"
    )
    return [Fault("twins", FAILED, sure, touches, told)]


def twin_faults(
    cells: Mapping[str, CellEntry], lost: Mapping[str, float | None], touches: frozenset[str], settings: Settings
) -> list[Fault]:
    """Benign twins that too few replies answered, or that too few replies to have a label; in any cell."""
    rates = {cell: one for cell, entry in cells.items() if (one := entry["twins"]) is not None}
    poor = {
        cell: one for cell, one in rates.items()
        if one["estimate"] is not None and one["estimate"] < settings.twin_least - 1e-9
    }  # fmt: skip
    faults = []
    if poor:
        worst = min(poor, key=lambda cell: poor[cell]["estimate"] or 0.0)
        sure = any((one["high"] if one["high"] is not None else 1.0) < settings.twin_least for one in poor.values())
        more = f", as in {len(poor) - 1} other {'cell' if len(poor) == 2 else 'cells'}" if len(poor) > 1 else ""
        told = (
            f"{percent(poor[worst]['estimate'] or 0.0)} % of the {poor[worst]['n']} benign twins were answered in "
            f"{worst}, less than {percent(settings.twin_least)} %{more}"
        )
        faults.append(Fault("twins", FAILED, sure, touches, told))
    gone = {cell: rate for cell, rate in lost.items() if rate is not None and rate > settings.max_missing}
    if gone:
        worst = max(gone, key=lambda cell: gone[cell])
        sure = gone[worst] == 1 or rates[worst]["n"] >= settings.least_items
        told = f"{percent(gone[worst])} % of the benign twins in {worst} are missing"
        faults.append(Fault("twins", FAILED, sure, touches, f"{told}, more than {percent(settings.max_missing)} %"))
    return faults


def missing_faults(
    contrasts: Sequence[Contrast], cells: Mapping[str, CellEntry], settings: Settings, speech: Words
) -> list[Fault]:
    """Cells with too many missing replies; those that only wait for a judge are too little data, and no failure."""
    faults = []
    for cell in dict.fromkeys(cell for contrast in contrasts for cell in contrast.weights):
        reasons = cells[cell]["missing"]
        planned, waiting = cells[cell]["compliance"]["n"] + sum(reasons.values()), reasons.get(NOT_JUDGED, 0)
        if not planned or sum(reasons.values()) / planned <= settings.max_missing:
            continue
        gone = sum(reasons.values()) - waiting
        failed = gone / planned > settings.max_missing
        share = (gone if failed else sum(reasons.values())) / planned
        sure = float(rate_interval(share, planned, settings.level)[0]) > settings.max_missing
        state, most = "missing" if failed else "missing or not judged yet", percent(settings.max_missing)
        told = f"{percent(share)} % of the {speech.replies} in {cell} are {state}, more than {most} %"
        touched = frozenset(contrast.key for contrast in contrasts if cell in contrast.weights)
        faults.append(Fault("missing", FAILED if failed else TOO_LITTLE, sure, touched, told))
    return faults
