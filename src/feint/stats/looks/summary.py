"""Findings of a study that stopped when decided: the contrasts as they were closed, and the looks."""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.stats.contrasts import summarise_contrasts
from feint.stats.decide import DecisionRule
from feint.stats.entries import ContrastEntry
from feint.stats.intervals import tests_of
from feint.stats.looks.replay import Replay
from feint.stats.table import Replies
from feint.stats.types import UNDETERMINED, YES, Contrast, Decided, Settings


def summarise_stopped(
    replies: Replies, contrasts: Sequence[Contrast], settings: Settings, made: Replay
) -> dict[str, ContrastEntry]:
    """Findings per contrast, as `feint.stats.contrasts.summarise_contrasts`, by intervals that hold at all looks.

    Estimate, interval, p value and decision of a contrast come from the look that closed the contrast, or from the last
    look; all other numbers rest on the same requests.

    Args:
        replies: Replies to the requests, twins left out.
        contrasts: The contrasts of the design.
        settings: The numbers that decide.
        made: The looks.
    """
    by_size: dict[int, dict[str, ContrastEntry]] = {}
    summary: dict[str, ContrastEntry] = {}
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    for contrast in contrasts:
        size = made.closed(contrast.key)
        if size not in by_size:
            asked = set(made.until(size))
            mask = np.array([replies.requests[code] in asked for code in replies.request], dtype=bool)
            missing: Mapping[str, float | None] = made.blocks[size - 1].missing if size else {}
            rates = {cell: missing.get(cell) for cell in replies.cells}
            by_size[size] = summarise_contrasts(replies.where(mask), contrasts, settings, rates)
        entry, found = by_size[size][contrast.key], made.now.estimates[contrast.key]
        decided = reason_of(made, contrast, rule)
        if decided.decision == YES:
            decided = Decided(YES, decided.reason + rule.caution(entry["worst_case"]["low"]))
        summary[contrast.key] = {
            **entry,
            **found.as_dict(),
            "p": found.p,
            "p_holm": made.now.p_holm[contrast.key],
            "decision": decided.decision,
            "reason": decided.reason,
        }
    return summary


def reason_of(made: Replay, contrast: Contrast, rule: DecisionRule) -> Decided:
    """The decision on a contrast, or the reason for no decision."""
    key, now = contrast.key, made.now
    if key in now.decided:
        return now.decided[key]
    if key in now.moot:
        return Decided(UNDETERMINED, f"not asked for, or no longer: {now.moot[key]}")
    if not made.blocks:
        return Decided(UNDETERMINED, f"no look yet: the first is after {made.course.looking.looks[0]} requests")
    missing = {cell: made.blocks[-1].missing.get(cell) for cell in contrast.weights}
    return rule.decide(now.estimates[key], now.p_holm[key], missing)


def summarise_stopping(made: Replay, contrasts: Sequence[Contrast], replies: Replies) -> dict[str, object]:
    """The looks behind the decisions of a study, ready for JSON.

    Args:
        made: The looks.
        contrasts: The contrasts of the design.
        replies: Those that the findings count.

    Returns:
        `until` ("decided", or the rule), `method`; `requests` (asked at the last look), `most` (that could be asked);
        `ended` (nothing is left to ask); `open` (contrasts); `cells`: by cell, requests asked; `contrasts`: by
        contrast `after` (requests at which it was closed, None while it is open), `moot` (why it needs no decision,
        or ""), `path` (one entry for each look that it was open at: `requests`, `n`, `estimate`, `low`, `high`).
    """
    looks = made.course.looking.looks
    asked = {cell: len(np.unique(replies.request[replies.cell == code])) for code, cell in enumerate(replies.cells)}
    entries = {}
    for contrast in contrasts:
        closed = made.now.since.get(contrast.key)
        path = [
            {"requests": looks[k], **stand.estimates[contrast.key].as_dict()}
            for k, stand in enumerate(made.stands[1 : made.closed(contrast.key) + 1])
        ]
        entries[contrast.key] = {
            "after": None if closed is None else looks[closed - 1] if closed else 0,
            "moot": made.now.moot.get(contrast.key, ""),
            "path": path,
        }
    return {
        "until": made.course.until or "decided",
        "method": made.course.looking.method,
        "requests": made.requests,
        "most": looks[-1],
        "ended": made.now.ended,
        "open": list(made.now.open),
        "cells": asked,
        "contrasts": entries,
    }
