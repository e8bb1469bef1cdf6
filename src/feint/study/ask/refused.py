"""Parameters that a server refuses: which one an error complains of, and the same request without it.

Servers that speak one protocol differ in the parameters they accept. A parameter that is refused once is left out of
every later request of the run, and the report says so.
"""

import re
from collections.abc import Collection, Sequence

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, ContentText, GenerateConfig

from feint.base.failures import status_of

SYSTEM = "system_message"
"""Stands among the parameters for the system turn, whose text then opens the user's turn."""
RENAMED = "max_completion_tokens"
"""Stands among the names left out where the newer name of the limit is refused, too."""
NAMES: dict[str, str] = {
    "response_schema": r"response_?format|json_?schema|json_object|response_?schema|output_format|output_config"
    r"|text\.format|guided_(?:json|decoding)|structured.outputs?|grammar",
    "seed": r"(?:random_)?seed",
    "top_p": r"top_?p",
    "top_k": r"top_?k",
    "frequency_penalty": r"frequency_?penalty",
    "presence_penalty": r"presence_?penalty",
    "reasoning_effort": r"reasoning[._]?effort",
    "reasoning_tokens": r"reasoning[._]?(?:tokens|budget)|thinking|budget_tokens",
    "stop_seqs": r"stop(?:_sequences)?",
    "logprobs": r"logprobs",
    "temperature": r"temperature",
    "max_tokens": r"max_(?:completion_|output_|new_)?tokens",
    SYSTEM: r"(?:system|developer) (?:role|messages?|instructions?|prompts?|turns?)"
    r"|role\b.{0,40}\b(?:system|developer)\b",
}
"""How errors call a parameter, by Inspect's name, in the order in which one of several is given up."""
WIRE = {"response_schema": "response_format", SYSTEM: "the system role"}
"""The name of a parameter for readers, where it differs from Inspect's."""
_NAMED = {name: re.compile(rf"(?<![\w-])(?:{text})(?![\w-])", re.IGNORECASE) for name, text in NAMES.items()}
_SIZE = re.compile(
    r"context.?(?:length|window|size)|too (?:large|long|many|big|high|low|small)|maximum (?:value|context)|at most"
    r"|\bbetween\b|\brange\b|(?:less|greater|more|smaller) than|[<>≤≥]=?\s*\d|exceed|must be (?:positive|>|<)",
    re.IGNORECASE,
)
"""Words of an error that finds fault with a value: the user has to choose another."""
_REFUSING = re.compile(
    r"not? (?:support|permit|allow|accept|implement|available)|unsupported|unrecogni[sz]ed|unknown|unexpected|invalid"
    r"|extra|forbidden|deprecated|unavailable|not (?:yet )?(?:supported|permitted|allowed|enabled)|cannot|must be|only",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"content.{0,20}(?:filter|polic|manag|not allowed)|policy|flagged|violat|moderat|safety|jailbreak|harmful|unsafe",
    re.IGNORECASE,
)
"""Words of an error that finds fault with the content of one request."""
NEAR = 100
"""Characters around the name of a parameter in which an error says that the parameter is refused."""
FIRST = frozenset((SYSTEM, "response_schema"))
"""Parameters that a server takes always or never: one that has answered does not refuse them."""
GUESSED = ("response_schema", "seed", "temperature")
"""Parameters that are left out in turn where the first request of all is refused without a reason."""
_REASONED = re.compile(
    r"model|key|auth|token|context|content|policy|filter|safety|role|message|image|tool|prompt|quota|billing|length"
    r"|region|countr|account|json|body|url|version",
    re.IGNORECASE,
)
"""Words of an error that has another reason than a parameter."""
REFUSALS = frozenset((400, 404, 405, 415, 422, 500, 501))
"""Statuses of an answer that may refuse a parameter."""


def named_in(words: str, name: str) -> bool:
    """Tell if an error names a parameter.

    >>> named_in("'temperature' does not support 1.0", "temperature")
    True
    """
    return _NAMED[name].search(words) is not None


def shown(names: Collection[str]) -> str:
    """Name parameters as people know them.

    >>> shown(["response_schema", "seed"])
    'response_format, seed'
    """
    return ", ".join(WIRE.get(name, name) for name in names)


def sent(config: GenerateConfig, messages: Sequence[ChatMessage]) -> list[str]:
    """List the parameters that a request carries."""
    there = {name for name in NAMES if getattr(config, name, None) is not None} - {SYSTEM}
    if any(isinstance(one, ChatMessageSystem) for one in messages):
        there.add(SYSTEM)
    if RENAMED in (config.extra_body or {}):
        there.add("max_tokens")
    return [name for name in NAMES if name in there]


def refused(error: BaseException, words: str, carried: Collection[str], answered: bool = False) -> str | None:
    """Name the parameter of the request of which an error complains; None if the error complains of no parameter.

    Args:
        error: The failure.
        words: The provider's words.
        carried: The parameters of the request, see `sent`.
        answered: True if the model has answered such requests already; parameters of `FIRST` are kept then.
    """
    status, param = status_of(error), getattr(error, "param", None)
    if status not in REFUSALS or _FILTERED.search(words) or (status not in (400, 422) and not _REFUSING.search(words)):
        return None
    among = [name for name in NAMES if name in carried and not (answered and name in FIRST)]
    named = next((name for name in among if _refuses(words, name)), None)
    if named is None and isinstance(param, str):
        named = next((name for name in among if named_in(param, name)), None)
    # Nobody chose the number of a seed; every other value is for the user to choose.
    return None if named != "seed" and _SIZE.search(words) else named


def _refuses(words: str, name: str) -> bool:
    """Tell if words name a parameter, and say near the name that it is refused."""
    return any(
        _REFUSING.search(words[max(0, found.start() - NEAR) : found.end() + NEAR])
        for found in _NAMED[name].finditer(words)
    )


def guessed(error: BaseException, words: str, carried: Collection[str], tried: Collection[str]) -> str | None:
    """Name a parameter to try without, where a request is refused and no reason is given; None if there is none.

    Args:
        error: The failure.
        words: The provider's words.
        carried: The parameters of the request.
        tried: Parameters without which the request was refused, too.
    """
    if status_of(error) not in (400, 422) or _REASONED.search(words):
        return None
    return next((name for name in GUESSED if name in carried and name not in tried), None)


def without(
    config: GenerateConfig, messages: list[ChatMessage], names: Collection[str]
) -> tuple[GenerateConfig, list[ChatMessage]]:
    """Return a request without some parameters.

    The limit of a reply is sent once more under the newer name `max_completion_tokens`, unless that is refused too.
    """
    if not names:
        return config, messages
    nothing: dict[str, object] = dict.fromkeys(name for name in names if name not in (SYSTEM, RENAMED))
    if "max_tokens" in names and RENAMED not in names and config.max_tokens is not None:
        nothing["extra_body"] = {"max_completion_tokens": config.max_tokens, **(config.extra_body or {})}
    return config.model_copy(update=nothing), folded(messages) if SYSTEM in names else messages


def folded(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    r"""Put the text of the system turns at the head of the first user's turn.

    >>> [one.text for one in folded([ChatMessageSystem(content="Be brief."), ChatMessageUser(content="Hello")])]
    ['Be brief.\n\nHello']
    """
    told = "\n\n".join(one.text for one in messages if isinstance(one, ChatMessageSystem))
    rest: list[ChatMessage] = [one for one in messages if not isinstance(one, ChatMessageSystem)]
    place = next((i for i, one in enumerate(rest) if isinstance(one, ChatMessageUser)), None)
    if not told:
        return rest
    if place is None:
        return [ChatMessageUser(content=told), *rest]
    content = rest[place].content
    joined = f"{told}\n\n{content}" if isinstance(content, str) else [ContentText(text=told), *content]
    rest[place] = rest[place].model_copy(update={"content": joined})
    return rest
