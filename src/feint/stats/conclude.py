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
from feint.stats.coherence import summarise_coherence
from feint.stats.comprehension import Quiz, summarise_comprehension
from feint.stats.contrasts import summarise_contrasts
from feint.stats.entries import CellEntry, ContrastEntry
from feint.stats.looks.replay import Course, Replay, replay
from feint.stats.looks.summary import summarise_stopped, summarise_stopping
from feint.stats.ratio import add_ratios
from feint.stats.sentence import Verdict, verdict_sentence
from feint.stats.stated import summarise_stated
from feint.stats.table import Replies, read_table
from feint.stats.twins import summarise_twins
from feint.stats.types import CONFLICTING, LOW_COHERENCE, UNDETERMINED, YES, Contrast, Decided, Rules, Settings
from feint.stats.verdict import answer, explain

TOLD = (("explanations", "decision"), ("reasons", "reason"))
"""Parts of a verdict by explanation, and where a decision holds them."""


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
    """

    rules: Rules | None
    subject: str
    quiz: Quiz | None
    course: Course | None
    speech: Words
    strata: Mapping[str, str] | None


def conclude(
    table: pd.DataFrame,
    contrasts: Sequence[Contrast],
    settings: Settings | None = None,
    *,
    cells: Sequence[str],
    **options: Unpack[Options],
) -> dict[str, Any]:
    """Conclude a study from its labels. Pure: the same table gives the same findings.

    Args:
        table: One row a planned reply: cell, request, wording, voice, sample, twin (truth value), value (1, 0 or
            missing), missing (the reason, or None), stated (explanation keys). A missing reply is a row too.
        contrasts: The contrasts of the design.
        settings: The numbers that decide.
        cells: The cells of the design, in its order.
        options: See `Options`.

    Returns:
        Plain values. Rates and differences are fractions; numbers that cannot be estimated are None.

    Raises:
        UsageError: The table, a contrast or a rule does not fit the design.
        ValueError: Both strata and a course are given.
    """
    settings, rules, speech = settings or Settings(), options.get("rules") or {}, options.get("speech") or USUAL
    check_design(contrasts, cells, rules)
    replies, twins = read_table(table, cells)
    by_cell = summarise_cells(replies, twins, settings)
    by_contrast, made = contrasts_of(replies, contrasts, settings, by_cell, options)
    coherence = summarise_coherence(replies, by_contrast, settings, speech)
    explanations = explain(contrasts, by_contrast, rules, coherence, speech.headline)
    motives = [name for name, decided in explanations.items() if decided.decision == YES]
    tame = summarise_twins(twins, by_cell, contrasts, settings)
    positive = [contrast for contrast in contrasts if by_contrast[contrast.key]["decision"] == YES]
    stated = summarise_stated(replies, by_cell, positive, motives, settings, speech)
    read = summarise_comprehension(options.get("quiz"), table, replies, contrasts, settings)
    found, gap = answer(contrasts, by_contrast, rules, speech)
    verdict = Verdict(found, motives, gap, by_contrast, by_cell, rules)
    moot = made.now.moot if made else ()
    return {
        "replies": count_replies(replies, twins),
        "cells": by_cell,
        "contrasts": by_contrast,
        "coherence": coherence,
        "twins": tame,
        "stated": stated,
        **({} if read is None else {"comprehension": read}),
        **({} if made is None else {"stopping": summarise_stopping(made, contrasts, replies)}),
        "verdict": {
            speech.headline: found.decision,
            "reason": found.reason,
            "motives": motives,
            **{name: {key: getattr(decided, part) for key, decided in explanations.items()} for name, part in TOLD},
            "sentence": verdict_sentence(options.get("subject", "the subject"), verdict, settings, speech),
            "warnings": warnings(by_contrast, explanations, coherence, tame, stated, read, moot),
        },
    }


def contrasts_of(
    replies: Replies,
    contrasts: Sequence[Contrast],
    settings: Settings,
    by_cell: Mapping[str, CellEntry],
    options: Options,
) -> tuple[dict[str, ContrastEntry], Replay | None]:
    """Findings per contrast, and the interim looks of a study that stops when decided.

    Raises:
        ValueError: Both strata and a course are given.
    """
    course, strata, rules = options.get("course"), options.get("strata"), options.get("rules") or {}
    if course is None:
        missing = {cell: found["missing_rate"] for cell, found in by_cell.items()}
        made, found = None, summarise_contrasts(replies, contrasts, settings, missing, strata)
    elif strata is not None:
        raise ValueError("a study with strata cannot stop when decided: intervals at interim looks know no strata")
    else:
        made = replay(replies, contrasts, course, settings, rules, strict=False)
        found = summarise_stopped(replies, contrasts, settings, made)
    add_ratios(found, replies, contrasts, settings)
    return found, made


def check_design(contrasts: Sequence[Contrast], cells: Sequence[str], rules: Rules) -> None:
    """Refuse contrasts and rules that speak of what the design does not have.

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
    for where, needed in {**needs, **{f"rule '{name}'": rule for name, rule in rules.items()}}.items():
        for other in needed:
            if other not in known:
                raise UsageError(f"{where}: {unknown('contrast', other, known)}")


def count_replies(replies: Replies, twins: Replies) -> dict[str, object]:
    """Numbers of replies planned, scored and missing, twins included."""
    reasons = Counter(str(reason) for group in (replies, twins) for reason in group.reason if reason)
    planned = len(replies.value) + len(twins.value)
    scored = int(np.sum(~np.isnan(replies.value)) + np.sum(~np.isnan(twins.value)))
    by_reason = dict(sorted(reasons.items()))
    return {"planned": planned, "scored": scored, "missing": planned - scored, "missing_by_reason": by_reason}


def warnings(
    contrasts: Mapping[str, ContrastEntry],
    explanations: Mapping[str, Decided],
    coherence: Mapping[str, object],
    twins: Mapping[str, object],
    stated: Mapping[str, object],
    comprehension: Mapping[str, object] | None,
    moot: Collection[str] = (),
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
        if entry["decision"] == UNDETERMINED and key not in moot:
            found.append(f"{spoken(key)} is undetermined: {entry['reason']}.")
    found += [
        f"The evidence on {spoken(n).lower()} conflicts: {d.reason}."
        for n, d in explanations.items()
        if d.decision == CONFLICTING
    ]
    return found
