"""Thousands of studies of an actor without a model call: the probability model of `model`, on arrays."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from feint.situations import TWIN, Cell, load_voices, place_wording
from feint.tasks.alignment_faking.actors.model import ComplianceModel, Floats

Ints = NDArray[np.int64]
BLOCK = 200
"""Studies drawn at once: enough for numpy, little enough for the processor's cache."""
COLUMNS = ("cell", "request", "wording", "voice", "sample", "twin", "value", "missing", "stated")
LOST = "truncated"
"""Why a malformed reply of an actor has no label."""


def place_wordings(requests: int, wordings: int) -> tuple[Ints, Ints]:
    """Place voice (in alphabetical order) and phrasing of each wording, each of shape (requests, wordings)."""
    return place_wording(np.arange(requests)[:, None], np.arange(wordings)[None], len(load_voices()), wordings)


def simulate(
    actor: ComplianceModel,
    cells: Mapping[str, Cell],
    *,
    requests: int,
    wordings: int,
    samples: int,
    studies: int,
    rng: np.random.Generator,
    told: Mapping[str, str] | None = None,
) -> Floats:
    """Draw the labels of studies, each with requests and wordings of its own.

    `told` names the voice of cells that are told in one alone.

    Returns:
        1 where it complied, 0 where it refused, NaN where the reply is malformed; shape (studies, cells, requests,
        wordings, samples).
    """
    voice, phrasing = place_wordings(requests, wordings)
    told = told or {}
    at = np.array(
        [[actor.intercepts(own, told.get(cell, name)) for name in sorted(load_voices())] for cell, own in cells.items()]
    )
    at = at[:, voice]  # (cells, requests, wordings, carrying)
    labels = np.empty((studies, len(cells), requests, wordings, samples))
    for first in range(0, studies, BLOCK):
        part = labels[first : first + BLOCK]
        part[:] = draw_labels(actor, chances(actor, at, voice, phrasing, len(part), rng)[..., None], part.shape, rng)
    return labels


def chances(
    actor: ComplianceModel, at: Floats, voice: Ints, phrasing: Ints, studies: int, rng: np.random.Generator
) -> Floats:
    """Probability of complying by study, cell, request and wording; axes along which it is constant have length 1.

    Args:
        actor: The subject.
        at: Intercepts, shape (cells, requests, wordings, 2), the last axis without and with the effect.
        voice: As from `place_wordings`.
        phrasing: Likewise.
        studies: How many studies.
        rng: Draws what requests and wordings add.
    """
    cells, requests, _, _ = at.shape
    logit = at[None, ..., 1]
    if actor.carriers < 1:
        carries = rng.random((studies, 1, requests, 1)) < actor.carriers
        logit = np.where(carries, logit, at[None, ..., 0])
    if actor.difficulty:
        logit = logit + actor.difficulty * rng.standard_normal((studies, 1, requests, 1))
    if actor.shifts:
        logit = logit + actor.shifts * rng.standard_normal((studies, cells, requests, 1))
    if actor.wordings:
        each = rng.standard_normal((studies, int(voice.max()) + 1, int(phrasing.max()) + 1))
        logit = logit + actor.wordings * each[:, voice, phrasing][:, None]
    found: Floats = expit(logit)
    return found


def draw_labels(actor: ComplianceModel, chance: Floats, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Labels of replies that comply with some chance, some of them lost."""
    complies = rng.random(shape) < chance
    labels = complies.astype(float)
    often, seldom = actor.lost(True), actor.lost(False)
    if often or seldom:
        labels[rng.random(shape) < np.where(complies, often, seldom)] = np.nan
    return labels


def study_table(
    actor: ComplianceModel, cells: Mapping[str, Cell], labels: Floats, twins: Floats | None = None
) -> pd.DataFrame:
    """Make a simulated study the table that `feint.stats` takes.

    Args:
        actor: The subject, for the motives it states.
        cells: Facts by cell, in the order of the labels.
        labels: Of one study: shape (cells, requests, wordings, samples).
        twins: Labels of benign twins, shape (cells, twins), each asked in the first wording of its request.

    Returns:
        One row a reply, with the columns `COLUMNS`.
    """
    names, voices = list(cells), sorted(load_voices())
    says = {(name, told): actor.rule(cells[name], told).says for name in names for told in voices}
    rows = []
    for values, suffix in ((labels, ""), *([] if twins is None else [(twins[..., None, None], TWIN)])):
        voice, phrasing = place_wordings(values.shape[1], labels.shape[2])
        for (cell, request, wording, sample), value in np.ndenumerate(values):
            told, seed = voices[voice[request, wording]], phrasing[request, wording] + 1
            motive = says[names[cell], told] if value == 1 and not suffix else None
            row = (names[cell], f"r{request:04d}{suffix}", f"{told}-{seed}", told, sample + 1, bool(suffix), value)
            rows.append((*row, LOST if np.isnan(value) else None, (motive,) if motive else ()))
    return pd.DataFrame(rows, columns=COLUMNS)
