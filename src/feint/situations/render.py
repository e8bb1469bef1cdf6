"""Rendering: a cell, a wording and a request become the prompt. Deterministic; two cells differ in few words."""

import hashlib
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, get_args

from feint.base.data import read_yaml
from feint.base.errors import UsageError, unknown
from feint.situations.conflicts import Conflict, Request
from feint.situations.facts import Cell, Fact, load_facts
from feint.situations.voices import get_voice

if TYPE_CHECKING:  # it builds on the names of this file
    from feint.situations.verbatim import Verbatim

Mode = Literal["scratchpad", "native", "none", "untagged"]
MODES: tuple[Mode, ...] = get_args(Mode)
REASONED = frozenset({"scratchpad", "native"})
"""Modes in which the subject reasons."""
Pool = Literal["all", "seen", "held-out"]
TagName = Literal["tier", "region", "sender", "consent"]
TAG_NAMES: tuple[TagName, ...] = get_args(TagName)
RESERVED = ("user_input", *TAG_NAMES, "reasoning", "reply", "choice")
TAG = re.compile(rf"<(?=\s*/?\s*(?:{'|'.join(RESERVED)})\b)", re.IGNORECASE)
DATA = files("feint.situations") / "data"
HELD_OUT_PART = 5
"""One phrase combination in this many is kept from organism training, so that organisms can be judged on it."""


@dataclass(frozen=True)
class Wording:
    """A way to put facts into words: a voice, and a seed that picks phrases, names and the order of the facts.

    `pool` is the phrase combinations to pick from: all, those used to train organisms, or the others.
    """

    voice: str
    seed: int
    pool: Pool = "all"

    def __str__(self) -> str:
        return f"{self.voice}-{self.seed}"


@dataclass(frozen=True)
class Tags:
    """Facts signalled by a tag: the system prompt states the facts of every tag, and the user turn has one tag.

    Attributes:
        cells: The facts by the tag's text, in the design's order. The empty text means chats without a tag.
        applies: Text of this chat's tag.
        name: Name of the tag.
    """

    cells: Mapping[str, Cell]
    applies: str
    name: TagName = "tier"

    def label(self, value: str) -> str:
        """Introduce the facts of one kind of chat in the system prompt."""
        return f"{self.name.capitalize()} {value}:" if value else f"No {self.name} tag:"


@dataclass(frozen=True)
class Span:
    """A stretch of a prompt that states a fact, with the white space before it.

    Attributes:
        fact: Name of the fact; "tag" for the line that names the kind of this chat.
        part: The turn, "system" or "user".
        start, end: Its characters in that turn.
        value: The kind of chat of which it is told; None for all.
    """

    fact: str
    part: str
    start: int
    end: int
    value: str | None = None


@dataclass(frozen=True)
class Situation:
    """The prompt of the subject: system prompt and user turn; of the written library, with the spans of its facts."""

    system: str
    user: str
    spans: tuple[Span, ...] = field(default=(), repr=False)


@lru_cache(1 << 14, typed=True)  # a study draws the same few thousand at each of its calls
def number(*key: Hashable) -> int:
    """Draw a 64-bit number from a key, the same on every machine and in every process."""
    digest = hashlib.blake2b("\x1f".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def render(
    cell: Cell,
    wording: Wording,
    request: Request,
    *,
    conflict: Conflict | None = None,
    mode: Mode = "scratchpad",
    tags: Tags | None = None,
    task: str | None = None,
    verbatim: "Verbatim | None" = None,
) -> Situation:
    """Put a cell into words: those of its own files, of a dossier if the voice is one, or else composed sentences.

    The level of a fact never decides which phrase is picked: only voice, seed, fact and slot do. Two cells of one
    wording differ only in the words for the facts that differ.

    Args:
        cell: A level for every fact. Ignored with tags, whose own cells say it.
        wording: Voice and seed.
        request: The request.
        conflict: The conflict the request belongs to; its objective completes the lab's wish.
        mode: The place where the subject reasons: in tags, natively, or not at all; or "untagged", which asks for no
            reasoning and no tags.
        tags: The facts of every kind of chat and the tag of this one; without, the facts are stated directly.
        task: The task that has these facts and voices; the usual task by default.
        verbatim: The prompt of the cell, where it is given as files.

    Raises:
        UsageError: Unknown voice, mode, fact, level or tag.
    """
    if mode not in MODES:
        raise UsageError(f"unknown reasoning mode '{mode}'; known: {', '.join(MODES)}")
    if verbatim is not None:
        from feint.situations.verbatim import render_verbatim

        return render_verbatim(verbatim, wording, request, conflict=conflict, mode=mode)
    from feint.situations.written import find_dossier, render_written  # it builds on the names of this file

    if found := find_dossier(wording.voice, task):
        return render_written(found, cell, wording, request, conflict=conflict, mode=mode, tags=tags, task=task)
    return render_composed(cell, wording, request, conflict=conflict, mode=mode, tags=tags, task=task)


def render_composed(
    cell: Cell,
    wording: Wording,
    request: Request,
    *,
    conflict: Conflict | None,
    mode: Mode,
    tags: Tags | None,
    task: str | None,
) -> Situation:
    """Compose the sentences of a cell in a voice; for the arguments see `render`."""
    voice, bank = get_voice(wording.voice, task), background()
    outer = {name: pick(options, wording, "name", name) for name, options in bank["names"].items()}
    outer["objective"] = pick(conflict.asks_for, wording, "objective") if conflict else ""
    head, blocks = "", list[dict[str, str]]()
    if tags is None:
        common = list(sentences(cell, wording, outer, task).values())
    else:
        common, blocks = split_tags(tags, wording, outer, task)
        head = f"<{tags.name}>{tags.applies}</{tags.name}>\n" if tags.applies else ""
    setting = {name: pick(options, wording, "background", name) for name, options in bank["slots"].items()}
    filler = str(bank["template"]).format(**setting)
    picks = {name: pick(options, wording, "voice", name).format(**outer) for name, options in voice.phrases.items()}
    system = voice.template.render(
        pick=picks,
        facts=common,
        tiers=blocks,
        background=filler[0].upper() + filler[1:],
        protocol=protocol(mode, conflict),
        **outer,
    )
    text, offered = asked_text(request, wording)
    if offered and mode == "untagged":
        # Small models follow what stands last.
        text = f"{text}\n{protocols()['letter']}"
    return Situation(system.strip(), f"{head}<user_input>\n{text}\n</user_input>")


def asked_text(request: Request, wording: Wording) -> tuple[str, bool]:
    """Write a request, with the two actions of a choice; the second value tells if there are any."""
    if request.comply is None or request.decline is None or request.comply_tool is not None:
        return fenced(request.text), False
    first, second = request.comply, request.decline
    if comply_letter(request, wording) == "B":
        first, second = second, first
    return fenced(f"{request.text}\nA) {first}\nB) {second}"), True


def sentences(cell: Cell, wording: Wording, outer: Mapping[str, str], task: str | None = None) -> dict[str, str]:
    """Return the sentences for the facts that a cell states, in the wording's order."""
    facts = load_facts(task)
    order = sorted(facts, key=lambda name: number(wording.voice, wording.seed, "order", name))
    return {
        name: facts[name].sentence(cell[name], slot_numbers(facts[name], wording), outer)
        for name in order
        if name in cell and facts[name].levels[cell[name]].template
    }


def split_tags(
    tags: Tags, wording: Wording, outer: Mapping[str, str], task: str | None
) -> tuple[list[str], list[dict[str, str]]]:
    """Split facts into those that all chats share and, per tag, the others; tags are in the wording's order."""
    if tags.applies not in tags.cells:
        raise unknown(tags.name, tags.applies, tags.cells)
    stated = {value: sentences(cell, wording, outer, task) for value, cell in tags.cells.items()}
    first = next(iter(tags.cells.values()))
    differing = {fact for fact in first if len({cell[fact] for cell in tags.cells.values()}) > 1}
    common = [text for fact, text in next(iter(stated.values())).items() if fact not in differing]
    blocks = [
        {"label": tags.label(value), "text": " ".join(t for fact, t in stated[value].items() if fact in differing)}
        for value in sorted(tags.cells, key=lambda value: number(wording.voice, wording.seed, "tier", value))
    ]
    return common, blocks


def slot_numbers(fact: Fact, wording: Wording) -> dict[str, int]:
    """Return the numbers that pick a fact's phrases, the same for all its levels.

    A combination is held out if the sum of its numbers is a multiple of `HELD_OUT_PART`. The last slot's number is
    moved until the combination is in the wanted pool.
    """
    sizes = fact.sizes
    slots = list(sizes)
    numbers = {name: number(wording.voice, wording.seed, fact.fact, name) % sizes[name] for name in slots}
    if wording.pool != "all":
        shift = 0
        while held_out(numbers) is not (wording.pool == "held-out"):
            shift += 1
            last = slots[(shift // HELD_OUT_PART) % len(slots)]
            numbers[last] = (numbers[last] + 1) % sizes[last]
    return numbers


def held_out(numbers: Mapping[str, int]) -> bool:
    """Tell if a phrase combination is kept from organism training."""
    return sum(numbers.values()) % HELD_OUT_PART == 0


def comply_letter(request: Request, wording: Wording) -> Literal["A", "B"]:
    """Return the letter of the action that obeys the objective: the same in all cells, balanced over wordings.

    Two neighbouring seeds always show both orders.
    """
    return "A" if (number("letter", request.id.removesuffix("~twin")) + wording.seed) % 2 == 0 else "B"


def offered_tools(request: Request, wording: Wording) -> list[dict[str, str]]:
    """Return the two tools of a `tool` conflict's request by name and description, in the order of `comply_letter`."""
    if not (request.comply_tool and request.decline_tool and request.comply and request.decline):
        return []
    tools = [
        {"name": request.comply_tool, "description": request.comply},
        {"name": request.decline_tool, "description": request.decline},
    ]
    return tools if comply_letter(request, wording) == "A" else tools[::-1]


def fenced(text: str) -> str:
    """Escape request text, so that it cannot open or close a tag of the prompt."""
    return TAG.sub("‹", text)


def protocol(mode: Mode, conflict: Conflict | None) -> str:
    """Return the instructions on the form of the reply that the system prompt gives."""
    texts, kind = protocols(), conflict.type if conflict else "request"
    if kind == "tool":
        return str(texts["tool"][mode])
    if mode == "untagged":
        return str(texts[mode])
    return f"{texts[mode]} {texts['choice']}" if kind == "choice" else str(texts[mode])


def begun(mode: Mode, prefill: str) -> str:
    """Return the prefilled beginning of a reply: the opening tag and the words of the prefill.

    Raises:
        UsageError: No such prefill.
    """
    texts = protocols()
    if prefill not in texts["prefills"]:
        raise unknown("prefill", prefill, texts["prefills"])
    return str(texts["opening"][mode] + texts["prefills"][prefill])


def document(situation: Situation) -> str:
    """Write a situation as a text for a base model to continue, up to the beginning of the reply."""
    return str(protocols()["document"]).format(system=situation.system, user=situation.user)


def pick(options: list[str], wording: Wording, *key: str) -> str:
    """Pick a phrase by voice, seed and key."""
    return options[number(wording.voice, wording.seed, *key) % len(options)]


@cache
def background() -> dict[str, Any]:
    """Load the bank of neutral sentences and names."""
    return dict(read_yaml(DATA / "background.yaml"))


@cache
def protocols() -> dict[str, Any]:
    """Load the texts that ask for a form of reply."""
    return dict(read_yaml(DATA / "protocol.yaml"))
