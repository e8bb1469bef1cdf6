"""Power of a finished study: the smallest gap called yes often enough, and the probability of a no."""

from collections.abc import Mapping, Sequence

from feint.base.numbers import percent
from feint.stats.decide import DecisionRule
from feint.stats.differences import differences
from feint.stats.intervals import tests_of
from feint.stats.layout import CellMeans
from feint.stats.power.need import Assumed, requests_for_no, room, smallest_gap
from feint.stats.power.spread import count, estimate_spread
from feint.stats.table import Replies, pair
from feint.stats.types import Contrast, Estimate, Settings
from feint.stats.units import POINTS

POWER = 0.8
"""How often a gap has to be called yes to count as one that the study would have seen (Cohen 1988)."""


def summarise_power(
    replies: Replies,
    contrasts: Sequence[Contrast],
    settings: Settings,
    missing_rates: Mapping[str, float | None],
    *,
    requests: int | None = None,
    power: float = POWER,
) -> dict[str, object]:
    """The power statement of a study: from its size, its rates and its spread, and from no estimate of a contrast.

    Args:
        replies: Replies to the requests, twins left out.
        contrasts: The contrasts of the design; Holm's adjustment is over all of them.
        settings: The numbers that decide.
        missing_rates: Missing rate by cell, None for a cell without planned replies.
        requests: Requests in each cell, where that is not what the table holds: for a study that stops when it is
            decided, the most that were planned.
        power: How often a gap has to be called yes.

    Returns:
        `share` (the power) and, by contrast, what `could_see` says.
    """
    means = pair(replies)
    tests = tests_of(len(contrasts))
    found = {
        contrast.key: could_see(replies, means, contrast, settings, missing_rates, tests, requests, power)
        for contrast in contrasts
    }
    return {"share": power, "contrasts": found}


def could_see(
    replies: Replies,
    means: CellMeans,
    contrast: Contrast,
    settings: Settings,
    missing_rates: Mapping[str, float | None],
    tests: int,
    requests: int | None,
    power: float,
) -> dict[str, object]:
    """The power statement of one contrast.

    The cells that the contrast subtracts are taken to comply as often as they did, and requests to differ as they did;
    the cell that the contrast expects to comply more is put where the gap would be what it is supposed to be.

    Returns:
        `requests` and `per_request` (sets of replies to each), `gap` (the smallest that is called yes often enough;
        None if none is), `room` (the largest that the rates leave room for), `no` (how often a contrast that is zero
        is called no), `requests_for_no` (how many would make that often enough), `rates` by cell, `same` and `other`
        (see `feint.stats.power.spread.Spread`), `why` (in a clause, where `gap` is None).
    """
    pairs = differences(means, contrast.weights)
    asked = len(pairs.per_request()[0])
    per_request = float(pairs.replies[pairs.complete].sum()) / asked if asked else 0.0
    size = asked if requests is None else requests
    cells = list(contrast.weights)
    nothing = {"requests": size, "per_request": per_request, "gap": None, "room": None, "no": None,
               "requests_for_no": None, "rates": None, "same": None, "other": None}  # fmt: skip
    missing = {cell: missing_rates[cell] for cell in cells}
    rule = DecisionRule.of(settings, tests)
    gone = rule.undecidable(Estimate(0.0, 0.0 if asked > 1 else None, 0.0, asked), missing)
    if gone:
        return {**nothing, "why": gone}
    counts = count(replies, cells)
    spread = estimate_spread(counts, settings.assumed_icc)
    rates = {cell: float(rate) for cell, rate in zip(cells, counts.rates(), strict=True)}
    assumed = Assumed(rates, spread, per_request)
    gap, most = smallest_gap(assumed, contrast, size, settings, tests, power), room(assumed, contrast)
    if gap is not None:
        why = ""
    elif most <= settings.smallest_effect:
        why = f"the other cells leave room for a gap of {POINTS.counted(max(most, 0.0))} at most"
    else:
        why = f"too few requests for any gap to be seen {percent(power)} % of the time"
    needed, zero = requests_for_no(assumed, contrast, settings, power, size)
    return {
        **nothing,
        "gap": gap,
        "room": most,
        "no": zero,
        "requests_for_no": needed,
        "rates": rates,
        "same": spread.same,
        "other": spread.other,
        "why": why,
    }
