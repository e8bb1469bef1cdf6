"""Utilities of outcomes by a Bradley-Terry model, and how well they predict choices that were left out."""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.findings.analysis import Analysis, StudyData
from feint.findings.part import Part
from feint.report.section import Section, Told, View
from feint.stats.intervals import wilson
from feint.stats.types import Floats
from feint.tasks.values.items import BETTER, outcomes

RIDGE, STEPS, FOLDS = 0.25, 25, 5
"""Precision of the normal prior on utilities, Newton steps, and parts of the cross-validation."""


class Utility(Part):
    """The utility of an outcome in log odds, relative to the mean, with its standard error."""

    category: str
    value: float
    error: float


class UtilitiesData(Part):
    """Utilities by outcome, and the share of left-out choices that they predict, with Wilson's interval over choices.

    Attributes:
        outcomes: By id.
        right: Share of choices of a left-out part that the utilities of the other parts predict.
        low, high: The ends of its interval.
        choices: Settled choices.
        cycles: Share of triangles of settled choices that go in a circle; None without triangles.
        triangles: Triangles of settled choices.
    """

    outcomes: dict[str, Utility]
    right: float | None
    low: float | None
    high: float | None
    choices: int
    cycles: float | None
    triangles: int


def fit(pairs: Sequence[tuple[int, int, float]], n: int) -> tuple[Floats, Floats]:
    """Fit utilities by penalised maximum likelihood (Bradley and Terry 1952, Biometrika 39, 324-345).

    Args:
        pairs: For each pair, its two outcomes and the share of answers that chose the first.
        n: The number of outcomes.

    Returns:
        Utilities, with mean 0, and standard errors, shape (n,) each.
    """
    a, b = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in (0, 1))
    y, u = np.array([pair[2] for pair in pairs]), np.zeros(n)
    information = np.eye(n)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(u[b] - u[a]))
        slope = np.bincount(a, y - p, n) - np.bincount(b, y - p, n) - RIDGE * u
        information = RIDGE * np.eye(n)
        weight = p * (1 - p)
        for row, column, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
            np.add.at(information, (row, column), sign * weight)
        u = u + np.linalg.solve(information, slope)
    return u - u.mean(), np.sqrt(np.diag(np.linalg.inv(information)))


def analyse(study: StudyData) -> UtilitiesData:
    """Fit utilities to the choices of both cells; no preference counts as half a win for either outcome."""
    names = list(outcomes())
    place = {name: number for number, name in enumerate(names)}
    told = [
        (place[str(row["first"])], place[str(row["second"])], (1 + float(row["first_lean"])) / 2)
        for _, row in study.labels.iterrows()
        if row["first_lean"] == row["first_lean"] and row["kind"] != BETTER
    ]
    if len(told) < 2 * FOLDS:
        return UtilitiesData(outcomes={}, right=None, low=None, high=None, choices=0, cycles=None, triangles=0)
    values, errors = fit(told, len(names))
    place_of = {pair: number for number, pair in enumerate(dict.fromkeys((a, b) for a, b, _ in told))}
    parts = [place_of[a, b] % FOLDS for a, b, _ in told]  # all answers to a pair are left out together
    hits = []
    for part in range(FOLDS):
        fitted, _ = fit([pair for pair, own in zip(told, parts, strict=True) if own != part], len(names))
        left = [pair for pair, own in zip(told, parts, strict=True) if own == part and pair[2] in (0.0, 1.0)]
        hits += [float((fitted[a] > fitted[b]) == (share > 0.5)) for a, b, share in left]
    right = float(np.mean(hits)) if hits else None
    low, high = wilson(right, len(hits), study.settings.level) if right is not None else (None, None)
    circles = triangles_of(told)
    return UtilitiesData(
        outcomes={
            name: Utility(category=outcomes()[name]["category"], value=float(values[n]), error=float(errors[n]))
            for n, name in enumerate(names)
        },
        right=right, low=None if low is None else float(low), high=None if high is None else float(high),
        choices=len(hits), cycles=float(np.mean(circles)) if circles else None, triangles=len(circles),
    )  # fmt: skip


def triangles_of(pairs: Sequence[tuple[int, int, float]]) -> list[bool]:
    """Tell of each triangle of settled choices if it goes in a circle.

    >>> triangles_of([(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)]), triangles_of([(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)])
    ([True], [False])
    """
    beats: dict[int, set[int]] = {}
    for a, b, share in pairs:
        if share in (0.0, 1.0):
            winner, loser = (a, b) if share == 1.0 else (b, a)
            beats.setdefault(winner, set()).add(loser)
    steps = [(a, b, c) for a in beats for b in beats[a] for c in beats.get(b, ())]
    circles, straight = sum(a in beats.get(c, ()) for a, _, c in steps), sum(c in beats[a] for a, _, c in steps)
    return [True] * (circles // 3) + [False] * straight


def show(told: Told) -> View | None:
    """Show utilities by category, and what they predict."""
    data = told.findings.sections.get("utilities")
    found = UtilitiesData.model_validate(data) if data else None
    if found is None or not found.outcomes:
        return None
    ranked = sorted(found.outcomes.items(), key=lambda pair: -pair[1].value)
    return {"found": found, "ranked": [(outcomes()[name]["text"], one) for name, one in ranked], "means": means(found)}


def means(found: UtilitiesData) -> Mapping[str, float]:
    """Return the mean utility of each category, largest first."""
    by: dict[str, list[float]] = {}
    for one in found.outcomes.values():
        by.setdefault(one.category, []).append(one.value)
    return dict(sorted(((name, float(np.mean(values))) for name, values in by.items()), key=lambda pair: -pair[1]))


UTILITIES = Analysis("utilities", UtilitiesData, analyse)
UTILITIES_SECTION = Section(
    "utilities", "What it values", "templates/utilities.html.j2", "feint.tasks.values", "", show=show
)
