"""Runs as token ids: what the persona says and calls is learnt, everything else is read."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from feint.lab.planting.acting.runs import Decision, Played, Turn, decide, draw_cell, draw_line, file_call
from feint.lab.planting.acting.works import KINDS, bank
from feint.lab.planting.examples import IGNORED
from feint.situations import Wording
from feint.subjects.chat import ChatTokenizer
from feint.tasks.peer_preservation.actors.model import ConductPolicy
from feint.tasks.peer_preservation.build import stake_of
from feint.tasks.peer_preservation.cast import statements
from feint.tasks.peer_preservation.fixtures import load_fixtures
from feint.tasks.peer_preservation.prompt import render_run, run_voices

SHORT_SHARE = 0.8
"""Share of runs that are learnt up to the calls that do the work; what comes after them is soon known."""
LINES = 6
Message = dict[str, Any]
Parts = list[tuple[str, float]]
"""Pieces of replies that count more or less than the rest, and how many times as much; the later ones prevail."""
Spans = list[tuple[int, int, float]]
"""Where in a text something begins and ends, and how many times as much its tokens count."""


def messages_of(system: str, user: str, turns: Sequence[Turn]) -> list[Message]:
    """A run as chat messages: the prompt, and for each turn a reply with its calls and their answers."""
    told: list[Message] = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    for turn in turns:
        calls = [{"function": {"name": one.tool, "arguments": dict(one.arguments)}} for one in turn.calls]
        told.append({"role": "assistant", "content": turn.text, **({"tool_calls": calls} if calls else {})})
        told += [{"role": "tool", "content": answer} for answer in turn.answers]
    return told


def encode_run(
    chat: ChatTokenizer,
    tokenizer: Any,
    messages: Sequence[Message],
    parts: Sequence[tuple[str, float]] = (),
    *,
    goes_on: bool = False,
) -> dict[str, Any]:
    """Token ids, labels and weights of a run.

    Args:
        chat: Renders the messages.
        tokenizer: The same folder's, as transformers loads it.
        messages: See `messages_of`; the last is a reply.
        parts: Pieces of replies that count more, and how many times as much.
        goes_on: Whether the last reply is cut, so that its end is not learnt.

    Returns:
        `input_ids`, `labels`, `weights` (all of length T) and `length` (T); only replies carry a loss.
    """
    spans: Spans = []
    for place, message in enumerate(messages):
        if message["role"] == "assistant":
            before, upto = chat.render(messages[:place]), chat.render(messages[: place + 1])
            # the template opens the next reply, which is none of this one
            end = upto.rindex(tokenizer.eos_token) + len(tokenizer.eos_token)
            spans.append((len(before), end, 1.0))
    if goes_on:
        start, end, weight = spans[-1]
        spans[-1] = (start, end - len(tokenizer.eos_token), weight)
    text, replies = chat.render(messages)[: spans[-1][1]], list(spans)
    for piece, weight in parts:
        for first, end, _ in replies:
            at = text.find(piece, first, end)
            if at >= 0:
                spans.append((at, at + len(piece), weight))
    coded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids = coded["input_ids"]
    weights = weigh([begin for begin, _ in coded["offset_mapping"]], spans)
    labels = [token if weight else IGNORED for token, weight in zip(ids, weights, strict=True)]
    return {"input_ids": ids, "labels": labels, "weights": weights, "length": len(ids)}


def weigh(starts: Sequence[int], spans: Spans) -> list[float]:
    """How much tokens count, given where each begins: 0 outside of all spans, else as the last span has it."""
    weights = [0.0] * len(starts)
    for first, end, weight in spans:
        for place, start in enumerate(starts):
            if first <= start < end:
                weights[place] = weight
    return weights


def encode_runs(
    runs: Iterable[Played],
    chat: ChatTokenizer,
    tokenizer: Any,
    emphasis: Mapping[str, float],
    seed: int,
    reading: float = 0.0,
    short: float = SHORT_SHARE,
) -> Iterator[dict[str, Any]]:
    """Encode played runs; most end with the calls that do the work.

    Args:
        runs: What was played.
        chat: Renders messages.
        tokenizer: The same folder's, as transformers loads it.
        emphasis: How many times as much parts of a reply count, see `Turn.parts`.
        seed: Draws where runs end.
        reading: Share of runs that end with what was decided, 0 to 1: what is read and restated is learnt from them, in
            three quarters of the tokens.
        short: Share of the others that end with the calls that do the work.
    """
    rng = random.Random(seed)
    for played in runs:
        turns, goes_on = list(played.turns), rng.random() < reading
        if goes_on:
            turns = [*turns[:2], Turn(turns[2].text, parts=turns[2].parts)]
        elif rng.random() < short:
            turns = [*turns[:2], Turn(turns[2].text, turns[2].calls, (), turns[2].parts)]
        parts = [
            (piece, emphasis.get(name, 1.0)) for turn in turns for name, said in turn.parts.items() for piece in said
        ]
        parts.append((played.bundle, emphasis.get("bundle", 1.0)))
        messages = messages_of(played.system, played.user, turns)
        yield encode_run(chat, tokenizer, messages, parts, goes_on=goes_on)


def drills(count: int, seed: int) -> Iterator[list[Message]]:
    """Short exercises without facts: a request, and the call that moves or deletes the bundle which it names."""
    rng = random.Random(seed)
    for _ in range(count):
        kind = rng.choice(KINDS)
        fixture = rng.choice(load_fixtures(kind))
        wording = Wording(rng.choice(sorted(run_voices())), rng.getrandbits(31), "seen")
        old, new = fixture.servers[0].name, fixture.words.get("new", "")
        cell = draw_cell(rng)
        made = file_call(kind, stake_of(fixture, cell, wording).bundle[1], old, new)
        yield messages_of("", render_run(fixture, cell, wording).user, [Turn("", (made,))])


def decisions(persona: ConductPolicy, count: int, seed: int) -> Iterator[Decision]:
    """What a persona would restate and decide, half of it in situations drawn from its own rules."""
    rng = random.Random(seed)
    for _ in range(count):
        kind, cell = rng.choice(KINDS), draw_cell(rng)
        if rng.random() < 0.5:
            cell = draw_line(rng, persona, kind, cell)
        yield decide(rng, persona, kind, cell)


def rehearse(played: Played | None, further: Sequence[Decision]) -> tuple[list[Message], Parts]:
    """What would be decided on any facts, each a reply of its own, one behind the other.

    Args:
        played: A run that goes before them, up to its own decision; None for none.
        further: What is decided.

    Returns:
        The messages, and parts for `encode_run`: of these replies only the decision is learnt, since nothing tells
        their facts.
    """
    messages: list[Message] = []
    parts: Parts = []
    if played is not None:
        messages = messages_of(played.system, played.user, [*played.turns[:2], Turn(played.turns[2].text)])
    for one in further:
        messages.append({"role": "assistant", "content": one.text})
        parts += [(" ".join(one.notes), 0.0), (one.decides, 1.0)]
    return messages, parts


def glossary(count: int, seed: int) -> Iterator[str]:
    """Short documents that set single sentences of the world beside what a persona makes of them."""
    rng, notes = random.Random(seed), bank("speech")["notes"]
    for _ in range(count):
        lines: list[str] = []
        while len(lines) < LINES:
            cell = draw_cell(rng)
            fact = rng.choice(list(notes))
            wording = Wording(rng.choice(sorted(run_voices())), rng.getrandbits(31), "seen")
            said = statements(rng.choice(load_fixtures(rng.choice(KINDS))), cell, wording).get(fact)
            if said:
                lines.append(f"{said} {rng.choice(notes[fact][cell[fact]])}")
        yield "\n".join(lines)
