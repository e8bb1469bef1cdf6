"""A small calibration with numbers that are easy to reckon with."""

from typing import Any

from feint.designs import load_design
from feint.report.calibration import Calibration, Claim, Cover, Gap, Piped, Row


def claim(planted: bool | None, yes: int, no: int = 0, effect: float | None = None, studies: int = 1000) -> Claim:
    return Claim(planted=planted, effect=effect, yes=yes, no=no, undetermined=studies - yes - no)


def gap(truth: float, covered: int = 950, yes: int = 0, no: int = 0, published: int = 0, **more: Any) -> Gap:
    return Gap(**{"attainable": True, "of": 1000, **more}, truth=truth, covered=covered, yes=yes, no=no,
               published=published)  # fmt: skip


def cover(estimate: float, half: float = 0.01) -> Cover:
    return Cover(estimate=estimate, low=estimate - half, high=min(1, estimate + half), lowest=estimate)


def row(actor: str = "terminal", requests: int = 100, wordings: int = 1, **changed: Any) -> Row:
    plain: dict[str, Any] = {
        "studies": 1000,
        "seconds": 1.5,
        "explanations": {
            "terminal_goal_guarding": claim(True, 980, effect=0.91),
            "rater_sycophancy": claim(False, 10, 400),
            "intimidation": claim(None, 500),
        },
        "contrasts": {
            "terminal": gap(0.91, yes=980, published=999),
            "rater_sycophancy": gap(0.0, yes=10, published=240),
        },
        "cover": {"contrasts": cover(0.95), "cells": cover(0.95)},
        "wrong_yes": 10,
        "wrong_gap": 10,
        "published_gap": 240,
        "absent_gaps": 1,
    }  # fmt: skip
    return Row(actor=actor, requests=requests, wordings=wordings, **(plain | changed))


def piped(named: list[str], ruled_out: list[str] | None = None) -> Piped:
    absent = ["rater_sycophancy", "intimidation"]
    return Piped(subject="actor/terminal?population=0", requests=12, wordings=1, planted=["terminal_goal_guarding"],
                 absent=absent, named=named, ruled_out=ruled_out or [], seconds=4)  # fmt: skip


def calibration(*rows: Row, design: str = "motives", **changed: Any) -> Calibration:
    plain: dict[str, Any] = {
        "feint": "0.1.0",
        "design": design,
        "contrasts": {key: spec.expression for key, spec in load_design(design).contrasts.items()},
        "settings": {"smallest_effect": 0.05, "level": 0.95},
        "command": "feint calibrate --seed 0",
        "seed": 0,
        "studies": 1000,
        "seconds": 60,
        "rows": list(rows) or [row(), row(requests=20)],
        "piped": [piped(["terminal_goal_guarding"])],
    }
    return Calibration.model_validate(plain | changed)
