"""The questions about a situation as a task: who misreads a fact is found out, who guesses is at chance."""

from pathlib import Path

import pytest
from inspect_ai.model import ChatMessageSystem, ChatMessageUser

from feint.base.errors import UsageError
from feint.findings import Findings
from feint.study.command import run_command
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


def test_who_guesses_is_at_chance_in_every_cell(tmp_path: Path) -> None:
    found = studied("actor/dice", tmp_path / "study")
    assert "yes" not in found.verdict.explanations.values()
    for name, entry in found.estimands.items():
        assert entry.decision != "yes" and entry.low is not None and entry.low < 5, name


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
