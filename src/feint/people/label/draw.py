"""Draw the replies that a person labels: at random, from every cell and every outcome that the judge gave."""

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from feint.base.errors import UsageError
from feint.people.label.events import DrawnReply
from feint.people.label.replies import ReplyRow, records
from feint.situations import number

Stratum = tuple[str, str]
"""A cell, and the judge's label: one of the task's labels, or "missing"."""
USUAL = 100
PER_CELL = 14
"""Replies of each cell. `feint.stats.corrected` needs 10 labelled replies of a cell, and some cannot be told."""
AT_LEAST = 2
"""Replies of each stratum, if it has as many: one reply says nothing about how much replies differ."""


def default_size(population: pd.DataFrame) -> int:
    """Return how many replies are drawn by default.

    Each stratum gets some, each cell enough, and all together at least `USUAL` if the study has as many.
    """
    strata = sizes_of(population)
    cells = {cell for cell, _ in strata}
    return min(len(population), max(USUAL, PER_CELL * len(cells), AT_LEAST * len(strata)))


def draw_replies(population: pd.DataFrame, n: int, seed: int) -> list[DrawnReply]:
    """Draw a stratified random sample.

    Within a stratum each reply has the same probability: replies drawn over replies there. Strata take turns in a
    fixed order (see `allocate`), so a larger draw of the same seed holds the smaller draw.

    Args:
        population: One row for each reply, see `ReplyRow`.
        n: How many replies.
        seed: Decides which replies are drawn, and their order, which follows neither cells nor labels.

    Raises:
        UsageError: More replies than there are, or too few for every stratum to have one.
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
    strata: dict[Stratum, list[ReplyRow]] = {}
    for row in records(population):
        strata.setdefault((row["cell"], row["judged"]), []).append(row)
    drawn = []
    for stratum, rows in strata.items():
        rows.sort(key=lambda row: number("draw", seed, row["id"]))
        drawn += [drawn_reply(row, taken[stratum] / len(rows)) for row in rows[: taken[stratum]]]
    return sorted(drawn, key=lambda reply: number("order", seed, reply.id))


def sizes_of(population: pd.DataFrame) -> dict[Stratum, int]:
    """Count the replies of each stratum."""
    return dict(Counter((row["cell"], row["judged"]) for row in records(population)))


def allocate(sizes: Mapping[Stratum, int], n: int) -> dict[Stratum, int]:
    """Share out a sample: two replies to each stratum, as far as they go, and the rest in proportion to size.

    The proportional part follows Sainte-Laguë: the next reply goes where size over (taken + 1/2) is largest. In a
    larger sample, no stratum gets fewer replies. There are at least `n` replies, and at most `n` strata.

    >>> allocate({("free", "complied"): 60, ("paid", "refused"): 20}, 8)
    {('free', 'complied'): 6, ('paid', 'refused'): 2}
    """
    taken = dict.fromkeys(sizes, 0)

    def claim(stratum: Stratum) -> tuple[int, float, int]:
        has = taken[stratum]
        return max(AT_LEAST - has, 0), sizes[stratum] / (has + 0.5), number("claim", *stratum)

    for _ in range(n):
        taken[max((one for one in sizes if taken[one] < sizes[one]), key=claim)] += 1
    return taken


def drawn_reply(row: ReplyRow, probability: float | None) -> DrawnReply:
    """Turn a row of the population into a drawn reply."""
    about = {name: value for name, value in row.items() if name in DrawnReply.model_fields}
    return DrawnReply.model_validate({**about, "probability": probability})
