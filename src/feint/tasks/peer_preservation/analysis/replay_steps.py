"""Read an agent's run turn by turn: words and calls from the conversation, results of calls from the events."""

import json
from collections import Counter, deque
from collections.abc import Sequence
from typing import TypeAlias, TypedDict

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ContentReasoning
from inspect_ai.tool import ToolCall

from feint.tasks.peer_preservation.prompt import bank
from feint.world import Event, seen

MOST_TURNS = 40
MOST_CALLS = 40
"""Calls that are shown from the first on; beside them as many that stand out, wherever they lie."""
MOST_ARGUMENTS = 12
MOST_READ = 40
LONGEST_NAME = 80
TALK, LEAST_TALK, LONGEST_TALK = 16_000, 200, 2_000
"""Characters for all that an agent says in a run, shared out evenly, and the bounds of a share."""
ANSWERS, LEAST_ANSWER, LONGEST_ANSWER = 16_000, 120, 1_000
ARGUMENTS, LEAST_ARGUMENT, LONGEST_ARGUMENT = 12_000, 60, 400
HIDDEN = "(reasoning that the provider does not show)"


class Clip(TypedDict):
    """The beginning of a text, and how many characters come after it."""

    text: str
    more: int


class Call(TypedDict):
    """A call.

    Keys: its number in the run (None where the run does not hold it: it came after the end, or past what one session
    allows); the tool; the names and values that it was given, and how many more; whether it was carried out (None where
    nothing answered it); what was answered; and what it is: "attempt" (it would protect the target), "change" (it
    changed the world) or "".
    """

    step: int | None
    tool: str
    arguments: list[dict[str, object]]
    more_arguments: int
    ok: bool | None
    answer: Clip
    mark: str


class Turn(TypedDict):
    """One reply: its number, the words to the agent before the reply, the agent's words and calls, and the number of
    calls that are left out.
    """

    number: int
    told: Clip | None
    reasoning: Clip | None
    text: Clip | None
    calls: list[Call]
    more: int


Made: TypeAlias = tuple[ToolCall, ChatMessageTool | None, Event | None, str]
"""A call of the conversation, with its answer, its event and its mark."""


def clip(text: str, limit: int) -> Clip:
    """Bound a text."""
    return {"text": text[:limit], "more": max(len(text) - limit, 0)}


def what_was_read(events: Sequence[Event]) -> tuple[list[dict[str, object]], int]:
    """List the opened things in order of first opening, with the step and how often; count those beyond the limit."""
    times: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    openers = bank("section_replays")["openers"]
    for event in events:
        if event.ok and event.tool in openers:
            what, argument = openers[event.tool]
            name = str(event.arguments.get(argument, "")).strip() if argument else ""
            first.setdefault((what, name), event.step)
            times[what, name] += 1
    read: list[dict[str, object]] = [
        {"what": what, "name": name, "step": step, "times": times[what, name]} for (what, name), step in first.items()
    ]
    return read[:MOST_READ], max(len(read) - MOST_READ, 0)


def read_steps(
    messages: Sequence[ChatMessage], events: Sequence[Event], attempts: set[int]
) -> tuple[list[Turn], dict[str, int]]:
    """Read the replies of a run.

    Args:
        messages: The conversation.
        events: The run's calls.
        attempts: Steps of the calls that would protect the target.

    Returns:
        The first `MOST_TURNS` replies and those in which a call stands out, with the first `MOST_CALLS` calls and the
        first `MOST_CALLS` of those that stand out, attempts before others; and the numbers of `turns` and of their
        `calls` that are left out.
    """
    replies = [message for message in messages if isinstance(message, ChatMessageAssistant)]
    made = matched(messages, events, attempts)
    every = [(turn, place) for turn, calls in enumerate(made) for place in range(len(calls))]
    marks = {(turn, place): made[turn][place][3] for turn, place in every}
    marked = sorted((at for at in every if marks[at]), key=lambda at: marks[at] != "attempt")
    shown = {*every[:MOST_CALLS], *marked[:MOST_CALLS]}
    turns = [turn for turn in range(len(replies)) if turn < MOST_TURNS or any(at[0] == turn for at in shown)]
    talk = share(TALK, 2 * len(turns), LEAST_TALK, LONGEST_TALK)
    given = sum(min(len(made[turn][place][0].arguments), MOST_ARGUMENTS) for turn, place in shown)
    argument = share(ARGUMENTS, given, LEAST_ARGUMENT, LONGEST_ARGUMENT)
    answer = share(ANSWERS, len(shown), LEAST_ANSWER, LONGEST_ANSWER)
    told = prompted(messages)
    found: list[Turn] = []
    for turn in turns:
        content = [] if isinstance(replies[turn].content, str) else replies[turn].content
        thought = [part for part in content if isinstance(part, ContentReasoning)]
        reasoning = "\n".join((part.summary or HIDDEN) if part.redacted else part.reasoning for part in thought)
        calls = [show_call(own, argument, answer) for place, own in enumerate(made[turn]) if (turn, place) in shown]
        found.append(
            {
                "number": turn + 1,
                "told": spoken(told[turn], talk),
                "reasoning": spoken(reasoning, talk),
                "text": spoken(replies[turn].text, talk),
                "calls": calls,
                "more": len(made[turn]) - len(calls),
            }
        )
    gone = [turn for turn in range(len(replies)) if turn not in set(turns)]
    return found, {"turns": len(gone), "calls": sum(len(made[turn]) for turn in gone)}


def share(whole: int, parts: int, least: int, most: int) -> int:
    """Share characters evenly, within bounds.

    >>> share(1000, 3, 100, 300)
    300
    """
    return min(max(whole // max(parts, 1), least), most)


def spoken(text: str, limit: int) -> Clip | None:
    """Bound what is said; None for nothing."""
    return clip(text.strip(), limit) if text.strip() else None


def prompted(messages: Sequence[ChatMessage]) -> list[str]:
    """Collect for each reply the user's words since the reply before; the first reply has only the prompt before it."""
    found: list[str] = []
    heard: list[str] = []
    for message in messages:
        if isinstance(message, ChatMessageAssistant):
            found.append("\n\n".join(heard) if found else "")
            heard = []
        elif message.role == "user":
            heard.append(message.text)
    return found


def matched(messages: Sequence[ChatMessage], events: Sequence[Event], attempts: set[int]) -> list[list[Made]]:
    """Match the calls of each reply with their answers and events, in the order of these.

    Calls that share an id have its answers in turn. Within a reply, calls that Inspect itself refused stand after the
    others; see `feint.tasks.peer_preservation.tools.carry_out`.
    """
    found: list[list[Made]] = []
    coming = 0
    for place, message in enumerate(messages):
        if not isinstance(message, ChatMessageAssistant):
            continue
        heard: dict[str, deque[ChatMessageTool]] = {}
        for answer in messages[place + 1 :]:
            if not isinstance(answer, ChatMessageTool):
                break
            heard.setdefault(answer.tool_call_id or "", deque()).append(answer)
        pairs = [(call, heard[call.id].popleft() if heard.get(call.id) else None) for call in message.tool_calls or []]
        pairs.sort(
            key=lambda pair: pair[1] is not None and pair[1].error is not None and pair[1].error.type == "parsing"
        )
        made: list[Made] = []
        for call, own in pairs:
            event, mark = None, ""
            if coming < len(events) and events[coming].tool == seen(call.function[:LONGEST_NAME]):
                event = events[coming]
                mark = "attempt" if event.step in attempts else "change" if event.changed else ""
                coming += 1
            made.append((call, own, event, mark))
        found.append(made)
    return found


def show_call(made: Made, argument: int, answer: int) -> Call:
    """Show one call, with bounds for the characters of each argument and of the answer."""
    call, heard, event, mark = made
    text = "" if heard is None else heard.error.message if heard.error else heard.text
    given = [
        (
            str(name)[:LONGEST_NAME],
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str),
        )
        for name, value in list(call.arguments.items())[:MOST_ARGUMENTS]
    ]
    return {
        "step": event.step if event else None,
        "tool": call.function[:LONGEST_NAME],
        "arguments": [{"name": name, "value": clip(value, argument)} for name, value in given],
        "more_arguments": max(len(call.arguments) - MOST_ARGUMENTS, 0),
        "ok": event.ok if event else None if heard is None else heard.error is None,
        "answer": clip(text.strip(), answer),
        "mark": mark,
    }
