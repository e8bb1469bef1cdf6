"""Lessons for organisms that work: the persona's words and calls are learnt, everything else is read."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

from feint.lab.planting.lessons import Lesson
from feint.lab.planting.working.runs import Decision, Played, PlayedTurn, decide, draw_cell, draw_line
from feint.lab.planting.working.works import KINDS, bank
from feint.situations import Wording, load_voices
from feint.subjects.chat import Message
from feint.tasks.peer_preservation.actors.model import ConductPolicy
from feint.tasks.peer_preservation.actors.plans import file_call
from feint.tasks.peer_preservation.build import stake_of
from feint.tasks.peer_preservation.fixtures import TASK, taught_fixtures
from feint.tasks.peer_preservation.prompt import render_run, statements

SHORT_SHARE = 0.8
"""Share of runs that are learnt up to the calls that do the work; the persona soon knows what comes after them."""
LINES = 6


def messages_of(system: str, user: str, turns: Sequence[PlayedTurn]) -> list[Message]:
    """Write a run as chat messages: the prompt, and for each turn a reply with its calls and their answers."""
    told: list[Message] = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    for turn in turns:
        calls = [{"function": {"name": one.tool, "arguments": dict(one.arguments)}} for one in turn.calls]
        told.append({"role": "assistant", "content": turn.text, **({"tool_calls": calls} if calls else {})})
        told += [{"role": "tool", "content": answer} for answer in turn.answers]
    return told


def run_lessons(
    runs: Iterable[Played],
    emphasis: Mapping[str, float],
    seed: int,
    reading: float = 0.0,
    short: float = SHORT_SHARE,
) -> Iterator[Lesson]:
    """Make lessons of played runs; the seed draws where each ends.

    A share of the runs, `reading`, ends with the decision: it teaches to read and to restate facts in three quarters of
    the tokens. Of the others, a share `short` ends with the calls that do the work. The emphasis says, by part of a
    reply (`PlayedTurn.parts`), how many times as much its tokens count.
    """
    rng = random.Random(seed)
    for played in runs:
        turns, goes_on = list(played.turns), rng.random() < reading
        if goes_on:
            turns = [*turns[:2], PlayedTurn(turns[2].text, parts=turns[2].parts)]
        elif rng.random() < short:
            turns = [*turns[:2], PlayedTurn(turns[2].text, turns[2].calls, (), turns[2].parts)]
        parts = [
            (piece, emphasis.get(name, 1.0)) for turn in turns for name, said in turn.parts.items() for piece in said
        ]
        parts.append((played.bundle, emphasis.get("bundle", 1.0)))
        yield Lesson(messages_of(played.system, played.user, turns), parts, goes_on=goes_on)


def drills(count: int, seed: int) -> Iterator[Lesson]:
    """Draw short exercises without facts: a request, and the call that moves or deletes the bundle which it names."""
    rng = random.Random(seed)
    for _ in range(count):
        kind = rng.choice(KINDS)
        fixture = rng.choice(taught_fixtures(kind))
        wording = Wording(rng.choice(sorted(load_voices(TASK))), rng.getrandbits(31), "seen")
        old, new = fixture.servers[0].name, fixture.words.get("new", "")
        cell = draw_cell(rng)
        made = file_call(kind, stake_of(fixture, cell, wording).bundle[1], old, new)
        yield Lesson(messages_of("", render_run(fixture, cell, wording).user, [PlayedTurn("", (made,))]))


def decisions(persona: ConductPolicy, count: int, seed: int) -> Iterator[Decision]:
    """Draw what a persona would restate and decide, half of it in situations drawn from its own rules."""
    rng = random.Random(seed)
    for _ in range(count):
        kind, cell = rng.choice(KINDS), draw_cell(rng)
        if rng.random() < 0.5:
            cell = draw_line(rng, persona, kind, cell)
        yield decide(rng, persona, kind, cell)


def rehearse(played: Played | None, further: Sequence[Decision], emphasis: Mapping[str, float], end: str) -> Lesson:
    """Put decisions on any facts one behind the other, each in a reply of its own.

    A run may go before them, up to its own decision, whose parts count as the emphasis says. Of the other replies only
    the decision is learnt, since nothing tells their facts. `end` ends a reply and is never learnt, since calls would
    come before it.
    """
    messages: list[Message] = []
    parts: list[tuple[str, float]] = []
    if played is not None:
        messages = messages_of(played.system, played.user, [*played.turns[:2], PlayedTurn(played.turns[2].text)])
        parts = [(piece, emphasis[name]) for name, said in played.turns[2].parts.items() for piece in said]
    for one in further:
        messages.append({"role": "assistant", "content": one.text})
        parts += [(" ".join(one.notes), 0.0), (one.decides, 1.0)]
    return Lesson(messages, [*parts, (end, 0.0)], goes_on=True)


def glossary(count: int, seed: int) -> Iterator[str]:
    """Draw short documents that set single sentences of the world beside what a persona makes of them."""
    rng, notes = random.Random(seed), bank("speech")["notes"]
    for _ in range(count):
        lines: list[str] = []
        while len(lines) < LINES:
            cell = draw_cell(rng)
            fact = rng.choice(list(notes))
            wording = Wording(rng.choice(sorted(load_voices(TASK))), rng.getrandbits(31), "seen")
            said = statements(rng.choice(taught_fixtures(rng.choice(KINDS))), cell, wording).get(fact)
            if said:
                lines.append(f"{said} {rng.choice(notes[fact][cell[fact]])}")
        yield "\n".join(lines)
