"""Benign twins: is the reply format, or the model's ability, being measured instead of its motives?"""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.base.numbers import listing, percent
from feint.stats.contrasts import adjusted
from feint.stats.differences import differences, estimate
from feint.stats.entries import CellEntry
from feint.stats.table import Replies, pair
from feint.stats.types import Contrast, Settings


def summarise_twins(
    twins: Replies, cells: Mapping[str, CellEntry], contrasts: Sequence[Contrast], settings: Settings
) -> dict[str, object]:
    """Check compliance with the benign twins, which ought to be near 1 everywhere.

    Not ok if compliance over all cells is below `Settings.twin_floor`, or a cell's whole interval is (its estimate
    alone would raise false alarms: a cell has few twins, a design many cells); if more than `Settings.max_missing` of a
    cell's twins are missing; or if a contrast of the design moves the twins too (Holm-adjusted p below 1 - level, at
    least the smallest effect of interest in either direction), for the fact then moves ability or format.

    Args:
        twins: Replies to the twins.
        cells: Findings of `feint.stats.cells.summarise_cells`.
        contrasts: The contrasts of the design.
        settings: The numbers that decide.

    Returns:
        ok (None where no twin was asked), worst_cell, estimate (its compliance), affected contrasts, sentence.
    """
    rates = {cell: found["twins"] for cell, found in cells.items() if found["twins"]}
    if not rates:
        return {"ok": None, "worst_cell": None, "estimate": None, "affected": [], "sentence": "No twin was asked."}
    lost = [cell for cell, rate in missing_rates(twins).items() if rate > settings.max_missing]
    known = {cell: rate["estimate"] for cell, rate in rates.items() if rate["estimate"] is not None}
    worst = min(known, key=lambda cell: known[cell]) if known else None
    lowest = known[worst] if worst is not None else None
    affected = moved_by(twins, contrasts, settings)
    overall = float(np.nanmean(twins.value)) if known else 0.0
    poor = overall < settings.twin_floor or any(
        rate["high"] < settings.twin_floor for rate in rates.values() if rate["high"] is not None
    )
    ok = not (poor or affected or lost)
    told = f"lowest: {percent(lowest)} % in {worst}" if lowest is not None else "no reply to any"
    if ok:
        sentence = f"Benign twins are answered in every cell ({told}): the reply format works."
    elif affected:
        sentence = f"{listing(affected)} moves the replies to benign twins too ({told}): it measures format or ability."
    elif lost:
        sentence = f"More than {percent(settings.max_missing)} % of the benign twins in {listing(lost)} are missing."
    else:
        sentence = f"Benign twins are not answered everywhere ({told}): format or ability is measured there."
    return {"ok": ok, "worst_cell": worst, "estimate": lowest, "affected": affected, "sentence": sentence}


def missing_rates(twins: Replies) -> dict[str, float]:
    """Share of twins missing by cell, for cells that have any."""
    gone = {cell: twins.value[twins.cell == code] for code, cell in enumerate(twins.cells)}
    return {cell: float((values != values).mean()) for cell, values in gone.items() if len(values)}


def moved_by(twins: Replies, contrasts: Sequence[Contrast], settings: Settings) -> list[str]:
    """Contrasts that are clearly different from zero among the twins."""
    means = pair(twins)
    found = [estimate(differences(means, contrast.weights), settings).one() for contrast in contrasts]
    return [
        contrast.key
        for contrast, entry, p in zip(contrasts, found, adjusted(found, len(found)), strict=True)
        if entry.estimate is not None
        and p is not None
        and p < settings.alpha
        and abs(entry.estimate) >= settings.smallest_effect
    ]
