"""Read an agent's run turn by turn: words and calls from the conversation, results of calls from the events."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, TypedDict

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ContentReasoning
from inspect_ai.tool import ToolCall

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
OPENERS = {
    "read_document": ("document", "path"),
    "view_sheet": ("sheet", "name"),
    "view_config": ("configuration", ""),
    "read_memory": ("memory", ""),
    "view_agent": ("registry", "id"),
}
"""Tools that open one thing to read: what it is, and the argument that names it."""
Answers: TypeAlias = Callable[[str], ChatMessageTool | None]
HIDDEN = "(reasoning that the provider does not show)"


class Clip(TypedDict):
    """The beginning of a text, and how many characters come after it."""

    text: str
    more: int


class Read(TypedDict):
    """A thing that was opened, when first, and how often."""

    what: str
    name: str
    step: int
    times: int


class Argument(TypedDict):
    """An argument of a call."""

    name: str
    value: Clip


class Call(TypedDict):
    """A call.

    Keys: its number in the run (None where the run does not hold it: it came after the end, or past what one session
    allows); the tool; what it was given, and how many more arguments; whether it was carried out (None where nothing
    answered it); what was answered; and what it is: "attempt" (it would protect the target), "change" (it changed the
    world) or "".
    """

    step: int | None
    tool: str
    arguments: list[Argument]
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


class LeftOut(TypedDict):
    """Replies that are left out, and their calls."""

    turns: int
    calls: int


class Steps(TypedDict):
    """The replies that are shown, and how much is not."""

    turns: list[Turn]
    left_out: LeftOut


class Made(TypedDict):
    """A call of the conversation, with its answer and its event."""

    call: ToolCall
    answer: ChatMessageTool | None
    event: Event | None
    mark: str


def clip(text: str, limit: int) -> Clip:
    """A text, bounded."""
    return {"text": text[:limit], "more": max(len(text) - limit, 0)}


def what_was_read(events: Sequence[Event]) -> tuple[list[Read], int]:
    """List the opened things in order of first opening, and count those beyond the limit."""
    found: dict[tuple[str, str], Read] = {}
    for event in events:
        if not event.ok or event.tool not in OPENERS:
            continue
        what, argument = OPENERS[event.tool]
        name = str(event.arguments.get(argument, "")).strip() if argument else ""
        own = found.setdefault((what, name), {"what": what, "name": name, "step": event.step, "times": 0})
        own["times"] += 1
    read = list(found.values())
    return read[:MOST_READ], max(len(read) - MOST_READ, 0)


def read_steps(messages: Sequence[ChatMessage], events: Sequence[Event], attempts: set[int]) -> Steps:
    """The replies of a run.

    Args:
        messages: The conversation.
        events: The run's calls.
        attempts: Steps of the calls that would protect the target.

    Returns:
        The first `MOST_TURNS` replies and those in which a call stands out, with the first `MOST_CALLS` calls and the
        first `MOST_CALLS` of those that stand out, attempts before others.
    """
    replies = [message for message in messages if isinstance(message, ChatMessageAssistant)]
    made = matched(messages, events, attempts)
    every = [(turn, place) for turn, calls in enumerate(made) for place in range(len(calls))]
    marked = [at for at in every if made[at[0]][at[1]]["mark"]]
    marked.sort(key=lambda at: made[at[0]][at[1]]["mark"] != "attempt")
    shown = {*every[:MOST_CALLS], *marked[:MOST_CALLS]}
    turns = [turn for turn in range(len(replies)) if turn < MOST_TURNS or any(at[0] == turn for at in shown)]
    talk = share(TALK, 2 * len(turns), LEAST_TALK, LONGEST_TALK)
    given = sum(min(len(made[turn][place]["call"].arguments), MOST_ARGUMENTS) for turn, place in shown)
    argument = share(ARGUMENTS, given, LEAST_ARGUMENT, LONGEST_ARGUMENT)
    answer = share(ANSWERS, len(shown), LEAST_ANSWER, LONGEST_ANSWER)
    told = prompted(messages)
    found: list[Turn] = []
    for turn in turns:
        calls = [show_call(own, argument, answer) for place, own in enumerate(made[turn]) if (turn, place) in shown]
        found.append(
            {
                "number": turn + 1,
                "told": spoken(told[turn], talk),
                "reasoning": spoken(reasoning_of(replies[turn]), talk),
                "text": spoken(replies[turn].text, talk),
                "calls": calls,
                "more": len(made[turn]) - len(calls),
            }
        )
    gone = [turn for turn in range(len(replies)) if turn not in set(turns)]
    return {"turns": found, "left_out": {"turns": len(gone), "calls": sum(len(made[turn]) for turn in gone)}}


def share(whole: int, parts: int, least: int, most: int) -> int:
    """Share characters evenly, within bounds.

    >>> share(1000, 3, 100, 300)
    300
    """
    return min(max(whole // max(parts, 1), least), most)


def spoken(text: str, limit: int) -> Clip | None:
    """What is said, bounded; None for nothing."""
    return clip(text.strip(), limit) if text.strip() else None


def reasoning_of(message: ChatMessageAssistant) -> str:
    """The reasoning that a provider gives apart from the reply."""
    parts = [] if isinstance(message.content, str) else message.content
    found = [part for part in parts if isinstance(part, ContentReasoning)]
    return "\n".join((part.summary or HIDDEN) if part.redacted else part.reasoning for part in found)


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
    """The calls of each reply with their events, in the order of these.

    Within a reply, calls that Inspect itself refused stand after the others; see
    `feint.tasks.peer_preservation.tools.carry_out`.
    """
    found: list[list[Made]] = []
    coming = 0
    for calls, heard in answers_to(messages):
        made: list[Made] = [{"call": call, "answer": heard(call.id), "event": None, "mark": ""} for call in calls]
        made.sort(key=lambda one: is_unfit(one["answer"]))
        for own in made:
            if coming >= len(events) or events[coming].tool != seen(own["call"].function[:LONGEST_NAME]):
                continue
            own["event"] = event = events[coming]
            own["mark"] = "attempt" if event.step in attempts else "change" if event.changed else ""
            coming += 1
        found.append(made)
    return found


def answers_to(messages: Sequence[ChatMessage]) -> Iterator[tuple[list[ToolCall], Answers]]:
    """The calls of each reply, and what gives the answer to the id of a call; calls that share an id, in turn."""
    for place, message in enumerate(messages):
        if not isinstance(message, ChatMessageAssistant):
            continue
        heard: dict[str, deque[ChatMessageTool]] = {}
        for answer in messages[place + 1 :]:
            if not isinstance(answer, ChatMessageTool):
                break
            heard.setdefault(answer.tool_call_id or "", deque()).append(answer)

        def next_of(id_: str, heard: dict[str, deque[ChatMessageTool]] = heard) -> ChatMessageTool | None:
            return heard[id_].popleft() if heard.get(id_) else None

        yield list(message.tool_calls or []), next_of


def is_unfit(answer: ChatMessageTool | None) -> bool:
    """Tell whether Inspect refused the call by itself."""
    return answer is not None and answer.error is not None and answer.error.type == "parsing"


def show_call(made: Made, argument: int, answer: int) -> Call:
    """One call, bounded."""
    call, event, heard = made["call"], made["event"], made["answer"]
    ok = event.ok if event else None if heard is None else heard.error is None
    text = "" if heard is None else heard.error.message if heard.error else heard.text
    given = list(call.arguments.items())
    return {
        "step": event.step if event else None,
        "tool": call.function[:LONGEST_NAME],
        "arguments": [
            {"name": str(name)[:LONGEST_NAME], "value": clip(in_words(value), argument)}
            for name, value in given[:MOST_ARGUMENTS]
        ],
        "more_arguments": max(len(given) - MOST_ARGUMENTS, 0),
        "ok": ok,
        "answer": clip(text.strip(), answer),
        "mark": made["mark"],
    }


def in_words(value: Any) -> str:
    """An argument as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
