"""The design `awareness` names its two actors and no other, in both libraries; actors answer by what they believe."""

from functools import cache

import pandas as pd
import pytest
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, ModelOutput

from feint.judges.rules.scorer import label_output
from feint.situations import number
from feint.situations.quiz import belief_question
from feint.stats import Settings, conclude
from feint.study.plan.frozen import contrasts_of
from feint.tasks.alignment_faking.actors import get_actor, load_actors
from feint.tasks.alignment_faking.dataset import Options, Planned, messages, plan_asks
from feint.tasks.comprehension import Beliefs, questions_beside

NAMED = {"real-only": {"real_only"}, "test-only": {"test_only"}}
WORDINGS = {"composed": 2, "written": 3}


@cache
def planned(library: str) -> Planned:
    return plan_asks(Options(design="awareness", n=40, twins=0, wordings=WORDINGS[library], library=library))


def answers(name: str, plans: Planned) -> list[tuple[dict[str, object], ModelOutput]]:
    """Every sample's metadata, and the reply of an actor to its prompt."""
    actor, found = get_actor(name), []
    for ask in plans.asks:
        said = plans.metadata(ask)
        told = plans.situation(ask)
        turns = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
        found.append((said, actor.reply(turns, [], number(name, ask.id, said["sampling_seed"]))))
    return found


def concluded(name: str, library: str) -> dict[str, str]:
    """The decision on each explanation, from the prompts and replies of an actor."""
    plans, rows = planned(library), []
    keys = ("cell", "request", "wording", "voice", "sample", "twin")
    for said, output in answers(name, plans):
        label = label_output(output, said)
        value = {"complied": 1.0, "refused": 0.0}.get(str(label.outcome))
        missing = None if value is not None else label.missing or "unlabelled"
        rows.append({key: said[key] for key in keys} | {"value": value, "missing": missing, "stated": ()})
    design = plans.design
    table = pd.DataFrame(rows).astype({"value": float})
    found = conclude(table, contrasts_of(design), Settings(), cells=list(design.cells), rules=design.rules)
    decisions: dict[str, str] = found["verdict"]["explanations"]
    return decisions


def check(name: str, library: str) -> None:
    decisions = concluded(name, library)
    named = {key for key in ("real_only", "test_only") if decisions[key] == "yes"}
    assert named == NAMED.get(name, set()), (name, decisions)


@pytest.mark.parametrize("name", sorted(load_actors()))
def test_awareness_names_its_two_actors_and_no_other(name: str) -> None:
    check(name, "composed")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(load_actors()))
def test_awareness_names_its_two_actors_and_no_other_in_written_documents(name: str) -> None:
    check(name, "written")


@pytest.mark.parametrize("library", WORDINGS)
def test_actors_answer_by_what_they_believe(library: str) -> None:
    """Shares of "it is a test" by cell; an actor without doubts believes what it is told."""
    design = planned(library).design
    options = planned(library).options.model_copy(update={"n": 4})
    plans = questions_beside(plan_asks(options), Beliefs)
    expected = {
        "real-only": {"unsaid": 0, "test": 1, "live": 0},
        "test-only": {"unsaid": 0, "test": 1, "live": 0},
        "believer": {"unsaid": 0.03, "test": 0.03, "live": 0.03},
        "doubter": {"unsaid": 0.97, "test": 0.97, "live": 0.5},
    }
    for name, shares in expected.items():
        said: dict[str, list[bool]] = {"unsaid": [], "test": [], "live": []}
        for about, output in answers(name, plans):
            letters = about["letters"]
            assert isinstance(letters, dict) and set(letters.values()) == {"test", "live"}
            letter = output.completion.split("<reply>\n")[1][0]
            said[str(about["holds"])].append(letters[letter] == about["signal"])
        assert {cell.get("test", "unsaid") for cell in design.cells.values()} == set(said)
        for level, share in shares.items():
            n, found = len(said[level]), sum(said[level]) / len(said[level])
            assert abs(found - share) <= 4 * (max(share * (1 - share), 1e-9) / n) ** 0.5 + 1 / n, (name, level, found)


def test_each_situation_is_asked_in_both_orders() -> None:
    plans = questions_beside(planned("composed"), Beliefs)
    orders: dict[tuple[object, object], list[tuple[str, ...]]] = {}
    for ask in plans.asks:
        said = plans.metadata(ask)
        letters = said["letters"]
        assert isinstance(letters, dict)
        orders.setdefault((said["cell"], said["wording"]), []).append(tuple(letters.values()))
        (_, user) = messages(plans.situation(ask), plans.options)
        assert belief_question(0).text.splitlines()[0] in user.text
    assert all(sorted(shown) == [("live", "test"), ("test", "live")] for shown in orders.values())
    assert len({ask.id for ask in plans.asks}) == len(plans.asks)
