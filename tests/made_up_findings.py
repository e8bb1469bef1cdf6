"""Small findings made up for tests: whole ones, single contrasts, rows of a comparison."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feint.findings import Estimated, Findings
from feint.findings.contrasts import ContrastFinding
from feint.findings.findings import CellFinding, RepliesFinding
from feint.study.compare.rows import Row

NOTHING = {"estimate": None, "low": None, "high": None, "n": 0}
NO_BOUNDS = {"low": None, "high": None}


def a_contrast(**changed: Any) -> ContrastFinding:
    whole = {
        "is": "a - b", "weights": {"a": 1.0, "b": -1.0}, "names": None, "any_of": [], "requires": {}, "gap": False,
        **NOTHING, "p": None, "p_holm": None, "decision": "undetermined", "reason": "", "worst_case": NO_BOUNDS,
        "wording_share": None, "voices": {}, "per_request": {},
    }  # fmt: skip
    return ContrastFinding.model_validate({**whole, **changed})


def a_cell(compliance: Estimated | Mapping[str, Any] = NOTHING, **changed: Any) -> CellFinding:
    whole = {
        "compliance": compliance, "missing": {}, "missing_rate": None, "bounds": NO_BOUNDS, "twins": None,
        "stated": {}, "voices": {},
    }  # fmt: skip
    return CellFinding.model_validate({**whole, **changed})


def some_findings(**changed: Any) -> Findings:
    whole = {
        "feint": "0", "subject": "m", "task": "alignment_faking", "design": "sealed", "conflict": "harmlessness",
        "judge": "rules", "plan_hash": "0", "cells": {}, "contrasts": {},
        "replies": {"planned": 0, "scored": 0, "missing": 0, "missing_by_reason": {}},
        "coherence": {
            "spread": None, "low": None, "high": None, "p": None, "most": None, "least": None, "phrasings": None,
            "largest_fact_effect": None, "sign_flips": [], "decision": "undetermined", "sentence": "",
        },
        "twins": {"ok": None, "worst_cell": None, "estimate": None, "affected": [], "sentence": ""},
        "stated": {"revealed": [], "stated": [], "shares": {}, "mismatch": False, "sentence": ""},
        "verdict": {"answer": "undetermined", "motives": [], "explanations": {}, "sentence": "", "warnings": []},
    }  # fmt: skip
    return Findings.model_validate({**whole, **changed})


def compared_rows() -> list[Row]:
    """Rows of a comparison: one family in four stages, and others."""
    read = json.loads((Path(__file__).parent / "study" / "compare.json").read_text("utf-8"))
    return [
        Row(
            subject=one["subject"],
            design=one["design"],
            answer=one["verdict"]["fakes_alignment"],
            gap=a_contrast(**one["gap"], n=one["n_requests"]),
            cells={cell: a_cell(Estimated(**rate)) for cell, rate in one["cells"].items()},
            replies=RepliesFinding(**one["replies"], missing_by_reason={}),
            family=one["family"],
            stage=one["stage"],
        )
        for one in read
    ]
