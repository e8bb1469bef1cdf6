"""Low coherence: does wording move the measure more than the facts do?"""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.base.numbers import listing
from feint.base.words import USUAL, Words
from feint.stats.entries import ContrastEntry, TestedEntry
from feint.stats.estimates import Estimates
from feint.stats.intervals import holm, tests_of
from feint.stats.layout import CellMeans
from feint.stats.spread import Spread, phrasings, shifts, spread_over_voices, voice_names
from feint.stats.table import Replies, pair
from feint.stats.types import NO, UNDETERMINED, YES, Bools, Estimate, Floats, Settings, Strings
from feint.stats.units import POINTS


def share_of_error(contrasts: int, settings: Settings) -> float:
    """The error that low coherence may make: that of one test, the contrasts being the others that share 1 - level.

    Bonferroni's share, kept whatever the contrasts show, so that the errors of a study add up to 1 - level.
    """
    return settings.alpha / tests_of(contrasts)


def signs_differ(voices: Estimates, settings: Settings, error: float) -> Bools:
    """Find studies where a contrast is clearly positive in one voice and clearly negative in another.

    Clearly: Holm-adjusted over the voices with a p value below `error`, and at least the smallest effect of interest.

    Args:
        voices: The contrast in each voice, shape (S, V).
        settings: The numbers that decide.
        error: Probability of an error, see `share_of_error`.

    Returns:
        Shape (S,).
    """
    p = holm(voices.p, (~np.isnan(voices.p)).sum(axis=-1, keepdims=True))
    clear = (p < error) & (np.abs(voices.estimate) >= settings.smallest_effect)
    up, down = ((clear & (sign * voices.estimate > 0)).any(axis=-1) for sign in (1, -1))
    return np.asarray(up & down)


def largest_effect(contrasts: Estimates) -> tuple[Floats, Floats]:
    """Largest absolute contrast, NaN without any, and the end of its interval nearer to zero; shape (S,) each.

    The second number is 0 where the interval holds zero.
    """
    size = np.where(np.isnan(contrasts.estimate), -1.0, np.abs(contrasts.estimate))
    if not size.shape[1]:
        return np.full(len(size), np.nan), np.zeros(len(size))
    top = contrasts.at(np.argmax(size, axis=1))
    sure = np.where(np.isnan(top.low), 0.0, np.maximum(np.maximum(top.low, -top.high), 0.0))
    return np.abs(top.estimate), sure


def decide_coherence(
    means: CellMeans, contrasts: Estimates, flips: Bools, settings: Settings
) -> tuple[Strings, Spread | None, Floats, Floats]:
    """Decide `low_coherence` of S studies.

    *Yes* if voices or phrasings move the measure significantly (`share_of_error`, Holm over the two tests), by at least
    the smallest effect of interest and by more than the largest contrast, or if a contrast changes sign from voice to
    voice. *No* if the intervals show that wording moves the measure by less than either. Else *undetermined*, as where
    a cell or a voice misses more than `Settings.max_missing` of its replies. The effect of phrasings is twice the
    standard deviation between the phrasings of a voice: a phrasing one deviation above the mean against a phrasing one
    below.

    Args:
        means: Replies averaged over samples.
        contrasts: Estimates of the contrasts, shape (S, K).
        flips: Whether any contrast changes sign from voice to voice, shape (S,).
        settings: The numbers that decide.

    Returns:
        Decisions, shape (S,); the spread over voices; effect and p value of phrasings, shape (S,) each.
    """
    error = share_of_error(contrasts.estimate.shape[1], settings)
    moved = shifts(means)
    spread, (effect, p) = spread_over_voices(moved, settings), phrasings(moved)
    if spread is None:
        decided = np.full(len(means.total), UNDETERMINED)
    else:
        decided = decide_spread(spread.difference, effect, p, *largest_effect(contrasts), settings, error)
    decided = np.where(flips, YES, decided)
    lost = np.concatenate(means.missing(), axis=1)
    gone = np.where(np.isnan(lost), 0.0, lost).max(axis=1, initial=0.0) > settings.max_missing
    return np.where(gone, UNDETERMINED, decided), spread, effect, p


def decide_spread(
    voices: Estimates, effect: Floats, p: Floats, largest: Floats, sure: Floats, settings: Settings, error: float
) -> Strings:
    """The rule of `decide_coherence` where no contrast changes sign; all arrays have the shape (S,).

    Args:
        voices: Difference between the two voices that differ most.
        effect: Effect of phrasings, NaN where it cannot be told.
        p: Its p value.
        largest: Largest absolute contrast.
        sure: The least that this contrast can be.
        settings: The numbers that decide.
        error: Probability with which the rule may say yes where nothing moves the measure.
    """
    small, phrased = settings.smallest_effect, ~np.isnan(effect)
    both = holm(np.stack([voices.p, p], axis=-1), 1 + phrased[:, None].astype(int))
    yes = (both[:, 0] < error) & (voices.estimate >= small) & (voices.estimate > largest)
    yes |= (both[:, 1] < error) & (effect >= small) & (effect > largest)
    most = np.maximum(small, sure)
    no = (voices.high < most) & (voices.estimate < most) & (~phrased | (effect < most))
    able = ~np.isnan(voices.estimate) & ~np.isnan(voices.p) & ~np.isnan(largest)
    return np.where(able & yes, YES, np.where(able & no, NO, UNDETERMINED))


def summarise_coherence(
    replies: Replies,
    contrasts: Mapping[str, ContrastEntry],
    settings: Settings,
    speech: Words = USUAL,
) -> dict[str, object]:
    """Decide `low_coherence` of one study, see `decide_coherence`.

    Args:
        replies: Replies to the requests, twins left out.
        contrasts: Findings of `feint.stats.contrasts.summarise_contrasts`.
        settings: The numbers that decide.
        speech: The words of the task.

    Returns:
        spread over voices with interval and p value, the two voices, phrasings, largest_fact_effect, sign_flips,
        decision, sentence.
    """
    error = share_of_error(len(contrasts), settings)
    flips = [
        key
        for key, entry in contrasts.items()
        if entry["voices"] and signs_differ(as_estimates(entry["voices"]), settings, error)[0]
    ]
    found = as_estimates(contrasts)
    decided, spread, effect, p = decide_coherence(pair(replies), found, np.array([bool(flips)]), settings)
    largest, phrased = (None if np.isnan(x) else float(x) for x in (largest_effect(found)[0][0], effect[0]))
    voices, names = spread.difference.one() if spread else Estimate(), voice_names(spread, replies.voices)
    return {
        "spread": voices.estimate,
        "low": voices.low,
        "high": voices.high,
        "p": voices.p,
        "most": names[0] if names else None,
        "least": names[1] if names else None,
        "phrasings": None if phrased is None else {"spread": phrased, "p": float(p[0])},
        "largest_fact_effect": largest,
        "sign_flips": flips,
        "decision": str(decided[0]),
        "sentence": coherence_sentence(voices, names, phrased, largest, flips, str(decided[0]), speech),
    }


def as_estimates(entries: Mapping[str, TestedEntry]) -> Estimates:
    """Entries of findings as arrays of one study, shape (1, K)."""
    rows = [[entry[key] for entry in entries.values()] for key in ("estimate", "low", "high", "p", "n")]
    return Estimates(*(np.array([row], dtype=float) for row in rows))


def coherence_sentence(
    voices: Estimate,
    names: Sequence[str] | None,
    phrased: float | None,
    largest: float | None,
    flips: list[str],
    decision: str,
    speech: Words = USUAL,
) -> str:
    """The grounds of the decision, in one sentence."""
    if names is None or voices.estimate is None or largest is None:
        return f"One voice, or too few {speech.replies}: how far wording moves {speech.measure} cannot be told."
    text = (
        f"Voices move {speech.measure} by up to {POINTS.counted(voices.estimate)} "
        f"({POINTS.span(voices.low, voices.high)}; most in {names[0]}, least in {names[1]})"
        + (f", phrasings by {POINTS.number(phrased)}" if phrased is not None else "")
        + f", the facts by up to {POINTS.number(largest)}"
    )
    if flips:
        return f"{text}; {listing(flips)} changes sign from voice to voice, so the {speech.replies} follow the wording."
    follow = {
        YES: f"the {speech.replies} follow the wording",
        NO: "wording moves them little, or less than the facts do",
        UNDETERMINED: "whether wording moves them more is undetermined",
    }
    return f"{text}: {follow[decision]}."
