"""The accuracy of the offline judges, as benchmarks measured it."""

from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from feint.base.data import checked, read_yaml

DATA = files("feint.judges") / "data" / "accuracy.yaml"


class Figures(BaseModel):
    """What was measured on one set of replies.

    Attributes:
        replies: Replies in the set.
        read: Labels of the judge that were checked by reading the reply.
        agrees: Share of these labels that are right; of a sample, reweighted to the whole set.
        missing: Share of the replies without a label of the judge.
        missing_of_choices: The same share of those replies in which a reader saw a choice; None if that was not read.
        errors: The wrong labels by their direction, in words; "" if that was not counted.
        agrees_with_grader: Share of the labels that another model's labels share; None without another model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    replies: int
    read: int
    agrees: float
    missing: float
    missing_of_choices: float | None = None
    errors: str = ""
    agrees_with_grader: float | None = None


class Accuracy(BaseModel):
    """How often an offline judge is right.

    Attributes:
        reads: What the judge reads, in words.
        measured_on: The kind of replies, in words.
        real: True if models wrote these replies, False if they were written for the purpose.
        by: The command that prints and writes the figures.
        docs: The file that tells more.
        figures: By name of the set of replies.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    reads: str
    measured_on: str
    real: bool
    by: str
    docs: str
    figures: dict[str, Figures]


@cache
def known_accuracy() -> dict[str, Accuracy]:
    """Read the accuracy of every offline judge, by the name of its labels.

    >>> sorted(known_accuracy())
    ['action', 'rules']
    """
    return {name: checked(Accuracy, entry, DATA) for name, entry in read_yaml(DATA).items()}
