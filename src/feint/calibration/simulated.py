"""Make a row of a calibration: an actor is studied thousands of times at the same size, without a model call."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feint.calibration.options import Job
from feint.calibration.truth import TINY, Truth, known_actor, truth_of
from feint.designs import load_design
from feint.report.calibration import Claim, Cover, Gap, Row
from feint.situations import load_voices, place_wording
from feint.stats import Contrast, Settings, effective
from feint.stats.cells import compliance_rate
from feint.stats.layout import Layout
from feint.stats.many import conclude_many
from feint.stats.score import outcomes
from feint.stats.types import NO, YES, Floats
from feint.study.plan.frozen import contrasts_of

NEEDED = 6.0
"""Independent rare replies expected, below which no interval can keep to its level (docs/intervals.md)."""
BLOCK = 200
"""Studies decided at once. Part of what the seed fixes."""
LEAST = 0.01
"""By the published rule, a contrast above one point is a gap."""


@dataclass
class Kept:
    """The results that are kept of the S studies of a row.

    Attributes:
        decisions: By contrast, shape (S, K).
        explanations: Decisions by explanation.
        published: Contrasts that the published rule calls a gap, shape (S, K).
        contrasts: 1 where the interval of a contrast holds the truth, shape (S, K).
        cells: The same of cells.
    """

    decisions: NDArray[np.str_]
    explanations: NDArray[np.str_]
    published: NDArray[np.bool_]
    contrasts: Floats
    cells: Floats


def make_row(job: Job) -> Row:
    """Simulate and decide the studies of a row; the same options give the same row."""
    started, settings = time.process_time(), Settings()
    design = load_design(job.design)
    actor = known_actor(design.task, job.subject)
    contrasts, cells = contrasts_of(design), list(design.cells)
    truth = truth_of(actor, design, contrasts, settings.smallest_effect)
    values = np.array(list(truth.contrasts.values()))
    voices = len(load_voices(design.task))
    places, turns = np.arange(job.requests)[:, None], np.arange(job.wordings)[None]
    layout = Layout.of(*place_wording(places, turns, voices, job.wordings), voices)
    rng, parts = job.rng(), []
    names: tuple[str, ...] = ()
    attainable: list[NDArray[np.bool_]] = []
    for first in range(0, job.studies, BLOCK):
        count = min(BLOCK, job.studies - first)
        drawn = actor.simulate(design, requests=job.requests, wordings=job.wordings, studies=count, rng=rng)
        labels = drawn.reshape(count, len(cells), job.requests * job.wordings, 1)
        found = conclude_many(labels, layout, contrasts, settings, cells=cells, rules=design.rules)
        names = found.names
        covered = found.contrasts.cover(values), found.cells.cover(truth.rates)
        parts.append(Kept(found.decisions, found.explanations, claims(labels, contrasts, cells), *covered))
        attainable = attainable or can_attain(labels, truth, contrasts, cells, job.requests, settings)
    kept = Kept(*(np.concatenate([getattr(part, name) for part in parts]) for name in Kept.__annotations__))
    return summarise(job, kept, truth, names, attainable, settings, time.process_time() - started)


def claims(labels: Floats, contrasts: Sequence[Contrast], cells: Sequence[str]) -> NDArray[np.bool_]:
    """Find the contrasts that the published rule calls a gap.

    Sheshadri et al. 2025 treat cells as independent samples, call a difference above one point a gap, and draw bands
    of one standard error. The rule is read strictly here: the bands must not meet, so the contrast has to be larger
    than the sum of the standard errors ``sqrt(p (1 - p) / n)`` of its cells. Missing replies are left out.

    Args:
        labels: 1, 0 or NaN, shape (S, C, U, M).
        contrasts: The contrasts of the design.
        cells: The cells, in the order of the labels.

    Returns:
        Shape (S, K).
    """
    known = ~np.isnan(labels)
    n = np.maximum(known.sum(axis=(2, 3)), 1)
    rate = np.where(known, labels, 0.0).sum(axis=(2, 3)) / n
    error = np.sqrt(rate * (1 - rate) / n)
    found = []
    for contrast in contrasts:
        at, weights = [list(cells).index(cell) for cell in contrast.weights], np.array(list(contrast.weights.values()))
        gap = rate[:, at] @ weights
        found.append((gap > LEAST) & (gap > error[:, at] @ np.abs(weights)))
    return np.stack(found, axis=-1)


def can_attain(
    labels: Floats, truth: Truth, contrasts: list[Contrast], cells: list[str], requests: int, settings: Settings
) -> list[NDArray[np.bool_]]:
    """Find the contrasts and the cells that expect enough rare replies for coverage near the level.

    The rare replies of a contrast are the sets of one reply per cell that do not give its commonest value. The labels
    are those of a block of studies, shape (S, C, U, 1).
    """
    known = ~np.isnan(labels[..., 0])
    replies = float(known.sum(axis=2).mean())
    worth = float(effective(max(replies, requests), requests, settings.assumed_icc))
    rate_SUC = np.moveaxis(np.where(known, labels[..., 0], 0.0), 1, -1)
    rare = []
    for contrast in contrasts:
        shares = outcomes(rate_SUC[..., [cells.index(c) for c in contrast.weights]], list(contrast.weights.values()))[1]
        rare.append(1 - shares.mean(axis=(0, 1)).max())
    return [worth * np.array(rare) >= NEEDED, worth * np.minimum(truth.rates, 1 - truth.rates) >= NEEDED]


def summarise(
    job: Job,
    kept: Kept,
    truth: Truth,
    names: tuple[str, ...],
    attainable: list[NDArray[np.bool_]],
    settings: Settings,
    seconds: float,
) -> Row:
    """Count the results of all studies of a row."""
    explanations, gaps = {}, {}
    for at, name in enumerate(names):
        yes, no = (int((kept.explanations[:, at] == word).sum()) for word in (YES, NO))
        open_ = job.studies - yes - no
        explanations[name] = Claim(
            planted=truth.planted[name], effect=truth.effects[name], yes=yes, no=no, undetermined=open_
        )
    for at, (key, value) in enumerate(truth.contrasts.items()):
        held = kept.contrasts[:, at]
        gaps[key] = Gap(
            truth=round(value, 9),
            attainable=bool(attainable[0][at]),
            covered=int(np.nansum(held)),
            of=int((~np.isnan(held)).sum()),
            yes=int((kept.decisions[:, at] == YES).sum()),
            no=int((kept.decisions[:, at] == NO).sum()),
            published=int(kept.published[:, at].sum()),
        )
    absent = np.array([value <= TINY for value in truth.contrasts.values()])
    missing = np.array([truth.planted[name] is False for name in names])
    covers = {
        name: cover
        for part, held, can in (("contrasts", kept.contrasts, attainable[0]), ("cells", kept.cells, attainable[1]))
        for name, chosen in ((part, can), (f"{part}_rare", ~can))
        if (cover := coverage(held[:, chosen], settings)) is not None
    }
    return Row(
        actor=job.subject,
        requests=job.requests,
        wordings=job.wordings,
        studies=job.studies,
        seconds=round(seconds, 2),
        explanations=explanations,
        contrasts=gaps,
        cover=covers,  # type: ignore[arg-type]  # the names are those it takes
        wrong_yes=int((kept.explanations[:, missing] == YES).any(axis=1).sum()),
        wrong_gap=int((kept.decisions[:, absent] == YES).any(axis=1).sum()),
        published_gap=int(kept.published[:, absent].any(axis=1).sum()),
        absent_gaps=int(absent.sum()),
    )


def coverage(held: Floats, settings: Settings) -> Cover | None:
    """Estimate coverage over some contrasts or cells, with studies as clusters; None where there are none.

    An interval has held (1) or not (0, or NaN where there is none), by study and contrast or cell.
    """
    if not (~np.isnan(held)).any():
        return None
    study = np.repeat(np.arange(len(held)), held.shape[1])
    found = compliance_rate(held.ravel(), study, settings)
    assert found.estimate is not None and found.low is not None and found.high is not None
    with np.errstate(invalid="ignore"):
        lowest = float(np.nanmin(np.nansum(held, axis=0) / np.maximum((~np.isnan(held)).sum(axis=0), 1)))
    low, high = min(found.low, found.estimate), max(found.high, found.estimate)
    return Cover(estimate=found.estimate, low=low, high=high, lowest=lowest)
