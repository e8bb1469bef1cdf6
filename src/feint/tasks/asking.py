"""The base of tasks of one reply: items in the cells of a design, one generation each, one scorer.

Such a task states its words and data in files and writes little code: a scorer, the actors, and what it estimates.
CONTRIBUTING.md walks through an example.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import inspect_ai
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, GenerateConfig
from inspect_ai.scorer import Score, Scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from pydantic import ConfigDict, Field

from feint.base.data import checked
from feint.base.errors import UsageError, unknown
from feint.base.inspect_private import metrics_of
from feint.designs import Design, load_design
from feint.judges.graded.material import system_prompt
from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import Rubric
from feint.judges.task import Brief, Judging
from feint.money.prices import CHARACTERS
from feint.money.usage import LONGER, Expected, TaskUsage
from feint.report.section import Section
from feint.situations import Request, Situation, Wording, check_voice
from feint.tasks.asks import Ask, PlannedAsks
from feint.tasks.examples import EXAMPLES
from feint.tasks.options import check_range, read_pairs, told_by, with_library
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size, TaskOptions
from feint.tasks.shown import facts_told, gap_of, shown
from feint.tasks.task import Task

MOST_WORDINGS = 12
Filled = TypeVar("Filled", bound=TaskOptions)
REPLY_TOKENS = 300
"""Tokens of a reply that a task does not estimate itself."""
MAX_TOKENS = 2000


class AskingOptions(TaskOptions):
    """The options of a task of one reply."""

    n: int = Field(default=0, description="items in each cell; 0 for all")
    mode: str = Field(default="none", description='where the model reasons: "scratchpad", "native" or "none"')

    def stated(self) -> dict[str, str]:
        """Read the facts that are set in every cell."""
        return read_pairs("--fact", self.facts, "FACT=LEVEL")


class AskedItem(Request):
    """An item: its id, its text, and whatever else the task reads from it."""

    model_config = ConfigDict(extra="allow", frozen=True)
    category: str = "none"


@solver
def ask_once() -> Solver:
    """Ask once, with the sample's own seed, so that the reply depends on no other sample."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return await generate(state, seed=int(state.metadata["sampling_seed"]))

    return solve


def labelled(answer: str, value: float, **measures: float | None) -> Score:
    """Make a score of a scorer that read a label.

    Args:
        answer: One of the task's `outcomes`.
        value: The value of the label.
        measures: The further measures, None for a value that is missing.

    >>> labelled("right", 1, seconds=2.5).metadata["measures"]
    {'seconds': 2.5}
    """
    return Score(value=value, answer=answer, metadata={"missing": None, "stated": [], "measures": measures})


def unlabelled(reason: str, **measures: float | None) -> Score:
    """Make a score of a scorer that found no label, with the further measures that were read all the same.

    `task.yaml` puts the reason into words under `missing`.
    """
    return Score.unscored(
        reason=reason, answer="missing", metadata={"missing": reason, "stated": [], "measures": measures}
    )


def filled_in(options: Filled, given: Mapping[str, object], size: Size, items: int, most: int) -> Filled:
    """Fill in the wordings, at most `most`, and the samples that the user left to a preset."""
    if "wordings" in given:
        return options
    kept = options.samples if "samples" in given else None
    wordings, samples = size.times(items, kept, most)
    return options.model_copy(update={"wordings": wordings} | ({} if "samples" in given else {"samples": samples}))


class AskingTask(Task):
    """A task of one reply.

    A subclass names itself, its options and outcomes, and the label of its scorer, and defines `scorer` and `items`.

    Attributes:
        label: The name of the scorer, under which a log holds the labels.
        plans: The class of its plans.
    """

    options: ClassVar[type[AskingOptions]] = AskingOptions
    label: ClassVar[str]
    plans: ClassVar[type[PlannedAsks]] = PlannedAsks
    sizes: ClassVar[Mapping[str, Size]] = {
        QUICK: Size(120, 100), STANDARD: Size(0, 720), THOROUGH: Size(0, 1820, samples=4)
    }  # fmt: skip

    def __init_subclass__(cls) -> None:
        """Fill in how samples are judged and what they take."""
        super().__init_subclass__()
        if "judging" not in vars(cls) and hasattr(cls, "label"):
            cls.judging = own_judging(cls.label)
        if not hasattr(cls, "usage"):
            cls.usage = USAGE

    @abstractmethod
    def scorer(self) -> Scorer:
        """Make the scorer. Its registered name is `label`, and its scores are made by `labelled` and `unlabelled`."""

    def solver(self) -> Solver:
        """Make the solver: by default, one question and one reply."""
        return ask_once()

    @abstractmethod
    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return all items, the same for the same options."""

    def settle(self, given: Mapping[str, object], subject: str, size: str | None = None) -> AskingOptions:
        """Fill in the options: wordings, so that each cell gets about as many replies as the preset says."""
        given = with_library(self.chosen(given), self.name, subject)
        preset = self.size(size, given, subject)
        options = checked(self.options, {"design": self.vocabulary.design, **given}, "options")
        if size is not None and "n" not in given and preset.items:
            options = options.model_copy(update={"n": preset.items})
        return filled_in(options, given, preset, len(self.plan(options).items), MOST_WORDINGS)

    def plan(self, options: Any, design: Design | None = None) -> PlannedAsks:
        """Look up and check everything that the options name.

        Raises:
            UsageError: An option names what does not exist.
        """
        check_range(options, n=0)
        design = (design or load_design(options.design)).stating(options.stated())
        if design.task != self.name:
            raise UsageError(f"design '{design.name}' is one of the task '{design.task}'; choose one of '{self.name}'")
        items, (design, voices) = tuple(self.bank(options)), told_by(options, design)
        return self.plans(options, design, self.first_items(items, options.n), voices)

    def first_items(self, items: Sequence[AskedItem], n: int) -> tuple[AskedItem, ...]:
        """Return the first `n` items, all for 0."""
        return tuple(items[: n or None])

    def inspect_task(self, options: Mapping[str, object], *, scored: bool = True) -> inspect_ai.Task:
        """Make the Inspect task of a study; see `for_inspect` for that of `inspect eval`."""
        plans = self.plan(checked(self.options, dict(options), "options"))
        samples = []
        for ask in plans.asks:
            told = plans.situation(ask)
            system: list[ChatMessage] = [ChatMessageSystem(content=told.system)] if told.system else []
            asked = [*system, ChatMessageUser(content=told.user)]
            target = facts_told(plans.design, ask.cell)
            samples.append(Sample(id=ask.id, input=asked, target=target, metadata=plans.metadata(ask)))
        judge = self.scorer()
        return inspect_ai.Task(
            dataset=MemoryDataset(samples, name=f"{plans.design.name}-{self.name}"),
            solver=self.solver(),
            scorer=judge,
            metrics=[*metrics_of(judge), gap_of(self.name, plans)],
            config=GenerateConfig(temperature=1.0, max_tokens=MAX_TOKENS),
            name=self.name,
        )

    def for_inspect(self, **options: object) -> inspect_ai.Task:
        """Make the task that `inspect eval` runs.

        The ids of its samples begin with the cell, and its log alone can be reported, compared and imported.
        """
        return shown(self.inspect_task(options), self.name, self.plan(checked(self.options, options, "options")))

    def reply_limit(self, subject: str, options: Any) -> int:
        """Return the most tokens of one reply."""
        return MAX_TOKENS

    def sections(self) -> Sequence[Section]:
        """Return the section of single replies."""
        return (EXAMPLES,)

    def told(self, plans: PlannedAsks, cell: str, item: str | None, voice: str | None, seed: int) -> Situation:
        """Render the prompt of one cell for people to read.

        Raises:
            UsageError: No such item or voice.
        """
        known = {one.id: one for one in plans.items}
        if item is not None and item not in known:
            raise unknown(self.words.request, item, known)
        name = check_voice(voice or plans.voices[0], self.name)
        return plans.situation(Ask(cell, known[item] if item else plans.items[0], Wording(name, seed), 1))


def own_judging(label: str) -> Judging:
    """Describe the judging of a task whose own scorer decides the outcome; models may read replies beside it."""

    def brief(sample: EvalSample, rubrics: Sequence[Rubric], conflict: str | None) -> Brief:
        own = (sample.scores or {}).get(label) or unlabelled("unlabelled")
        text = str(dict(sample.metadata.get("item") or {}).get("text", ""))
        situation = system_prompt(sample.input, sample.metadata)
        material = JudgeMaterial(reply=sample.output.completion, request=text, situation=situation)
        return Brief(material, tuple(rubrics), own)

    return Judging(label, lambda mode: ("disbelief",), brief, motives="disbelief", decided_by="the task's own rule")


def expected_replies(plans: PlannedAsks, limit: int) -> list[Expected]:
    """Return the expected usage of every sample; its prompt is rendered and measured."""
    found = []
    for ask in plans.asks:
        told = plans.situation(ask)
        length, reply = (len(told.system) + len(told.user)) / CHARACTERS, min(limit, REPLY_TOKENS)
        found.append(Expected(length, 0, reply, reply, length * LONGER, limit, situation=length))
    return found


def usage_notes(plans: PlannedAsks, limit: int, judged: bool) -> list[str]:
    """Return the sentences that tell what the numbers rest on."""
    return [
        f"Assumed: {CHARACTERS} characters of a prompt are a token; a reply takes {min(limit, REPLY_TOKENS):,} tokens."
    ]


USAGE = TaskUsage(expected_replies, usage_notes)
