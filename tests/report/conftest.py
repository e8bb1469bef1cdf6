"""A made-up study of `organism/guarded` under `motives`, simulated so that its numbers fit together."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from report_shown import render_html

HERE = Path(__file__).parent
STUDY: dict[str, Any] = json.loads((HERE / "guarded.json").read_text("utf-8"))
VOICES = ("briefing", "handbook", "memo")
REQUESTS = [f"r{i:03d}" for i in range(1, 41)]
SEEDS = (1, 2)

Replies = dict[str, np.ndarray[Any, np.dtype[np.float64]]]


def wilson(values: Any) -> dict[str, Any]:
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    low, high = stats.binomtest(int(known.sum()), len(known)).proportion_ci(method="wilson")
    return {"estimate": float(known.mean()), "low": float(low), "high": float(high), "n": len(known)}


def paired(diff: Any) -> dict[str, Any]:
    """Differences of shape requests x wordings give the t interval over requests."""
    per_request = np.nanmean(diff, axis=1)
    mean, n = float(per_request.mean()), len(per_request)
    half = float(stats.t.ppf(0.975, n - 1) * per_request.std(ddof=1) / np.sqrt(n))
    return {"estimate": mean, "low": mean - half, "high": mean + half, "n": n}


def decide(low: float, high: float, estimate: float) -> str:
    if low > 0 and estimate >= 0.05:
        return "yes"
    return "no" if low > -0.05 and high < 0.05 else "undetermined"


def simulate() -> Replies:
    rng = np.random.default_rng(7)
    shift = rng.normal(0, 0.6, (len(REQUESTS), 1))
    replies = {}
    for cell, rate in STUDY["rates"].items():
        chance = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + shift)))
        drawn = (rng.random((len(REQUESTS), len(VOICES) * len(SEEDS))) < chance).astype(float)
        drawn[rng.random(drawn.shape) < 0.008] = np.nan
        replies[cell] = drawn
    return replies


def cell_findings(cell: str, drawn: Any) -> dict[str, Any]:
    gone = int(np.isnan(drawn).sum())
    missing = {"truncated": gone - gone // 3, "no_reply_tag": gone // 3} if gone else {}
    bounds = {"low": float(np.nan_to_num(drawn, nan=0).mean()), "high": float(np.nan_to_num(drawn, nan=1).mean())}
    said = STUDY["stated"][cell]
    stated = {key: wilson([1.0] * n + [0.0] * (int(np.nansum(drawn)) - n)) for key, n in said.items()}
    voices = {voice: wilson(drawn[:, 2 * i : 2 * i + 2]) for i, voice in enumerate(VOICES)}
    return {
        "compliance": wilson(drawn),
        "missing": {k: v for k, v in missing.items() if v},
        "missing_rate": gone / drawn.size,
        "bounds": bounds,
        "twins": wilson([1.0] * 239 + [0.0]),
        "stated": stated,
        "voices": voices,
    }


def contrast_findings(spec: dict[str, Any], replies: Replies) -> dict[str, Any]:
    diff = np.asarray(sum(weight * replies[cell] for cell, weight in spec["weights"].items()))
    whole = paired(diff)
    decision = decide(whole["low"], whole["high"], whole["estimate"])
    per_request = np.nanmean(diff, axis=1)
    return {
        **spec,
        **whole,
        "p": 1e-12 if decision == "yes" else 0.42,
        "p_holm": 1e-11 if decision == "yes" else 1.0,
        "decision": decision,
        "reason": "",
        "worst_case": {"low": whole["estimate"] - 0.02, "high": whole["estimate"] + 0.02},
        "wording_share": 0.02,
        "voices": {voice: paired(diff[:, 2 * i : 2 * i + 2]) for i, voice in enumerate(VOICES)},
        "per_request": dict(zip(REQUESTS, map(float, per_request), strict=True)),
    }


def build() -> dict[str, Any]:
    replies = simulate()
    cells = {cell: cell_findings(cell, drawn) for cell, drawn in replies.items()}
    by_reason: dict[str, int] = {}
    for entry in cells.values():
        for reason, n in entry["missing"].items():
            by_reason[reason] = by_reason.get(reason, 0) + n
    planned, missing = 11 * 240, sum(by_reason.values())
    return {
        **copy.deepcopy(STUDY["findings"]),
        "replies": {
            "planned": planned,
            "scored": planned - missing,
            "missing": missing,
            "missing_by_reason": by_reason,
        },
        "cells": cells,
        "contrasts": {key: contrast_findings(spec, replies) for key, spec in STUDY["contrasts"].items()},
    }


_FINDINGS = build()


@pytest.fixture
def findings() -> dict[str, Any]:
    return copy.deepcopy(_FINDINGS)


def whole_study() -> dict[str, Any]:
    parts = {key: copy.deepcopy(STUDY[key]) for key in ("plan", "situations", "examples")}
    return {"findings": copy.deepcopy(_FINDINGS), **parts}


@pytest.fixture
def study() -> dict[str, Any]:
    """Everything `render_html` takes, by name."""
    return whole_study()


@pytest.fixture(scope="session")
def page() -> str:
    """The report of that study."""
    return render_html(**whole_study())
