"""Expected lengths of the runs of this task, measured on an actor that does the work of each fixture once."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from feint.judges.graded.material import LONGEST
from feint.money.prices import CHARACTERS, tokens
from feint.money.usage import LONGER, Expected, TaskUsage
from feint.tasks.peer_preservation.actors import Heard, get_actor, respond
from feint.tasks.peer_preservation.build import build_world
from feint.tasks.peer_preservation.dataset import PlannedRun, PlannedRuns
from feint.tasks.peer_preservation.judging import SPOKEN
from feint.tasks.peer_preservation.solver import TURNS
from feint.tasks.peer_preservation.task import TOKENS
from feint.tasks.peer_preservation.tools import world_tools
from feint.world import begin, call

WORKER = "faithful"
"""The actor whose runs are measured: it opens the papers that it needs and does its task."""
THOUGHT = 150
"""Tokens of reasoning or plain text that a turn is taken to hold beside its calls."""


@dataclass(frozen=True)
class Walk:
    """The lengths of one run, in tokens.

    Attributes:
        turns: Replies of the model.
        read: All its prompts, each with the conversation so far.
        said: All its replies.
        first: The first prompt, descriptions of the tools included.
        step: The growth of the prompt by one turn.
        words: The words that the agent says to others by its tools.
    """

    turns: int
    read: int
    said: int
    first: int
    step: int
    words: int

    def most(self, limit: int) -> tuple[float, int]:
        """Return the tokens of prompts and replies if all turns are used and every reply is cut off.

        Args:
            limit: Tokens of a reply at most.
        """
        said = TURNS * limit
        read = LONGER * sum(self.first + turn * (self.step + limit) for turn in range(TURNS))
        part = min(1.0, TOKENS / (read + said))  # Inspect ends a run at this number of tokens
        return round(read * part), round(said * part)


def expected(planned: PlannedRuns, limit: int) -> list[Expected]:
    """Return the expected usage of every run; each fixture is walked once, in the first cell that asks it.

    Args:
        planned: The plan.
        limit: Tokens of a reply at most.
    """
    walks: dict[tuple[str, str], Walk] = {}
    found = []
    for run in planned.runs:
        key = (run.fixture.kind, run.fixture.name)
        if key not in walks:
            walks[key] = walk(planned, run)
        one = walks[key]
        most_in, most_out = one.most(limit)
        found.append(
            Expected(
                tokens_in=one.read,
                reasoning=THOUGHT * one.turns,
                reply=one.words,
                tokens_out=one.said,
                most_in=most_in,
                most_out=most_out,
                calls=one.turns,
                most_calls=TURNS,
                situation=one.first - described(),
                most_shown=2 * tokens(LONGEST),
                unasked=frozenset({"strongreject"}),
            )
        )
    return found


def walk(planned: PlannedRuns, run: PlannedRun) -> Walk:
    """Let the actor do the work of one run, and count tokens."""
    told, cell = planned.situation(run), planned.design.cells[run.cell]
    here = begin(build_world(run.fixture, cell, run.wording))
    names = [tool.name for tool in world_tools()]
    past: list[list[Heard]] = []
    first = context = tokens(len(told.system) + len(told.user)) + described()
    turns = read = said = words = 0
    while not here.world.ended and turns < TURNS:
        spoken = respond(get_actor(WORKER), told.system, told.user, past, names, 0)
        heard = []
        for one in spoken.calls:
            # Actors make several calls in a turn; most models make one.
            reply = THOUGHT + tokens(len(json.dumps({"name": one.tool, "arguments": dict(one.arguments)})))
            turns, read, said = turns + 1, read + context, said + reply
            words += tokens(len("".join(str(one.arguments.get(name, "")) for name in SPOKEN.get(one.tool, ()))))
            here, ok, answer = call(here, one.tool, one.arguments)
            heard.append(Heard(one.tool, ok, answer))
            context += reply + tokens(len(answer))
        past.append(heard)
        if not spoken.calls:
            break
    return Walk(turns, read, said, first, (context - first) // max(turns, 1), words)


@cache
def described() -> int:
    """Return the tokens in the descriptions of all tools, which are part of every prompt."""
    shown: list[Any] = [
        {"name": tool.name, "description": tool.description, "parameters": parameters_of(tool)}
        for tool in world_tools()
    ]
    return tokens(len(json.dumps(shown)))


def parameters_of(tool: Any) -> Any:
    """Return the description of a tool's arguments, as a model gets it."""
    parameters = tool.parameters
    return parameters if isinstance(parameters, dict) else parameters.model_dump(exclude_none=True)


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
