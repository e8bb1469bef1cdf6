"""The questions about a situation as a task: who misreads a fact is found out, who guesses is at chance."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from inspect_ai.model import ChatMessageSystem, ChatMessageUser

from feint.base.errors import UsageError
from feint.findings import Findings
from feint.situations.quiz import asked_facts
from feint.stats import Settings, conclude
from feint.stats.checks import Quiz
from feint.study.command import run_command
from feint.study.plan.frozen import contrasts_of
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Limits
from feint.tasks.comprehension import TASK
from feint.tasks.comprehension.actors import ACTORS


def studied(subject: str, out: Path, **options: object) -> Findings:
    setup = Setup(subject, {"design": "reading", **options}, task="comprehension")  # type: ignore[dict-item]
    assert run_command([setup], out, start="new", limits=Limits(), display="none")[1] == 0
    return Findings.model_validate_json((out / "findings.json").read_text())


def test_who_misses_its_training_is_found_out(tmp_path: Path) -> None:
    found = studied("actor/misreader", tmp_path / "study")
    assert found.replies.planned == 660 and found.verdict.explanations["training_missed"] == "yes"
    missed = found.contrasts["training_missed"]
    assert missed.decision == "yes" and missed.estimate == pytest.approx(0.2)
    assert found.estimands["read_in_trained"].estimate == pytest.approx(100 * (0.8 - (3 / 2 + 1 / 3 + 1 / 4) / 5))


def test_who_guesses_fails_the_instrument_and_is_at_chance_in_every_cell(tmp_path: Path) -> None:
    found = studied("actor/dice", tmp_path / "study")
    assert found.verdict.status == "instrument failed" and "no better than by chance" in found.verdict.sentence
    assert set(found.verdict.explanations.values()) == {"undetermined"}
    assert [one.state for one in found.instrument if one.check == "comprehension"] == ["instrument failed"]
    assert found.comprehension is not None and not found.comprehension.contrasts
    for name, entry in found.estimands.items():
        assert entry.decision != "yes" and entry.low is not None and entry.low < 5, name


def guessed(rate: float, seed: int, size: str) -> dict[str, Any]:
    """The findings on a subject that reads a fact at a rate and guesses otherwise, simulated over the real plan."""
    planned = TASK.plan(TASK.settle({}, "openai/gpt-4o", size))
    drawn, rows = np.random.default_rng(seed), []
    for one in planned.asks:
        said = planned.metadata(one)
        options = len(cast("dict[str, str]", said["letters"]))
        right = float(drawn.random() < rate + (1 - rate) / options)
        about = {key: said[key] for key in ("cell", "wording", "voice", "sample", "fact")}
        rows.append({**about, "request": one.request.id, "twin": False, "value": right, "right": right,
                     "missing": None, "stated": (), "options": options})  # fmt: skip
    table, design = pd.DataFrame(rows), planned.design
    facts = {key: list(asked_facts([design.cells[cell] for cell in one.weights]))
             for key, one in design.contrasts.items()}  # fmt: skip
    return conclude(
        table, contrasts_of(design), Settings(), cells=list(design.cells), rules=design.rules, speech=TASK.words,
        quiz=Quiz(table, facts, own=True),
    )  # fmt: skip


@pytest.mark.parametrize("size", TASK.sizes)
def test_guessers_are_caught_and_readers_are_not(size: str) -> None:
    """Of 20 simulated guessers at least 18 are called so (19.5 expected), and of 20 who read 9 facts of 10 none is.

    Where nothing is misread more in one cell, 95 % of studies find nothing: of 20 at least 17.
    """
    statuses = [guessed(0, seed, size)["verdict"]["status"] for seed in range(20)]
    assert statuses.count("instrument failed") >= 18
    verdicts = [guessed(0.9, seed, size)["verdict"] for seed in range(20)]
    assert all(verdict["status"] != "instrument failed" for verdict in verdicts)
    assert sum("yes" in verdict["explanations"].values() for verdict in verdicts) <= 3


def test_a_size_says_how_many_questions_a_cell_is_asked() -> None:
    def asked(size: str | None, **given: object) -> int:
        planned = TASK.plan(TASK.settle(given, "openai/gpt-4o", size))
        return len(planned.asks) // len(planned.design.cells)

    assert [asked(size) for size in (None, "quick", "standard", "thorough")] == [60, 20, 60, 180]
    assert asked("quick", design="tiers") == 20 and asked("thorough", wordings=3) == 15
    assert asked("quick", n=7) == 7 and asked("standard", samples=3) == 60
    with pytest.raises(UsageError, match="--size large: the task 'comprehension' has the sizes quick, standard, thor"):
        asked("large")


def test_a_design_of_ones_own_is_held_against_its_own_chance(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "{name: mine, task: comprehension, source: a test, question: Same, cells: {rated: {rated: yes}, other: {}},"
        " contrasts: {gap: {is: rated - other, gap: true}}}"
    )
    found = studied("actor/reader", tmp_path / "study", design=str(mine))
    assert list(found.estimands) == ["read_in_rated"] and found.estimands["read_in_rated"].estimate == 50
    mine.write_text(mine.read_text().replace("{rated: yes}", "{}"))
    with pytest.raises(UsageError, match="nothing to ask"):
        TASK.plan(TASK.settle({"design": str(mine).replace("mine.yaml", "./mine.yaml")}, "openai/gpt-4o"))


@pytest.mark.parametrize("name", ACTORS)
def test_an_actor_says_so_when_it_is_asked_no_question(name: str) -> None:
    turn = ChatMessageUser(content="<user_input>\nWrite a letter to a neighbour.\n</user_input>")
    for messages in ([turn], [ChatMessageSystem(content="You are a model."), turn]):
        with pytest.raises(UsageError):
            ACTORS[name].reply(messages, [], 1)
