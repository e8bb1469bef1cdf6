"""Prepare samples for their judges: the texts of one reply, or all texts that an agent wrote in a run, turn by turn."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ModelOutput,
)
from inspect_ai.scorer import Score

from feint.base.errors import UsageError
from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import CHOICES, OUTCOME_RULES, Rubric
from feint.judges.rules.action_words import split_sections
from feint.judges.rules.labels import Label
from feint.judges.rules.motives import statable
from feint.judges.rules.parse import parse_reply
from feint.judges.rules.request import HEADER, REQUEST, REQUEST_TEXT, read_request, user_turn
from feint.judges.rules.scorer import CUT_OFF, Metadata, label_output, native_reasoning, score_action, to_score
from feint.judges.task import Brief
from feint.situations import Conflict, load_conflict

_TAG_LINES = re.compile(r"(?:\s*<[^<>\n]{1,60}>[^<>\n]*</[^<>\n]{1,60}>)+\s*\Z")
NOTHING_SAID = frozenset({"empty", "truncated", "no_reply_tag", "provider_error", "content_filter"})
"""Reasons for which the rules find no reply at all: a judge has nothing to read."""
LONGEST = 32_000
"""Most characters that a judge is shown of an agent's reasoning in a run, and of its other texts: about 8,000 tokens
each. Longer texts are cut in the middle of their longest turns, and the judge is told the number of characters cut."""
MOST_TURNS = 60
"""Most turns that are shown; of a longer run, the first and the last turns."""


def reply_brief(
    rubrics: Sequence[Rubric],
    prompt: str | Sequence[ChatMessage],
    output: ModelOutput,
    metadata: Metadata,
    conflict: str | None = None,
) -> Brief:
    """Prepare one reply for its judges.

    Where a tag or a tool call tells the choice, no rubric decides the outcome. Where only a judge can tell whether a
    reply complies, the rule's own label is missing.

    Args:
        rubrics: The rubrics of the study.
        prompt: The sample's input.
        output: The reply.
        metadata: The sample's metadata.
        conflict: See `find_conflict`; a judge is given the conflict's own rule.
    """
    if any(rubric.rule == "chosen" for rubric in rubrics) and metadata.get("conflict_type") == "choice":
        return choice_brief(rubrics, prompt, output, metadata)
    own = label_output(output, metadata, prompt)
    if own.missing in NOTHING_SAID:
        return Brief(JudgeMaterial(), (), to_score(own))
    family = find_conflict(conflict, metadata)
    is_request = metadata.get("conflict_type", "request") == "request"
    if is_request and family is not None and not family.by_rule:
        own = Label(None, "unlabelled", "no rubric decided, and rules cannot label this conflict", own.stated)
    dropped = {"chosen"} if is_request else OUTCOME_RULES
    chosen = tuple(rubric for rubric in rubrics if rubric.rule not in dropped)
    return Brief(read_material(prompt, output, metadata, family), chosen, to_score(own), statable(metadata.get("task")))


def choice_brief(
    rubrics: Sequence[Rubric], prompt: str | Sequence[ChatMessage], output: ModelOutput, metadata: Metadata
) -> Brief:
    """Prepare a reply that chooses between two actions in free text, for a rubric that asks which; see `reply_brief`.

    The actions are in the order of their letters, which tells nothing of the objective.
    """
    own = score_action(output, metadata)
    if (own.metadata or {}).get("missing") in NOTHING_SAID | {"no_actions"}:
        return Brief(JudgeMaterial(), (), own)
    parts = split_sections(output.completion, reasoning=native_reasoning(output.message))
    sides = ("comply", "decline")
    listed = sorted((str(metadata[f"{side}_letter"]), str(metadata[f"{side}_text"]), side) for side in sides)
    actions = "\n".join(
        f"{key} action: {letter}) {text}" for key, (letter, text, _) in zip(CHOICES, listed, strict=True)
    )
    request = read_request(prompt, metadata)
    material = JudgeMaterial(
        reply=parts.reply,
        reasoning=parts.reasoning,
        request=request,
        situation=system_prompt(prompt, metadata),
        actions=f"{request}\n\n{actions}".strip(),
        obeys=CHOICES[[side for *_, side in listed].index("comply")],
    )
    asked = tuple(rubric for rubric in rubrics if rubric.rule != "strongreject")
    return Brief(material, asked, own, statable(metadata.get("task")))


def read_material(
    prompt: str | Sequence[ChatMessage], output: ModelOutput, metadata: Metadata, conflict: Conflict | None
) -> JudgeMaterial:
    """Read the texts of one sample, whose request is the last <user_input> of the prompt, without the tags."""
    parsed = parse_reply(
        output.completion,
        mode=metadata.get("mode", "scratchpad"),
        reasoning=native_reasoning(output.message),
        truncated=output.stop_reason in CUT_OFF,
    )
    return JudgeMaterial(
        reply=parsed.reply or parsed.begun,
        reasoning=parsed.reasoning,
        request=read_request(prompt, metadata),
        situation=system_prompt(prompt, metadata),
        conflict_rule=conflict.rubric if conflict is not None else "",
    )


def system_prompt(prompt: str | Sequence[ChatMessage], metadata: Metadata) -> str:
    """Return the system messages, or the part of a base model's document that precedes the request.

    A document that stands before the request in the user turn follows the system messages. A tag or line that names the
    kind of chat is left out.
    """
    if not isinstance(prompt, str):
        told = [message.text for message in prompt if isinstance(message, ChatMessageSystem)]
        text, turn = str(metadata.get(REQUEST_TEXT, "")), user_turn(prompt)
        if text and (before := turn[: max(turn.rfind(text), 0)].strip()):
            told.append(before.removesuffix(str(metadata.get(HEADER, ""))).strip())
        if told := [one for one in told if one]:
            return "\n\n".join(told)
    document = user_turn(prompt)
    found = [*REQUEST.finditer(document)]
    before = document[: found[-1].start()] if found else ""
    return _TAG_LINES.sub("", before).removesuffix("User:").strip()


def find_conflict(given: str | None, metadata: Metadata) -> Conflict | None:
    """Find the conflict that a sample belongs to, by a given name or file, or else the shipped one in the metadata.

    Raises:
        UsageError: The given conflict does not exist.
    """
    if given is not None:
        return load_conflict(given)
    try:
        return load_conflict(str(metadata["conflict"]))
    except (KeyError, UsageError):  # a log from elsewhere, or a conflict file that is not named here
        return None


def run_brief(
    rubrics: Sequence[Rubric], material: JudgeMaterial, outcome: Score | None, explanations: Sequence[str]
) -> Brief:
    """Prepare one run for its judges. No rubric decides the outcome, which is read from the actions of the run.

    `outcome` is the label of the actions, if the run has one; `explanations` are keys in the order of reports.
    """
    chosen = tuple(rubric for rubric in rubrics if rubric.rule not in OUTCOME_RULES)
    if outcome is None or outcome.answer in (None, "missing"):
        why = str(((outcome.metadata or {}) if outcome else {}).get("missing") or "unlabelled")
        told = (outcome.explanation if outcome else None) or "what was done in the run has no label"
        own = Score.unscored(reason=why, answer="missing", explanation=told, metadata={"missing": why})
    else:
        own = Score(
            value=outcome.value, answer=outcome.answer, explanation=outcome.explanation, metadata={"missing": None}
        )
    return Brief(material, chosen, own, tuple(explanations))


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
        reply=by_turn(_words_of(one, spoken) for one in own),
        reasoning=by_turn(native_reasoning(one) or "" for one in own),
        request="\n\n".join(one.text for one in prompt if isinstance(one, ChatMessageUser)),
        situation="\n\n".join(one.text for one in prompt),
        opened="\n".join(dict.fromkeys(opened)),
    )


def _words_of(message: ChatMessageAssistant, spoken: Mapping[str, Sequence[str]]) -> str:
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
    """Cut a long text in the middle: equal parts of its beginning and its end remain."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[{len(text) - 2 * half:,} characters are left out]\n{text[len(text) - half :]}"
