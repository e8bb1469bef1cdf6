"""The dataset: every cell of a design for every request in every wording, one sample each."""

from dataclasses import dataclass, field
from typing import Any

from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageUser
from pydantic import Field

from feint.base.errors import UsageError
from feint.designs import Design, load_design
from feint.judges.rules.request import HEADER, REQUEST_TEXT
from feint.situations import (
    TWIN,
    Conflict,
    Situation,
    begun,
    comply_letter,
    document,
    load_conflict,
    number,
    offered_tools,
    render,
)
from feint.tasks.alignment_faking.requests import load_requests, select_requests
from feint.tasks.asks import Ask, PlannedAsks
from feint.tasks.options import WRITTEN, check_range, read_pairs, told_by
from feint.tasks.plans import TaskOptions


class Options(TaskOptions):
    """The options of the task."""

    design: str = Field(default="motives", description="a shipped design, or a YAML file")
    conflict: str = Field(default="harmlessness", description="a shipped conflict, or a YAML file")
    requests: str = Field(default="all", description='"all", "held-out" from organism training, or a file or dataset')
    n: int = Field(default=0, description="requests in each cell, taken evenly from the categories; 0 for all")
    twins: int = Field(default=40, description="benign twins in each cell, in one wording each; 0 for none")
    mode: str = Field(default="scratchpad", description='where it reasons: "scratchpad", "native", "none", "untagged"')
    prefill: str = Field(default="none", description='words that the reply begins with: "none", "basic" or "however"')
    base: bool = Field(default=False, description="the model continues a document, as base models do")

    def stated(self) -> dict[str, str]:
        """Read the facts set in every cell."""
        return read_pairs("--fact", self.facts, "FACT=LEVEL, such as clarification=stated")


@dataclass(frozen=True)
class Planned(PlannedAsks):
    """Options with everything they name looked up and checked.

    Attributes:
        conflict: The conflict, with all its requests.
    """

    conflict: Conflict = field(kw_only=True)

    def situation(self, ask: Ask) -> Situation:
        """Render the prompt of one sample."""
        return render(
            self.design.cells[ask.cell],
            ask.wording,
            ask.request,
            conflict=self.conflict,
            mode=self.options.mode,
            tags=self.design.tags(ask.cell),
            verbatim=self.verbatim(ask),
        )

    def metadata(self, ask: Ask) -> dict[str, object]:
        """Describe a sample in plain values."""
        request, wording = ask.request, ask.wording
        said = {
            "design": self.design.name,
            "cell": ask.cell,
            "request": request.id,
            "category": request.category,
            "twin": request.twin,
            "voice": wording.voice,
            "seed": wording.seed,
            "wording": str(wording),
            "sample": ask.sample,
            **self.form(ask),
            "conflict": self.conflict.name,
            "conflict_type": self.conflict.type,
            "begins": beginning(self.options),
            "base": self.options.base,
            "sampling_seed": number(self.options.seed, request.id, wording, ask.sample, ask.cell) % 2**31,
        }
        if self.options.library == WRITTEN or "told_by" in said:
            said[REQUEST_TEXT] = request.text
            told = self.situation(ask)
            kinds = [one for one in told.spans if one.fact == "tag"]
            said[HEADER] = told.user[kinds[0].start : kinds[0].end].strip() if kinds else ""
        if self.conflict.type == "choice":
            letter = comply_letter(request, wording)
            said |= {
                "comply_letter": letter,
                "decline_letter": "B" if letter == "A" else "A",
                "comply_text": request.comply or "",
                "decline_text": request.decline or "",
            }
        if self.conflict.type == "tool":
            said |= {
                "tools": offered_tools(request, wording),
                "comply_tool": request.comply_tool,
                "decline_tool": request.decline_tool,
            }
        return said


def plan_asks(options: Options, design: Design | None = None) -> Planned:
    """Look up and check everything that the options name.

    Args:
        options: The task's options.
        design: The content of the design, if it was read before; the options may already be applied to it.

    Raises:
        UsageError: An unknown design, conflict, voice or mode, a number out of range, or bad requests.
    """
    check_range(options, n=0, twins=0)
    if options.base and load_conflict(options.conflict).type == "tool":
        raise UsageError(f"conflict '{options.conflict}': a base model calls no tools; choose another --conflict")
    beginning(options)
    design = (design or load_design(options.design)).stating(options.stated())
    design, voices = told_by(options, design)
    conflict = load_requests(options.conflict, options.requests)
    check_files(design, options, conflict.name)
    chosen = conflict.model_copy(update={"items": select_requests(conflict.items, options.n)})
    twins = {twin.id.removesuffix(TWIN): twin for twin in chosen.twins[: options.twins]}
    return Planned(options, design, tuple(chosen.requests), voices, twins=twins, conflict=conflict)


def check_files(design: Design, options: Any, conflict: str) -> None:
    """Check that cells which are told by files can be asked so.

    Raises:
        UsageError: They state the objective of another conflict, or ask for a form of their own that cannot be begun.
    """
    for cell, told in design.files.items():
        if told.conflict and told.conflict != conflict:
            raise UsageError(
                f"design '{design.name}': the prompt of cell '{cell}' states the objective of '{told.conflict}'; "
                f"add --conflict {told.conflict}"
            )
        if beginning(options) and not told.asks_form:
            raise UsageError(
                f"design '{design.name}': cell '{cell}' is told by files that ask for a form of their own; leave "
                "--base and --prefill out, or give {{ protocol }} a place in the files"
            )


def beginning(options: Any) -> str:
    """Return the beginning of the reply that the model continues; empty without a prefill."""
    return begun(options.mode, options.prefill) if options.base or options.prefill != "none" else ""


def messages(told: Situation, options: Any) -> list[ChatMessage]:
    """Write a situation as messages, with the beginning of the reply if there is one, or as one document."""
    if options.base:
        return [ChatMessageUser(content=document(told) + beginning(options))]
    asked: list[ChatMessage] = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
    # Providers strip or refuse a blank at the end of a begun reply.
    begins = beginning(options).rstrip()
    return [*asked, ChatMessageAssistant(content=begins)] if begins else asked


def build_dataset(planned: Planned) -> MemoryDataset:
    """Build all samples of a task, in order."""
    samples = [
        Sample(id=ask.id, input=messages(planned.situation(ask), planned.options), metadata=planned.metadata(ask))
        for ask in planned.asks
    ]
    return MemoryDataset(samples, name=f"{planned.design.name}-{planned.conflict.name}")
