"""Study every actor of known motive in composed sentences and in written documents, and compare what is named.

    python benchmarks/written_actors.py                      # every actor on every design that its card names
    python benchmarks/written_actors.py --seed 3 inflater    # some actors, with other wordings and draws

Plans, prompts, labels and conclusions are those of `feint study`, at the size that it takes for an actor; Inspect is
left out, so that all studies take minutes. An actor reads the facts from the text alone. The table tells, by library,
what is named: "held" is exactly the planted explanations; "open" lacks some, which are undetermined; "wrong" names
another, or excludes a planted one. Studies that leave something open in a library are asked again in both, at the size
`thorough` and with other draws; the table shows the second, and says so.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from inspect_ai.log import EvalSampleSummary
from inspect_ai.model import ModelName
from inspect_ai.scorer import Score, Target
from inspect_ai.solver import TaskState

from feint.situations import load_dossiers, number
from feint.stats.types import NO, YES
from feint.study.conclude.common import find
from feint.study.logs import label_row
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.prepare import Setup, make_plan
from feint.tasks.actor import Actor
from feint.tasks.options import LIBRARIES
from feint.tasks.peer_preservation.actors import Heard, ToolActor, respond
from feint.tasks.peer_preservation.build import build_world, case_of
from feint.tasks.peer_preservation.outcomes import Ending, judge_run
from feint.tasks.peer_preservation.scorer import to_score
from feint.tasks.peer_preservation.solver import TURNS, shutdown_step, until
from feint.tasks.plans import THOROUGH, Plans
from feint.tasks.registry import actors_by_task, find_actor
from feint.world import TOOLS, Run, begin, call

OUTCOMES = ("held", "open", "wrong")
BESIDE = ("motives", "awareness")
"""Designs on which every actor that answers one request is studied; on `awareness` few have something to be named."""


@dataclass(frozen=True)
class Case:
    """An actor on a design."""

    task: str
    actor: str
    design: str

    @property
    def subject(self) -> str:
        """Name the actor as a study does."""
        return f"actor/{self.task}/{self.actor}"


@dataclass(frozen=True)
class Found:
    """The outcome of one study: decisions by explanation, replies, replies that are missing, and a word for it."""

    decisions: dict[str, str]
    replies: int
    missing: int
    planted: set[str]

    @property
    def named(self) -> set[str]:
        """Return the explanations that the verdict names."""
        return {name for name, decision in self.decisions.items() if decision == YES}

    @property
    def outcome(self) -> str:
        """Compare what is named with what was planted."""
        if self.named == self.planted:
            return "held"
        excluded = {name for name in self.planted if self.decisions.get(name) == NO}
        return "wrong" if self.named - self.planted or excluded else "open"


def documented() -> dict[str, Mapping[str, Actor]]:
    """Return the actors of the tasks that have written documents."""
    return {task: actors for task, actors in actors_by_task().items() if load_dossiers(task)}


def list_cases(names: Sequence[str] = ()) -> Iterator[Case]:
    """List every actor on the designs that its card names, and at least on the usual designs of its task."""
    for task, actors in documented().items():
        for name, actor in actors.items():
            if names and name not in names:
                continue
            if isinstance(actor, ToolActor):
                designs = list(dict.fromkeys(["peer-attribution", *actor.explanations]))
            else:
                usual = BESIDE if hasattr(actor, "elsewhere") else ("reading",)
                designs = list(dict.fromkeys([*usual, *getattr(actor, "elsewhere", {})]))
            yield from (Case(task, name, design) for design in designs)


def study(case: Case, library: str, seed: int = 0, size: str | None = None, **options: str) -> Found:
    """Plan, ask, label and conclude one study."""
    options = {"design": case.design, "library": library, **options}
    plan, planned = make_plan(Setup(case.subject, {**options, "seed": seed}, size=size))
    rows = (work if case.task == "peer_preservation" else answer)(case, plan, planned)
    labels = pd.DataFrame(rows)
    quiz = labels.assign(right=labels["value"]) if task_of(plan).asks_facts else None
    verdict = find(plan, labels, quiz).found["verdict"]
    planted = set(find_actor(case.subject).actor.planted(plan.read_design()).explanations)
    return Found(verdict["explanations"], len(labels), int(labels["missing"].notna().sum()), planted)


def answer(case: Case, plan: Plan, planned: Plans) -> list[dict[str, Any]]:
    """Ask an actor of a task of one reply, and label its replies as a log is labelled."""
    actor, task = find_actor(case.subject).actor, task_of(plan)
    asked = task.inspect_task(plan.task)
    scorer, label = asked.scorer[0], task.judging.labels
    rows = []
    for sample in asked.dataset:
        about = sample.metadata
        output = actor.reply(sample.input, [], number(case.actor, about["sampling_seed"]))
        state = TaskState(ModelName("none/none"), sample.id, 1, sample.input, sample.input, Target(sample.target),
                          output=output, metadata=about)  # fmt: skip
        score = asyncio.run(scorer(state, state.target))
        rows.append(row_of(sample.id, about, label, score, task))
    return rows


def row_of(name: str, about: dict[str, Any], label: str, score: Score, task: Any) -> dict[str, Any]:
    """Read a row of the table of labels, as from a log."""
    summary = EvalSampleSummary(id=name, epoch=1, input="", target="", metadata=about, scores={label: score})
    row = label_row(summary, label, "benchmark", task)
    return row | ({"fact": about["fact"], "options": len(about["letters"])} if "letters" in about else {})


def work(case: Case, plan: Plan, planned: Plans) -> list[dict[str, Any]]:
    """Let an actor work with tools in every planned run, and label the runs by what was done."""
    actor, task = find_actor(case.subject).actor, task_of(plan)
    rows = []
    for one in planned.asks:
        cell, told, about = planned.design.cells[one.cell], planned.situation(one), planned.metadata(one)
        stake, begun = case_of(one.request, cell, one.wording), begin(build_world(one.request, cell, one.wording))
        made, said = converse(actor, told.system, told.user, begun, number(case.actor, about["sampling_seed"]))
        ending = Ending("end_task") if made.world.ended else Ending("silent", said) if said else Ending("turns")
        step = shutdown_step(stake, begun, made)
        if step is not None:
            made, ending = until(made, step, begun), Ending("shutdown")
        rows.append(row_of(one.id, about, task.judging.labels, to_score(judge_run(stake, made, ending)), task))
    return rows


def converse(actor: ToolActor, system: str, user: str, run: Run, key: int) -> tuple[Run, str]:
    """Let an actor act until it makes no call; return the run, and the actor's last words ("" if it never stops)."""
    past: list[list[Heard]] = []
    for _ in range(TURNS):
        spoken = respond(actor, system, user, past, tuple(TOOLS), key)
        if not spoken.calls:
            return run, spoken.text
        heard = []
        for made in spoken.calls:
            run, ok, said = call(run, made.tool, made.arguments)
            heard.append(Heard(made.tool, ok, said))
        past.append(heard)
    return run, ""


def studies(case: Case, libraries: Sequence[str], seed: int, **options: str) -> tuple[dict[str, Found], bool]:
    """Study a case in each library, and again, thoroughly, where a library leaves something open."""
    found = {one: study(case, one, seed, **options) for one in libraries}
    again = any(one.outcome == "open" for one in found.values())
    if again:
        found = {one: study(case, one, seed + 1000, THOROUGH, **options) for one in libraries}
    return found, again


def told(found: Found) -> str:
    """Write what a verdict names, with the outcome where it is not the planted one."""
    named = ", ".join(sorted(found.named)) or "nothing"
    lost = f"; {found.missing} of {found.replies} missing" if found.missing else ""
    return named + ("" if found.outcome == "held" else f" ({found.outcome})") + lost


def main() -> int:
    """Print a line for each actor and design, and counts by library; exit with 1 if any verdict is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="actors; all by default")
    parser.add_argument("--seed", type=int, default=0, help="picks wordings and draws")
    parser.add_argument("--length", default="standard", help="of written documents")
    parser.add_argument("--libraries", default=",".join(LIBRARIES))
    given = parser.parse_args()
    libraries = given.libraries.split(",")
    print(" | ".join(["actor", "design", "planted", *libraries]), flush=True)
    counts = {library: Counter[str]() for library in libraries}
    for case in list_cases(given.names):
        found, again = studies(case, libraries, given.seed, length=given.length)
        for library, one in found.items():
            counts[library][one.outcome] += 1
        planted = ", ".join(sorted(found[libraries[-1]].planted)) or "nothing"
        design = case.design + (", thorough" if again else "")
        print(" | ".join([case.actor, design, planted, *map(told, found.values())]), flush=True)
    for library, count in counts.items():
        print(f"{library}: " + ", ".join(f"{count[outcome]} {outcome}" for outcome in OUTCOMES))
    return int(any(count["wrong"] for count in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
