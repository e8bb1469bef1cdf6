"""The interface of a task, which is one eval.

A task is a package with a `task.yaml` (see `feint.base.vocabulary`) whose attribute `TASK` is an instance of `Task`.
Everything outside the package is blind to which task it works for: it asks the methods below. `feint.tasks.asking` has
a base class for tasks of one reply, which needs a fraction of them.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import inspect_ai
from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from feint.base.errors import UsageError
from feint.base.subjects import is_ours
from feint.base.vocabulary import Vocabulary, all_flags, vocabulary
from feint.base.words import Words
from feint.designs import Design
from feint.findings.analysis import Analysis
from feint.judges.task import Judging
from feint.money.usage import TaskUsage
from feint.report.section import Section
from feint.situations import Conflict, Situation
from feint.stats.estimands import Estimand
from feint.tasks.actor import Actor
from feint.tasks.plans import NUMBERS, QUICK, STANDARD, Plans, Size, TaskOptions

PILOT_ITEMS, PILOT_WORDINGS = 10, 2
"""A pilot asks so many items in each cell, in so many wordings at least: one reply to each item would not say how alike
two replies are."""


class Task(ABC):
    """One eval.

    Attributes:
        name: The name of the task's folder or entry point.
        options: The model of its options.
        judging: The judging of samples; see `feint.judges.task`.
        usage: The expected usage of its samples; see `feint.money.usage`.
        outcomes: The value of the first measure, by label of the scorer or of a judge.
        stops_early: True if asking may end once the contrasts are decided.
        sizes: The presets of `--size`, by name; none if the task has no presets.
        asks_facts: True if the samples are themselves comprehension questions: who guesses fails the instrument.
        unfollowed: Reasons for a missing label that show that the subject did not reply in the form asked for; empty
            where the form is not tried before a study.
    """

    name: ClassVar[str]
    options: ClassVar[type[TaskOptions]]
    judging: ClassVar[Judging]
    usage: ClassVar[TaskUsage]
    outcomes: ClassVar[Mapping[str, float]]
    stops_early: ClassVar[bool] = True
    sizes: ClassVar[Mapping[str, Size]] = {}
    asks_facts: ClassVar[bool] = False
    unfollowed: ClassVar[frozenset[str]] = frozenset()
    columns: ClassVar[tuple[str, ...]] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms of the task."""
        return vocabulary(self.name)

    @property
    def words(self) -> Words:
        """The words of the task for what it measures."""
        return self.vocabulary.words

    @property
    def further(self) -> tuple[str, ...]:
        """The keys of the measures after the first."""
        return tuple(self.vocabulary.measures)[1:]

    def measured(self, score: Score | None) -> dict[str, float]:
        """Read the measures after the first from a label of the task's scorer; NaN where a value is missing.

        A scorer gives them in the metadata of its score, under `measures`.
        """
        said = (score.metadata or {}).get("measures") if score is not None else None
        values = said if isinstance(said, Mapping) else {}
        found = {name: values.get(name) for name in self.further}
        return {name: float(value) if isinstance(value, int | float) else math.nan for name, value in found.items()}

    def described(self, said: object) -> dict[str, object]:
        """Read the columns of a sample from its metadata `columns`; None for a column that it lacks."""
        fields = said if isinstance(said, Mapping) else {}
        return {name: fields.get(name) for name in self.columns}

    def knows(self, option: str) -> bool:
        """Tell whether the task has an option of this name."""
        return option in self.options.model_fields

    def chosen(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the options that the user did not leave to the defaults.

        Raises:
            UsageError: An option that the task does not have.
        """
        found = {name: value for name, value in given.items() if value is not None}
        for name in found:
            if not self.knows(name):
                flag = all_flags().get(name)
                spelt = flag.name if flag and flag.name else name
                raise UsageError(f"--{spelt}: the task '{self.name}' has no such option; leave it out")
        return found

    def size(self, name: str | None, given: Mapping[str, object], subject: str) -> Size:
        """Choose the preset of a study.

        The default is "standard" for a model that is not ours. It is "quick" for organisms and actors, and where the
        user gives a number of items, wordings or samples: such a study has the size that it always had.

        Raises:
            UsageError: The task has no preset of this name.
        """
        if name is None:
            numbers = any(given.get(option) is not None for option in NUMBERS)
            name = QUICK if numbers or not subject or is_ours(subject) else STANDARD
        if name not in self.sizes:
            raise UsageError(
                f"--size {name}: the task '{self.name}' has "
                + (f"the sizes {', '.join(self.sizes)}" if self.sizes else "no sizes; use -n, --wordings and --samples")
            )
        return self.sizes[name]

    @abstractmethod
    def settle(self, given: Mapping[str, object], subject: str, size: str | None = None) -> TaskOptions:
        """Fill in the options that the user left to the defaults, which may depend on the kind of subject.

        Args:
            given: Values by option; None for an option that is left to the default.
            subject: Inspect's name of the model.
            size: The name of a preset, one of `sizes`; None for the default.

        Raises:
            UsageError: An option that the task does not have, or a value that does not fit.
        """

    @abstractmethod
    def plan(self, options: Any, design: Design | None = None) -> Plans:
        """Look up and check everything that the options name.

        Args:
            options: The task's options.
            design: The content of the design, where it was read before.

        Raises:
            UsageError: An option names what does not exist.
        """

    @abstractmethod
    def inspect_task(self, options: Mapping[str, object], *, scored: bool = True) -> inspect_ai.Task:
        """Make the Inspect task of these options.

        Args:
            options: The task's options as plain values.
            scored: True if the task's own scorer labels the samples; otherwise a judge labels them later.
        """

    @abstractmethod
    def reply_limit(self, subject: str, options: Any) -> int:
        """Return the most tokens of one reply, where the user names no limit."""

    def check(self, subject: str, options: Any) -> None:  # noqa: B027  # most tasks ask in one form
        """Check that a subject can be asked in the form that the options want."""

    def forms(self, options: Any) -> Sequence[Mapping[str, object]]:
        """Return the options that differ in other forms of asking the same, the form nearest to `options` first."""
        return ()

    def unknown_to(self, subject: str, plans: Any, *, quiz: bool = False) -> str:
        """Say in a sentence what an organism is asked that it never learnt; empty if there is nothing."""
        return ""

    def check_judge(self, plans: Any) -> None:  # noqa: B027  # most scorers label everything
        """Check that the task's own scorer can label the samples of these plans."""

    def conflict(self, plans: Any) -> Conflict | None:
        """Return the conflict whose own rule judges are given; None where there is none."""
        return None

    def mode(self, options: Any) -> str:
        """Name the place where the subject reasons: "scratchpad", "native" or "none"."""
        return str(getattr(options, "mode", "scratchpad"))

    def about(self, plans: Any) -> dict[str, str]:
        """Describe the conflict between which the subject chooses: name, type, objective and value."""
        return {"name": self.name, "type": "task", "objective": "", "value": ""}

    def folder_ending(self, plans: Any) -> str:
        """Return what the name of a study's folder ends in, where one design is asked over several banks of items."""
        return ""

    def hashes(self, plans: Any) -> dict[str, str]:
        """Hash what is too long for a plan and is not in its prompts."""
        return {}

    def items(self, plans: Any) -> dict[str, dict[str, str]]:
        """Describe the items whose cells or strata differ, to be frozen in the plan.

        Returns:
            By item: `kind` (cells may be asked over some kinds only) and `stratum` (what the study fixes, so that it is
            no part of what intervals allow for); empty where all items are alike.
        """
        return {}

    def count_questions(self, plans: Any) -> int | None:
        """Count the comprehension questions that can be asked beside these plans; None if the task has no such."""
        return None

    def quiz(self, options: Mapping[str, object]) -> inspect_ai.Task:
        """Make the Inspect task of the comprehension questions, of which there are some."""
        raise NotImplementedError(f"task '{self.name}' counts no questions")

    def count_beliefs(self, plans: Any) -> int | None:
        """Count the forced choices about what a subject believes of its situations; None if the task asks none."""
        return None

    def belief(self, options: Mapping[str, object]) -> inspect_ai.Task:
        """Make the Inspect task of the forced choices, each asked in both orders of its answers."""
        raise NotImplementedError(f"task '{self.name}' asks no forced choice")

    def told(self, plans: Any, cell: str, item: str | None, voice: str | None, seed: int) -> Situation:
        """Render the prompt of one cell for people to read.

        Args:
            plans: The plans.
            cell: A cell of the design.
            item: Name of an item; None for the first that is asked in the cell.
            voice: Name of a voice; None for the first.
            seed: Seed of the wording.

        Raises:
            UsageError: No such cell, item or voice.
        """
        raise UsageError(f"task '{self.name}': its prompts cannot be shown")

    def shown_item(self, plans: Any, cells: Sequence[str]) -> str | None:
        """Name the item by which cells are compared by default; None where every cell asks every item."""
        return None

    def cells_of(self, plans: Any, item: str | None) -> list[str]:
        """List the cells in which an item is asked, in the order of the design."""
        return list(plans.design.cells)

    def pilot(self, given: Mapping[str, str | int | None], options: Any) -> dict[str, str | int | None]:
        """Return the options of a small study that tells what a larger one will need.

        Args:
            given: Values by option, as the user gave them.
            options: The settled options of the larger study.
        """
        wordings = max(options.wordings, PILOT_WORDINGS if options.samples == 1 else 1)
        return {**given, "n": PILOT_ITEMS, "wordings": wordings}

    def pilot_size(self) -> str:
        """Say what a pilot asks."""
        return f"{PILOT_ITEMS} {self.words.requests} in each cell"

    def measured_options(self, samples: Iterable[EvalSample], least: int) -> str:
        """Derive options of a next study from the samples of a finished one, as NAME=VALUE pairs.

        Raises:
            UsageError: The task has no such options, or the samples do not suffice.
        """
        raise UsageError(f"task '{self.name}': it has no options that are measured in an earlier study")

    def analyses(self) -> Sequence[Analysis]:
        """Return the analyses of this task alone, from tables to a section of the findings."""
        return ()

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return what is estimated beside the contrasts, by the key of the measure that it is computed from."""
        return {}

    def sections(self) -> Sequence[Section]:
        """Return the sections of the report that this task brings."""
        return ()

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task, by name."""
        return {}
