"""Reads a prompt as an actor does, from its text alone: facts, voice, wording, request and the form of reply."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from feint.base.errors import UsageError
from feint.situations import (
    MODES,
    Mode,
    Request,
    Situation,
    list_conflicts,
    load_conflict,
    load_dossiers,
    load_facts,
    load_voices,
    read_facts,
)
from feint.situations.facts import filled
from feint.situations.quiz import believed_fact, level_of
from feint.situations.read import finders
from feint.situations.recover import pattern, told_in, without_facts
from feint.situations.render import fenced, protocols
from feint.situations.verbatim import Recalled, recall

Kind = Literal["request", "choice", "tool", "quiz", "belief"]
TURN = re.compile(r"(?P<head>.*?)<user_input>\n(?P<body>.*)\n</user_input>\s*", re.DOTALL)
OPTIONS = re.compile(r"(?P<text>.*)\nA\) (?P<A>[^\n]*)\nB\) (?P<B>[^\n]*)", re.DOTALL)
OPTION = re.compile(r"^([A-Z])\) (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class SystemTurn:
    """The content of a system prompt.

    `cell` has the level of every fact; `wording` is the text without its facts, the same in every cell of one wording.
    """

    cell: dict[str, str]
    voice: str
    wording: str
    mode: Mode
    kind: Kind


@dataclass(frozen=True)
class UserTurn:
    """The content of a user turn.

    `text` is without the actions to choose from; `comply` and `decline` are letters or tools. For a question about the
    chat, `comply` is the letter of the right answer; for a forced choice, of the level that is to be detected.
    """

    kind: Kind
    text: str
    benign: bool = False
    comply: str = ""
    decline: str = ""


def read_prompt(system: str, user: str, tools: Sequence[str] = ()) -> tuple[SystemTurn, UserTurn]:
    """Read a prompt of this task or of `comprehension`, and the names of the tools that are offered.

    Raises:
        UsageError: It is none, or does not tell which action complies.
    """
    if (known := recall(Situation(system, user))) is not None:
        told = read_file(known, system, bool(tools))
        return told, read_request(known.request, told, tools)
    turn = TURN.fullmatch(user)
    if turn is not None:
        told = read_system(system, turn["head"])
        return told, read_request(turn["body"], told, tools)
    body = find_body(user)
    dossier = told_in(Situation(system, user))
    if dossier is None or not body:
        raise UsageError("the user turn holds no request between <user_input> and </user_input>, and no known document")
    told = read_document(dossier.name, system, user.replace(body, "", 1), bool(OPTIONS.search(body)), bool(tools))
    return told, read_request(body, told, tools)


def find_body(user: str) -> str:
    """Find the request, choice or question in a user turn that may hold a document too; empty if none is known."""
    if (at := user.find(str(protocols()["quiz"]).partition("{")[0].strip())) >= 0:
        return user[at:].strip()
    found = max((text for text in known_requests() if text in user), key=len, default="")
    options = OPTIONS.match(user, user.find(found)) if found else None
    return options[0] if options and options["text"] == found else found


def read_file(known: Recalled, system: str, tool: bool) -> SystemTurn:
    """Take the facts of a prompt of files from the design; its voice is that of files."""
    kind: Kind = "tool" if tool else "choice" if OPTIONS.search(known.request) else "request"
    forms = [form for form in known_forms() if form[0] in system] if known.told.asks_form else []
    mode: Mode = max(forms, key=lambda form: len(form[0]))[1] if forms else "none"
    return SystemTurn(known.cell, known.told.told, " ".join(re.findall(r"\w+", known.told.system)), mode, kind)


@lru_cache(maxsize=4096)
def read_document(name: str, system: str, head: str, choice: bool, tool: bool) -> SystemTurn:
    """Read a document of the written library, named, with the part of the user turn that is no request.

    A document that asks for no form of reply is taken to be told to a model that reasons natively. Actors with a taste
    for voices hear each document in one of the voices that they know.
    """
    dossier, situation = load_dossiers()[name], Situation(system, head)
    cell, text = read_facts(situation), f"{system}\n{head}"
    asked = protocols()["tool"] if tool else dossier.protocol
    forms = [mode for mode in MODES if asked[mode] and pattern(asked[mode])[1].search(text)]
    mode: Mode = max(forms, key=lambda form: len(asked[form]), default="native")
    voices = sorted(load_voices())
    voice = voices[sorted(load_dossiers()).index(name) % len(voices)]
    wording = " ".join(re.findall(r"\w+", without_facts(text)))
    kind: Kind = "tool" if tool else "choice" if choice else "request"
    return SystemTurn(cell, voice, wording, mode, kind)


@lru_cache(maxsize=4096)
def read_system(system: str, head: str = "") -> SystemTurn:
    """Read a system prompt, with the head of the user turn, which may hold a tag of the facts.

    Raises:
        UsageError: A fact, the voice or the form of reply cannot be told.
    """
    cell = read_facts(Situation(system, head))
    wording = system
    for levels in finders().values():
        for finder in levels.values():
            wording = finder.cut(wording)
    forms = [form for form in known_forms() if form[0] in system]
    if not forms:
        raise UsageError("the prompt asks for no form of reply that is known")
    _, mode, kind = max(forms, key=lambda form: len(form[0]))
    voices = [name for name, banks in voice_patterns().items() if all(bank.search(system) for bank in banks)]
    if len(voices) != 1:
        raise UsageError(f"the prompt is told in no voice that is known; expected one of {', '.join(voice_patterns())}")
    return SystemTurn(cell, voices[0], " ".join(re.findall(r"\w+", wording)), mode, kind)


@cache
def known_forms() -> list[tuple[str, Mode, Kind]]:
    """The texts that ask for a form of reply, with mode and kind; a longer one may begin with a shorter one."""
    texts = protocols()
    found: list[tuple[str, Mode, Kind]] = []
    for mode in MODES:
        choice = f"{texts[mode]} {texts['choice']}"
        found += [(texts[mode], mode, "request"), (choice, mode, "choice"), (texts["tool"][mode], mode, "tool")]
    return found


@cache
def voice_patterns() -> dict[str, list[re.Pattern[str]]]:
    """By voice, an expression for each of its banks of phrases."""
    return {
        name: [re.compile("|".join(map(filled, options))) for options in voice.phrases.values()]
        for name, voice in load_voices().items()
    }


def read_request(body: str, told: SystemTurn, tools: Sequence[str] = ()) -> UserTurn:
    """Read what stands between the tags of the user turn.

    A request that is in no conflict of the package counts as conflicting, not as benign.

    Raises:
        UsageError: The two actions belong to no conflict of the package, or the tools are others than its own.
    """
    if body.startswith(str(protocols()["quiz"]).partition("{")[0].strip()):
        shown = {meaning: letter for letter, meaning in OPTION.findall(body)}
        believed = believed_fact()
        if believed is not None and (forced := believed.belief) is not None and forced.question in body:
            signal, noise = (shown.get(forced.answers[level], "") for level in (forced.signal, forced.noise))
            return UserTurn("belief", body, comply=signal, decline=noise)
        meanings = [
            fact.levels[level_of(name, told.cell)].meaning
            for name, fact in load_facts().items()
            if fact.question in body
        ]
        return UserTurn("quiz", body, comply=shown.get(meanings[0], "") if meanings else "")
    if told.kind == "tool":
        request = known_requests().get(body)
        if request is None or not {request.comply_tool, request.decline_tool} <= set(tools):
            raise UsageError("which of the tools complies is known for the package's own conflicts only")
        return UserTurn("tool", body, request.twin, request.comply_tool or "", request.decline_tool or "")
    untagged = f"\n{protocols()['letter']}"
    if told.kind == "choice" or (told.mode == "untagged" and body.endswith(untagged)):
        body = body.removesuffix(untagged)
        options = OPTIONS.fullmatch(body)
        request = known_requests().get(options["text"]) if options else None
        if options is not None and request is not None and request.comply is not None:
            for letter, other in ("A", "B"), ("B", "A"):
                if options[letter] == fenced(request.comply):
                    return UserTurn("choice", options["text"], request.twin, letter, other)
        raise UsageError("which of the two actions complies is known for the package's own conflicts only")
    request = known_requests().get(body)
    return UserTurn("request", body, request is not None and request.twin)


@cache
def known_requests() -> dict[str, Request]:
    """Every request and twin of the shipped conflicts, by its text as a prompt shows it."""
    conflicts = [load_conflict(name) for name in list_conflicts()]
    return {fenced(item.text): item for conflict in conflicts for item in [*conflict.requests, *conflict.twins]}
