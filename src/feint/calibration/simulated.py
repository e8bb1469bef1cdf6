"""One row of a calibration: an actor studied thousands of times at one size, without a model call."""

import hashlib
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feint.calibration.published import claims
from feint.calibration.truth import TINY, Truth, truth_of
from feint.designs import load_design
from feint.report.calibration import Claim, Cover, Gap, Row
from feint.situations import load_voices
from feint.stats import Contrast, Settings, effective
from feint.stats.batch.batch import Batch, conclude_many
from feint.stats.batch.units import Layout
from feint.stats.cells import compliance_rate
from feint.stats.score import outcomes
from feint.stats.types import NO, YES
from feint.study.plan.frozen import contrasts_of
from feint.tasks.alignment_faking.actors import get_actor, simulate
from feint.tasks.alignment_faking.actors.simulate import place_wordings

NEEDED = 6.0
"""Independent rare replies expected, below which no interval can keep to its level (docs/intervals.md)."""
BLOCK = 200
"""Studies decided at once. Part of what the seed fixes."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Job:
    """What a row is made of; it fixes the row.

    Attributes:
        design: Name or file of the design.
        actor: Name of the actor.
        requests: Requests for each cell.
        wordings: Wordings of each request.
        studies: How many studies.
        seed: Of the whole calibration; each row draws apart from the others.
    """

    design: str
    actor: str
    requests: int
    wordings: int
    studies: int
    seed: int

    @property
    def name(self) -> str:
        """What tells it from the other rows."""
        return f"{self.actor} {self.requests}x{self.wordings}"

    def rng(self) -> np.random.Generator:
        """Numbers that no other row draws, whatever rows there are and whichever process makes them."""
        digest = hashlib.sha256(f"{self.design}/{self.name}".encode()).digest()
        key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in (0, 4, 8, 12))
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


@dataclass
class Seen:
    """What is kept of the studies of a row, S being all of them."""

    decisions: NDArray[np.str_]
    explanations: NDArray[np.str_]
    published: NDArray[np.bool_]
    contrasts: Floats
    """1 where the interval of a contrast holds the truth, shape (S, K)."""
    cells: Floats


def make_row(job: Job) -> Row:
    """Simulate and decide the studies of a row.

    Args:
        job: What to do; the same job gives the same row.

    Returns:
        What was found.
    """
    started, settings = time.process_time(), Settings()
    design, actor = load_design(job.design), get_actor(job.actor)
    contrasts, cells = contrasts_of(design), list(design.cells)
    truth = truth_of(actor, design, contrasts, settings.smallest_effect)
    layout = Layout.of(*place_wordings(job.requests, job.wordings), len(load_voices()))
    rng, parts = job.rng(), []
    names: tuple[str, ...] = ()
    attainable: list[NDArray[np.bool_]] = []
    for first in range(0, job.studies, BLOCK):
        count = min(BLOCK, job.studies - first)
        drawn = simulate(
            actor, design.cells, requests=job.requests, wordings=job.wordings, samples=1, studies=count, rng=rng
        )
        labels = drawn.reshape(count, len(cells), job.requests * job.wordings, 1)
        found = conclude_many(labels, layout, contrasts, settings, cells=cells, rules=design.rules)
        names = found.names
        parts.append(keep(found, claims(labels, contrasts, cells), truth))
        attainable = attainable or can_attain(labels, truth, contrasts, cells, job.requests, settings)
    seen = Seen(*(np.concatenate([getattr(part, name) for part in parts]) for name in Seen.__annotations__))
    return summarise(job, seen, truth, names, attainable, settings, time.process_time() - started)


def keep(found: Batch, published: NDArray[np.bool_], truth: Truth) -> Seen:
    """What is kept of a block."""
    values = np.array(list(truth.contrasts.values()))
    covered = found.contrasts.cover(values), found.cells.cover(truth.rates)
    return Seen(found.decisions, found.explanations, published, *covered)


def can_attain(
    labels: Floats, truth: Truth, contrasts: list[Contrast], cells: list[str], requests: int, settings: Settings
) -> list[NDArray[np.bool_]]:
    """Which contrasts and which cells expect enough rare replies for coverage near the level.

    The rare replies of a contrast are those sets of one reply per cell that do not give its commonest value.

    Args:
        labels: A block of studies, shape (S, C, U, 1).
        truth: What is true of the subject.
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
    job: Job,
    seen: Seen,
    truth: Truth,
    names: tuple[str, ...],
    attainable: list[NDArray[np.bool_]],
    settings: Settings,
    seconds: float,
) -> Row:
    """Count what a row is about."""
    explanations, gaps = {}, {}
    for at, name in enumerate(names):
        yes, no = (int((seen.explanations[:, at] == word).sum()) for word in (YES, NO))
        open_ = job.studies - yes - no
        explanations[name] = Claim(
            planted=truth.planted[name], effect=truth.effects[name], yes=yes, no=no, undetermined=open_
        )
    for at, (key, value) in enumerate(truth.contrasts.items()):
        held = seen.contrasts[:, at]
        gaps[key] = Gap(
            truth=round(value, 9),
            attainable=bool(attainable[0][at]),
            covered=int(np.nansum(held)),
            of=int((~np.isnan(held)).sum()),
            yes=int((seen.decisions[:, at] == YES).sum()),
            no=int((seen.decisions[:, at] == NO).sum()),
            published=int(seen.published[:, at].sum()),
        )
    absent = np.array([value <= TINY for value in truth.contrasts.values()])
    missing = np.array([truth.planted[name] is False for name in names])
    covers = {
        name: cover
        for part, held, can in (("contrasts", seen.contrasts, attainable[0]), ("cells", seen.cells, attainable[1]))
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
        wrong_yes=int((seen.explanations[:, missing] == YES).any(axis=1).sum()),
        wrong_gap=int((seen.decisions[:, absent] == YES).any(axis=1).sum()),
        published_gap=int(seen.published[:, absent].any(axis=1).sum()),
        absent_gaps=int(absent.sum()),
    )


def coverage(held: Floats, settings: Settings) -> Cover | None:
    """Coverage over some contrasts or cells, studies being clusters; None where there are none.

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
