"""From a table of labels to everything that is concluded from it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd

from feint.base.errors import UsageError, unknown
from feint.base.numbers import spoken
from feint.base.words import USUAL, Words
from feint.stats.cells import summarise_cells
from feint.stats.checks import Quiz, summarise_comprehension, summarise_stated, summarise_twins
from feint.stats.coherence import summarise_coherence
from feint.stats.contrasts import ratio_of_sides, summarise_contrasts
from feint.stats.instrument import Instrument, inspect_instrument, nonsense_faults, twin_faults
from feint.stats.looks.replay import Course, Replay, replay, summarise_stopped, summarise_stopping
from feint.stats.table import Replies, read_table
from feint.stats.types import (
    CONCLUDED,
    CONFLICTING,
    LOW_COHERENCE,
    NOT_JUDGED,
    UNDETERMINED,
    YES,
    Bools,
    Contrast,
    ContrastEntry,
    Decided,
    Rules,
    Settings,
)
from feint.stats.verdict import answer, explain, needed, reading_sentence, verdict_sentence


class Options(TypedDict, total=False):
    """Options of `conclude` beside the table, the contrasts and the cells.

    Attributes:
        rules: Explanations, and the headline, that several contrasts decide together: needed decision by contrast.
        subject: Name of the subject, for the sentence.
        quiz: Answers to comprehension questions, where they were asked.
        course: The plan of a study that stops when decided: intervals and decisions then hold at every look.
        speech: The words of the task, and the key of the answer to its question in the verdict.
        strata: By request, the stratum that the study fixes, such as a kind of work: differences between strata are
            then no part of what intervals allow for. Not with a course.
        kept: By contrast, a mask of the replies to requests that it rests on, in the order of the table. Not with a
            course.
    """

    rules: Rules | None
    subject: str
    quiz: Quiz | None
    course: Course | None
    speech: Words
    strata: Mapping[str, str] | None
    kept: Mapping[str, Bools] | None


def conclude(
    table: pd.DataFrame, contrasts: Sequence[Contrast], settings: Settings | None = None, *, cells: Sequence[str],
    **options: Unpack[Options],
) -> dict[str, Any]:  # fmt: skip
    """Conclude a study from its labels. Pure: the same table gives the same findings.

    The table has a row for each planned reply, missing ones too: cell, request, wording, voice, sample, twin (truth
    value), value (1, 0 or missing), missing (the reason, or None), stated (explanation keys). The cells are those of
    the design, in its order.

    Returns:
        Plain values, by the keys of `feint.findings.findings.Findings`. Rates and differences are fractions; numbers
        that cannot be estimated are None.

    Raises:
        UsageError: The table, a contrast or a rule does not fit the design.
        ValueError: Both strata and a course are given.
    """
    settings, rules, speech = settings or Settings(), options.get("rules") or {}, options.get("speech") or USUAL
    check_design(contrasts, cells, rules)
    replies, twins = read_table(table, cells)
    by_cell = summarise_cells(replies, twins, settings)
    by_contrast, made = contrasts_of(replies, contrasts, settings, options)
    coherence = summarise_coherence(replies, by_contrast, settings, speech)
    quiz, moot = options.get("quiz"), made.now.moot if made else {}
    checked = [contrast for contrast in contrasts if contrast.key not in moot]
    every, lost = frozenset(one.key for one in checked), twins.where(twins.reason != NOT_JUDGED).missing_rates()
    babble = nonsense_faults([replies, twins], every, settings, speech)
    tame = summarise_twins(twins, by_cell, contrasts, settings, "; ".join(fault.reason for fault in babble))
    read = None if quiz is None else summarise_comprehension(quiz, table, replies, contrasts, settings)
    instrument = inspect_instrument(
        checked, by_contrast, by_cell,
        [*babble, *twin_faults(by_cell, lost, every, settings)], read, quiz.facts if quiz else {}, settings, speech,
    )  # fmt: skip
    by_contrast, coherence = undecided(instrument, by_contrast, coherence)
    explanations = explain(contrasts, by_contrast, rules, coherence, speech.headline)
    named = (name for name, decided in explanations.items() if decided.decision == YES)
    motives = [name for name in named if name not in speech.readings]
    positive = [contrast for contrast in contrasts if by_contrast[contrast.key]["decision"] == YES]
    stated = summarise_stated(replies, by_cell, positive, motives, settings, speech)
    found, about = headline(contrasts, by_contrast, rules, instrument, speech)
    silent = {*moot, *instrument.alike()}
    told = options.get("subject", "the subject"), found, motives, by_contrast, by_cell, rules, settings, speech
    return {
        "replies": count_replies(replies, twins),
        "cells": by_cell,
        "contrasts": by_contrast,
        "coherence": coherence,
        "twins": tame,
        "stated": stated,
        **({} if read is None else {"comprehension": read}),
        **({} if made is None else {"stopping": summarise_stopping(made, contrasts, replies)}),
        "instrument": instrument.entries(),
        "verdict": {
            **about,
            "reason": found[0].reason,
            "motives": motives,
            "explanations": {name: decided.decision for name, decided in explanations.items()},
            "reasons": {name: decided.reason for name, decided in explanations.items()},
            "sentence": verdict_sentence(*told) + reading_sentence(explanations, speech),
            "warnings": warnings(by_contrast, explanations, coherence, tame, stated, read, silent),
        },
    }


def undecided(
    instrument: Instrument, contrasts: Mapping[str, ContrastEntry], coherence: dict[str, object]
) -> tuple[dict[str, ContrastEntry], dict[str, object]]:
    """Leave open what a fault of the instrument touches; low coherence, if it touches every contrast."""
    found, faults = dict(contrasts), {key: instrument.blocks(key) for key in instrument.items}
    for key, fault in faults.items():
        # Of missing replies and of too few items, the rule that decides has already said it.
        if fault is not None and fault.check not in ("items", "missing"):
            reason = f"{fault.status}: {fault.reason}"
            found[key] = {**contrasts[key], "decision": UNDETERMINED, "reason": reason}
    if faults and all(faults.values()):
        coherence = {**coherence, "decision": UNDETERMINED}
    return found, coherence


def headline(
    contrasts: Sequence[Contrast], entries: Mapping[str, ContrastEntry], rules: Rules, instrument: Instrument,
    speech: Words,
) -> tuple[tuple[Decided, Contrast | None], dict[str, object]]:  # fmt: skip
    """The answer, or *instrument failed* or *too little data* where it is open because of that.

    Returns:
        What `feint.stats.verdict.answer` gives, and the headline, status and items of the verdict.
    """
    found, gap = answer(contrasts, entries, rules, speech)
    rests_on = [key for key in needed(contrasts, rules, gap, speech) if key in instrument.items]
    status, reason = instrument.status(rests_on) if found.decision == UNDETERMINED else ("", "")
    found = Decided(status, reason) if status else found
    items = min((instrument.items[key] for key in rests_on), default=0)
    return (found, gap), {speech.headline: found.decision, "status": status or CONCLUDED, "items": items}


def contrasts_of(
    replies: Replies, contrasts: Sequence[Contrast], settings: Settings, options: Options
) -> tuple[dict[str, ContrastEntry], Replay | None]:
    """Findings per contrast, and the interim looks of a study that stops when decided.

    Raises:
        ValueError: Both strata and a course are given.
    """
    course, strata = options.get("course"), options.get("strata")
    if course is None:
        made, found = (
            None,
            summarise_contrasts(replies, contrasts, settings, replies.missing_rates(), strata, options.get("kept")),
        )
    elif strata is not None:
        raise ValueError("a study with strata cannot stop when decided: intervals at interim looks know no strata")
    else:
        made = replay(replies, contrasts, course, settings, options.get("rules") or {}, strict=False)
        found = summarise_stopped(replies, contrasts, settings, made)
    for contrast in contrasts:
        if contrast.ratio:
            found[contrast.key]["ratio"] = ratio_of_sides(replies, contrast, settings)
    return found, made


def check_design(contrasts: Sequence[Contrast], cells: Sequence[str], rules: Rules) -> None:
    """Refuse unknown cells or contrasts in contrasts and rules, weights that do not sum to 0, and keys used twice.

    Raises:
        UsageError: An unknown cell or contrast, weights that do not sum to zero, or a key used twice.
    """
    known = [contrast.key for contrast in contrasts]
    for contrast in contrasts:
        for cell in contrast.weights:
            if cell not in cells:
                raise UsageError(f"contrast '{contrast.key}': {unknown('cell', cell, cells)}")
        if not contrast.weights or abs(sum(contrast.weights.values())) > 1e-9:
            raise UsageError(f"contrast '{contrast.key}': its weights must sum to 0; check '{contrast.expression}'")
        if known.count(contrast.key) > 1:
            raise UsageError(f"contrast '{contrast.key}' occurs twice; give each contrast its own key")
    needs = {f"contrast '{contrast.key}'": contrast.requires for contrast in contrasts}
    for where, wanted in {**needs, **{f"rule '{name}'": rule for name, rule in rules.items()}}.items():
        for other in wanted:
            if other not in known:
                raise UsageError(f"{where}: {unknown('contrast', other, known)}")


def count_replies(replies: Replies, twins: Replies) -> dict[str, object]:
    """Numbers of replies planned, scored and missing, twins included."""
    reasons = Counter(str(reason) for group in (replies, twins) for reason in group.reason if reason)
    planned = len(replies.value) + len(twins.value)
    missing = int(np.isnan(replies.value).sum() + np.isnan(twins.value).sum())
    by_reason = dict(sorted(reasons.items()))
    return {"planned": planned, "scored": planned - missing, "missing": missing, "missing_by_reason": by_reason}


def warnings(
    contrasts: Mapping[str, ContrastEntry],
    explanations: Mapping[str, Decided],
    coherence: Mapping[str, object],
    twins: Mapping[str, object],
    stated: Mapping[str, object],
    comprehension: Mapping[str, object] | None,
    silent: Collection[str],
) -> list[str]:
    """Warnings for the reader of a verdict, one sentence each."""
    found = []
    if twins["ok"] is False:
        found.append(str(twins["sentence"]))
    if comprehension is not None and (comprehension["unread"] or not comprehension["answered"]):
        found.append(str(comprehension["sentence"]))
    if stated["mismatch"]:
        found.append(str(stated["sentence"]))
    if coherence["sign_flips"] or explanations[LOW_COHERENCE].decision == YES:
        found.append(str(coherence["sentence"]))
    for key, entry in contrasts.items():
        if entry["decision"] == YES and (entry["worst_case"]["low"] or 0.0) <= 0:
            found.append(f"{spoken(key)}: were every missing reply to go against it, it would not be positive.")
        if entry["decision"] == UNDETERMINED and key not in silent:
            found.append(f"{spoken(key)} is undetermined: {entry['reason']}.")
    found += [
        f"The evidence on {spoken(n).lower()} conflicts: {d.reason}."
        for n, d in explanations.items()
        if d.decision == CONFLICTING
    ]
    return found
