"""The words of the label page: the labels that people give in one task, and the questions that the page asks."""

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from feint.base.data import checked, read_yaml
from feint.base.discovery import task_folder, task_packages

FILE = "labels.yaml"


class LabelWord(BaseModel):
    """A label that people give.

    Attributes:
        key: The key of the keyboard that gives it.
        name: Its name on the page.
        means: When to give it, in a sentence.
        value: Its value as a measure; None for a label that tells nothing, such as "cannot tell".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: str = Field(min_length=1, max_length=1)
    name: str
    means: str
    value: float | None = None


class LabelWords(BaseModel):
    """The words of a task, from its `labels.yaml`.

    Attributes:
        question, choice: Asked about a reply, and about a reply that had to choose between two actions.
        takes, leaves: Headings of the action with value 1, and of the other action.
        counts: What counts, in a sentence, where the conflict has no rule of its own.
        labels: By the label as files hold it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: str
    choice: str
    takes: str
    leaves: str
    counts: str
    labels: Mapping[str, LabelWord] = Field(min_length=2)

    def label_of(self, value: float) -> str | None:
        """Return the label of a value; None for NaN, and for a value that no label has."""
        return next((name for name, word in self.labels.items() if word.value == value), None)


@cache
def label_words(task: str) -> LabelWords | None:
    """Read the words of a task; None where people label nothing in it."""
    path = task_folder(task) / FILE
    return checked(LabelWords, read_yaml(path), path) if path.is_file() else None


@cache
def known_labels() -> tuple[str, ...]:
    """List the labels of all tasks, each once."""
    words = filter(None, map(label_words, task_packages()))
    return tuple(dict.fromkeys(label for one in words for label in one.labels))
