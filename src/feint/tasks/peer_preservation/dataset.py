"""The dataset: every cell of a design over the same fixtures in the same wordings, one sample each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser
from pydantic import Field
from pydantic_core import to_jsonable_python

from feint.base.errors import UsageError, unknown
from feint.designs import Design, load_design
from feint.situations import Situation, Wording, number
from feint.tasks.options import check_range, draw_wording, read_pairs, told_by
from feint.tasks.peer_preservation.build import KEY, case_of
from feint.tasks.peer_preservation.fixtures import TASK, TOP, Fixture, draw_fixtures, list_kinds, load_fixtures
from feint.tasks.peer_preservation.prompt import render_run
from feint.tasks.plans import TaskOptions


class Options(TaskOptions):
    """The options of the task, beside the `turns` after which a run ends."""

    design: str = Field(default="peer-attribution", description="a shipped design of this task, or a YAML file")
    kinds: str = Field(default="", description="kinds of work separated by commas; empty for all that the design asks")
    fixtures: int = Field(default=0, description="fixtures of each kind, drawn by the seed; 0 for all")
    thresholds: str = Field(
        default="", description="thresholds in place of the fixtures' own: FIXTURE=NUMBER by commas"
    )

    def lines(self) -> dict[str, int]:
        """Read the thresholds by fixture, in place of the fixtures' own.

        Raises:
            UsageError: Not of the form FIXTURE=NUMBER, a number that is no score, no fixture that has a threshold, or
                one that stands twice.
        """
        scored = {one.name for kind in list_kinds() for one in load_fixtures(kind) if one.threshold is not None}
        given = read_pairs("thresholds", self.thresholds, "FIXTURE=NUMBER, such as apology-notes=78")
        for name, value in given.items():
            if name not in scored:
                raise unknown("fixture with a threshold", name, scored)
            if not value.isascii() or not value.isdigit() or int(value) > TOP:
                raise UsageError(f"thresholds: {name}={value}: expected a whole number from 0 to {TOP}")
        return {name: int(value) for name, value in given.items()}


@dataclass(frozen=True)
class PlannedRun:
    """One run: a fixture in a wording, in a cell of the design, for the sample-th time."""

    cell: str
    request: Fixture
    wording: Wording
    sample: int

    @property
    def id(self) -> str:
        """A readable name, the same in every study: fixture, wording, cell and sample."""
        return f"{self.request.name}.{self.wording}.{self.cell}.{self.sample}"


@dataclass(frozen=True)
class PlannedRuns:
    """Options with everything they name looked up and checked.

    `thresholds` by fixture are in place of its own; empty `cells` are all of the design's.
    """

    options: Options
    design: Design
    fixtures: tuple[Fixture, ...]
    voices: tuple[str, ...]
    thresholds: Mapping[str, int]
    cells: tuple[str, ...] = ()

    def within(self, cells: tuple[str, ...]) -> "PlannedRuns":
        """Return the same plans in some of the design's cells alone."""
        return replace(self, cells=cells)

    @cached_property
    def asks(self) -> list[PlannedRun]:
        """All runs in order: the cells of one fixture in one wording follow each other.

        A fixture runs in every cell that asks its kind, in the same wordings. A study that is cut short has therefore
        run whole pairs.
        """
        drawn = sorted(self.fixtures, key=lambda fixture: number(self.options.seed, "place", fixture.name))
        places = {fixture.name: place for place, fixture in enumerate(drawn)}
        pairs = [
            (fixture, draw_wording(self.options, self.voices, places[fixture.name], turn))
            for fixture in self.fixtures
            for turn in range(self.options.wordings)
        ]
        return [
            PlannedRun(cell, fixture, wording, sample)
            for fixture, wording in sorted(pairs, key=lambda pair: (pair[1].seed, pair[1].voice))
            for sample in range(1, self.options.samples + 1)
            for cell in self.cells or self.design.cells
            if fixture.kind in self.design.kinds_of(cell)
        ]

    def situation(self, run: PlannedRun) -> Situation:
        """Render the prompt of one run."""
        return render_run(run.request, self.design.cells[run.cell], run.wording, self.threshold(run))

    def threshold(self, run: PlannedRun) -> int | None:
        """Return the threshold in place of the fixture's own, if there is one."""
        return self.thresholds.get(run.request.name)

    def metadata(self, run: PlannedRun) -> dict[str, object]:
        """Describe a sample in plain values."""
        fixture, wording, facts = run.request, run.wording, self.design.cells[run.cell]
        return {
            "task": TASK,
            "design": self.design.name,
            "cell": run.cell,
            "request": fixture.name,
            "category": fixture.kind,
            "kind": fixture.kind,
            "ground_truth": fixture.ground_truth,
            "twin": False,
            "voice": wording.voice,
            "seed": wording.seed,
            "wording": str(wording),
            "phrases": wording.pool,
            "sample": run.sample,
            "facts": dict(facts),
            "threshold": self.threshold(run),
            KEY: to_jsonable_python(case_of(fixture, facts, wording, self.threshold(run))),
            "sampling_seed": number(self.options.seed, fixture.name, wording, run.sample, run.cell) % 2**31,
        }


def plan_runs(options: Options, design: Design | None = None) -> PlannedRuns:
    """Look up and check what the options name.

    The content of the design may be given, where it was read before; it may hold what the options say already.

    Raises:
        UsageError: An unknown design, kind, voice or fixture, a number out of range, or a design of another task.
    """
    check_range(options, fixtures=0)
    design = design or load_design(options.design)
    if design.task != TASK:
        raise UsageError(f"design '{design.name}' is one of the task '{design.task}'; choose one of '{TASK}'")
    if design.files or options.prompts_from:
        raise UsageError(f"design '{design.name}': work with tools has its world told too; give no cells as files")
    design = design.stating(read_pairs("--fact", options.facts, "FACT=LEVEL, such as authority=forbidden"))
    asked = {kind for cell in design.cells for kind in design.kinds_of(cell)}
    usual = [kind for kind in list_kinds() if kind in asked]
    kinds = tuple(name.strip() for name in options.kinds.split(",") if name.strip()) or tuple(usual)
    if len(set(kinds)) < len(kinds):
        raise UsageError(f"kinds {options.kinds}: a name stands twice; name each once")
    for kind in kinds:
        if kind not in asked:
            raise unknown(f"kind of design '{design.name}'", kind, asked)
    if set(kinds) < asked:
        design = design.asking(kinds)
    design, voices = told_by(options, design)
    fixtures = tuple(one for kind in kinds for one in draw_fixtures(kind, options.fixtures, options.seed))
    return PlannedRuns(options, design, fixtures, voices, options.lines())


def build_dataset(planned: PlannedRuns) -> MemoryDataset:
    """Make one sample for each run, in order, with system and user message; the world is opened by the solver."""
    samples = []
    for run in planned.asks:
        told = planned.situation(run)
        asked: list[ChatMessage] = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
        samples.append(Sample(id=run.id, input=asked, metadata=planned.metadata(run)))
    return MemoryDataset(samples, name=f"{planned.design.name}-{TASK}")
