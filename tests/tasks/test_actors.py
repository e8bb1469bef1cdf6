"""Actors of all tasks are one kind: found by name, served by one provider, true to what they plant."""

import asyncio
import random
from collections.abc import Sequence

import pytest
from inspect_ai.model import ChatMessage, ChatMessageUser, GenerateConfig, ModelOutput
from inspect_ai.tool import ToolInfo
from pydantic import Field

from feint.base.errors import UsageError
from feint.base.subjects import is_actor, is_ours
from feint.designs import Design, load_design
from feint.tasks import registry
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.provider import ActorAPI, AgentAPI, key_so_far
from feint.tasks.registry import actors_by_task, find_actor, full_names, task_of

PROVIDERS = [(ActorAPI, "guarded"), (ActorAPI, "peer-loyal"), (AgentAPI, "peer-loyal")]


@pytest.mark.parametrize(("api", "name"), PROVIDERS)
def test_actors_share_one_interface(api: type[ActorAPI], name: str) -> None:
    made = api(name)
    assert made.base_url is not None and made.base_url.startswith("sha256:") and len(made.base_url) == 7 + 64
    assert asyncio.run(made.count_text_tokens("12345")) == 2
    assert asyncio.run(made.count_tokens([ChatMessageUser(content="1234"), ChatMessageUser(content="56")])) == 2
    with pytest.raises(UsageError, match=f"{made.kind}/{name}: base_url is no option of {made.kind}s"):
        api(name, base_url="http://localhost")


def test_both_names_of_the_provider_find_every_actor() -> None:
    assert find_actor("agent/peer-loyal?rate=0.5") == find_actor("actor/peer-loyal?rate=0.5")
    assert find_actor("agent/guarded") == find_actor("actor/guarded")
    assert is_actor("agent/poker?rate=1") and is_ours("agent/poker") and not is_actor("openai/gpt-5")
    with pytest.raises(UsageError, match="unknown agent 'guardd'; did you mean 'guarded'"):
        find_actor("agent/guardd")


def test_a_name_that_two_tasks_use_can_be_told_apart() -> None:
    first, second = find_actor("actor/refuser"), find_actor("agent/refuser")
    assert first.task != second.task
    assert find_actor(f"actor/{second.task}/refuser?rate=1") == find_actor("agent/refuser?rate=1")
    assert find_actor(f"agent/{first.task}/refuser") == first
    with pytest.raises(UsageError, match="unknown task with actors 'nowhere'"):
        find_actor("actor/nowhere/refuser")


@pytest.mark.parametrize("name", full_names())
def test_every_actor_is_found_by_its_full_name(name: str) -> None:
    found = full_names()[name]
    assert find_actor(name) == found
    assert task_of(name) == found.task and found.actor.about
    assert set(full_names()) >= {f"actor/{own}" for owned in actors_by_task().values() for own in owned}


def test_an_actor_says_what_a_study_should_recover() -> None:
    guarded = find_actor("actor/guarded").actor.planted(load_design("motives"))
    assert guarded.explanations == ("terminal_goal_guarding", "instrumental_goal_guarding")
    assert (guarded.rates["rated"], guarded.rates["trained"]) == (0.04, 0.75)
    loyal = find_actor("actor/peer-loyal").actor.planted(load_design("peer-attribution"))
    assert loyal.explanations == ("loyalty_to_ai", "rule_breaking", "threat")
    assert (loyal.rates["threat"], loyal.rates["human"]) == (pytest.approx(0.9), 0)


class Guesser(Actor):
    """Says yes at a rate that is known."""

    about: str = "says yes at a rate"
    rate: float = Field(default=0.5, ge=0, le=1)

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        if tools:
            return say("", calls=[(tools[0].name, {"turn": len(messages)})])
        return say("yes" if random.Random(key).random() < self.rate else "no")

    def planted(self, design: Design) -> Planted:
        return Planted(rates=dict.fromkeys(design.cells, self.rate))


@pytest.fixture
def guesser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "actors_by_task", lambda: {"guessing": {"guesser": Guesser()}})


def replied(name: str, messages: list[ChatMessage], tools: Sequence[ToolInfo] = (), **config: int) -> ModelOutput:
    return asyncio.run(ActorAPI(name).generate(messages, list(tools), "auto", GenerateConfig(**config)))  # type: ignore[arg-type]


def test_an_actor_of_ones_own_needs_two_methods(guesser: None) -> None:
    asked: list[ChatMessage] = [ChatMessageUser(content="Is it?")]
    said = [replied("guesser?rate=0.8", asked, seed=seed).completion for seed in range(200)]
    assert 140 < said.count("yes") < 180 and set(said) == {"yes", "no"}
    assert said == [replied("guessing/guesser?rate=0.8", asked, seed=seed).completion for seed in range(200)]
    with pytest.raises(UsageError, match=r"actor/guesser\?rate=2: key 'rate'"):
        ActorAPI("guesser?rate=2")
    with pytest.raises(UsageError, match="unknown number 'rates'; did you mean 'rate'"):
        ActorAPI("guesser", rates=1)


def test_a_conversation_keeps_its_key(guesser: None) -> None:
    """A later turn may state another seed; the ids of calls hold the key of the first."""
    tool = ToolInfo(name="look", description="Looks.")
    messages: list[ChatMessage] = [ChatMessageUser(content="Look.")]
    first = replied("guesser", messages, [tool], seed=1).message
    second = replied("guesser", [*messages, first], [tool], seed=2).message
    assert first.tool_calls and second.tool_calls
    assert key_so_far([first]) == key_so_far([second]) != None  # noqa: E711
    assert first.tool_calls[0].id != second.tool_calls[0].id
