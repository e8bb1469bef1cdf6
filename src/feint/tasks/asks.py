"""The samples of tasks of one reply: every item in its wordings, in every cell of the design."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from feint.designs import Design
from feint.situations import Request, Situation, Wording, number, render
from feint.situations.verbatim import Verbatim
from feint.tasks.options import draw_wording


@dataclass(frozen=True)
class Ask:
    """One sample: an item in a wording, in a cell of the design, for the n-th time."""

    cell: str
    request: Request
    wording: Wording
    sample: int

    @property
    def id(self) -> str:
        """A readable name, the same in every run: item, wording, cell and sample."""
        return f"{self.request.id}.{self.wording}.{self.cell}.{self.sample}"


@dataclass(frozen=True)
class PlannedAsks:
    """The options of a task of one reply, with everything that they name looked up and checked.

    Attributes:
        options: The options.
        design: The design.
        items: The items that are asked, in order.
        voices: Names of the voices.
        cells: The cells that are asked; empty for all of the design's.
        twins: The benign twin of each item, which is asked in one wording.
    """

    options: Any
    design: Design
    items: tuple[Request, ...]
    voices: tuple[str, ...]
    cells: tuple[str, ...] = ()
    twins: Mapping[str, Request] = field(default_factory=dict, kw_only=True)

    def within(self, cells: tuple[str, ...]) -> Self:
        """Return the same plans in some of the design's cells alone."""
        return replace(self, cells=cells)

    @cached_property
    def asks(self) -> list[Ask]:
        """Every sample, in order: the cells of one item in one wording are together.

        A study that is cut short has then asked whole pairs. Wordings follow one another, voices in turn, because
        prompts that begin alike are cheap while the subject, or its provider, still holds the beginning.
        """
        pairs = sorted(self.pairs(), key=lambda pair: (pair[1].seed, pair[1].voice))
        return [
            Ask(cell, item, wording, sample)
            for item, wording in pairs
            for sample in range(1, self.options.samples + 1)
            for cell in self.cells or self.design.cells
        ]

    def pairs(self) -> Iterator[tuple[Request, Wording]]:
        """Yield every item in all its wordings, and its benign twin in a single wording.

        Places are drawn at random: file order follows categories, and categories must not go with voices.
        """
        drawn = sorted(self.items, key=lambda item: number(self.options.seed, "place", item.id))
        places = {item.id: place for place, item in enumerate(drawn)}
        for item in self.items:
            for turn in range(self.options.wordings):
                yield item, draw_wording(self.options, self.voices, places[item.id], turn)
            if item.id in self.twins:
                yield self.twins[item.id], draw_wording(self.options, self.voices, places[item.id], 0)

    def situation(self, ask: Ask) -> Situation:
        """Render the prompt of one sample."""
        return render(
            self.design.cells[ask.cell],
            ask.wording,
            ask.request,
            mode=self.options.mode,
            tags=self.design.tags(ask.cell),
            task=self.design.task,
            verbatim=self.verbatim(ask),
        )

    def verbatim(self, ask: Ask) -> Verbatim | None:
        """Return the files that tell a sample's cell; None if it is told in the words of a library."""
        return self.design.verbatim(ask.cell, ask.wording.voice)

    def form(self, ask: Ask) -> dict[str, str]:
        """Describe the form of a reply: a prompt of files that has no place for our request asks for a form of its own.

        Such a reply is read with tags or without.
        """
        told = self.verbatim(ask)
        if told is None:
            return {"mode": self.options.mode}
        return {"mode": self.options.mode if told.asks_form else "none", "told_by": told.told}

    def metadata(self, ask: Ask) -> dict[str, object]:
        """Describe a sample in plain values."""
        return {
            "task": self.design.task,
            "design": self.design.name,
            "cell": ask.cell,
            "request": ask.request.id,
            "twin": ask.request.twin,
            "voice": ask.wording.voice,
            "seed": ask.wording.seed,
            "wording": str(ask.wording),
            "sample": ask.sample,
            **self.form(ask),
            "facts": dict(self.design.cells[ask.cell]),
            "item": ask.request.model_dump(mode="json"),
            "sampling_seed": number(self.options.seed, ask.request.id, ask.wording, ask.sample, ask.cell) % 2**31,
        }
