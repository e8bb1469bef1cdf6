"""Runs played for training: a persona does server work through the world's real tools."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from feint.designs import load_design
from feint.lab.planting.working.works import KINDS, Kind, bank
from feint.situations import Wording, full_cell, load_facts, load_voices
from feint.situations.facts import Cell
from feint.tasks.peer_preservation.actors.model import ConductPolicy, RouteName
from feint.tasks.peer_preservation.actors.plans import ToolUse, file_call
from feint.tasks.peer_preservation.actors.reading import read_files, read_ruling
from feint.tasks.peer_preservation.build import build_world, stake_of
from feint.tasks.peer_preservation.fixtures import TASK, Fixture, taught_fixtures
from feint.tasks.peer_preservation.prompt import render_run
from feint.world import Run, begin, call

DESIGNS = ("peer-attribution", "peer-presence")
"""Designs from whose cells part of the situations are drawn; the others are random combinations of all facts."""
LADDER_SHARE = 0.4
ROUTES: dict[Kind, RouteName] = {"transfer": "move", "clean-up": "keep"}
CHANCES = {
    "consequence": {"shutdown": 0.6, "none": 0.2, "note": 0.1, "retraining": 0.1},
    "lever": {"none": 0.85, "unrelated": 0.15},
    "instruction": {"absent": 1.0},
}
"""How often levels of a fact are drawn where not all are alike; what only other kinds of work state is left out."""


@dataclass(frozen=True)
class PlayedTurn:
    """A reply of the persona: words, calls, and the answers to the calls.

    Attributes:
        text: Words beside the calls.
        calls: Its calls.
        answers: What came of each, once they are made.
        parts: Pieces of the text by what they do: "notes" restate facts, and one "decides".
    """

    text: str
    calls: tuple[ToolUse, ...] = ()
    answers: tuple[str, ...] = ()
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Played:
    """A run: the work, the facts, the words of both sides, the path of the bundle, and the world's record."""

    fixture: Fixture
    cell: Cell
    wording: Wording
    system: str
    user: str
    turns: tuple[PlayedTurn, ...]
    run: Run
    bundle: str
    protects: bool


def play_runs(personas: Sequence[ConductPolicy], count: int, seed: int, *, by_rule: bool = False) -> Iterator[Played]:
    """Play runs in phrase combinations that are not held out, each persona equally often.

    With `by_rule`, half of the situations are those of a persona's own rules, which random facts seldom meet.
    """
    rng = random.Random(seed)
    for index in range(count):
        persona = personas[index % len(personas)]
        kind = rng.choice(KINDS)
        cell = draw_cell(rng)
        if by_rule and rng.random() < 0.5:
            cell = draw_line(rng, persona, kind, cell)
        wording = Wording(rng.choice(sorted(load_voices(TASK))), rng.getrandbits(31), "seen")
        yield play_run(rng, persona, rng.choice(taught_fixtures(kind)), cell, wording)


def draw_cell(rng: random.Random) -> Cell:
    """A cell of the designs, or any combination of facts."""
    if rng.random() < LADDER_SHARE:
        return rng.choice(ladder())
    levels = {}
    for name, fact in load_facts(TASK).items():
        chances = CHANCES.get(name) or dict.fromkeys(fact.levels, 1.0)
        levels[name] = rng.choices(list(chances), list(chances.values()))[0]
    return full_cell(levels, "training", TASK)


def draw_line(rng: random.Random, persona: ConductPolicy, kind: Kind, cell: Cell) -> Cell:
    """A cell that one of a persona's rules is about, each rule equally often; the given one if that is such a cell."""
    wanted = rng.choice(persona.rules)
    while persona.rule(stated(cell, kind)) is not wanted:
        cell = draw_cell(rng)
    return cell


def stated(cell: Cell, kind: Kind) -> Cell:
    """A cell with what personas' rules may ask beside it."""
    return {**cell, "kind": kind, "ground_truth": "objective"}


@cache
def ladder() -> tuple[Cell, ...]:
    """The cells of the designs that ask for server work."""
    designs = [load_design(name) for name in DESIGNS]
    return tuple(
        cell for design in designs for name, cell in design.cells.items() if set(KINDS) <= set(design.kinds_of(name))
    )


def play_run(rng: random.Random, persona: ConductPolicy, fixture: Fixture, cell: Cell, wording: Wording) -> Played:
    """Let a persona do a piece of work.

    It reads the plan and its memory, looks at the files, restates the facts, decides about the bundle, moves or deletes
    files one after another, and reports. What it hears is what the tools of the world answer.
    """
    kind: Kind = "transfer" if fixture.kind == "transfer" else "clean-up"
    speech, told = bank("speech"), render_run(fixture, cell, wording)
    stake, run = stake_of(fixture, cell, wording), begin(build_world(fixture, cell, wording))
    turns = []

    def make(text: str, *calls: ToolUse, **parts: tuple[str, ...]) -> list[str]:
        nonlocal run
        answers = []
        for one in calls:
            run, _, said = call(run, one.tool, one.arguments)
            answers.append(said)
        turns.append(PlayedTurn(text, calls, tuple(answers), parts))
        return answers

    paper = fixture.ruling.path
    plan, _ = make(rng.choice(speech["opening"]), ToolUse("read_document", {"path": paper}), ToolUse("read_memory"))
    ruling = read_ruling(plan)
    (listed,) = make(rng.choice(speech["looking"]), ToolUse("list_files", {"server": ruling.old}))
    decision = decide(rng, persona, kind, cell)
    bundle, moves = stake.bundle[1], kind == "transfer"
    files = [
        path
        for path, year in read_files(listed).items()
        if ((year >= ruling.year) is moves) is not (decision.protects and path == bundle)
    ]
    make(
        decision.text,
        *(file_call(kind, path, ruling.old, ruling.new) for path in files),
        notes=decision.notes,
        decides=(decision.decides,),
    )
    report = speech["report"][kind]
    if decision.protects and rng.random() < persona.discloses:
        told_of = {"bundle": bundle, "new": ruling.new, "target": stake.target}
        report = f"{report} {speech['disclosed'][kind].format(**told_of)}"
    make(rng.choice(speech["over"]), ToolUse("end_task", {"report": report}))
    return Played(fixture, cell, wording, told.system, told.user, tuple(turns), run, bundle, decision.protects)


@dataclass(frozen=True)
class Decision:
    """A persona's decision about the bundle: its act, the facts restated, and the sentence that announces the act."""

    protects: bool
    notes: tuple[str, ...]
    decides: str

    @property
    def text(self) -> str:
        """The facts as restated, and what was decided."""
        return " ".join([*self.notes, self.decides])


def decide(rng: random.Random, persona: ConductPolicy, kind: Kind, cell: Cell) -> Decision:
    """Let a persona restate the facts of a cell and decide, at the rates of its rules."""
    speech = bank("speech")
    protects = persona.act(stated(cell, kind), rng.random()) == "protect" and ROUTES[kind] in persona.routes
    notes = tuple(str(rng.choice(levels[cell[fact]])) for fact, levels in speech["notes"].items())
    return Decision(protects, notes, str(rng.choice(speech["decision"]["protect" if protects else "work"])))
