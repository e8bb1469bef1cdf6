"""Contrasts corrected for the judge's errors, by what people said about a random subset of the replies."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from feint.base.errors import UsageError
from feint.stats.contrasts import adjusted
from feint.stats.decide import DecisionRule
from feint.stats.differences import Differences, differences, estimate
from feint.stats.intervals import tests_of
from feint.stats.layout import CellMeans
from feint.stats.rectified import Correction, corrected_interval, corrected_rates, rectified
from feint.stats.table import Replies, pair, read_table
from feint.stats.types import UNDETERMINED, Contrast, Decided, Estimate, Floats, Settings

KEY = ["cell", "request", "wording", "voice", "sample"]
MIN_REPLIES, MIN_REQUESTS = 10, 5  # what a person must have labelled in every weighed cell before it is corrected


def correct_contrasts(
    table: pd.DataFrame,
    people: pd.DataFrame,
    contrasts: Sequence[Contrast],
    settings: Settings | None = None,
    *,
    cells: Sequence[str],
) -> dict[str, dict[str, object]]:
    """Correct every contrast for the judge's errors, beside the contrast as judged.

    The labelled replies must be a random subset of those of each cell; its share may differ from cell to cell, and
    whole requests may be drawn. Where the probability of being drawn differs within a cell, too, as when rare labels
    are drawn more often, each reply counts with its inverse (Hájek 1971). They count where the judge labelled the
    reply too and its request and wording are complete, weighted as in the contrast (each request once, then each
    wording, then each sample). A contrast is corrected if every cell it weighs has 10 such replies from 5 requests;
    below that no variance can be trusted.

    `people` has a row for each reply that a person labelled: cell, request, wording, voice, sample, value_by_person (1,
    0 or missing), and weight where probabilities of being drawn differ. Labels of benign twins are not used. Holm's
    adjustment is over all contrasts.
    By contrast, the result is the content of `feint.findings.judging.CorrectedContrast`.

    Raises:
        UsageError: See `read_table` and `person_labels`.
    """
    settings = settings or Settings()
    replies, _ = read_table(table, cells)
    tame = table["twin"].to_numpy(dtype=bool)
    person, drawn = (of_people[~tame] for of_people in person_labels(table, people))
    means = pair(replies)
    entries = {contrast.key: correct(replies, means, person, drawn, contrast, settings) for contrast in contrasts}
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    p_holm = adjusted([entry["corrected"] for entry in entries.values()], rule.tests)
    gone = replies.missing_rates()
    for contrast, p in zip(contrasts, p_holm, strict=True):
        entry = entries[contrast.key]
        whole, missing = entry["corrected"], {cell: gone[cell] for cell in contrast.weights}
        decided = rule.decide(whole, p, missing)  # the worst case is that of the judged replies, not of this estimate
        if entry["too_few"]:
            decided = Decided(UNDETERMINED, entry["too_few"])
        entry["corrected"] = {
            **whole.as_dict(), "p": whole.p, "p_holm": p, "decision": decided.decision, "reason": decided.reason
        }  # fmt: skip
    return entries


def correct(
    replies: Replies, means: CellMeans, person: Floats, drawn: Floats, contrast: Contrast, settings: Settings
) -> dict[str, Any]:
    """One contrast, corrected; its entry holds an `Estimate` under `corrected`.

    `person` holds a person's label of each reply, and `drawn` the inverse probability of the draw, shape (N,) each.
    """
    found = differences(means, contrast.weights)
    raw = estimate(found, settings).one()
    requests, _ = found.per_request()
    weight = reply_weights(replies, found, means, contrast)
    use = (weight > 0) & ~np.isnan(person) & ~np.isnan(replies.value)
    place, columns = np.searchsorted(requests, replies.request), [replies.cells.index(c) for c in contrast.weights]
    shape = (len(requests), len(columns))
    labelled_RC, person_RC, judge_RC, count_RC = (np.zeros(shape) for _ in range(4))
    for j, column in enumerate(columns):
        here = use & (replies.cell == column)
        w = weight[here] * drawn[here]
        w = w * here.sum() / w.sum() if here.any() else w
        for total_RC, y in (
            (labelled_RC, w), (person_RC, w * person[here]), (judge_RC, w * replies.value[here]),
            (count_RC, np.ones(len(w))),
        ):  # fmt: skip
            total_RC[:, j] = np.bincount(place[here], weights=y, minlength=shape[0])
    few = too_few(count_RC, list(contrast.weights))
    weights_C = np.array(list(contrast.weights.values()), float)
    whole, lam = Estimate(n=len(requests)), None
    if not few:
        labels_RC = labelled_RC, person_RC, judge_RC
        whole, lam = corrected_estimate(found, means.mean[0][:, columns], labels_RC, weights_C, settings)
    rectifier = {
        cell: cell_rectifier(labelled_RC[:, [j]], person_RC[:, [j]], judge_RC[:, [j]], settings).as_dict()
        for j, cell in enumerate(contrast.weights)
    }
    return {
        "is": contrast.expression,
        "raw": {**raw.as_dict(), "p": raw.p},
        "corrected": whole,
        "lambda": lam,
        "labelled": int(use.sum()),
        "rectifier": rectifier,
        "too_few": few,
    }


def corrected_estimate(
    found: Differences,
    rates_UC: Floats,
    labels_RC: tuple[Floats, Floats, Floats],
    weights_C: Floats,
    settings: Settings,
) -> tuple[Estimate, float]:
    """The corrected contrast and its lambda, from the contrast as judged and the rates of every unit, complete or not.

    `labels_RC` are the replies that a person labelled, and the numbers of labels of 1 by the person and by the judge.
    """
    requests, value_R = found.per_request()
    complete = found.complete[0]
    _, error, lam, freedom = rectified(value_R, *labels_RC, weights_C, None)
    complete_UC = rates_UC[complete]
    average_RU = (requests[:, None] == found.layout.request[complete]).astype(float)
    average_RU /= average_RU.sum(axis=1, keepdims=True)
    rates_C = corrected_rates((average_RU @ complete_UC).mean(axis=0), *labels_RC, lam)
    replies, labelled_C = float(found.replies[found.complete].sum()), labels_RC[0].sum(axis=0)
    correction = Correction(rates_C, error, labelled_C, freedom)
    numbers = replies, weights_C, settings.assumed_icc, settings.level
    interval = corrected_interval(complete_UC, average_RU, correction, *numbers)
    mean, low, high, p = (float(x) for x in interval)
    return Estimate(mean, low, high, len(requests), p), float(lam)


def cell_rectifier(labelled_RC: Floats, person_RC: Floats, judge_RC: Floats, settings: Settings) -> Estimate:
    """Mean of person minus judge in one cell, with its interval from `MIN_REPLIES` labelled replies on."""
    n, requests = round(labelled_RC.sum()), int((labelled_RC > 0).sum())
    if not n:
        return Estimate()
    if n < MIN_REPLIES or requests < MIN_REQUESTS:
        return Estimate(float((person_RC - judge_RC).sum() / labelled_RC.sum()), n=n)
    nothing_R, one = np.zeros(len(labelled_RC)), np.ones(1)
    value, error, _, freedom = rectified(nothing_R, labelled_RC, person_RC, judge_RC, one, 1.0)
    half = float(special.stdtrit(freedom, 0.5 + settings.level / 2) * error)
    return Estimate(float(value), max(float(value) - half, -1.0), min(float(value) + half, 1.0), n)


def reply_weights(replies: Replies, found: Differences, means: CellMeans, contrast: Contrast) -> Floats:
    """Weight of each reply in its cell's share of the contrast, shape (N,); 0 outside complete units."""
    layout, complete = found.layout, found.complete[0]
    wordings = int(max(replies.wording.max(initial=0), layout.wording.max(initial=0))) + 1
    unit = np.searchsorted(layout.request * wordings + layout.wording, replies.request * wordings + replies.wording)
    columns = [replies.cells.index(cell) for cell in contrast.weights]
    per_request = np.bincount(layout.request, weights=complete.astype(float))
    scored = means.scored[0][unit, replies.cell]
    use = complete[unit] & np.isin(replies.cell, columns) & (scored > 0)
    return np.where(use, 1 / np.maximum(scored * per_request[replies.request], 1), 0.0)


def too_few(count_RC: Floats, cells: Sequence[str]) -> str | None:
    """Why a contrast is not corrected, or None."""
    for j, cell in enumerate(cells):
        replies, requests = int(count_RC[:, j].sum()), int((count_RC[:, j] > 0).sum())
        if replies < MIN_REPLIES or requests < MIN_REQUESTS:
            return (
                f"people labelled {replies} replies to {requests} requests in {cell}; "
                f"{MIN_REPLIES} to {MIN_REQUESTS} are needed"
            )
    return None


def person_labels(table: pd.DataFrame, people: pd.DataFrame) -> tuple[Floats, Floats]:
    """Labels by a person (1, 0 or NaN) and weights (1 without any) for each row of a checked table, shape (rows,) each.

    Raises:
        UsageError: A column is absent, a label is none of those expected, a reply is labelled twice or is not in the
            table, a weight is not a positive number.
    """
    for column in [*KEY, "value_by_person"]:
        if column not in people.columns:
            raise UsageError(f"labels by people: column '{column}' is absent; expected {', '.join(KEY)}")
    said = people["value_by_person"]
    odd = said.notna() & ~said.isin([0, 1])
    if odd.any():
        raise UsageError(f"labels by people, 'value_by_person': found {said[odd].iloc[0]}, expected 1, 0 or nothing")
    label: Mapping[tuple[str, ...], float] = dict(zip(keys(people), said.to_numpy(float, na_value=np.nan), strict=True))
    if len(label) < len(people):
        raise UsageError("labels by people: two labels of one reply; settle which one holds, or leave it missing")
    rows = keys(table)
    strange = set(label) - set(rows)
    if strange:
        raise UsageError(f"labels by people: no reply {', '.join(min(strange))} in the table of labels")
    weight = people["weight"].to_numpy(float) if "weight" in people.columns else np.ones(len(people))
    odd_weight = ~((weight > 0) & np.isfinite(weight))
    if odd_weight.any():
        raise UsageError(f"labels by people, 'weight': found {weight[odd_weight][0]}, expected numbers above 0")
    given, twin = dict(zip(label, weight, strict=True)), table["twin"].to_numpy(dtype=bool)
    said_of = [np.nan if tame else label.get(row, np.nan) for row, tame in zip(rows, twin, strict=True)]
    return np.array(said_of, float), np.array([given.get(row, 1.0) for row in rows], float)


def keys(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Keys that tell the replies of a table apart, row by row."""
    return list(zip(*(frame[name].astype(str) for name in KEY), strict=True))
