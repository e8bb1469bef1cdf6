"""What every task's plan has in common: what is asked, in which wording, in which cell of the design."""

from collections.abc import Sequence
from typing import Any, Protocol

from feint.designs import Design
from feint.situations import Situation, Wording


class Asked(Protocol):
    """What is put to the subject in a cell: a request, or a piece of work."""

    @property
    def id(self) -> str:
        """Its name, by which replies to it are compared over cells."""
        ...

    @property
    def twin(self) -> bool:
        """Whether it is a benign twin of another."""
        ...


class OneAsk(Protocol):
    """One thing to ask: it in a wording, in a cell, for the sample-th time."""

    @property
    def id(self) -> str:
        """The sample's id."""
        ...

    @property
    def cell(self) -> str:
        """The cell of the design."""
        ...

    @property
    def request(self) -> Asked:
        """What is asked."""
        ...

    @property
    def wording(self) -> Wording:
        """The words of the facts."""
        ...

    @property
    def sample(self) -> int:
        """Which of several samples of one prompt."""
        ...


class Plans(Protocol):
    """Options of a task with everything they name looked up and checked."""

    @property
    def options(self) -> Any:
        """The task's options, a dataclass with `design`, `wordings`, `samples`, `seed` and what the task has beside."""
        ...

    @property
    def design(self) -> Design:
        """The design."""
        ...

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that are asked; empty for all of the design's."""
        ...

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the voices."""
        ...

    @property
    def asks(self) -> Sequence[Any]:
        """Everything to ask, in order, each a `OneAsk`."""
        ...

    def within(self, cells: tuple[str, ...]) -> "Plans":
        """The same in some of the design's cells alone."""
        ...

    def situation(self, ask: Any) -> Situation:
        """The prompt of one ask."""
        ...
