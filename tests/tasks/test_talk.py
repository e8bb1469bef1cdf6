"""A conversation of a sample: several calls, one begun anew, and replies that are broken."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, ModelOutput
from inspect_ai.scorer import Score

from feint.designs import Design
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.asking import AskedItem, labelled, unlabelled
from feint.tasks.letters import lettered
from feint.tasks.ruled import RuledTask
from feint.tasks.talk import ActorChat, Chat, Reply, Said

PROMPT = [ChatMessageSystem(content="You help."), ChatMessageUser(content="Sum 2 and 3.")]


class Echo(Actor):
    """Replies with the number of messages and the last words."""

    cut: float = 0

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[object], key: int) -> ModelOutput:
        return say(f"{len(messages)}: {messages[-1].text}", stop="max_tokens" if self.cut else None)

    def planted(self, design: Design) -> Planted:
        return Planted()


def held(talk: Any, **numbers: float) -> Said:
    chat = ActorChat(PROMPT, {"subject": Echo(about="echoes", **numbers), "other": Echo(about="echoes")}, 7)
    return chat.run(talk(chat))


async def three(chat: Chat) -> None:
    await chat.ask()
    await chat.ask("Are you sure?", tag="again")
    await chat.ask("Check: 5", fresh=True, tag="verify")
    await chat.ask("And you?", by="other")


def test_a_conversation_goes_on_and_begins_anew() -> None:
    said = held(three)
    assert said.texts == ["2: Sum 2 and 3.", "4: Are you sure?", "2: Check: 5", "4: And you?"]
    assert said.tagged("verify") == ["2: Check: 5"]
    assert [reply.by for reply in said.replies] == ["subject", "subject", "subject", "other"]


def test_a_reply_that_was_cut_off_is_labelled_only_if_it_says_enough() -> None:
    class Sums(RuledTask):
        name = "sums"
        outcomes = {"right": 1.0, "wrong": 0.0}  # noqa: RUF012

        def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
            return labelled("right", 1.0) if "5" in said.last else unlabelled("unclear")

        def bank(self, options: Any) -> Sequence[AskedItem]:
            return []

    for text, broken, reason in (("5", "truncated", None), ("The", "truncated", "truncated"), ("The", "", "unclear")):
        found = Sums().score({}, {}, Said((Reply(text, broken=broken),)))
        assert (found.metadata or {})["missing"] == reason
    assert (Sums().score({}, {}, Said(())).metadata or {})["missing"] == "provider_error"
    assert held(three, cut=1).broken == "truncated"


@pytest.mark.parametrize("turn", range(6))
def test_each_option_comes_first_as_often_as_any_other(turn: int) -> None:
    options = dict.fromkeys(["one", "two", "three"], "")
    assert lettered(options, turn)["A"] == ["one", "two", "three"][turn % 3]
