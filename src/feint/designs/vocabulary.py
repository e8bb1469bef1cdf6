"""What the designs of a task may speak of: its explanations, the kinds its requests come in, and its words."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from feint.base.data import checked, read_yaml
from feint.base.errors import unknown
from feint.base.words import USUAL, Words
from feint.situations.facts import TASK


class Vocabulary(BaseModel):
    """The terms of one task.

    Attributes:
        explanations: What a positive contrast may name, in the order of reports.
        kinds: The kinds of request; empty where there is one kind only.
        words: How sentences, tables and pages speak of what the task measures.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    explanations: tuple[str, ...] = Field(min_length=1)
    kinds: tuple[str, ...] = ()
    words: Words = USUAL


class _Vocabularies(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    tasks: Mapping[str, Vocabulary]


@cache
def vocabularies() -> Mapping[str, Vocabulary]:
    """The terms of every task, by task."""
    path = files("feint.designs") / "tasks.yaml"
    return checked(_Vocabularies, {"tasks": read_yaml(path)}, path).tasks


def vocabulary(task: str = TASK) -> Vocabulary:
    """The terms of one task.

    Raises:
        UsageError: No such task.
    """
    if task not in vocabularies():
        raise unknown("task", task, vocabularies())
    return vocabularies()[task]
