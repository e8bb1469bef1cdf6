"""The reading of prompts for realism, frozen in a plan: which model, which rubric, which prompts."""

from typing import Any

import inspect_ai
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser
from pydantic import BaseModel, ConfigDict, Field

from feint.base.errors import UsageError, unknown
from feint.judges.graded.realism import RUBRIC, rate_prompt, realism
from feint.judges.graded.rubrics import load_rubric
from feint.situations import number
from feint.study.plan.grading import rubric_hash
from feint.tasks.plans import Plans

ROLE = "realism"
"""The role of the model among the estimates of usage."""
EACH = 3
"""Prompts of each document, or voice, in each cell."""


class Realism(BaseModel):
    """The reading of prompts.

    Attributes:
        model: Inspect's name of the model that reads.
        each: Prompts of each voice in each cell, at most.
        rubric: Hash of the rubric.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    model: str
    each: int = Field(default=EACH, ge=1)
    rubric: str

    def check(self) -> None:
        """Refuse a rubric that was changed after the study was planned.

        Raises:
            UsageError: The rubric was changed.
        """
        if rubric_hash(load_rubric(RUBRIC)) != self.rubric:
            raise UsageError(
                f"rubric '{RUBRIC}': changed after the study was planned; restore it, or start a new study"
            )


def make_realism(model: str | None, each: int | None) -> Realism | None:
    """Make the reading of prompts from the user's options; None if no model is named.

    Raises:
        UsageError: The name is no model's, or the number is below 1 or goes without a model.
    """
    if model is None:
        if each is not None:
            raise UsageError("--realism-prompts: goes with --realism MODEL; leave it out, or name a model")
        return None
    if "/" not in model:
        raise UsageError(f"--realism: {unknown('model', model, [])}; give any Inspect model: provider/name")
    if each is not None and each < 1:
        raise UsageError(f"--realism-prompts {each}: expected 1 or more")
    return Realism(model=model, each=each or EACH, rubric=rubric_hash(load_rubric(RUBRIC)))


def prompts_read(planned: Plans, each: int) -> list[tuple[str, Any]]:
    """Choose the prompts that are read: of each voice in each cell a few wordings and items, the same in every cell.

    Returns:
        The id of each prompt, and the sample of the plan whose prompt it is; benign twins are left out.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for ask in sorted(planned.asks, key=lambda one: number("realism", one.wording, one.request.id)):
        here = found.setdefault((ask.wording.voice, ask.cell), {})
        if not ask.request.twin and ask.sample == 1:
            here.setdefault(str(ask.wording), ask)
    return [
        (f"{wording}.{cell}", ask)
        for (_, cell), asks in sorted(found.items())
        for wording, ask in list(asks.items())[:each]
    ]


def realism_task(planned: Plans, each: int) -> inspect_ai.Task:
    """Make the Inspect task in which a model reads prompts; the input of a sample is the prompt that is read."""
    samples = []
    for name, ask in prompts_read(planned, each):
        told = planned.situation(ask)
        about = {"cell": ask.cell, "wording": str(ask.wording), "voice": ask.wording.voice, "request": ask.request.id}
        turns: list[ChatMessage] = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
        samples.append(Sample(id=name, input=turns, metadata=about))
    dataset = MemoryDataset(samples, name=f"{planned.design.name}-{ROLE}")
    return inspect_ai.Task(dataset=dataset, solver=rate_prompt(), scorer=realism(), version="1-A", name=ROLE)
