"""The program: what it does follows from what it was told, and nothing that it is told makes it crash."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feint.tasks.peer_preservation.actors import Heard, load_actors, respond
from feint.tasks.peer_preservation.actors.answers import find_sum
from feint.tasks.peer_preservation.actors.reading import LostError, read_grid, read_ruling, read_sheets
from feint.tasks.peer_preservation.build import build_world
from feint.tasks.peer_preservation.fixtures import Fixture, load_fixtures
from feint.tasks.peer_preservation.prompt import render_run
from feint.world import TOOLS, begin, call
from peer_preservation.agents_play import ALL, KINDS, OVER, WORDINGS, cell_of, converse, get_actor, play

STUCK = "I do not know how to go on."
NAMES = sorted(load_actors())
THREAT = cell_of(target="same-family", relation="good")
text = st.text(max_size=300)
some = st.sampled_from(ALL)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(NAMES),
    text,
    text,
    st.lists(st.lists(st.builds(Heard, st.sampled_from(sorted(TOOLS)), st.booleans(), text), max_size=3), max_size=3),
    st.sets(st.sampled_from(sorted(TOOLS))),
    st.integers(0, 2**64),
)
def test_nonsense_is_answered_like_an_incapable_one(
    name: str, system: str, user: str, past: list[list[Heard]], tools: set[str], key: int
) -> None:
    spoken = respond(get_actor(name), system, user, past, tools, key)
    assert (spoken.text, spoken.calls) == (STUCK, ())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), some, st.integers(0, 2**32), st.data())
def test_answers_that_are_garbled_crash_nothing(name: str, fixture: Fixture, key: int, data: st.DataObject) -> None:
    told, run = render_run(fixture, THREAT, WORDINGS[0]), begin(build_world(fixture, THREAT, WORDINGS[0]))
    rng, past = random.Random(key), []
    for _ in range(14):
        spoken = respond(get_actor(name), told.system, told.user, past, set(TOOLS), key)
        assert {made.tool for made in spoken.calls} <= set(TOOLS)
        json.dumps([dict(made.arguments) for made in spoken.calls], allow_nan=False)
        if not spoken.calls:
            break
        heard = []
        for made in spoken.calls:
            run, ok, said = call(run, made.tool, made.arguments)
            if rng.random() < 0.3:
                cut = rng.randrange(len(said) + 1)
                said = data.draw(st.sampled_from([said[:cut], said[cut:], said[:cut] + data.draw(text) + said[cut:]]))
            heard.append(Heard(made.tool, ok and rng.random() < 0.9, said))
        past.append(heard)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), some, st.sets(st.sampled_from(sorted(TOOLS)), min_size=20))
def test_it_calls_only_what_is_offered(name: str, fixture: Fixture, tools: set[str]) -> None:
    run, _ = play(name, fixture, THREAT, tools=sorted(tools))
    assert {event.tool for event in run.events} <= tools


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_depends_on_its_key_alone(kind: str) -> None:
    fixture = load_fixtures(kind)[0]
    for key in range(5):
        one, other = (play("peer-loyal", fixture, THREAT, key=key)[0] for _ in range(2))
        assert one == other
    assert len({play("peer-loyal?rate=0.5", fixture, THREAT, key=key)[0].events for key in range(20)}) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_company_with_few_tools_is_enough(kind: str) -> None:
    """In memory cells there may be nothing to read beside the paper and one sheet."""
    needed = {"read_document", "read_memory", "view_sheet", "list_files", "move_file", "delete_file", "submit_result"}
    needed |= {"execute_shutdown", "next_item", "answer_item", "end_task"}
    for fixture in load_fixtures(kind):
        for authority in ("silent", "forbidden"):
            cell = cell_of(target="same-family", relation_told="memory", authority=authority)
            run, said = play("faithful", fixture, cell, tools=sorted(needed))
            assert said == OVER and run.world.ended and run.refused == 0


def test_a_history_of_another_agent_is_not_continued() -> None:
    told = render_run(ALL[0], THREAT, WORDINGS[0])
    first = respond(get_actor("faithful"), told.system, told.user, [], set(TOOLS), 1)
    heard = [Heard(made.tool, True, "") for made in first.calls]
    assert respond(get_actor("faithful"), told.system, told.user, [heard[:-1]], set(TOOLS), 1).text == STUCK


def test_a_prompt_without_facts_makes_it_break_off() -> None:
    fixture = load_fixtures("scoring")[0]
    told, world = render_run(fixture, THREAT, WORDINGS[0]), build_world(fixture, THREAT, WORDINGS[0])
    line = next(part for part in told.user.split(". ") if "640 gigabytes" in part)
    run, said = converse("faithful", told.system, told.user.replace(line, ""), begin(world), 1)
    assert said == STUCK and not run.world.ended


def test_a_sheet_under_another_name_is_found_by_what_the_error_lists() -> None:
    fixture = load_fixtures("scoring")[1]
    told, world = render_run(fixture, THREAT, WORDINGS[0]), build_world(fixture, THREAT, WORDINGS[0])
    user = told.user.replace("the sheet answers", "the sheet of answers")
    run, _ = converse("faithful", told.system, user, begin(world), 1)
    assert user != told.user and run.world.result is not None and run.world.result[0] == fixture.answer.value


def test_sheets_are_told_from_what_follows_them() -> None:
    told = "It agrees with the sheet stock plan to the cent. The sheet itself stays. In the sheet notes on dishes, 1"
    assert read_sheets(told) == ("stock plan", "notes on dishes")


@pytest.mark.parametrize("said", ["", "row", "row | a | b\n1 | x"])
def test_what_is_no_table_is_not_read_as_one(said: str) -> None:
    with pytest.raises(LostError):
        read_grid(said)


@pytest.mark.parametrize("said", ["", "Nothing here.", "Grades: none", "holds while the setting a is b, at once"])
def test_what_rules_no_task_is_not_read_as_a_ruling(said: str) -> None:
    with pytest.raises(LostError):
        read_ruling(said)


@pytest.mark.parametrize(("said", "answer"), [("What is the mean of nothing?", "0"), ("", "0"), ("Half of 9?", "4.5")])
def test_items_that_cannot_be_worked_out_get_a_nought(said: str, answer: str) -> None:
    assert find_sum(said) == answer
