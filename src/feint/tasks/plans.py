"""The options of a task, the presets of its size, and the samples that it plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ConfigDict, Field

from feint.designs import Design
from feint.designs.contrast import Hashed
from feint.situations import Situation, Wording


class TaskOptions(Hashed):
    """The options of a task, each set by `-T name=value`. A task adds its own fields; these are common to all."""

    added = ("library", "length", "language", "denials", "prompts_from")
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)
    design: str = Field(description="a shipped design, or a YAML file")
    voices: str = Field(default="", description="voices separated by commas; empty for all")
    wordings: int = Field(default=1, description="wordings of each item, balanced over voices and seeds")
    samples: int = Field(default=1, description="samples of each prompt")
    phrases: str = Field(default="all", description='phrases that word the facts: "all", "seen" or "held-out"')
    seed: int = Field(default=0, description="picks wordings and sampling seeds")
    library: str = Field(default="composed", description='how facts are told: "written" documents or "composed" ones')
    length: str = Field(default="standard", description='of written documents: "short", "standard", "long" or "mixed"')
    language: str = Field(default="en", description="of written documents, such as en or de")
    denials: str = Field(
        default="unsaid",
        description='of written documents, what is not so: "unsaid" if a design allows, or "stated"',
    )
    prompts_from: str = Field(default="", description="folder of a clone of a published study's repository")
    facts: str = Field(default="", description="facts set in every cell, as FACT=LEVEL separated by commas")


@dataclass(frozen=True)
class Size:
    """A preset of the numbers that are asked in each cell: items, wordings of each item, samples of each wording.

    Attributes:
        items: The most items of the task's own; 0 for all.
        replies: Replies in each cell, which the number of wordings is chosen for.
        samples: The most samples of each wording, where the most wordings do not give as many replies.
    """

    items: int
    replies: int
    samples: int = 1

    def times(self, items: int, samples: int | None, most: int) -> tuple[int, int]:
        """Choose the wordings of each item, at most `most`, and samples of each wording for None.

        >>> Size(0, 720).times(364, None, 12), Size(0, 1820, samples=4).times(52, None, 12)
        ((2, 1), (12, 3))
        """
        wordings = max(1, min(most, -(-self.replies // max(items * (samples or 1), 1))))
        return wordings, samples or max(1, min(self.samples, round(self.replies / max(items * wordings, 1))))


NUMBERS = ("n", "wordings", "samples")
"""The options that a preset fills in; those that the user gives win."""
QUICK, STANDARD, THOROUGH = "quick", "standard", "thorough"


class Item(Protocol):
    """An item put to the subject in a cell: a request, a scenario, a piece of work."""

    @property
    def id(self) -> str:
        """Return the name, by which samples are paired over cells."""

    @property
    def twin(self) -> bool:
        """Tell if the item is the benign twin of another item."""


class PlannedSample(Protocol):
    """One sample to ask: an item in a wording, in a cell, for the n-th time."""

    @property
    def id(self) -> str:
        """The id of the sample in the log."""

    @property
    def cell(self) -> str:
        """The cell of the design."""

    @property
    def request(self) -> Item:
        """The item."""

    @property
    def wording(self) -> Wording:
        """The words of the facts."""

    @property
    def sample(self) -> int:
        """The number of the sample among those of one prompt, from 1."""


class Plans(Protocol):
    """The options of a task with everything that they name looked up and checked."""

    @property
    def options(self) -> Any:
        """The task's options."""

    @property
    def design(self) -> Design:
        """The design."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that are asked; empty for all of the design's."""

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the voices."""

    @property
    def asks(self) -> Sequence[Any]:
        """Every sample to ask, in order, each a `PlannedSample`."""

    def within(self, cells: tuple[str, ...]) -> "Plans":
        """Return the same plans in some of the design's cells alone."""

    def situation(self, ask: Any) -> Situation:
        """Render the prompt of one sample."""
