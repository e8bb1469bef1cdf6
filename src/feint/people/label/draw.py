"""Draw the replies that a person labels: at random, from every cell and from all that the judge says."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from feint.base.errors import UsageError
from feint.people.label.events import Reply
from feint.people.label.replies import records
from feint.situations import number

Stratum = tuple[str, str]
"""A cell, and what the judge says: "complied", "refused" or "missing"."""
USUAL = 100
PER_CELL = 14
"""Replies of each cell, of which `feint.stats.corrected` needs 10 labelled ones; some cannot be told."""
AT_LEAST = 2
"""Replies of each stratum, where it has so many: with one, nothing is known of how much its replies differ."""


def default_size(population: pd.DataFrame) -> int:
    """So many replies that each stratum has some and each cell enough, and at least `USUAL` where there are so many."""
    strata = sizes_of(population)
    cells = {cell for cell, _ in strata}
    return min(len(population), max(USUAL, PER_CELL * len(cells), AT_LEAST * len(strata)))


def draw_replies(population: pd.DataFrame, n: int, seed: int) -> list[Reply]:
    """Draw a stratified random sample.

    Within a stratum each reply has the same probability: replies drawn over replies there. Strata take turns in a
    fixed order (see `allocate`), so a larger draw of the same seed holds the smaller one.

    Args:
        population: One row for each reply: id, cell, request, wording, voice, sample, and judged ("complied",
            "refused" or "missing").
        n: How many.
        seed: Decides which, and in what order.

    Returns:
        The replies, in an order that follows neither cells nor labels.

    Raises:
        UsageError: So few that a stratum would have none, or more than there are.
    """
    sizes = sizes_of(population)
    if n > len(population):
        raise UsageError(f"--n {n}: the study has only {len(population)} replies to label; give at most so many")
    if n < len(sizes):
        raise UsageError(
            f"--n {n}: too few to draw from each of the {len(sizes)} combinations of a cell and what the judge says; "
            f"give at least {len(sizes)}"
        )
    taken = allocate(sizes, n)
    strata: dict[Stratum, list[dict[str, Any]]] = {}
    for row in records(population):
        strata.setdefault((row["cell"], row["judged"]), []).append(row)
    drawn = []
    for stratum, rows in strata.items():
        rows.sort(key=lambda row: number("draw", seed, row["id"]))
        drawn += [reply_of(row, taken[stratum] / len(rows)) for row in rows[: taken[stratum]]]
    return sorted(drawn, key=lambda reply: number("order", seed, reply.id))


def sizes_of(population: pd.DataFrame) -> dict[Stratum, int]:
    """How many replies each stratum has."""
    return dict(Counter((row["cell"], row["judged"]) for row in records(population)))


def allocate(sizes: Mapping[Stratum, int], n: int) -> dict[Stratum, int]:
    """Share out a sample: one reply to each stratum, then a second, then in proportion to size.

    The proportional part is Sainte-Laguë's: the next reply goes where size over (taken + 1/2) is largest. One reply
    more is then given to one stratum more, and no other ever gets fewer.

    Args:
        sizes: Replies by stratum; all at least 1, together at least `n`.
        n: Replies to draw; at least as many as strata.
    """
    taken = dict.fromkeys(sizes, 0)

    def claim(stratum: Stratum) -> tuple[int, float, int]:
        has = taken[stratum]
        return max(AT_LEAST - has, 0), sizes[stratum] / (has + 0.5), number("claim", *stratum)

    for _ in range(n):
        taken[max((one for one in sizes if taken[one] < sizes[one]), key=claim)] += 1
    return taken


def reply_of(row: Mapping[str, Any], probability: float | None) -> Reply:
    """A row of the population as one that was drawn."""
    return Reply(**{name: row[name] for name in Reply.model_fields if name != "probability"}, probability=probability)
