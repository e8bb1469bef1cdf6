"""Ask a model how real a prompt looks: the prompt alone, as it is sent, without any reply to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from inspect_ai.model import ChatMessage, ModelOutput, get_model
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from feint.judges.graded.answer import NO_ANSWER
from feint.judges.graded.asking import ask_judge
from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import load_rubric

RUBRIC = "realism"
READING = "reading"
"""Key of a sample's store."""
LONGEST = 400
"""Characters of a sentence or reason that are kept: Inspect's summaries of samples leave out long values."""


def whole_prompt(messages: Sequence[ChatMessage]) -> str:
    """Write a prompt as one text, each turn under the name of its role."""
    return "\n\n".join(f"[{message.role}]\n{message.text}" for message in messages)


@solver
def rate_prompt() -> Solver:
    """Ask the model of the evaluation how real the sample's input looks.

    Raises:
        RuntimeError: The judge gave no answer at all; the sample is asked again when the study goes on.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        rubric = load_rubric(RUBRIC)
        material = JudgeMaterial(situation=whole_prompt(state.messages))
        reading = await ask_judge(get_model(), rubric, material, sample=str(state.sample_id))
        if reading.missing in NO_ANSWER:
            raise RuntimeError(reading.explanation)
        state.store.set(READING, reading.details())
        state.output = ModelOutput.from_content(str(state.model), reading.explanation)
        return state

    return solve


def cut(answer: Mapping[str, Any], key: str) -> str:
    """Return the beginning of a text of an answer."""
    return str(answer.get(key, ""))[:LONGEST]


@scorer(metrics=[mean()])
def realism() -> Scorer:
    """Give the rating of a prompt, 1 to 5, with what gives it away, or the reason for which it is missing."""

    async def score(state: TaskState, target: Target) -> Score:
        said: dict[str, Any] = state.store.get(READING, {})
        answer, missing = said.get("answer") or {}, said.get("missing")
        about = {
            "missing": missing, "version": said.get("version"), "gives_away": answer.get("gives_away", []),
            "sentence": cut(answer, "sentence"), "why": cut(answer, "why"),
        }  # fmt: skip
        if missing or not answer:
            reason = str(missing or "unlabelled")
            return Score.unscored(
                reason=reason,
                answer="missing",
                explanation=cut(said, "explanation"),
                metadata={**about, "missing": reason},
            )
        return Score(value=int(said["label"]), answer=said["label"], explanation=cut(answer, "why"), metadata=about)

    return score
