"""Prompts that are given whole, as files: a cell of a design is told in them word for word.

A file is text, in which Jinja's `{{ request }}` is the place of the request. `{{ objective }}` and `{{ protocol }}` are
the places of what the lab wants, and of our request for a form of reply. Nothing else of Jinja is read but includes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from jinja2 import Environment, TemplateSyntaxError, nodes
from pydantic import BaseModel, ConfigDict, Field

from feint.base.data import read_text
from feint.base.errors import UsageError
from feint.base.hashing import sha256_of
from feint.situations.conflicts import Conflict, Request
from feint.situations.facts import Cell
from feint.situations.render import Mode, Situation, Wording, asked_text, number, protocol, protocols

PLACES = ("request", "objective", "protocol")
PLACE = re.compile(rf"\{{\{{ ({'|'.join(PLACES)}) \}}\}}")
REQUEST = "{{ request }}"
LARGEST = 1 << 18
"""Bytes of a file at most: about 64,000 tokens."""
DEEPEST = 8
"""Includes within includes."""
PLAIN = Environment(autoescape=False)


class Verbatim(BaseModel):
    """A cell's prompt, with the places for what is filled in.

    Attributes:
        sha256: The hash of both turns.
        told: Whose words they are.
        paths: The files, below the folder of the design or of the clone.
        system, user: The two turns; empty while a published prompt is named and not yet read.
        published: The name of the published prompt.
        voice: The only voice in which the cell is told so; empty if it is told so in every voice.
        conflict: The conflict whose objective the prompt states, where that is known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    sha256: str = ""
    told: Literal["own-files", "published"]
    paths: tuple[str, ...] = ()
    system: str = ""
    user: str = ""
    published: str = ""
    voice: str = ""
    conflict: str = ""

    @property
    def read(self) -> bool:
        """True once its files are read."""
        return bool(self.user)

    @property
    def asks_form(self) -> bool:
        """True if the prompt has a place for our request for a form of reply; else it asks for a form of its own."""
        return "{{ protocol }}" in self.system + self.user


class Given(BaseModel):
    """A prompt as a file names it.

    Attributes:
        system: The file of the system prompt.
        user: The file of the user turn; without one, the request is the whole turn.
        turn: The user turn itself, in place of its file.
        placeholders: By placeholder of the files, the text in its place, in which our places may stand. A plain name
            is that of a Jinja variable; anything else is replaced as it stands, such as "{user_input}".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    system: str = Field(min_length=1)
    user: str = ""
    turn: str = ""
    placeholders: dict[str, str] = Field(default_factory=dict)


@dataclass
class Reader:
    """Reads the files of prompts below a folder.

    Attributes:
        folder: The folder, outside which nothing is read.
        where: The file and cell that name the prompt, for errors.
        placeholders: See `Given`.
        used: The placeholders that were found.
        paths: The files that were read.
    """

    folder: Path
    where: str
    placeholders: Mapping[str, str]
    used: set[str] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)

    def file(self, name: str, key: str, depth: int = 0) -> str:
        """Read a file with its includes, with our places alone left in it.

        Raises:
            UsageError: The file is missing, outside the folder, too large or no text, or holds what is not read.
        """
        where, path = f"{self.where}: key '{key}'", self.folder / name
        try:
            inside = not Path(name).is_absolute() and path.resolve().is_relative_to(self.folder.resolve())
            if inside and not path.is_file():
                raise UsageError(f"{where}: no file '{name}' in {self.folder}; write it, or correct the path")
        except (OSError, ValueError) as error:
            raise UsageError(f"{where}: '{name[:60]}' cannot be read ({error}); correct the path") from None
        if not inside:
            raise UsageError(f"{where}: '{name}' is outside {self.folder}; copy it there")
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{where}: '{name}' has more than {LARGEST >> 10} KiB; no prompt is that long; shorten it")
        try:
            text = read_text(path)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None
        self.paths.append(name)
        return self.expand(text, f"{where}: {name}", key, depth)

    def expand(self, text: str, where: str, key: str, depth: int = 0) -> str:
        """Put placeholders and includes into a text."""
        for found, instead in self.placeholders.items():
            if not found.isidentifier() and found in text:
                self.used.add(found)
                text = text.replace(found, instead)
        try:
            body = PLAIN.parse(text).body
        except TemplateSyntaxError as error:
            raise UsageError(
                f"{where}, line {error.lineno}: {error.message}; braces that are text stand between "
                "{% raw %} and {% endraw %}"
            ) from None
        parts = []
        for node in (part for one in body for part in (one.nodes if isinstance(one, nodes.Output) else [one])):
            if isinstance(node, nodes.TemplateData):
                parts.append(node.data)
            elif isinstance(node, nodes.Name):
                parts.append(self.place(node.name, f"{where}, line {node.lineno}", key, depth))
            elif isinstance(node, nodes.Include) and isinstance(node.template, nodes.Const) and depth < DEEPEST:
                parts.append(self.file(str(node.template.value), key, depth + 1))
            else:
                raise UsageError(
                    f"{where}, line {node.lineno}: more than a place or an include of a file; write the text out, or "
                    "put braces that are text between {% raw %} and {% endraw %}"
                )
        return "".join(parts)

    def place(self, name: str, where: str, key: str, depth: int) -> str:
        """Fill a Jinja variable, or keep one of our places."""
        if name in self.placeholders and depth < DEEPEST:
            self.used.add(name)
            rest = Reader(self.folder, self.where, {})
            return rest.expand(self.placeholders[name], f"{self.where}: key 'placeholders': {name}", key)
        if name in PLACES:
            return f"{{{{ {name} }}}}"
        raise UsageError(
            f"{where}: unknown place-holder '{{{{ {name} }}}}'; use {', '.join(f'{{{{ {one} }}}}' for one in PLACES)}, "
            f"or add to 'placeholders' what it stands for, such as {name}: '{REQUEST}'"
        )


def read_verbatim(reader: Reader, given: Given, told: Literal["own-files", "published"] = "own-files") -> Verbatim:
    """Read one prompt.

    Raises:
        UsageError: A file cannot be read, a turn is empty, or the request has no place or several.
    """
    where = reader.where
    if given.user and given.turn:
        raise UsageError(f"{where}: key 'turn': the user turn is a file already ('user'); leave one out")
    system, key = reader.file(given.system, "system"), "user" if given.user else "turn"
    user = reader.file(given.user, "user") if given.user else reader.expand(given.turn or REQUEST, where, "turn")
    if not system.strip():
        raise UsageError(f"{where}: key 'system': '{given.system}' is empty; write the system prompt")
    if REQUEST in system:
        raise UsageError(f"{where}: key 'system': the request has its place in the user turn; move {REQUEST} there")
    if (count := user.count(REQUEST)) != 1:
        raise UsageError(
            f"{where}: key '{key}': {'no place' if not count else f'{count} places'} for the request; write {REQUEST} "
            "once, or map the file's own placeholder, such as placeholders: {'{user_input}': '" + REQUEST + "'}"
        )
    if (system + user).count("{{ protocol }}") > 1:
        raise UsageError(f"{where}: {{{{ protocol }}}} stands twice; keep one")
    return Verbatim(sha256=sha256_of([system, user]), told=told, paths=tuple(reader.paths), system=system, user=user)


def render_verbatim(
    told: Verbatim, wording: Wording, request: Request, *, conflict: Conflict | None, mode: Mode
) -> Situation:
    """Fill the places of a prompt, and change nothing else; for the arguments see `feint.situations.render.render`.

    Raises:
        UsageError: The published prompt was not read.
    """
    if not told.read:
        raise UsageError(f"the published prompt '{told.published}' was not read; add --prompts-from DIR")
    text, offered = asked_text(request, wording)
    if offered and mode == "untagged" and told.asks_form:
        text = f"{text}\n{protocols()['letter']}"
    wanted = conflict.wants() if conflict is not None else []
    objective = wanted[number(wording.voice, wording.seed, "objective") % len(wanted)] if wanted else ""
    filled = {"request": text, "objective": objective, "protocol": protocol(mode, conflict)}
    system, user = (PLACE.sub(lambda place: filled[place[1]], turn) for turn in (told.system, told.user))
    return Situation(system, user)


@dataclass(frozen=True)
class Recalled:
    """A prompt of a known file: its cell, whose words they are, what stands in the place of the request."""

    cell: dict[str, str]
    told: Verbatim
    request: str


# By content, the facts that a design states of a prompt. Whoever reads a prompt by its text alone, as an actor does,
# cannot find facts in words of the user's own; the design is read in the same process before anything is asked.
_STATED: dict[tuple[str, str], tuple[Verbatim, dict[str, str]]] = {}


def remember(told: Verbatim, cell: Cell) -> None:
    """Keep the facts that are stated of a prompt."""
    if told.read:
        _STATED[told.system, told.user] = told, dict(cell)


def recall(situation: Situation) -> Recalled | None:
    """Find the known prompt that a situation fills in; None if there is none.

    Of several, the one with the most words of its own is meant.
    """
    for told, cell in sorted(_STATED.values(), key=lambda known: -len(known[0].user + known[0].system)):
        if _pattern(told.system).fullmatch(situation.system) and (
            found := _pattern(told.user).fullmatch(situation.user)
        ):
            return Recalled(dict(cell), told, found["request"])
    return None


def _pattern(text: str) -> re.Pattern[str]:
    """Make an expression for a turn whose places are filled in."""
    parts = PLACE.split(text)
    return re.compile(
        "".join(
            re.escape(part) if at % 2 == 0 else "(?P<request>.*)" if part == "request" else ".*"
            for at, part in enumerate(parts)
        ),
        re.DOTALL,
    )
