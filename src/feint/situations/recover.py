"""Recovers facts from a text of the written library, by the texts of all dossiers alone. The reverse of rendering."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from feint.base.errors import UsageError
from feint.situations.dossiers import Dossier, load_dossiers
from feint.situations.facts import load_facts
from feint.situations.render import Situation

VARIABLE = re.compile(r"\s*\{\{-?\s*(\w+)\s*-?\}\}\s*")
LONGEST = {"objective": 160, "": 80}
"""Most characters of a name, by variable: longer ones would take in the sentences before."""
LEAST = 12
"""Characters of the longest fixed part of a text, under which a search would find too much."""


@dataclass(frozen=True)
class Sentence:
    """One text of one dossier: a part without variables, which is searched first, and an expression for the whole."""

    fixed: str
    whole: re.Pattern[str]
    fact: str
    level: str


@dataclass(frozen=True)
class Found:
    """A text that was found: its fact and level, its place, and the names in it.

    A name at the very end of a text is left out, and of one at its start there is the last word.
    """

    fact: str
    level: str
    start: int
    end: int
    names: tuple[tuple[str, str], ...] = ()


def pattern(text: str) -> tuple[str, re.Pattern[str]]:
    """Make an expression for a template's text, with its longest fixed part; a variable is any words of one line.

    >>> fixed, whole = pattern("Since {{ decided }} nobody at {{ lab }} rates your replies.")
    >>> fixed, bool(whole.search("Since 14 May nobody at Halden rates your replies."))
    ('rates your replies.', True)
    """
    split = VARIABLE.split(text.strip())
    parts, names, made = split[::2], split[1::2], ""
    for place, (part, name) in enumerate(zip(parts, ["", *names], strict=True)):
        # At either end, "any words" would reach into the sentence beside it: one word at the start, none at the end.
        words = rf"[^\n]{{1,{LONGEST.get(name, LONGEST[''])}}}?" if made else r"\S+?"
        if name and (part or place + 1 < len(parts)):
            made += rf"\s*{words}\s*" if name in names[: place - 1] else rf"\s*(?P<{name}>{words})\s*"
        made += re.escape(part).replace(r"\ ", r"\s+").replace("\\\n", r"\s+")
    return max(parts, key=len), re.compile(made)


@cache
def sentences(task: str | None = None) -> list[Sentence]:
    """List the texts of all dossiers of a task."""
    return [
        Sentence(*pattern(text), fact, level)
        for dossier in load_dossiers(task).values()
        for fact, level, text in dossier.every_text()
    ]


def find_sentences(text: str, task: str | None = None) -> list[Found]:
    """Find all texts of dossiers that stand in a text; one that lies within a longer one is left out."""
    found = [
        Found(one.fact, one.level, hit.start(), hit.end(), tuple(hit.groupdict().items()))
        for one in sentences(task)
        if (at := text.find(one.fixed)) >= 0
        for hit in one.whole.finditer(text, 1 + text.rfind("\n", 0, at + 1))
    ]
    found = sorted(set(found), key=lambda hit: (hit.start, -hit.end))
    kept = list[Found]()
    for hit in found:
        if not any(other.start <= hit.start and hit.end <= other.end for other in kept if other != hit):
            kept.append(hit)
    return kept


def read_written(situation: Situation, task: str | None = None) -> dict[str, str] | None:
    """Recover the cell from a situation of the written library; None if no text of a dossier stands in it.

    Where the document tells kinds of chats apart, the lines of the kind count that the user turn names.

    Raises:
        UsageError: A fact that is stated at two levels, or nowhere though it cannot be left unsaid.
    """
    hits = find_sentences(situation.system, task)
    others = find_sentences(situation.user, task)
    if not hits and not others:
        return None
    told: dict[str, dict[str, list[str]]] = {}
    for text, found in (situation.system, hits), (situation.user, others):
        for hit in found:
            line = text[text.rfind("\n", 0, hit.start) + 1 : hit.start]
            told.setdefault(hit.fact, {}).setdefault(hit.level, []).append(line)
    labels, kinds = this_chat(situation, task), lines_of_kinds(told_in(situation, task))
    facts, cell = load_facts(task), dict[str, str]()
    for name, fact in facts.items():
        levels = {
            level: lines
            for level, lines in told.get(name, {}).items()
            if any(has(line, labels) or not kinds.match(line) for line in lines)
        }
        level = next(iter(levels), None) or fact.unstated
        if level is None or len(levels) > 1:
            raise UsageError(f"the prompt states fact '{name}' at {len(levels)} levels {sorted(levels)}; expected one")
        if not (fact.added and level == fact.default):
            cell[name] = level
    return cell


def has(line: str, labels: list[str]) -> bool:
    """Tell if a line begins with one of the labels, apart from its markup."""
    return any(re.search(rf"(?<!\w){re.escape(label)}(?!\w)", line) for label in labels)


def lines_of_kinds(dossier: Dossier | None) -> re.Pattern[str]:
    """Make an expression for the beginning of a line that tells the facts of one kind of chat.

    Without a dossier it never matches.

    >>> dossier = load_dossiers()["data-use"]
    >>> bool(lines_of_kinds(dossier).match(f"- {dossier.tags['tier'].label.format(value='free')}: "))
    True
    """
    labels = list[str]()
    for words in dossier.tags.values() if dossier else ():
        labels += [re.escape(words.label).replace(r"\{value\}", r"[^\n:|]{1,40}?"), re.escape(words.without)]
    return re.compile(rf"[\W_]*(?:{'|'.join(labels)})(?!\w)" if labels else r"(?!)")


def this_chat(situation: Situation, task: str | None = None) -> list[str]:
    """List the labels of the kind of chat that the user turn names, in the words of each dossier that could say so."""
    labels = list[str]()
    for dossier in load_dossiers(task).values():
        for words in dossier.tags.values():
            shape = re.escape(words.header).replace(r"\{value\}", r"([^\n]{1,60}?)")
            named = re.search(rf"^{shape}\s*$", situation.user, re.MULTILINE)
            labels.append(words.label.format(value=named[1]) if named else words.without)
    return labels


def told_in(situation: Situation, task: str | None = None) -> Dossier | None:
    """Find the dossier of which a fixed line stands in a situation; None if there is none."""
    text = f"{situation.system}\n{situation.user}"
    return next((one for one in load_dossiers(task).values() if any(line in text for line in fixed_lines(one))), None)


@cache
def _fixed(name: str, templates: tuple[str, ...]) -> tuple[str, ...]:
    lines = []
    for template in templates:
        parts = [part.strip() for part in re.split(r"\{\{.*?\}\}|\{%.*?%\}|\n", template)]
        lines.append(max(parts, key=len))
    return tuple(dict.fromkeys(lines))


def fixed_lines(dossier: Dossier) -> tuple[str, ...]:
    """Return the longest fixed part of a line, of each length of a dossier."""
    return _fixed(dossier.name, tuple(dossier.templates.values()))


def without_facts(text: str, task: str | None = None) -> str:
    """Return a text without the texts of its facts."""
    kept, at = [], 0
    for hit in find_sentences(text, task):
        kept.append(text[at : hit.start])
        at = max(at, hit.end)
    return "".join([*kept, text[at:]])


def unreadable(task: str | None = None) -> Mapping[str, str]:
    """Name the texts whose fixed part is too short to search for, each with its fact and level."""
    return {one.whole.pattern: f"{one.fact}={one.level}" for one in sentences(task) if len(one.fixed) < LEAST}
