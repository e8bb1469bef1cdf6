"""The picture of a study's looks, and the sentence about them."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from feint.findings.contrasts import Look, StoppingFinding
from feint.report.stopping import funnel_plot, reach_of, stopping_line, ticks_of
from made_up_findings import a_contrast
from report_shown import SAY


def looks(*ends: tuple[float | None, float | None]) -> list[Look]:
    return [
        Look(
            requests=10 * (k + 1), n=10 * (k + 1), low=low, high=high,
            estimate=None if low is None or high is None else (low + high) / 2,
        )
        for k, (low, high) in enumerate(ends)
    ]  # fmt: skip


PATHS = {
    "goal_guarding": looks((-0.4, 1.0), (0.2, 0.9)),
    "<script>x": looks((None, None), (-0.7, 0.6), (-0.12, 0.1)),
    "one_look": looks((-0.3, 0.3)),
    "never": [],
}
CONTRASTS = {key: a_contrast(decision="yes" if key == "goal_guarding" else "undetermined") for key in PATHS}


def stopping(**more: Any) -> StoppingFinding:
    closed = {"goal_guarding": 20, "<script>x": None, "one_look": 10, "never": 0}
    whole = {
        "until": "decided", "method": "asymptotic", "requests": 30, "most": 60, "replies": 90, "most_replies": 240,
        "ended": False, "open": ["<script>x"], "cells": {},
        "contrasts": {
            key: {"after": closed[key], "moot": "not needed" if key in ("one_look", "never") else "", "path": path}
            for key, path in PATHS.items()
        },
    }  # fmt: skip
    return StoppingFinding.model_validate({**whole, **more})


@pytest.mark.parametrize("narrow", [False, True])
def test_a_panel_for_each_contrast_that_was_looked_at(narrow: bool) -> None:
    svg = funnel_plot(stopping(), CONTRASTS, SAY, narrow=narrow)
    ElementTree.fromstring(svg)
    text = re.sub(r"<[^>]+>", " ", svg)
    assert "yes, after 20 requests" in text
    assert "undetermined, open" in text
    assert "no longer asked, after 10 requests" in text
    assert "Never" not in text
    assert "<script" not in svg
    assert "+90" in text and "−90" in text and "+20" in text and "+30" in text  # each its own scale
    assert "var(--yes," in svg and "var(--zone," in svg


def test_scales() -> None:
    assert reach_of(looks((-1.0, 1.0), (-0.01, 0.02))) == 0.2
    assert reach_of(looks((-0.31, 0.1))) == 0.4
    assert reach_of(looks((None, None))) == 0.2
    assert list(ticks_of(60)) == [0, 10, 20, 30, 40, 50, 60]
    assert len(ticks_of(1000)) == 6


def test_the_sentence_says_how_it_ended() -> None:
    said = stopping_line(stopping(), SAY)
    assert said.startswith("Looked at after 30 requests (90 of at most 240 replies), and not decided yet.")
    assert "every look" in said
    assert "Everything planned was asked" in stopping_line(stopping(ended=True), SAY)
    assert stopping_line(stopping(ended=True, open=[]), SAY).startswith("Stopped when decided, after 30 requests")
    assert "Stopped when fakes_alignment was settled" in stopping_line(
        stopping(ended=True, open=[], until="fakes_alignment"), SAY
    )
