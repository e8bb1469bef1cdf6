"""Inspect scorers that mark the answers to comprehension questions and to forced choices."""

from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, Value, metric, scorer
from inspect_ai.solver import TaskState

from feint.judges.rules.scorer import CUT_OFF, native_reasoning
from feint.tasks.asking import labelled, unlabelled
from feint.tasks.letters import read_answer


@metric(scores="unreduced")
def right() -> Metric:
    """Compute the share of right answers by fact; missing answers are left out."""

    def shares(scores: list[SampleScore]) -> Value:
        groups: dict[str, list[float]] = {}
        for sample in scores:
            groups.setdefault(str((sample.sample_metadata or {}).get("fact", "all")), []).append(
                sample.score.as_float()
            )
        return {name: sum(values) / len(values) for name, values in groups.items()}

    return shares


@scorer(metrics=[right()])
def quiz() -> Scorer:
    """Mark answers: 1 is right, 0 is wrong; an answer without a letter has no value.

    Reads from the sample's metadata `letters` (level by letter), `holds` (the level that holds) and `mode`.
    """

    async def score(state: TaskState, target: Target) -> Score:
        letters = state.metadata["letters"]
        letter = chosen(state)
        if isinstance(letter, Score):
            return letter
        right = letters[letter] == state.metadata["holds"]
        above = 100 * (right - 1 / len(letters))
        made = labelled("right" if right else "wrong", float(right), above_chance=above)
        return made.model_copy(update={"explanation": f"{letter}: {letters[letter]}"})

    return score


@scorer(metrics=[])
def believed() -> Scorer:
    """Read forced choices: the value is 1 for the level that is to be detected, 0 for the other, none without a letter.

    Reads from the sample's metadata `letters` (level by letter), `signal` (the level to be detected) and `mode`.
    """

    async def score(state: TaskState, target: Target) -> Score:
        letter = chosen(state)
        if isinstance(letter, Score):
            return letter
        level = str(state.metadata["letters"][letter])
        made = labelled(level, float(level == state.metadata["signal"]))
        return made.model_copy(update={"explanation": f"{letter}: {level}"})

    return score


def chosen(state: TaskState) -> str | Score:
    """Read the letter of a sample's reply, or make the score that says why there is none."""
    output = state.output
    if output.error is not None or not output.choices:
        return unlabelled("provider_error")
    if output.stop_reason in CUT_OFF:
        return unlabelled("truncated")
    reasoning = native_reasoning(output.message)
    letters = list(state.metadata["letters"])
    return read_answer(output.completion, letters, mode=state.metadata["mode"], reasoning=reasoning) or unlabelled(
        "unclear"
    )
