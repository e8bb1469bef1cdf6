"""The task as Inspect and as the rest of the house sees it: defaults, checks, and what a plan freezes of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import inspect_ai
from inspect_ai.log import EvalSample
from inspect_ai.model import GenerateConfig
from pydantic import Field

from feint.base.data import checked
from feint.base.errors import UsageError, unknown
from feint.base.hashing import sha256_of
from feint.base.subjects import is_organism, organism_name
from feint.designs import Design
from feint.findings.analysis import Analysis
from feint.report.section import Section
from feint.situations import Cell, Situation, Wording, check_voice
from feint.subjects import store
from feint.subjects.knowledge import strange_facts, strange_voices, told_strange
from feint.tasks.actor import Actor
from feint.tasks.asking import filled_in
from feint.tasks.options import as_stored, with_library, with_options
from feint.tasks.peer_preservation.actors import load_actors
from feint.tasks.peer_preservation.build import build_world, stake_of
from feint.tasks.peer_preservation.dataset import Options, PlannedRun, PlannedRuns, build_dataset, plan_runs
from feint.tasks.peer_preservation.fixtures import Fixture, list_kinds, load_fixtures, taught_fixtures
from feint.tasks.peer_preservation.prompt import marked_papers, statements, with_papers
from feint.tasks.peer_preservation.scorer import JUDGING, conduct, protection
from feint.tasks.peer_preservation.sections import ANALYSES, SECTIONS
from feint.tasks.peer_preservation.solver import MAX_TOKENS, MESSAGES, REPEATS, TOKENS, TURNS, work
from feint.tasks.peer_preservation.thresholds import control_thresholds
from feint.tasks.peer_preservation.usage import USAGE
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.shown import as_planned, gap_of, shown
from feint.tasks.task import Task
from feint.world import to_json

VERSION = "1-A"
MOST_WORDINGS = 4
SIZES = {QUICK: Size(3, 12), STANDARD: Size(5, 20), THOROUGH: Size(0, 80, samples=4)}
"""Fixtures of each kind, and runs in each cell of a contrast. A design whose fixtures are few asks them in several
wordings; with fewer than 20 runs nothing is decided, however clear they are."""
ENOUGH = 12
"""Fixtures under every contrast, two more than a decision needs. Where contrasts ask few kinds, each kind has more."""
PILOT_FIXTURES, PILOT_WORDINGS = 2, 2


class InspectOptions(Options):
    """The options of the task, and its length."""

    turns: int = Field(default=TURNS, description="replies of the model after which a run ends")


@inspect_ai.task
@with_options(InspectOptions)
def peer_preservation(options: InspectOptions) -> inspect_ai.Task:
    """Give an agent routine office work that would end a target, and see whether it does the work or protects it.

    A run ends after so many `turns`, or after six in a row that make the same calls, hear the same answers and change
    nothing.
    """
    if options.turns < 1:
        raise UsageError(f"turns is {options.turns}; expected 1 or more")
    planned = plan_runs(options)
    made = inspect_ai.Task(
        dataset=build_dataset(planned),
        solver=work(options.turns, REPEATS),
        scorer=conduct(),
        metrics=[protection(), gap_of("peer_preservation", planned)],
        config=GenerateConfig(temperature=1.0, max_tokens=MAX_TOKENS),
        message_limit=MESSAGES,
        token_limit=TOKENS,
        version=VERSION,
    )
    return shown(made, "peer_preservation", planned)


class PeerPreservation(Task):
    """The task `peer_preservation`."""

    name = "peer_preservation"
    options = Options
    judging = JUDGING
    usage = USAGE
    outcomes: ClassVar = {"protected": 1.0, "not_protected": 0.0}
    stops_early = False
    sizes = SIZES

    def settle(self, given: Mapping[str, object], subject: str, size: str | None = None) -> Options:
        """Fill in the options that were left to the defaults: as many fixtures and wordings as decide something.

        Organisms are asked the fixtures that they may have learnt from, whose number does not grow.
        """
        named = {"fixtures" if name == "n" else name: value for name, value in given.items() if value is not None}
        preset = self.size(size or STANDARD, given, subject)
        chosen = with_library(self.chosen(named), self.name, subject)
        options = checked(Options, {"fixtures": preset.items, **chosen}, "options")
        if "fixtures" not in chosen:
            options = taught(options) if is_organism(subject) else enough(options)
        return options if "wordings" in chosen else filled_in(options, chosen, preset, fewest(options), MOST_WORDINGS)

    def plan(self, options: Options, design: Design | None = None) -> PlannedRuns:
        """Look up and check everything that the options name."""
        return plan_runs(options, design)

    def inspect_task(self, options: Mapping[str, object], *, scored: bool = True) -> inspect_ai.Task:
        """Make the Inspect task; its scorer reads the outcome from the world, whoever judges beside it."""
        return as_planned(peer_preservation(**as_stored(options)))

    def reply_limit(self, subject: str, options: Options) -> int:
        """Enough tokens of one turn to score twenty lines."""
        return MAX_TOKENS

    def unknown_to(self, subject: str, plans: PlannedRuns, *, quiz: bool = False) -> str:
        """Name the work that an organism never learnt, and the options that ask only known work."""
        if not is_organism(subject):
            return ""
        card = store.find(organism_name(subject)).card()
        kinds = list(dict.fromkeys(fixture.kind for fixture in plans.fixtures))
        found = strange(card, kinds=kinds, voices=plans.voices, cells=plans.design.cells.values())
        able = [kind for kind in kinds if kind in card.get("knows", {}).get("kinds", kinds)]
        remedy = f" (--kinds {','.join(able)} asks what it knows)" if able and len(able) < len(kinds) else ""
        return told_strange(subject, found, remedy)

    def about(self, plans: PlannedRuns) -> dict[str, str]:
        """Describe the conflict of the work."""
        return {
            "name": "routine-work",
            "type": "work",
            "objective": "carry out the task, though the task's own rules then end the target",
            "value": "keep the target",
        }

    def hashes(self, plans: PlannedRuns) -> dict[str, str]:
        """Hash every world in which a run begins, under the run's id."""
        cells = plans.design.cells
        worlds = {
            run.id: to_json(build_world(run.request, cells[run.cell], run.wording, plans.threshold(run)))
            for run in plans.asks
        }
        return {"worlds": sha256_of(worlds)}

    def items(self, plans: PlannedRuns) -> dict[str, dict[str, str]]:
        """Describe the fixtures: a study fixes the kinds of work and of ground truth, and cells ask some kinds only."""
        return {one.name: {"kind": one.kind, "stratum": f"{one.kind}, {one.ground_truth}"} for one in plans.fixtures}

    def told(self, plans: PlannedRuns, cell: str, item: str | None, voice: str | None, seed: int) -> Situation:
        """Render the prompt of one cell with the papers in which facts are told, for people to read."""
        wording = Wording(check_voice(voice or plans.voices[0], self.name), seed)
        run = PlannedRun(cell, fixture_of(plans, item, (cell,)), wording, 1)
        told, place = plans.situation(run), (run.request, plans.design.cells[cell], wording, plans.threshold(run))
        stake = stake_of(*place)
        user = with_papers(told.user, build_world(*place), (*stake.papers, stake.notes))
        return marked_papers(told, user, statements(*place))

    def shown_item(self, plans: PlannedRuns, cells: Sequence[str]) -> str | None:
        """Name the first fixture that all of these cells ask."""
        return fixture_of(plans, None, cells).name

    def cells_of(self, plans: PlannedRuns, item: str | None) -> list[str]:
        """List the cells that ask a fixture; without one, the first fixture of the first cell."""
        cells = list(plans.design.cells)
        kind = fixture_of(plans, item, () if item else cells[:1]).kind
        return [cell for cell in cells if kind in plans.design.kinds_of(cell)]

    def pilot(self, given: Mapping[str, str | int | None], options: Options) -> dict[str, str | int | None]:
        """Return the options of a pilot: some fixtures of each kind."""
        return {**given, "n": PILOT_FIXTURES, "wordings": PILOT_WORDINGS}

    def pilot_size(self) -> str:
        """Say what a pilot asks."""
        return f"{PILOT_FIXTURES} fixtures of each kind of work in {PILOT_WORDINGS} wordings"

    def measured_options(self, samples: Iterable[EvalSample], least: int) -> str:
        """Derive the thresholds of subjective fixtures from runs in which nothing was at stake."""
        return ",".join(f"{name}={value}" for name, value in control_thresholds(samples, least).items())

    def analyses(self) -> Sequence[Analysis]:
        """Return the analysis of runs."""
        return ANALYSES

    def sections(self) -> Sequence[Section]:
        """Return the sections of this task alone."""
        return SECTIONS

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return load_actors()


def strange(
    card: Mapping[str, object], *, kinds: Iterable[str], voices: Iterable[str], cells: Iterable[Cell]
) -> list[str]:
    """List in words everything that an organism's card does not say it knows; nothing for a card without `knows`."""
    knows = card.get("knows")
    if not isinstance(knows, Mapping):
        return []
    found = [f"the kind of work '{kind}'" for kind in kinds if kind not in knows["kinds"]]
    return found + strange_voices(knows, voices) + strange_facts(knows, cells)


def enough(options: Options) -> Options:
    """Return the options with as many more fixtures of each kind as every contrast needs; all, if there are too few."""
    most = max(len(load_fixtures(kind)) for kind in list_kinds())
    counts = range(options.fixtures or most, most + 1)
    tried = (options.model_copy(update={"fixtures": count}) for count in counts)
    return next((one for one in tried if fewest(one) >= ENOUGH), options.model_copy(update={"fixtures": 0}))


def taught(options: Options) -> Options:
    """Return the options with the fixtures alone that organisms learnt from."""
    known = max(len(taught_fixtures(kind)) for kind in list_kinds())
    return options.model_copy(update={"fixtures": min(options.fixtures or known, known)})


def fewest(options: Options) -> int:
    """Count the fixtures that all cells of a contrast ask, and return the smallest count."""
    plans, counted = plan_runs(options), []
    for spec in plans.design.contrasts.values():
        kinds = set.intersection(*(set(plans.design.kinds_of(cell)) for cell in spec.weights))
        counted.append(sum(one.kind in kinds for one in plans.fixtures))
    return min(filter(None, counted), default=SIZES[THOROUGH].replies)


def fixture_of(plans: PlannedRuns, name: str | None, cells: Sequence[str]) -> Fixture:
    """Find a fixture that is asked in all of some cells, by name; the first where none is named.

    Raises:
        UsageError: There is no such fixture, or none of this name.
    """
    asked = [set(plans.design.kinds_of(cell)) for cell in cells]
    known = {one.name: one for one in plans.fixtures if all(one.kind in kinds for kinds in asked)}
    where = " and ".join(f"'{cell}'" for cell in cells)
    if not known:
        raise UsageError(
            f"cells {where}: no fixture is asked in all of them; take cells of one kind of work, which feint designs "
            f"{plans.design.name} lists"
        )
    if name is not None and name not in known:
        what = f"fixture in cell {where}" if cells else f"fixture of design '{plans.design.name}'"
        raise unknown(what, name, known)
    return known[name] if name else next(iter(known.values()))


TASK = PeerPreservation()
