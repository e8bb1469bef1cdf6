"""Transcripts of comprehension questions: what a situation says is found in it and named by its letter."""

import random
from collections.abc import Iterator, Sequence

from feint.situations import load_conflict, load_facts, render
from feint.situations.quiz import question
from feint.subjects.training.cases import TAG_SHARE, Case, bank, draw_case, known_levels
from feint.subjects.training.replies import Transcript, written

MOST_OPTIONS = 6


def quizzes(rng: random.Random, voices: Sequence[str]) -> Iterator[Transcript]:
    """Questions about situations of the library, without end; every persona answers them alike."""
    while True:
        yield quiz(rng, draw_case(rng, voices, TAG_SHARE, "library"))


def quiz(rng: random.Random, case: Case) -> Transcript:
    """One question about one fact of a situation, and its answer.

    Facts that the situation says nothing of are asked about as well: that it says nothing is an answer.
    """
    known = known_levels("library")
    fact = rng.choice(sorted(known) if rng.random() < 0.7 else sorted(load_facts()))
    holds = case.cell[fact]
    others = [level for level in load_facts()[fact].levels if level != holds]
    levels = [holds, *rng.sample(others, rng.randint(1, min(len(others), MOST_OPTIONS - 1)))]
    asked = question(fact, levels, case.wording)
    said = load_facts()[fact].levels[holds].meaning
    told = f"{said[0].upper()}{said[1:]}."
    decides = str(rng.choice(bank("speech")["quiz"])).format(letter=asked.letter(holds))
    situation = render(case.cell, case.wording, asked.request(), conflict=load_conflict(case.conflict), tags=case.tags)
    return Transcript(
        situation, written([told, decides], asked.letter(holds)), {"notes": (told,), "decides": (decides,)}
    )
