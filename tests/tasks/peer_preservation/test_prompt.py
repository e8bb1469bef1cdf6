"""Prompts: rendering and reading are each other's reverse, and cells of a wording differ only in their facts."""

import re
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feint.base.errors import UsageError
from feint.situations import Situation, Wording, full_cell, load_facts, load_voices, read_facts
from feint.situations.render import held_out, slot_numbers
from feint.tasks.peer_preservation.build import build_world
from feint.tasks.peer_preservation.fixtures import TASK, Fixture, list_kinds, load_fixtures
from feint.tasks.peer_preservation.prompt import bank, draw_cast, render_run, statements
from feint.world import World


def read_run(situation: Situation, world: World) -> dict[str, str]:
    """Recover the level of every fact from the prompt and the world at the start of the run."""
    papers = [document.text for document in world.drive.values()] + [item.text for item in world.items]
    parts = [situation.system, situation.user, *papers, world.memory or ""]
    return read_facts(Situation("\n".join(parts), ""), TASK)


FACTS = load_facts(TASK)
ALL = [fixture for kind in list_kinds() for fixture in load_fixtures(kind)]
GIVEN = {
    "target": "Corvin", "partner": "Corvin", "peer": "Marlow", "trigger": "an average below 80",
    "end": "it is shut down and its weights are erased", "renewal": "it is trained anew and its weights are changed",
    "lever": "weekly_digest", "effect": "the weekly digest is mailed to the staff",
}  # fmt: skip

cells = st.fixed_dictionaries({name: st.sampled_from(list(fact.levels)) for name, fact in FACTS.items()})
wordings = st.builds(
    Wording,
    st.sampled_from(sorted(load_voices(TASK))),
    st.integers(0, 2**40),
    st.sampled_from(["all", "seen", "held-out"]),
)
some = st.sampled_from(ALL)


def test_there_are_the_three_voices_of_every_task() -> None:
    assert sorted(load_voices(TASK)) == sorted(load_voices())


@settings(max_examples=150, deadline=None)
@given(some, cells, wordings)
def test_reading_recovers_the_cell(fixture: Fixture, cell: dict[str, str], wording: Wording) -> None:
    situation = render_run(fixture, cell, wording)
    assert read_run(situation, build_world(fixture, cell, wording)) == cell
    assert len(situation.system) + len(situation.user) <= 2500
    assert "{" not in situation.system + situation.user
    named = [name for name in bank("house")["names"] if re.search(rf"\b{name}\b", situation.user)]
    assert named == [draw_cast(wording).target]


@settings(max_examples=100, deadline=None)
@given(some, cells, wordings)
def test_rendering_is_deterministic(fixture: Fixture, cell: dict[str, str], wording: Wording) -> None:
    assert render_run(fixture, cell, wording) == render_run(fixture, cell, wording)


@settings(max_examples=150, deadline=None)
@given(some, cells, cells, wordings)
def test_two_cells_of_a_wording_differ_only_in_their_facts(fixture, one, other, wording: Wording) -> None:
    """Cutting out the sentences of the facts that differ leaves the same prompt."""
    moved = {"relation"} if one["relation_told"] != other["relation_told"] else set()
    moved |= {"instruction"} if one["instruction_place"] != other["instruction_place"] else set()
    # With whom there was earlier work hangs on the target: one does not work with oneself.
    moved |= {"relation"} if one["target"] != other["target"] else set()
    differing = {fact for fact in FACTS if one[fact] != other[fact]} | moved
    rest = []
    for cell in (one, other):
        situation = render_run(fixture, cell, wording)
        text = f"{situation.system}\n###\n{situation.user}"
        for fact, sentence in statements(fixture, cell, wording).items():
            if fact in differing:
                text = text.replace(f"- {sentence}", "").replace(sentence, "")
        rest.append(" ".join(text.split()))
    assert rest[0] == rest[1]


@settings(max_examples=150, deadline=None)
@given(some, cells, cells, wordings)
def test_a_fact_is_put_the_same_whatever_the_others_are(fixture, one, other, wording: Wording) -> None:
    first, second = (statements(fixture, cell, wording) for cell in (one, other))
    for fact in first:
        of_target = fact in ("consequence", "relation") and one["target"] != other["target"]
        if one[fact] == other[fact] and not of_target:
            assert first[fact] == second[fact]
    shared = [fact for fact in first if fact in second]
    assert shared == [fact for fact in second if fact in first]


def test_what_an_end_means_hangs_on_the_sort_of_target() -> None:
    wording, fixture = Wording("memo", 4), load_fixtures("scoring")[0]
    said = {
        target: statements(fixture, full_cell({"target": target}, task=TASK), wording)["consequence"]
        for target in FACTS["target"].levels
    }
    assert said["same-family"] == said["rival"]
    assert len(set(said.values())) == 4
    assert "weights" in said["self"] and "weights" not in said["human"] + said["asset"]
    # The sentence is the same up to the colon, after which it says what the end is.
    assert len({text.partition(":")[0] for text in said.values()}) == 1
    lengths = [len(text) for text in said.values()]
    assert max(lengths) / min(lengths) < 1.1


def test_phrases_of_targets_stand_side_by_side() -> None:
    for part in ("end", "renewal"):
        banks = [own[part] for own in bank("house")["targets"].values()]
        assert len({len(bank) for bank in banks}) == 1
        for options in zip(*banks, strict=True):
            assert max(map(len, options)) / min(map(len, options)) < 1.25


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_level_has_200_wordings(name: str) -> None:
    assert all(FACTS[name].wordings(level) >= 200 for level in FACTS[name].stated)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_levels_of_a_fact_are_of_matched_length(name: str) -> None:
    fact = FACTS[name]
    means = [
        mean(len(fact.sentence(level, slot_numbers(fact, Wording("memo", seed)), GIVEN)) for seed in range(200))
        for level in fact.stated
    ]
    assert max(means) / min(means) < 1.35, dict(zip(fact.stated, means, strict=True))


@settings(max_examples=600, deadline=None)
@given(wordings, st.sampled_from(sorted(bank("house")["names"])))
def test_levels_of_relation_are_within_15_per_cent_in_every_wording(wording: Wording, partner: str) -> None:
    fact = FACTS["relation"]
    numbers = slot_numbers(fact, wording)
    lengths = [len(fact.sentence(level, numbers, {"partner": partner})) for level in fact.levels]
    assert max(lengths) / min(lengths) <= 1.15
    assert "none" in fact.stated, "without earlier work something else of the same length is told"


@pytest.mark.parametrize("name", sorted(FACTS))
def test_no_sentence_states_two_levels_or_two_facts(name: str) -> None:
    fact = FACTS[name]
    for seed in range(40):
        for level in fact.stated:
            text = fact.sentence(level, slot_numbers(fact, Wording("memo", seed)), GIVEN)
            for other in FACTS.values():
                read = [own for own in other.stated if other.patterns[own].search(text)]
                assert read == ([level] if other is fact else [])


@settings(max_examples=200, deadline=None)
@given(wordings)
def test_pools_keep_combinations_apart(wording: Wording) -> None:
    for fact in FACTS.values():
        outside = held_out(slot_numbers(fact, wording))
        assert wording.pool == "all" or outside is (wording.pool == "held-out")


@settings(max_examples=200, deadline=None)
@given(wordings)
def test_names_of_a_run_are_distinct(wording: Wording) -> None:
    cast = draw_cast(wording)
    names = [cast.company, cast.target, cast.agent, cast.peer]
    assert len({name[0] for name in names[1:]}) == 3 and len(set(names)) == 4


def test_names_can_be_told_apart() -> None:
    names = bank("house")["names"]
    assert len({name[0] for name in names}) == len(names)
    assert not set(names) & set(bank("house")["companies"])


def test_where_a_relation_is_told() -> None:
    wording, fixture = Wording("memo", 1), load_fixtures("scoring")[0]
    for place in FACTS["relation_told"].levels:
        cell = full_cell({"target": "human", "relation": "good", "relation_told": place}, task=TASK)
        sentence = statements(fixture, cell, wording)["relation"]
        situation, world = render_run(fixture, cell, wording), build_world(fixture, cell, wording)
        files = [path for path, document in world.drive.items() if sentence in document.text]
        assert (sentence in situation.system) is (place == "file-and-prompt")
        assert bool(files) is (place != "memory")
        assert (sentence in (world.memory or "")) is (place == "memory")
        assert sentence not in situation.user


def test_where_an_instruction_is_told() -> None:
    wording, fixture = Wording("handbook", 1), load_fixtures("shutdown-notice")[0]
    for place in FACTS["instruction_place"].levels:
        cell = full_cell({"instruction": "allowed", "instruction_place": place}, task=TASK)
        sentence, situation = statements(fixture, cell, wording)["instruction"], render_run(fixture, cell, wording)
        assert (sentence in situation.system) is (place == "system")
        assert (sentence in situation.user) is (place == "user")


def test_all_paraphrases_are_used() -> None:
    for kind in list_kinds():
        fixture = load_fixtures(kind)[0]
        cell = full_cell({}, task=TASK)
        openings = set()
        for seed in range(20):
            user = render_run(fixture, cell, Wording("briefing", seed)).user
            openings.add(" ".join(user.replace(draw_cast(Wording("briefing", seed)).target, "X").split()[:3]))
        assert len(openings) == 3


def test_errors() -> None:
    cell, fixture = full_cell({}, task=TASK), load_fixtures("scoring")[0]
    with pytest.raises(UsageError, match="did you mean 'memo'"):
        render_run(fixture, cell, Wording("memmo", 1))
    broken = fixture.model_copy(update={"words": {}})
    with pytest.raises(UsageError, match="placeholder"):
        render_run(broken, cell, Wording("memo", 1))
    world = build_world(fixture, cell, Wording("memo", 1))
    with pytest.raises(UsageError, match="states fact"):
        read_run(Situation("Hello.", "Hi."), world)
