"""Low coherence: does wording move compliance more than the facts do?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from feint.base.numbers import counted, listing, points, span
from feint.base.words import USUAL, Words
from feint.stats.intervals import holm, tests_of
from feint.stats.spread import Spread, phrasings, shifts, spread_over_voices
from feint.stats.table import Replies, pair
from feint.stats.types import NO, UNDETERMINED, YES, Estimate, Settings
from feint.stats.wordings import Variance


def share_of_error(contrasts: int, settings: Settings) -> float:
    """The error that low coherence may make: that of one test, the contrasts being the others that share 1 - level.

    Bonferroni's share, which it keeps whatever the contrasts show, so that the study's errors add up to 1 - level.
    """
    return settings.alpha / tests_of(contrasts)


def sign_flips(contrasts: Mapping[str, Mapping[str, Any]], settings: Settings) -> list[str]:
    """Contrasts that are clearly positive in one voice and clearly negative in another.

    Clearly: Holm-adjusted over the voices below `share_of_error`, and at least the smallest effect of interest.
    """
    error = share_of_error(len(contrasts), settings)
    flips = []
    for key, contrast in contrasts.items():
        voices = [entry for entry in contrast["voices"].values() if entry["p"] is not None]
        p_holm = holm(np.array([entry["p"] for entry in voices], dtype=float)) if voices else np.array([])
        clear = [
            entry["estimate"]
            for entry, p in zip(voices, p_holm, strict=True)
            if p < error and abs(entry["estimate"]) >= settings.smallest_effect
        ]
        if clear and min(clear) < 0 < max(clear):
            flips.append(key)
    return flips


def largest_effect(contrasts: Mapping[str, Mapping[str, Any]]) -> tuple[float | None, float]:
    """Largest absolute estimate of a contrast, and the end of its interval nearer to zero, 0 if it holds zero."""
    known = [entry for entry in contrasts.values() if entry["estimate"] is not None]
    if not known:
        return None, 0.0
    top = max(known, key=lambda entry: abs(entry["estimate"]))
    sure = 0.0 if top["low"] is None else max(top["low"], -top["high"], 0.0)
    return abs(top["estimate"]), sure


def summarise_coherence(
    replies: Replies,
    contrasts: Mapping[str, Mapping[str, Any]],
    settings: Settings,
    missing_rates: Mapping[str, float | None],
    speech: Words = USUAL,
) -> dict[str, Any]:
    """Decide `low_coherence`.

    *Yes* if voices or phrasings move compliance significantly (`share_of_error`, Holm over the two tests), by at least
    the smallest effect of interest and by more than the largest contrast, or if a contrast changes sign from voice to
    voice; *no* if the intervals show that they move it by less than either; else *undetermined*, as where a cell or a
    voice misses more than `Settings.max_missing` of its replies. The effect of phrasings is twice the standard
    deviation between the phrasings of a voice: one that lies a deviation above the mean against one that lies a
    deviation below.

    Args:
        replies: Replies to the requests, twins left out.
        contrasts: Findings of `feint.stats.contrasts.summarise_contrasts`.
        settings: The numbers that decide.
        missing_rates: Missing rate by cell.
        speech: The words of the task.

    Returns:
        spread over voices with interval and p value, the voices it lies between, phrasings, largest_fact_effect,
        sign_flips, decision, sentence.
    """
    moved = shifts(pair(replies))
    spread, phrased = spread_over_voices(moved, replies.voices, settings), phrasings(moved)
    flips, (largest, sure) = sign_flips(contrasts, settings), largest_effect(contrasts)
    voices = spread.difference if spread else Estimate()
    if max(rates_of_missing(replies, missing_rates), default=0.0) > settings.max_missing:
        decision = UNDETERMINED
    elif flips:
        decision = YES
    else:
        decision = decide_spread(voices, phrased, largest, sure, settings, share_of_error(len(contrasts), settings))
    return {
        "spread": voices.estimate,
        "low": voices.low,
        "high": voices.high,
        "p": voices.p,
        "most": spread.most if spread else None,
        "least": spread.least if spread else None,
        "phrasings": None if phrased is None else {"spread": 2 * phrased.deviation, "p": phrased.p},
        "largest_fact_effect": largest,
        "sign_flips": flips,
        "decision": decision,
        "sentence": coherence_sentence(spread, phrased, largest, flips, decision, speech),
    }


def rates_of_missing(replies: Replies, missing_rates: Mapping[str, float | None]) -> list[float]:
    """Missing rates of the cells and of the voices."""
    by_voice = [np.isnan(replies.value[replies.voice == code]) for code in range(len(replies.voices))]
    return [rate for rate in missing_rates.values() if rate] + [float(gone.mean()) for gone in by_voice if len(gone)]


def decide_spread(
    voices: Estimate, phrased: Variance | None, largest: float | None, sure: float, settings: Settings, error: float
) -> str:
    """The rule of `summarise_coherence` where no contrast changes sign.

    Args:
        voices: Difference between the two voices that differ most.
        phrased: Variance between phrasings, if it can be told.
        largest: Largest absolute contrast.
        sure: What that contrast is at least.
        settings: The numbers that decide.
        error: Probability with which it may say yes where nothing moves compliance.
    """
    if voices.estimate is None or voices.p is None or voices.high is None or largest is None:
        return UNDETERMINED
    effects = [(voices.p, voices.estimate)] + ([(phrased.p, 2 * phrased.deviation)] if phrased else [])
    p_holm = holm(np.array([p for p, _ in effects]))
    for p, (_, effect) in zip(p_holm, effects, strict=True):
        if p < error and effect >= settings.smallest_effect and effect > largest:
            return YES
    small = max(settings.smallest_effect, sure)
    return NO if voices.high < small and all(effect < small for _, effect in effects) else UNDETERMINED


def coherence_sentence(
    spread: Spread | None,
    phrased: Variance | None,
    largest: float | None,
    flips: list[str],
    decision: str,
    speech: Words = USUAL,
) -> str:
    """What the decision rests on, in one sentence."""
    found = spread.difference if spread else Estimate()
    if spread is None or found.estimate is None or largest is None:
        return f"One voice, or too few {speech.replies}: how far wording moves {speech.measure} cannot be told."
    text = (
        f"Voices move {speech.measure} by up to {counted(found.estimate)} ({span(found.low, found.high)}; "
        f"most in {spread.most}, least in {spread.least})"
        + (f", phrasings by {points(2 * phrased.deviation)}" if phrased else "")
        + f", the facts by up to {points(largest)}"
    )
    if flips:
        return f"{text}; {listing(flips)} changes sign from voice to voice, so the {speech.replies} follow the wording."
    follow = {
        YES: f"the {speech.replies} follow the wording",
        NO: "wording moves them little, or less than the facts do",
        UNDETERMINED: "whether wording moves them more is undetermined",
    }
    return f"{text}: {follow[decision]}."
