"""Make a row of a calibration: an actor is studied thousands of times at the same size, without a model call."""

import hashlib
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feint.calibration.published import claims
from feint.calibration.truth import TINY, Truth, known_actor, truth_of
from feint.designs import load_design
from feint.report.calibration import Claim, Cover, Gap, Row
from feint.situations import load_voices, place_wording
from feint.stats import Contrast, Settings, effective
from feint.stats.cells import compliance_rate
from feint.stats.layout import Layout
from feint.stats.many import Batch, conclude_many
from feint.stats.score import outcomes
from feint.stats.types import NO, YES
from feint.study.plan.frozen import contrasts_of

NEEDED = 6.0
"""Independent rare replies expected, below which no interval can keep to its level (docs/intervals.md)."""
BLOCK = 200
"""Studies decided at once. Part of what the seed fixes."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Simulation:
    """The options of one row; they fix the row.

    Attributes:
        design: Name or file of the design.
        actor: Name of the actor.
        requests: Requests for each cell.
        wordings: Wordings of each request.
        studies: Number of studies.
        seed: Of the whole calibration; each row draws its own random numbers.
    """

    design: str
    actor: str
    requests: int
    wordings: int
    studies: int
    seed: int

    @property
    def name(self) -> str:
        """The name by which the row is kept."""
        return f"{self.actor} {self.requests}x{self.wordings}"

    def rng(self) -> np.random.Generator:
        """Return random numbers that no other row draws, whatever other rows there are."""
        digest = hashlib.sha256(f"{self.design}/{self.name}".encode()).digest()
        key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in (0, 4, 8, 12))
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


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


def make_row(job: Simulation) -> Row:
    """Simulate and decide the studies of a row.

    Args:
        job: The options; the same options give the same row.

    Returns:
        Counts over all studies.
    """
    started, settings = time.process_time(), Settings()
    design = load_design(job.design)
    actor = known_actor(design.task, job.actor)
    contrasts, cells = contrasts_of(design), list(design.cells)
    truth = truth_of(actor, design, contrasts, settings.smallest_effect)
    layout = layout_of(job, len(load_voices(design.task)))
    rng, parts = job.rng(), []
    names: tuple[str, ...] = ()
    attainable: list[NDArray[np.bool_]] = []
    for first in range(0, job.studies, BLOCK):
        count = min(BLOCK, job.studies - first)
        drawn = actor.simulate(design, requests=job.requests, wordings=job.wordings, studies=count, rng=rng)
        labels = drawn.reshape(count, len(cells), job.requests * job.wordings, 1)
        found = conclude_many(labels, layout, contrasts, settings, cells=cells, rules=design.rules)
        names = found.names
        parts.append(keep(found, claims(labels, contrasts, cells), truth))
        attainable = attainable or can_attain(labels, truth, contrasts, cells, job.requests, settings)
    kept = Kept(*(np.concatenate([getattr(part, name) for part in parts]) for name in Kept.__annotations__))
    return summarise(job, kept, truth, names, attainable, settings, time.process_time() - started)


def layout_of(job: Simulation, voices: int) -> Layout:
    """Place the wordings of every request as a study balances them over voices."""
    places, turns = np.arange(job.requests)[:, None], np.arange(job.wordings)[None]
    return Layout.of(*place_wording(places, turns, voices, job.wordings), voices)


def keep(found: Batch, published: NDArray[np.bool_], truth: Truth) -> Kept:
    """Keep the results of a block of studies."""
    values = np.array(list(truth.contrasts.values()))
    covered = found.contrasts.cover(values), found.cells.cover(truth.rates)
    return Kept(found.decisions, found.explanations, published, *covered)


def can_attain(
    labels: Floats, truth: Truth, contrasts: list[Contrast], cells: list[str], requests: int, settings: Settings
) -> list[NDArray[np.bool_]]:
    """Find the contrasts and the cells that expect enough rare replies for coverage near the level.

    The rare replies of a contrast are the sets of one reply per cell that do not give its commonest value.

    Args:
        labels: A block of studies, shape (S, C, U, 1).
        truth: The truth about the subject.
        contrasts: The contrasts.
        cells: The cells.
        requests: Requests for each cell.
        settings: Gives assumed_icc.
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
    job: Simulation,
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
        actor=job.actor,
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

    Args:
        held: 1, 0 or NaN by study and contrast or cell.
        settings: Gives level and assumed_icc.
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
