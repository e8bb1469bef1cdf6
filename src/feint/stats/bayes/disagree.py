"""Contradictions between the model and the contrasts, by a rule fixed beforehand."""

from collections.abc import Mapping

from feint.base.numbers import span
from feint.stats.entries import ContrastEntry
from feint.stats.types import NO, YES, Settings


def disagreements(
    contrasts: Mapping[str, ContrastEntry], model: Mapping[str, Mapping[str, float] | None], settings: Settings
) -> dict[str, str]:
    """Say where the two contradict each other.

    A contrast decided *yes* is contradicted where the model gives it a probability below the level to be above 0; one
    decided *no* for lying inside the smallest effect of interest, where the model holds a larger effect, in either
    direction, for likelier than not; one decided *no* for its opposite direction, where the model gives it a
    probability below the level to be below 0; any of them, where the two intervals do not overlap.

    Args:
        contrasts: The findings by contrast.
        model: The model's summary by contrast, None where it has none.
        settings: The numbers that decide.

    Returns:
        Why, in one clause, by contrast.
    """
    found = {}
    for key, said in model.items():
        if said is not None and key in contrasts and (why := contradiction(contrasts[key], said, settings)):
            found[key] = why
    return found


def contradiction(entry: ContrastEntry, said: Mapping[str, float], settings: Settings) -> str:
    """Why the two contradict each other on one contrast, or ""; see `disagreements`."""
    above, beyond = said["p_above_zero"], said["p_beyond_small"]
    if entry["decision"] == YES and above < settings.level:
        return f"decided yes, yet by the model it is above 0 with a probability of {chance(above)} only"
    low, high = entry["low"], entry["high"]
    opposite = high is not None and high < 0 and (entry["estimate"] or 0.0) <= -settings.smallest_effect
    if entry["decision"] == NO and opposite:
        if 1 - above < settings.level:
            return f"decided no for its direction, yet by the model it is below 0 with {chance(1 - above)} only"
    elif entry["decision"] == NO and beyond > 0.5:
        small = f"{100 * settings.smallest_effect:g} points"
        return f"decided no, yet by the model it is {small} or more with a probability of {chance(beyond)}"
    if low is not None and high is not None and (said["high"] < low or high < said["low"]):
        return f"its interval is {span(low, high)} points, that of the model {span(said['low'], said['high'])}"
    return ""


def chance(probability: float) -> str:
    """A probability in percent, such as "82.4 %"."""
    return f"{100 * probability:.1f} %"
