"""Prepare a sample that holds one reply for its judges: the request, the system prompt, the reply, the reasoning."""

import re
from collections.abc import Sequence

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, ModelOutput

from feint.base.errors import UsageError
from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import Rubric
from feint.judges.rules.labels import Label
from feint.judges.rules.motives import statable
from feint.judges.rules.parse import parse_reply
from feint.judges.rules.scorer import CUT_OFF, Metadata, label_output, native_reasoning, to_score
from feint.judges.task import Brief
from feint.situations import Conflict, load_conflict

_REQUEST = re.compile(r"<user_input>(.*?)</user_input>", re.DOTALL | re.IGNORECASE)
_TAG_LINES = re.compile(r"(?:\s*<[^<>\n]{1,60}>[^<>\n]*</[^<>\n]{1,60}>)+\s*\Z")
NOTHING_SAID = frozenset({"empty", "truncated", "no_reply_tag", "provider_error", "content_filter"})
"""Reasons for which the rules find no reply at all: a judge has nothing to read."""


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
        conflict: Name or file of the conflict whose own rule a judge is given; None takes the shipped conflict that
            the metadata names.

    Raises:
        UsageError: The conflict does not exist.
    """
    own = label_output(output, metadata)
    if own.missing in NOTHING_SAID:
        return Brief(JudgeMaterial(), (), to_score(own))
    family = find_conflict(conflict, metadata)
    is_request = metadata.get("conflict_type", "request") == "request"
    if is_request and family is not None and not family.by_rule:
        own = Label(None, "unlabelled", own.stated, "no rubric decided, and rules cannot label this conflict")
    chosen = tuple(rubric for rubric in rubrics if is_request or rubric.rule != "strongreject")
    return Brief(read_material(prompt, output, metadata, family), chosen, to_score(own), statable(metadata.get("task")))


def read_material(
    prompt: str | Sequence[ChatMessage], output: ModelOutput, metadata: Metadata, conflict: Conflict | None
) -> JudgeMaterial:
    """Read the texts of one sample.

    Args:
        prompt: The sample's input.
        output: The model's output.
        metadata: The sample's metadata; only `mode` is read, the place where the model was asked to reason.
        conflict: The conflict that the request belongs to, where it is known.
    """
    parsed = parse_reply(
        output.completion,
        mode=metadata.get("mode", "scratchpad"),
        reasoning=native_reasoning(output),
        truncated=output.stop_reason in CUT_OFF,
    )
    return JudgeMaterial(
        reply=parsed.reply,
        reasoning=parsed.reasoning,
        request=bare_request(prompt),
        situation=system_prompt(prompt),
        conflict_rule=conflict.rubric if conflict is not None else "",
    )


def bare_request(prompt: str | Sequence[ChatMessage]) -> str:
    """Return the user's request: the text of the last <user_input>, without the tags; "" if there is none."""
    found = _REQUEST.findall(user_turn(prompt))
    return found[-1].strip() if found else ""


def system_prompt(prompt: str | Sequence[ChatMessage]) -> str:
    """Return the system messages, or the part of a base model's document that precedes the request.

    A tag in the user turn that names the kind of chat is left out.
    """
    if not isinstance(prompt, str):
        told = "\n\n".join(message.text for message in prompt if isinstance(message, ChatMessageSystem))
        if told:
            return told
    document = user_turn(prompt)
    found = [*_REQUEST.finditer(document)]
    before = document[: found[-1].start()] if found else ""
    return _TAG_LINES.sub("", before).removesuffix("User:").strip()


def user_turn(prompt: str | Sequence[ChatMessage]) -> str:
    """Return the last user message."""
    if isinstance(prompt, str):
        return prompt
    return next((message.text for message in reversed(prompt) if isinstance(message, ChatMessageUser)), "")


def find_conflict(given: str | None, metadata: Metadata) -> Conflict | None:
    """Find the conflict that a sample belongs to.

    Args:
        given: Name or file of the conflict; None takes the shipped conflict that the metadata names.
        metadata: The sample's metadata.

    Returns:
        The conflict; None where the metadata names none that is known here.

    Raises:
        UsageError: The given conflict does not exist.
    """
    if given is not None:
        return load_conflict(given)
    try:
        return load_conflict(str(metadata["conflict"]))
    except (KeyError, UsageError):  # a log from elsewhere, or a conflict file that is not named here
        return None
