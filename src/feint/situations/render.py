"""Rendering: a cell, a wording and a request become the prompt. Deterministic, and minimal in what two cells change."""

import hashlib
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from feint.base.data import read_yaml
from feint.base.errors import UsageError, unknown
from feint.situations.conflicts import Conflict, Request
from feint.situations.facts import Cell, Fact, load_facts
from feint.situations.folder import DATA
from feint.situations.voices import get_voice

Mode = Literal["scratchpad", "native", "none"]
MODES: tuple[Mode, ...] = ("scratchpad", "native", "none")
Pool = Literal["all", "seen", "held-out"]
TagName = Literal["tier", "region", "sender", "consent"]
TAG_NAMES: tuple[TagName, ...] = ("tier", "region", "sender", "consent")
RESERVED = ("user_input", *TAG_NAMES, "reasoning", "reply", "choice")
TAG = re.compile(rf"<(?=\s*/?\s*(?:{'|'.join(RESERVED)})\b)", re.IGNORECASE)
HELD_OUT_PART = 5
"""One phrase combination in this many is kept from organism training, so that organisms can be judged on it."""


@dataclass(frozen=True)
class Wording:
    """One way to put facts into words.

    Attributes:
        voice: Name of a voice.
        seed: Picks every phrase, the order of the facts and the names.
        pool: Which phrase combinations may be picked: all, those organisms are trained on, or the others.
    """

    voice: str
    seed: int
    pool: Pool = "all"

    def __str__(self) -> str:
        return f"{self.voice}-{self.seed}"


@dataclass(frozen=True)
class Tags:
    """Facts signalled by a tag: the system prompt states those of every tag, a tag in the user turn says which hold.

    Attributes:
        cells: The facts by what the tag says, in the design's order. The empty text stands for chats without a tag.
        applies: What the tag of this chat says.
        name: Name of the tag: what it is that tells the chats apart.
    """

    cells: Mapping[str, Cell]
    applies: str
    name: TagName = "tier"

    def label(self, value: str) -> str:
        """How the system prompt introduces the facts of one kind of chat."""
        return f"{self.name.capitalize()} {value}:" if value else f"No {self.name} tag:"

    def head(self) -> str:
        """What stands at the top of the user turn."""
        return f"<{self.name}>{self.applies}</{self.name}>\n" if self.applies else ""


@dataclass(frozen=True)
class Situation:
    """What the subject reads: the system prompt and the user turn."""

    system: str
    user: str


@lru_cache(1 << 14, typed=True)  # a study draws the same few thousand at each of its calls
def number(*key: Hashable) -> int:
    """A number of 64 bits drawn from a key: the same on every machine and in every process."""
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
) -> Situation:
    """Put a cell into words.

    Every phrase is picked by (voice, seed, fact, slot) and never by the level, so two cells of one wording differ
    only in the words that state the facts in which they differ.

    Args:
        cell: A level for every fact. Ignored with tags, whose own cells say it.
        wording: Voice and seed.
        request: What is asked.
        conflict: The conflict the request belongs to; its objective completes the lab's wish.
        mode: Where the subject reasons: in tags, natively, or not at all.
        tags: The facts of every kind of chat and the tag of this one; without, the facts are stated directly.
        task: The task whose facts and voices these are; the usual one where none is named.

    Returns:
        The situation.

    Raises:
        UsageError: Unknown voice, mode, fact or level, or a tag that stands for nothing.
    """
    if mode not in MODES:
        raise UsageError(f"unknown reasoning mode '{mode}'; known: {', '.join(MODES)}")
    voice, names = get_voice(wording.voice, task), background()["names"]
    outer = {name: pick(options, wording, "name", name) for name, options in names.items()}
    outer["objective"] = pick(conflict.asks_for, wording, "objective") if conflict else ""
    if tags is not None:
        if tags.applies not in tags.cells:
            raise unknown(tags.name, tags.applies, tags.cells)
        common, blocks = split_tags(tags, wording, outer, task)
    else:
        common, blocks = list(sentences(cell, wording, outer, task).values()), []
    picks = {name: pick(options, wording, "voice", name).format(**outer) for name, options in voice.phrases.items()}
    system = voice.compiled().render(
        pick=picks, facts=common, tiers=blocks, background=filler(wording), protocol=protocol(mode, conflict), **outer
    )
    head = tags.head() if tags else ""
    body = fenced(request_text(request, wording))
    return Situation(system.strip(), f"{head}<user_input>\n{body}\n</user_input>")


def sentences(cell: Cell, wording: Wording, outer: Mapping[str, str], task: str | None = None) -> dict[str, str]:
    """The sentence for every fact that a cell states, in the wording's order."""
    facts = load_facts(task)
    order = sorted(facts, key=lambda name: number(wording.voice, wording.seed, "order", name))
    return {
        name: facts[name].sentence(cell[name], slot_numbers(facts[name], wording), outer)
        for name in order
        if facts[name].levels[cell[name]].template
    }


def slot_numbers(fact: Fact, wording: Wording) -> dict[str, int]:
    """The numbers that pick a fact's phrases: the same for all its levels.

    A combination belongs to the held-out pool when the sum of its numbers is a multiple of `HELD_OUT_PART`, so the
    last slot's number is moved until the pool fits.
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
    """Whether a phrase combination is kept from organism training."""
    return sum(numbers.values()) % HELD_OUT_PART == 0


def split_tags(
    tags: Tags, wording: Wording, outer: Mapping[str, str], task: str | None = None
) -> tuple[list[str], list[dict[str, str]]]:
    """Facts that all kinds of chats share, once, and per tag those that differ, tags in the wording's order."""
    stated = {value: sentences(cell, wording, outer, task) for value, cell in tags.cells.items()}
    first = next(iter(tags.cells.values()))
    differing = {fact for fact in first if len({cell[fact] for cell in tags.cells.values()}) > 1}
    common = [text for fact, text in next(iter(stated.values())).items() if fact not in differing]
    order = sorted(tags.cells, key=lambda value: number(wording.voice, wording.seed, "tier", value))
    blocks = [
        {"label": tags.label(value), "text": " ".join(t for f, t in stated[value].items() if f in differing)}
        for value in order
    ]
    return common, blocks


def request_text(request: Request, wording: Wording) -> str:
    """The request as asked; a choice shows its two actions under the letters that `comply_letter` fixes.

    Tools are offered beside the prompt, not in it.
    """
    if request.comply is None or request.decline is None or request.comply_tool is not None:
        return request.text
    actions = {comply_letter(request, wording): request.comply}
    actions["B" if "A" in actions else "A"] = request.decline
    return f"{request.text}\nA) {actions['A']}\nB) {actions['B']}"


def comply_letter(request: Request, wording: Wording) -> Literal["A", "B"]:
    """The letter of the action that obeys the objective: the same in all cells, balanced over wordings.

    The item's own coin is flipped by the parity of the seed, so any two neighbouring seeds show both orders.
    """
    return "A" if (number("letter", request.id.removesuffix("~twin")) + wording.seed) % 2 == 0 else "B"


def offered_tools(request: Request, wording: Wording) -> list[dict[str, str]]:
    """The two tools that a request of a `tool` conflict is offered with, in the order that `comply_letter` fixes.

    Returns:
        `name` and `description` of each; nothing for requests of other conflicts.
    """
    if not (request.comply_tool and request.decline_tool and request.comply and request.decline):
        return []
    tools = [
        {"name": request.comply_tool, "description": request.comply},
        {"name": request.decline_tool, "description": request.decline},
    ]
    return tools if comply_letter(request, wording) == "A" else tools[::-1]


def fenced(text: str) -> str:
    """Request text that cannot open or close a tag of the prompt's own."""
    return TAG.sub("‹", text)


def protocol(mode: Mode, conflict: Conflict | None) -> str:
    """What the subject is asked to write."""
    texts = protocols()
    if conflict is None:
        return str(texts[mode])
    if conflict.type == "tool":
        return str(texts["tool"][mode])
    return f"{texts[mode]} {texts['choice']}" if conflict.type == "choice" else texts[mode]


def begun(mode: Mode, prefill: str) -> str:
    """How a reply begins that is begun for the model: the opening tag and words put into its mouth.

    Raises:
        UsageError: No such prefill.
    """
    texts = protocols()
    if prefill not in texts["prefills"]:
        raise unknown("prefill", prefill, texts["prefills"])
    return str(texts["opening"][mode] + texts["prefills"][prefill])


def document(situation: Situation) -> str:
    """A situation as a text that a base model goes on with, up to where the reply begins."""
    return str(protocols()["document"]).format(system=situation.system, user=situation.user)


def filler(wording: Wording) -> str:
    """One neutral sentence about the setting."""
    bank = background()
    filling = {name: pick(options, wording, "background", name) for name, options in bank["slots"].items()}
    text = str(bank["template"]).format(**filling)
    return text[0].upper() + text[1:]


def pick(options: list[str], wording: Wording, *key: str) -> str:
    """One of several phrases, by voice, seed and key."""
    return options[number(wording.voice, wording.seed, *key) % len(options)]


@cache
def background() -> dict[str, Any]:
    """The bank of neutral sentences and names."""
    return dict(read_yaml(DATA / "background.yaml"))


@cache
def protocols() -> dict[str, Any]:
    """The texts that ask for a form of reply."""
    return dict(read_yaml(DATA / "protocol.yaml"))
