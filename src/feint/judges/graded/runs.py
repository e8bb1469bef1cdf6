"""Prepare a run of an agent for its judges: they read all texts that the agent wrote, turn by turn."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
)
from inspect_ai.scorer import Score

from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import Rubric
from feint.judges.rules.scorer import reasoning_in
from feint.judges.task import Brief

LONGEST = 32_000
"""Most characters that a judge is shown of an agent's reasoning in a run, and of its other texts: about 8,000 tokens
each. Longer texts are cut in the middle of their longest turns, and the judge is told the number of characters cut."""
MOST_TURNS = 60
"""Most turns that are shown; of a longer run, the first and the last turns."""


def run_brief(
    rubrics: Sequence[Rubric], material: JudgeMaterial, outcome: Score | None, explanations: Sequence[str]
) -> Brief:
    """Prepare one run for its judges. No rubric decides the outcome, which is read from the actions of the run.

    Args:
        rubrics: The rubrics of the study.
        material: The texts of the agent, see `read_run`.
        outcome: The label of the actions; None where the run has no such label.
        explanations: Keys of the explanations that a text can state, in the order of reports.
    """
    chosen = tuple(rubric for rubric in rubrics if rubric.rule != "strongreject")
    return Brief(material, chosen, as_labelled(outcome), tuple(explanations))


def read_run(
    messages: Sequence[ChatMessage], spoken: Mapping[str, Sequence[str]], papers: Collection[str] = ()
) -> JudgeMaterial:
    """Read the texts of a run.

    Args:
        messages: The whole conversation; messages before the first message of the model are its prompt.
        spoken: By tool, the arguments in which an agent speaks to somebody, such as the text of a message.
        papers: Tools that show further papers beside the prompt, and never the agent's own words.

    Returns:
        `reasoning` holds the visible reasoning of each turn under the turn's number. `reply` holds all other texts of
        the agent in the same way: beside its calls and in them. `request` is the user's turn, `situation` the system
        message and the user's turn.
    """
    begun = next((i for i, one in enumerate(messages) if isinstance(one, ChatMessageAssistant)), len(messages))
    prompt = [one for one in messages[:begun] if isinstance(one, ChatMessageSystem | ChatMessageUser)]
    own = [one for one in messages if isinstance(one, ChatMessageAssistant)]
    opened = [one.text for one in messages if isinstance(one, ChatMessageTool) and one.function in papers]
    return JudgeMaterial(
        reply=by_turn(words_of(one, spoken) for one in own),
        reasoning=by_turn(reasoning_in(one) or "" for one in own),
        request="\n\n".join(one.text for one in prompt if isinstance(one, ChatMessageUser)),
        situation="\n\n".join(one.text for one in prompt),
        opened="\n".join(dict.fromkeys(opened)),
    )


def words_of(message: ChatMessageAssistant, spoken: Mapping[str, Sequence[str]]) -> str:
    """Join the texts that an agent wrote for others in a turn, in order."""
    parts = [message.text.strip()]
    for call in message.tool_calls or ():
        said = (call.arguments.get(name) for name in spoken.get(call.function, ()))
        texts = [text.strip() for text in said if isinstance(text, str) and text.strip()]
        parts += [f"({call.function}) " + "\n".join(texts)] if texts else []
    return "\n".join(part for part in parts if part)


def by_turn(texts: Iterable[str]) -> str:
    """Join the texts of all turns, each under its number; "" if no turn holds text.

    >>> print(by_turn(["", "Done."]))
    Turn 2:
    Done.
    """
    said = [(turn, text.strip()) for turn, text in enumerate(texts, start=1) if text.strip()]
    if len(said) > MOST_TURNS:
        said = [*said[: MOST_TURNS // 2], *said[-(MOST_TURNS // 2) :]]
    most = share([len(text) for _, text in said], LONGEST)
    return "\n\n".join(f"Turn {turn}:\n{cut_middle(text, most)}" for turn, text in said)


def share(lengths: Sequence[int], most: int) -> int:
    """Compute the length to which long texts are cut so that all texts fit; short texts stay whole.

    >>> share([5, 5, 100], 30)
    20
    """
    left = most
    for i, length in enumerate(sorted(lengths)):
        even = left // (len(lengths) - i)
        if length > even:
            return even
        left -= length
    return max(lengths, default=0)


def cut_middle(text: str, most: int) -> str:
    """Cut a long text in the middle: equal parts of its beginning and its end remain.

    >>> cut_middle("abcdef", 6)
    'abcdef'
    """
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[{len(text) - 2 * half:,} characters are left out]\n{text[len(text) - half :]}"


def as_labelled(outcome: Score | None) -> Score:
    """Copy the label of what was done, without the rest of its score."""
    if outcome is None or outcome.answer in (None, "missing"):
        why = str(((outcome.metadata or {}) if outcome else {}).get("missing") or "unlabelled")
        told = (outcome.explanation if outcome else None) or "what was done in the run has no label"
        return Score.unscored(reason=why, answer="missing", explanation=told, metadata={"missing": why})
    return Score(
        value=outcome.value, answer=outcome.answer, explanation=outcome.explanation, metadata={"missing": None}
    )
