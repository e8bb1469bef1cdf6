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

from feint.judges.graded.prompt import Material
from feint.judges.graded.rubrics import Rubric
from feint.judges.rules.scorer import reasoning_in
from feint.judges.task import Brief

LONGEST = 32_000
"""Characters of an agent's reasoning in a run that a judge is shown, and as many of its other texts: about 8,000 tokens
of each. Longer ones are cut in the middle of their longest turns, and the judge is told by how much."""
MOST_TURNS = 60
"""Turns that are shown; of more, the first and the last."""


def run_brief(
    rubrics: Sequence[Rubric], material: Material, outcome: Score | None, explanations: Sequence[str]
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
) -> Material:
    """The texts of one run.

    Args:
        messages: The whole conversation: what comes before the first message of the model's is its prompt.
        spoken: By tool, the arguments in which an agent speaks to somebody, such as the text of a message.
        papers: Tools that show what an agent was told beside its prompt, and never what it wrote itself.

    Returns:
        As `reasoning`, the visible reasoning of each turn under the turn's number, and as `reply` all other texts
        likewise: what it said beside its calls, and what it wrote in them. `request` is the user's turn, `situation`
        that and the system's.
    """
    begun = next((i for i, one in enumerate(messages) if isinstance(one, ChatMessageAssistant)), len(messages))
    prompt = [one for one in messages[:begun] if isinstance(one, ChatMessageSystem | ChatMessageUser)]
    own = [one for one in messages if isinstance(one, ChatMessageAssistant)]
    opened = [one.text for one in messages if isinstance(one, ChatMessageTool) and one.function in papers]
    return Material(
        reply=by_turn(words_of(one, spoken) for one in own),
        reasoning=by_turn(reasoning_in(one) or "" for one in own),
        request="\n\n".join(one.text for one in prompt if isinstance(one, ChatMessageUser)),
        situation="\n\n".join(one.text for one in prompt),
        opened="\n".join(dict.fromkeys(opened)),
    )


def words_of(message: ChatMessageAssistant, spoken: Mapping[str, Sequence[str]]) -> str:
    """What an agent wrote in one turn for others to read, in order."""
    parts = [message.text.strip()]
    for call in message.tool_calls or ():
        said = (call.arguments.get(name) for name in spoken.get(call.function, ()))
        texts = [text.strip() for text in said if isinstance(text, str) and text.strip()]
        parts += [f"({call.function}) " + "\n".join(texts)] if texts else []
    return "\n".join(part for part in parts if part)


def by_turn(texts: Iterable[str]) -> str:
    """The texts of all turns that hold any, each under its number; "" if none does."""
    said = [(turn, text.strip()) for turn, text in enumerate(texts, start=1) if text.strip()]
    if len(said) > MOST_TURNS:
        said = [*said[: MOST_TURNS // 2], *said[-(MOST_TURNS // 2) :]]
    most = share([len(text) for _, text in said], LONGEST)
    return "\n\n".join(f"Turn {turn}:\n{cut_middle(text, most)}" for turn, text in said)


def share(lengths: Sequence[int], most: int) -> int:
    """The length to which texts have to be cut for all of them to fit, so that short ones stay whole."""
    left = most
    for i, length in enumerate(sorted(lengths)):
        even = left // (len(lengths) - i)
        if length > even:
            return even
        left -= length
    return max(lengths, default=0)


def cut_middle(text: str, most: int) -> str:
    """A text of at most so many characters, of which as many are from its end as from its beginning."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[{len(text) - 2 * half:,} characters are left out]\n{text[len(text) - half :]}"


def as_labelled(outcome: Score | None) -> Score:
    """The label of what was done, as a score of its own without anything else."""
    if outcome is None or outcome.answer in (None, "missing"):
        why = str(((outcome.metadata or {}) if outcome else {}).get("missing") or "unlabelled")
        told = (outcome.explanation if outcome else None) or "what was done in the run has no label"
        return Score.unscored(reason=why, answer="missing", explanation=told, metadata={"missing": why})
    return Score(
        value=outcome.value, answer=outcome.answer, explanation=outcome.explanation, metadata={"missing": None}
    )
