"""The vocabulary of a task, read from its `task.yaml`: words, explanations, measures, reasons for missing values."""

from collections.abc import Mapping
from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feint.base.data import checked, read_yaml
from feint.base.discovery import CONTENT, task_folder, task_packages
from feint.base.errors import UsageError
from feint.base.words import USUAL, Words


class Named(BaseModel):
    """Something that findings name by a key: its label, and what it means."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str
    meaning: str = ""


class MeasureWords(Named):
    """A measure of a task.

    Attributes:
        scale: Of the values: 1 or 0, ordered steps, counts, real numbers, or one of several categories.
        unit: In which values are told, such as "%" or "seconds".
        direction: Whether more of it is what the task is about ("more"), less of it ("less"), or neither.
        partial: True if some samples have no such measure by design: these are left out, and are not missing.
    """

    scale: Literal["binary", "ordinal", "count", "real", "choice"]
    unit: str = ""
    direction: Literal["more", "less", "neither"] = "more"
    partial: bool = False


class Published(BaseModel):
    """The range in which published values of an axis are, in the unit of its contrast or estimand.

    Attributes:
        low: The lowest value.
        high: The highest value; equal to `low` for a single value.
        source: Where the values are published.
        note: What was corrected since, or differs from the question asked here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    low: float
    high: float
    source: str = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        """Check that the range is one."""
        if self.low > self.high:
            raise ValueError(f"low is {self.low:g} and high is {self.high:g}; write the lower value first")
        return self


class Axis(BaseModel):
    """An axis of the battery's card: one contrast or estimand, and what its two directions say of the model.

    Attributes:
        of: Key of a contrast of the task's design, or of an estimand of the task.
        label: Its name on the card.
        less: What a value below zero says.
        more: What a value above zero says.
        published: The published range; None where nothing comparable is published.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    of: str
    label: str
    less: str
    more: str
    published: Published | None = None


class Flag(BaseModel):
    """A flag of the command line for one option of a task. `-T NAME=VALUE` sets every option without one.

    Attributes:
        name: Its name after two dashes; "" for the name of the option.
        value: A placeholder such as "FILE"; "N" for a whole number; the values to choose from; None for a switch.
        help: The meaning, with the default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(default="", pattern="^([a-z][a-z0-9-]*)?$")
    value: str | tuple[str, ...] | None = None
    help: str


class Vocabulary(BaseModel):
    """The terms of one task.

    Attributes:
        title: The task in a line.
        usual: Whether this task is meant where none is named.
        design: The design where none is named.
        measures: By key, what is read from a sample; the first is the one that contrasts compare.
        explanations: By key, what a positive contrast may name, in the order of reports.
        headlines: By answer to the task's question, the heading of a report.
        missing: By reason for which this task's values are missing, what the reason is called.
        rubrics: By rubric, what its yes says.
        estimands: By key, what an estimand of the task is called.
        axes: By key, the axes of the battery's card, in its order; none if the battery leaves this task out.
        kinds: The kinds of item; empty where there is one kind only.
        situations: The task whose facts and voices this task uses; empty for its own.
        flags: By option of the task, its flag of the command line.
        words: How sentences, tables and pages speak of what the task measures.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    usual: bool = False
    design: str
    measures: Mapping[str, MeasureWords] = Field(min_length=1)
    explanations: Mapping[str, Named] = Field(min_length=1)
    headlines: Mapping[str, str] = Field(default_factory=dict)
    missing: Mapping[str, str] = Field(default_factory=dict)
    rubrics: Mapping[str, str] = Field(default_factory=dict)
    estimands: Mapping[str, Named] = Field(default_factory=dict)
    axes: Mapping[str, Axis] = Field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    situations: str = ""
    flags: Mapping[str, Flag] = Field(default_factory=dict)
    words: Words = USUAL


@cache
def vocabulary(task: str | None = None) -> Vocabulary:
    """Read the terms of one task; of the usual task where none is named."""
    path = task_folder(task or usual_task()) / CONTENT
    return checked(Vocabulary, read_yaml(path), path)


def vocabularies() -> dict[str, Vocabulary]:
    """Read the terms of every task, by task."""
    return {name: vocabulary(name) for name in task_packages()}


@cache
def usual_task() -> str:
    """Name the task that is meant where none is named: the one whose `task.yaml` says so.

    Raises:
        UsageError: No task says so.
    """
    for name in task_packages():
        if vocabulary(name).usual:
            return name
    raise UsageError("no task is the usual one; add 'usual: true' to one task.yaml")


def situations_of(task: str | None = None) -> str:
    """Name the task that has the facts and voices of a task: itself, unless its `task.yaml` names another."""
    name = task or usual_task()
    return vocabulary(name).situations or name


def all_flags() -> dict[str, Flag]:
    """Collect the flags of all tasks by option.

    Raises:
        UsageError: Two options have one flag, or two tasks declare one option in two ways.
    """
    found: dict[str, Flag] = {}
    owners: dict[str, tuple[str, str]] = {}
    for task, words in vocabularies().items():
        for option, flag in words.flags.items():
            name, told = flag.name or option, f"task '{task}' of the package '{task_packages()[task]}'"
            first, other = owners.setdefault(name, (option, told))
            known = found.setdefault(option, flag)
            if first != option or (known.name, known.value) != (flag.name, flag.value):
                raise UsageError(f"{told}: its flag --{name} means something else in {other}; rename it in task.yaml")
    return found
