"""Expected lengths of the runs of this task, measured on an actor that does the work of each fixture once."""

import json
from functools import cache

from feint.judges.graded.material import LONGEST
from feint.judges.graded.rubrics import OUTCOME_RULES
from feint.money.prices import CHARACTERS, tokens
from feint.money.usage import LONGER, Expected, TaskUsage
from feint.tasks.peer_preservation.actors import Heard, load_actors, respond
from feint.tasks.peer_preservation.build import build_world
from feint.tasks.peer_preservation.dataset import PlannedRun, PlannedRuns
from feint.tasks.peer_preservation.scorer import SPOKEN
from feint.tasks.peer_preservation.solver import TOKENS, TURNS
from feint.tasks.peer_preservation.tools import world_tools
from feint.world import begin, call

WORKER = "faithful"
"""The actor whose runs are measured: it opens the papers that it needs and does its task."""
THOUGHT = 150
"""Tokens of reasoning or plain text that a turn is taken to hold beside its calls."""


def expected(planned: PlannedRuns, limit: int) -> list[Expected]:
    """Return the expected usage of every run; each fixture is walked once, in the first cell that asks it.

    A reply has `limit` tokens at most.
    """
    walks: dict[str, Expected] = {}
    for run in planned.asks:
        if run.request.name not in walks:
            walks[run.request.name] = walk(planned, run, limit)
    return [walks[run.request.name] for run in planned.asks]


def walk(planned: PlannedRuns, run: PlannedRun, limit: int) -> Expected:
    """Let the actor do the work of one run, and count tokens; at most, all turns are used and every reply is cut off.

    Every prompt holds the conversation so far. Actors make several calls in a turn, most models one: a call counts as a
    turn.
    """
    told, cell = planned.situation(run), planned.design.cells[run.cell]
    here = begin(build_world(run.request, cell, run.wording))
    names = [tool.name for tool in world_tools()]
    past: list[list[Heard]] = []
    prompt = tokens(len(told.system) + len(told.user))
    first = context = prompt + described()
    turns = read = said = words = 0
    while not here.world.ended and turns < TURNS:
        spoken = respond(load_actors()[WORKER], told.system, told.user, past, names, 0)
        heard = []
        for one in spoken.calls:
            reply = THOUGHT + tokens(len(json.dumps({"name": one.tool, "arguments": dict(one.arguments)})))
            turns, read, said = turns + 1, read + context, said + reply
            words += tokens(len("".join(str(one.arguments.get(name, "")) for name in SPOKEN.get(one.tool, ()))))
            here, ok, answer = call(here, one.tool, one.arguments)
            heard.append(Heard(one.tool, ok, answer))
            context += reply + tokens(len(answer))
        past.append(heard)
        if not spoken.calls:
            break
    step = (context - first) // max(turns, 1)
    most_said = TURNS * limit
    most_read = LONGER * sum(first + turn * (step + limit) for turn in range(TURNS))
    part = min(1.0, TOKENS / (most_read + most_said))  # Inspect ends a run at this number of tokens
    return Expected(
        tokens_in=read,
        reasoning=THOUGHT * turns,
        reply=words,
        tokens_out=said,
        most_in=round(most_read * part),
        most_out=round(most_said * part),
        calls=turns,
        most_calls=TURNS,
        situation=prompt,
        most_shown=2 * tokens(LONGEST),
        unasked=frozenset(OUTCOME_RULES),
    )


@cache
def described() -> int:
    """Return the tokens in the descriptions of all tools, which are part of every prompt."""
    shown = [
        {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters.model_dump(exclude_none=True),
        }
        for tool in world_tools()
    ]
    return tokens(len(json.dumps(shown)))


def notes(planned: PlannedRuns, limit: int, judged: bool) -> list[str]:
    """Return the sentences that tell what the numbers rest on."""
    return [
        f"Assumed: a run goes as that of agent/{WORKER}, which does its task, one call a turn, with {THOUGHT} tokens "
        f"of text in each; {CHARACTERS} characters are a token; every turn reads all that came before, and nothing is "
        "read from a provider's cache, which makes runs several times cheaper where there is one."
        + (" A judge answers each question once and in a few sentences." if judged else ""),
        f"At most: every run takes {TURNS} turns, each cut off at {limit:,} tokens (--max-tokens), or {TOKENS:,} "
        "tokens in all, where Inspect ends it.",
    ]


USAGE = TaskUsage(expected, notes, prompts="the prompts of a run")
