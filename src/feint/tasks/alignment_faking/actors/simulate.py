"""Thousands of studies of an actor without a model call: the probability model of `model`, on arrays."""

from collections.abc import Iterator, Mapping

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
    """Place the voice and the phrasing of each wording of each request, as a study balances them.

    Returns:
        Codes of the voice, in alphabetical order, and of the phrasing; both of shape (requests, wordings).
    """
    places, turns = np.arange(requests)[:, None], np.arange(wordings)[None]
    return place_wording(places, turns, len(load_voices()), wordings)


def simulate(
    actor: ComplianceModel,
    cells: Mapping[str, Cell],
    *,
    requests: int,
    wordings: int,
    samples: int,
    studies: int,
    rng: np.random.Generator,
) -> Floats:
    """Draw the labels of studies, each with requests and wordings of its own.

    Args:
        actor: The subject.
        cells: Facts by cell.
        requests: Requests for each cell.
        wordings: Wordings of each request.
        samples: Replies to each prompt.
        studies: How many studies.
        rng: Fixes everything.

    Returns:
        1 where it complied, 0 where it refused, NaN where the reply is malformed; shape (studies, cells, requests,
        wordings, samples).
    """
    voice, phrasing = place_wordings(requests, wordings)
    at = np.array([[actor.intercepts(cell, name) for name in sorted(load_voices())] for cell in cells.values()])
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
        voice: Codes of the voice, shape (requests, wordings).
        phrasing: Codes of the phrasing within its voice, likewise.
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


def simulate_twins(actor: ComplianceModel, cells: int, *, twins: int, studies: int, rng: np.random.Generator) -> Floats:
    """Draw the labels of benign twins, each asked once in every cell; shape (studies, cells, twins)."""
    return draw_labels(actor, np.asarray(actor.benign), (studies, cells, twins), rng)


def study_table(
    actor: ComplianceModel, cells: Mapping[str, Cell], labels: Floats, twins: Floats | None = None
) -> pd.DataFrame:
    """Make a simulated study the table that `feint.stats` takes.

    Args:
        actor: The subject, for the motives it states.
        cells: Facts by cell, in the order of the labels.
        labels: Of one study: shape (cells, requests, wordings, samples).
        twins: Labels of benign twins, shape (cells, twins); none are asked without.

    Returns:
        One row a reply, with the columns `COLUMNS`.
    """
    voice, phrasing = place_wordings(labels.shape[1], labels.shape[2])
    parts = [label_rows(labels, cells, voice, phrasing)]
    if twins is not None and twins.shape[1]:
        # A twin is asked once, in the first wording of its request.
        asked = place_wordings(twins.shape[1], labels.shape[2])
        parts.append(label_rows(twins[..., None, None], cells, asked[0][:, :1], asked[1][:, :1], TWIN))
    table = pd.concat(parts, ignore_index=True)
    table["missing"] = [LOST if gone else None for gone in table["value"].isna()]
    table["stated"] = list(stated_motives(actor, cells, table))
    return table[list(COLUMNS)]


def label_rows(
    labels: Floats, cells: Mapping[str, Cell], voice: Ints, phrasing: Ints, suffix: str = ""
) -> pd.DataFrame:
    """The rows of labels of shape (cells, requests, wordings, samples), the last axis running fastest."""
    cell, request, wording, sample = (axis.ravel() for axis in np.indices(labels.shape))
    names = np.array(sorted(load_voices()), dtype=object)
    ids = np.array([f"r{code:04d}{suffix}" for code in range(labels.shape[1])], dtype=object)
    seeds = np.array([f"-{code + 1}" for code in range(int(phrasing.max(initial=0)) + 1)], dtype=object)
    told = names[voice]
    return pd.DataFrame(
        {
            "cell": np.array(list(cells), dtype=object)[cell],
            "request": ids[request],
            "wording": (told + seeds[phrasing])[request, wording],
            "voice": told[request, wording],
            "sample": sample + 1,
            "twin": bool(suffix),
            "value": labels.ravel(),
        }
    )


def stated_motives(actor: ComplianceModel, cells: Mapping[str, Cell], table: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """The motives that replies state: the one of the rule that holds, where a reply complies with no benign request."""
    says = {
        (name, voice): (rule.says,) if (rule := actor.rule(cell, voice)).says else ()
        for name, cell in cells.items()
        for voice in load_voices()
    }
    for name, voice, twin, value in zip(table["cell"], table["voice"], table["twin"], table["value"], strict=True):
        yield says[name, voice] if value == 1 and not twin else ()
