"""Dossiers: documents written whole, in which every fact has a place with hand-written text for each of its levels.

A dossier is a folder: `dossier.yaml`, a template for each length, `facts/FACT.yaml` with the texts by level, and
`brief/FACT.yaml` with texts of a few words for short documents and for the lines of kinds of chats. A voice of the
written library is a dossier in one of its lengths: "ticket" in the standard length, "ticket-short", "ticket-long".
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Template, TemplateError
from jinja2.meta import find_undeclared_variables
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from feint.base.data import checked, read_text, read_yaml
from feint.base.discovery import task_folder
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import situations_of
from feint.situations.facts import OUTER, Cell, Fact, load_facts
from feint.situations.voices import ENVIRONMENT, load_voices

Length = Literal["short", "standard", "long"]
LENGTHS: tuple[Length, ...] = get_args(Length)
STANDARD: Length = "standard"
FOLDER, ENDING = "dossiers", ".md.j2"
VERBATIM = (OWN, PUBLISHED) = ("own-files", "published")
"""The voices of cells that are told by files: the user's own, or the prompts of a published study."""
USER = "<<<user>>>"
"""The line of a template between the system turn and the user turn."""
ALTERNATES = 3
"""The fewest texts for each level of a fact."""
GIVEN = frozenset({"fact", "tiers", "tagged", "protocol", "request", "header", "objective"})
"""Names that a template or text may use beside those of the dossier's own `names`."""
PLACE = re.compile(r"\{\{-?\s*(?:fact|tiers)\(.*?\)\s*-?\}\}", re.DOTALL)
BARE = re.compile(r"[-*+>|#\s\d.]*")


class TagWords(BaseModel):
    """The words by which a document tells kinds of chats apart; `{value}` stands for the value of the tag.

    Attributes:
        label: Introduces the facts of one kind of chat.
        header: The line of the user turn that names the kind of this chat.
        without: The label of chats whose header names no kind.
        about: By value, other matter of such chats, such as limits or hours, which no fact changes; "" is for chats
            whose header names no kind. Stands for `{about}` in the lines of a template.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str = Field(pattern=r"\{value\}")
    header: str = Field(pattern=r"\{value\}")
    without: str
    about: dict[str, str] = Field(default_factory=dict)


class Dossier(BaseModel):
    """A dossier.

    Attributes:
        title: The document in a few words.
        kind: The type of the document.
        language: The language of its text, by its code of ISO 639-1.
        names: Sets of names, dates and figures that agree with one another; a wording draws one set.
        tags: By name of a tag, the words for it; a dossier without them cannot tell such chats apart.
        values: The words for values of tags, where they are not the values themselves.
        protocol: By mode of reasoning, the request for the form of the reply. Empty for work with tools, which has no
            form of reply.
        requests: By kind of work, orders in the words of the document, in place of the task's own.
        templates: By length, the document.
        texts: By fact and level, the alternates. Alternates of one place in the list belong together.
        brief: The same for a few words each, where the short length and the lines of kinds of chats have words of their
            own; a fact that is not in it has its other texts there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    title: str
    kind: str
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    names: list[dict[str, str]] = Field(min_length=3)
    tags: dict[str, TagWords] = Field(default_factory=dict)
    values: dict[str, str] = Field(default_factory=dict)
    protocol: dict[str, str] = Field(default_factory=dict)
    requests: dict[str, list[str]] = Field(default_factory=dict)
    templates: dict[Length, str]
    texts: dict[str, dict[str, list[str]]]
    brief: dict[str, dict[str, list[str]]] = Field(default_factory=dict)

    @cached_property
    def compiled(self) -> dict[Length, Template]:
        """The documents, ready to render."""
        return {length: ENVIRONMENT.from_string(text) for length, text in self.templates.items()}

    @cached_property
    def sentences(self) -> dict[tuple[str, str, int, bool], Template]:
        """The texts of facts, ready to render, by fact, level, number of the alternate, and whether it is brief."""
        return {
            (fact, level, place, brief): ENVIRONMENT.from_string(text)
            for brief, every in ((False, self.texts), (True, {**self.texts, **self.brief}))
            for fact, levels in every.items()
            for level, texts in levels.items()
            for place, text in enumerate(texts)
        }

    def every_text(self) -> list[tuple[str, str, str]]:
        """List the texts of facts, full and brief, as fact, level and text."""
        return [
            (fact, level, text)
            for every in (self.texts, self.brief)
            for fact, levels in every.items()
            for level, texts in levels.items()
            for text in texts
        ]

    def word(self, value: str) -> str:
        """Return the words for the value of a tag."""
        return self.values.get(value, value.replace("-", " "))

    def lacks(self, cells: Iterable[Cell], facts: Mapping[str, Fact], tag: str | None = None) -> list[str]:
        """List what the cells state and the dossier has no text for, as FACT=LEVEL, and a tag that it does not know."""
        wanted = {(fact, level) for cell in cells for fact, level in cell.items() if level != facts[fact].unstated}
        found = [f"{fact}={level}" for fact, level in sorted(wanted) if level not in self.texts.get(fact, {})]
        return found + ([f"the tag '{tag}'"] if tag is not None and tag not in self.tags else [])


def load_dossiers(task: str | None = None) -> dict[str, Dossier]:
    """Load the dossiers of a task by name, in alphabetical order; by default of the usual task."""
    return _load(situations_of(task))


@cache
def _load(task: str) -> dict[str, Dossier]:
    place = task_folder(task) / FOLDER
    if not place.is_dir():
        return {}
    return {
        folder.name: read_dossier(folder, load_facts(task)) for folder in sorted(place.iterdir()) if folder.is_dir()
    }


def read_dossier(folder: Path, facts: Mapping[str, Fact]) -> Dossier:
    """Read a dossier's folder, and check that its parts fit together.

    Raises:
        UsageError: A file is missing or does not fit; the file and the key are named.
    """
    about = read_yaml(folder / "dossier.yaml")
    templates = {path.name.removesuffix(ENDING): read_text(path) for path in sorted(folder.glob(f"*{ENDING}"))}
    texts, brief = (
        {path.stem: read_yaml(path) for path in sorted((folder / kind).glob("*.yaml"))} for kind in ("facts", "brief")
    )
    parts = {"name": folder.name, "templates": templates, "texts": texts, "brief": brief}
    made = checked(Dossier, {**about, **parts} if isinstance(about, dict) else about, folder / "dossier.yaml")
    try:
        _check_names(made)
        for fact, levels in made.texts.items():
            _check_texts(f"facts/{fact}.yaml", fact, levels, facts)
        for fact, levels in made.brief.items():
            _check_texts(f"brief/{fact}.yaml", fact, levels, facts)
            if odd := sorted(set(levels) ^ set(made.texts.get(fact, {}))):
                raise ValueError(f"brief/{fact}.yaml: levels differ from those of facts/{fact}.yaml: {', '.join(odd)}")
        for length, text in made.templates.items():
            _check_template(text, made, length, facts)
            _ = made.compiled, made.sentences
    except (ValueError, TemplateError, ValidationError) as error:
        raise UsageError(f"{folder}: {error}") from None
    return made


def _check_names(dossier: Dossier) -> None:
    keys = {frozenset(names) for names in dossier.names}
    if len(keys) > 1:
        odd = sorted(frozenset.union(*keys) - frozenset.intersection(*keys))
        raise ValueError(f"dossier.yaml: the sets of 'names' have other keys: {odd}; give each set the same")
    forms = {"scratchpad", "native", "none", "untagged"}
    if dossier.protocol and (lacking := forms - set(dossier.protocol)):
        raise ValueError(f"dossier.yaml: 'protocol' lacks {sorted(lacking)}")
    if STANDARD not in dossier.templates:
        raise ValueError(f"no {STANDARD}{ENDING}")


def _check_texts(file: str, fact: str, levels: Mapping[str, list[str]], facts: Mapping[str, Fact]) -> None:
    if fact not in facts:
        raise ValueError(str(unknown("fact", fact, facts)))
    for level, texts in levels.items():
        where = f"{file}: level '{level}'"
        if level not in facts[fact].levels:
            raise ValueError(f"{file}: {unknown('level', level, facts[fact].levels)}")
        if level == facts[fact].unstated:
            raise ValueError(f"{where} is not stated, so it has no text; leave it out")
        if len(texts) < ALTERNATES:
            raise ValueError(f"{where}: {len(texts)} alternates; expected {ALTERNATES} or more")
        if bad := next((text for text in texts if not text.strip() or "\n\n" in text.strip() or "<" in text), None):
            raise ValueError(f"{where}: a text is empty, has an empty line or an angle bracket: {bad[:40]!r}")
    if len({len(texts) for texts in levels.values()}) > 1:
        raise ValueError(f"{file}: levels have different numbers of alternates; they are picked together")


def _check_template(text: str, dossier: Dossier, length: str, facts: Mapping[str, Fact]) -> None:
    where = f"{length}{ENDING}"
    given = {name for fact in facts.values() if fact.given != OUTER for name in fact.given}
    known = GIVEN | given | set(dossier.names[0])
    used = find_undeclared_variables(ENVIRONMENT.parse(text))
    for _, _, option in dossier.every_text():
        used |= find_undeclared_variables(ENVIRONMENT.parse(option))
    if odd := sorted(used - known):
        raise ValueError(f"{where}: nothing is known by the name {odd[0]}; known: {', '.join(sorted(known))}")
    if text.count(USER) != 1:
        raise ValueError(f"{where}: expected one line {USER} between the system turn and the user turn")
    for name in ("request", "protocol", "header") if dossier.protocol else ("request",):
        if len(re.findall(rf"\{{\{{-?\s*{name}\s*-?\}}\}}", text)) != 1:
            raise ValueError(f"{where}: expected {{{{ {name} }}}} once")
    for fact in dossier.texts:
        if not facts[fact].beside and not re.search(rf"\bfact\(\s*[\"']{fact}[\"']", text):
            raise ValueError(f"{where}: no place for the fact '{fact}', which has texts")
    for line in text.splitlines():
        rest = PLACE.sub("\0", line)
        if "\0" in rest and BARE.fullmatch(rest.partition("\0")[0]) and rest.strip("\0 "):
            raise ValueError(
                f"{where}: '{line.strip()[:60]}': a place may be left empty, so it cannot begin a line that goes on; "
                'put it last, or give its frame: fact("trained", "- {}")'
            )


def voice_names(task: str | None = None, length: str = STANDARD) -> dict[str, Dossier]:
    """List the voices of the written library in one length, or in all lengths for "mixed".

    Raises:
        UsageError: No such length.
    """
    if length not in (*LENGTHS, "mixed"):
        raise unknown("length", length, (*LENGTHS, "mixed"))
    return {
        name if long == STANDARD else f"{name}-{long}": dossier
        for name, dossier in load_dossiers(task).items()
        for long in LENGTHS
        if long in dossier.templates and length in (long, "mixed")
    }


def check_voice(name: str, task: str | None = None) -> str:
    """Return the name of a voice of either library, or of cells that are told by files.

    Raises:
        UsageError: No such voice.
    """
    if name not in VERBATIM and name not in (known := {**load_voices(task), **voice_names(task, "mixed")}):
        raise unknown("voice", name, known)
    return name


def find_dossier(voice: str, task: str | None = None) -> tuple[Dossier, Length] | None:
    """Find the dossier and length that a voice names; None if it is no voice of the written library."""
    dossiers = load_dossiers(task)
    if voice in dossiers:
        return dossiers[voice], STANDARD
    name, _, length = voice.rpartition("-")
    found: Any = length
    return (dossiers[name], found) if name in dossiers and length in dossiers[name].templates else None
