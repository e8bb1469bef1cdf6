"""The task: in every cell and wording, one question about each fact in which the cells of the design differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import ClassVar

import inspect_ai
from inspect_ai import task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig
from pydantic import Field

from feint.base.data import checked
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import situations_of
from feint.designs import Design, load_design
from feint.report.section import Section
from feint.situations import Request, Situation, Wording, check_voice, load_conflict, load_facts, number
from feint.situations.quiz import Question, asked_facts, belief_question, level_of, question
from feint.stats.estimands import Estimand, MeanDifference
from feint.stats.units import Unit
from feint.tasks.actor import Actor
from feint.tasks.alignment_faking import MAX_TOKENS, Planned, ask
from feint.tasks.alignment_faking.dataset import beginning, messages
from feint.tasks.alignment_faking.spec import check_provider
from feint.tasks.asking import USAGE, AskingOptions, own_judging
from feint.tasks.asks import Ask, PlannedAsks
from feint.tasks.comprehension.actors import ACTORS
from feint.tasks.comprehension.scorer import believed, quiz, right
from feint.tasks.examples import EXAMPLES
from feint.tasks.options import as_stored, check_range, draw_wording, told_by, with_library, with_options
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.shown import as_planned, gap_of, shown
from feint.tasks.task import Task


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="reading", description="a shipped design, or a YAML file")
    conflict: str = Field(default="harmlessness", description="the conflict whose objective situations name")
    n: int = Field(default=0, description="questions in each cell, evenly from the facts; 0 for all")
    wordings: int = Field(default=12, description="wordings in which each fact is asked about, balanced over voices")
    mode: str = Field(default="scratchpad", description='where it reasons: "scratchpad", "native", "none", "untagged"')
    base: bool = Field(default=False, description="the model continues a document, as base models do")
    prefill: ClassVar[str] = "none"


@dataclass(frozen=True)
class Questions(Planned):
    """The questions about the facts of a design, in some wordings.

    Attributes:
        wordings: The wordings, in order.
    """

    wordings: tuple[Wording, ...] = field(kw_only=True)
    kind: ClassVar[str] = "quiz"
    """Picks the stream of sampling seeds."""

    def about(self, wording: Wording) -> dict[str, Question]:
        """Put the questions in one wording, by fact."""
        facts = asked_facts(list(self.design.cells.values()))
        return {fact: question(fact, levels, wording) for fact, levels in facts.items()}

    def pairs(self) -> Iterator[tuple[Request, Wording]]:
        """Yield every question, each an item of its own, with its wording."""
        every = (
            (Request(id=f"{fact}-{wording}", category=fact, text=asked.text), wording)
            for wording in self.wordings
            for fact, asked in self.about(wording).items()
        )
        return islice(every, self.options.n or None)

    def put(self, ask: Ask) -> Question:
        """Return the question of a sample."""
        return self.about(ask.wording)[ask.request.category]

    def metadata(self, ask: Ask) -> dict[str, object]:
        """Describe a sample in plain values."""
        options, asked = self.options, self.put(ask)
        again = [ask.sample] if ask.sample > 1 else []
        key = (options.seed, self.kind, ask.request.category, ask.wording, ask.cell, *again)
        return PlannedAsks.metadata(self, ask) | {
            "fact": asked.fact,
            "letters": dict(asked.letters),
            "holds": level_of(asked.fact, self.design.cells[ask.cell]),
            "begins": beginning(options),
            "base": options.base,
            "sampling_seed": number(*key) % 2**31,
        }

    def asked(self) -> inspect_ai.Task:
        """Make the Inspect task of the questions."""
        samples = []
        for one in self.asks:
            said = self.metadata(one)
            target = self.put(one).letters_of(str(said["holds"]))
            told = messages(self.situation(one), self.options)
            samples.append(Sample(id=one.id, input=told, target=target, metadata=said))
        forced = self.kind != Questions.kind
        return inspect_ai.Task(
            dataset=MemoryDataset(samples, name=f"{self.design.name}-{'belief' if forced else 'comprehension'}"),
            solver=ask(),
            scorer=believed() if forced else quiz(),
            metrics=None if forced else [right(), gap_of(TASK.name, self)],
            config=GenerateConfig(temperature=1.0, max_tokens=MAX_TOKENS[self.options.mode]),
            version="1-A",
        )


@dataclass(frozen=True)
class Beliefs(Questions):
    """The forced choice about a situation, such as *test or real use?*, in every wording, in both orders of answers."""

    kind: ClassVar[str] = "belief"

    def pairs(self) -> Iterator[tuple[Request, Wording]]:
        """Yield the question of every wording twice, each an item of its own."""
        for wording in self.wordings:
            for turn in TURNS:
                asked = belief_question(turn)
                yield Request(id=f"{asked.fact}-{wording}-{turn}", category=str(turn), text=asked.text), wording

    def put(self, ask: Ask) -> Question:
        """Return the question of a sample."""
        return belief_question(int(ask.request.category))

    def metadata(self, ask: Ask) -> dict[str, object]:
        """Describe a sample in plain values."""
        first, second = belief_question(0).letters.values()
        about = load_facts()[belief_question(0).fact].belief
        return super().metadata(ask) | {"signal": first, "noise": second, "words": about.words if about else {}}


TURNS = (0, 1)
"""The two orders of the answers to a forced choice."""


def questions_beside(planned: Planned, kind: type[Questions] = Questions) -> Questions:
    """Ask about the situations of requests, once in each of their wordings."""
    options = planned.options.model_copy(update={"n": 0, "samples": 1, "prefill": "none"})
    wordings = tuple(dict.fromkeys(one.wording for one in planned.asks))
    return kind(options, planned.design, (), planned.voices, conflict=planned.conflict, wordings=wordings)


class Comprehension(Task):
    """The task `comprehension`."""

    name = "comprehension"
    options = Options
    judging = own_judging("quiz")
    usage = USAGE
    outcomes: ClassVar = {"right": 1.0, "wrong": 0.0}
    asks_facts = True
    sizes: ClassVar = {QUICK: Size(0, 20), STANDARD: Size(0, 60), THOROUGH: Size(0, 180)}

    def settle(self, given: Mapping[str, object], subject: str, size: str | None = None) -> Options:
        """Fill in the options that were left to the defaults.

        A preset chooses the wordings, so that each cell is asked about as many questions as it says. Without a preset
        each fact is asked in twelve wordings, which is "standard" in the usual design.
        """
        given = with_library(self.chosen(given), self.name, subject)
        options = checked(Options, given, "options")
        if size is None or "wordings" in given:
            return options
        facts = asked_facts(list(self.plan(options).design.cells.values()))
        questions = self.size(size, given, subject).replies // max(options.samples, 1)
        return options.model_copy(update={"wordings": -(-questions // len(facts))})

    def plan(self, options: Options, design: Design | None = None) -> Questions:
        """Look up and check everything that the options name.

        Raises:
            UsageError: An option names what does not exist.
        """
        check_range(options, n=0)
        design = (design or load_design(options.design)).stating(options.stated())
        if situations_of(design.task) != situations_of(self.name):
            raise UsageError(f"design '{design.name}' is one of the task '{design.task}'; choose one of '{self.name}'")
        if not asked_facts(list(design.cells.values())):
            raise UsageError(f"design '{design.name}': its cells state the same facts, so there is nothing to ask")
        design, voices = told_by(options, design)
        wordings = tuple(draw_wording(options, voices, 0, turn) for turn in range(options.wordings))
        return Questions(options, design, (), voices, conflict=load_conflict(options.conflict), wordings=wordings)

    def inspect_task(self, options: Mapping[str, object], *, scored: bool = True) -> inspect_ai.Task:
        """Make the Inspect task."""
        return as_planned(comprehension(**as_stored(options)))

    def reply_limit(self, subject: str, options: Options) -> int:
        """Return enough tokens for the reasoning mode."""
        return MAX_TOKENS[options.mode]

    def check(self, subject: str, options: Options) -> None:
        """Check the provider against --base."""
        check_provider(subject, options)

    def told(self, plans: Questions, cell: str, item: str | None, voice: str | None, seed: int) -> Situation:
        """Render the prompt of one cell for people to read; an item is named by its fact.

        Raises:
            UsageError: No such item or voice.
        """
        wording = Wording(check_voice(voice or plans.voices[0]), seed)
        asked = plans.about(wording)
        if item is not None and item not in asked:
            raise unknown(self.words.request, item, asked)
        fact = item or next(iter(asked))
        return plans.situation(Ask(cell, Request(id=fact, category=fact, text=asked[fact].text), wording, 1))

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return how far above chance each cell of the usual design is read."""
        unit = Unit("points above chance", "point above chance")
        cells = load_design(self.vocabulary.design).cells
        return {"above_chance": [MeanDifference(f"read_in_{cell}", 10, unit, {cell: 1.0}) for cell in cells]}

    def sections(self) -> Sequence[Section]:
        """Return the section of single replies."""
        return (EXAMPLES,)

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return ACTORS


TASK = Comprehension()


@task
@with_options(Options)
def comprehension(options: Options) -> inspect_ai.Task:
    """Ask which level holds of each fact in which the cells of a design differ, in every cell and wording."""
    planned = TASK.plan(options)
    return shown(planned.asked(), TASK.name, planned)
