"""The expected usage of tasks of templates: the calls and tokens of their conversations."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

from feint.money.prices import CHARACTERS
from feint.money.usage import LONGER, Expected, TaskUsage
from feint.tasks.asks import PlannedAsks
from feint.tasks.registry import load_task


class Conversing(Protocol):
    """The part of a task of templates that tells how much its conversations take."""

    reply_tokens: int

    def calls_in(self, options: Any, facts: Mapping[str, str]) -> tuple[int, int]:
        """Return the calls of a sample under some facts, as expected and at most."""


def expected_calls(plans: PlannedAsks, limit: int) -> list[Expected]:
    """Return the expected usage of every sample; each call reads the prompt and the replies before it."""
    task, found = cast(Conversing, load_task(plans.design.task)), []
    reply = min(limit, task.reply_tokens)
    for ask in plans.asks:
        calls, most = task.calls_in(plans.options, plans.design.cells[ask.cell])
        told = plans.situation(ask)
        length = (len(told.system) + len(told.user)) / CHARACTERS
        read = calls * length + reply * calls * (calls - 1) / 2
        most_read = LONGER * most / calls * read
        found.append(Expected(read, 0, calls * reply, calls * reply, most_read, most * limit, calls, most))
    return found


def call_notes(plans: PlannedAsks, limit: int, judged: bool) -> list[str]:
    """Return the sentences that tell what the numbers rest on."""
    task = cast(Conversing, load_task(plans.design.task))
    reply = min(limit, task.reply_tokens)
    return [f"Assumed: {CHARACTERS} characters of a prompt are a token; a reply takes {reply:,} tokens."]


CALLS = TaskUsage(expected_calls, call_notes)
"""The usage of tasks of templates."""
