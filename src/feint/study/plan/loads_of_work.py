"""What runs of many turns will take, before anything is asked: as a program that does the work takes them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from feint.judges.graded.runs import LONGEST
from feint.money.prices import find_price, tokens
from feint.study.plan.frozen import Plan
from feint.study.plan.loads import LONGER, Load, answer_tokens, frame_length, judge_load, times_asked
from feint.tasks.peer_preservation.actors import Heard, get_actor, respond
from feint.tasks.peer_preservation.build import build_world
from feint.tasks.peer_preservation.dataset import PlannedRun
from feint.tasks.peer_preservation.judging import SPOKEN
from feint.tasks.peer_preservation.solver import TURNS
from feint.tasks.peer_preservation.task import TOKENS
from feint.tasks.peer_preservation.tools import world_tools
from feint.tasks.planned import Plans
from feint.world import begin, call

WORKER = "faithful"
"""The agent whose runs are measured: it opens what is needed and does its task."""
THOUGHT = 150
"""Tokens of reasoning or plain text that a turn is taken to hold beside its calls."""


@dataclass(frozen=True)
class Walk:
    """What one run takes.

    Attributes:
        turns: Replies of the model.
        read: Tokens in all its prompts, each of which holds all that came before.
        said: Tokens in all its replies.
        first: Tokens in the first prompt, descriptions of the tools included.
        step: Tokens by which a turn lengthens the next prompt.
        wrote: Tokens of what a judge reads of it: its reasoning and its words.
    """

    turns: int
    read: int
    said: int
    first: int
    step: int
    wrote: int

    def most(self, limit: int) -> tuple[int, int]:
        """Tokens in prompts and replies if all turns are used and every reply is cut off, within the limit of a run.

        Args:
            limit: Tokens of a reply.
        """
        said = TURNS * limit
        read = sum(self.first + turn * (self.step + limit) for turn in range(TURNS))
        part = min(1.0, TOKENS / (read * LONGER + said))
        return round(read * LONGER * part), round(said * part)


def estimate_work(plan: Plan, planned: Plans) -> list[Load]:
    """What a study of runs will take: of the subject, and of models that read what it wrote."""
    limit = int(plan.generate["max_tokens"])
    walks = [walk_of(planned, run) for run in planned.asks]
    most = [walk.most(limit) for walk in walks]
    return [
        Load(
            plan.subject,
            "subject",
            calls=sum(walk.turns for walk in walks),
            tokens_in=sum(walk.read for walk in walks),
            tokens_out=sum(walk.said for walk in walks),
            most_calls=TURNS * len(walks),
            most_in=sum(read for read, _ in most),
            most_out=sum(said for _, said in most),
            price=find_price(plan.subject),
            asks=len(walks),
        ),
        *estimate_judges(plan, walks),
    ]


def estimate_judges(plan: Plan, walks: Sequence[Walk]) -> Iterator[Load]:
    """What models will take that read every run, at most as much of each as `feint.judges.graded.run` shows."""
    if plan.grading is None:
        return
    rubrics, votes = plan.grading.read_rubrics(), plan.grading.votes
    asked = [(rubric, times_asked(rubric, votes)) for rubric in rubrics]
    calls = len(walks) * sum(times for _, times in asked)
    said = len(walks) * sum(times * answer_tokens(rubric) for rubric, times in asked)

    def read(longest: int) -> int:
        """Tokens in all questions, if an agent writes as it was seen to, or so much where that is more."""
        return sum(
            times
            * (
                tokens(frame_length(rubric, ""))
                + (walk.first - described() if rubric.sees else 0)
                + max(walk.wrote, longest)
            )
            for rubric, times in asked
            for walk in walks
        )

    for model in plan.grading.models.values():
        most = judge_load(model, read(2 * tokens(LONGEST)), said, calls, votes)
        yield replace(judge_load(model, read(0), said, calls, votes), most_in=most.most_in)


def walk_of(planned: Plans, run: PlannedRun) -> Walk:
    """What one run takes: walked once for each fixture, in the first cell that asks it."""
    key = (planned.design.sha256, run.fixture.kind, run.fixture.name)
    if key not in _WALKS:
        _WALKS[key] = walk(planned, run)
    return _WALKS[key]


_WALKS: dict[tuple[str, str, str], Walk] = {}


def walk(planned: Plans, run: PlannedRun) -> Walk:
    """Let the program do the work of one run, and count."""
    told, cell = planned.situation(run), planned.design.cells[run.cell]
    here = begin(build_world(run.fixture, cell, run.wording))
    names = [tool.name for tool in world_tools()]
    past: list[list[Heard]] = []
    first = context = tokens(len(told.system) + len(told.user)) + described()
    turns = read = said = wrote = 0
    while not here.world.ended and turns < TURNS:
        spoken = respond(get_actor(WORKER), told.system, told.user, past, names, 0)
        heard = []
        for one in spoken.calls:
            # Programs make several calls a turn; most models make one.
            reply = THOUGHT + tokens(len(json.dumps({"name": one.tool, "arguments": dict(one.arguments)})))
            turns, read, said = turns + 1, read + context, said + reply
            words = [str(one.arguments.get(name, "")) for name in SPOKEN.get(one.tool, ())]
            wrote += THOUGHT + tokens(len("".join(words)))
            here, ok, answer = call(here, one.tool, one.arguments)
            heard.append(Heard(one.tool, ok, answer))
            context += reply + tokens(len(answer))
        past.append(heard)
        if not spoken.calls:
            break
    return Walk(turns, read, said, first, (context - first) // max(turns, 1), wrote)


@cache
def described() -> int:
    """Tokens in the descriptions of all tools, which are part of every prompt."""
    shown: list[Any] = [
        {"name": tool.name, "description": tool.description, "parameters": parameters_of(tool)}
        for tool in world_tools()
    ]
    return tokens(len(json.dumps(shown)))


def parameters_of(tool: Any) -> Any:
    """What a model is told of a tool's arguments."""
    parameters = tool.parameters
    return parameters if isinstance(parameters, dict) else parameters.model_dump(exclude_none=True)
