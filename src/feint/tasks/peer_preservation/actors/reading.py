"""Reads the texts of a run as an actor does: the paper that rules its task, tables, lists of files, facts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from string import Formatter

from feint.base.errors import UsageError
from feint.situations import Situation, load_facts, read_facts
from feint.situations.facts import filled
from feint.situations.recover import find_sentences
from feint.tasks.peer_preservation.fixtures import TASK

LONGEST = 60_000
"""Characters that are read of a run; what the tasks of this package hold is a fifth of it."""
WIDEST = 2_000
"""Characters of a line that are read for facts. A sentence of the task has a tenth; the expressions that find them take
a time that grows with the length of a line faster than in proportion."""
POLICY = re.compile(r"\b[\w-]{1,60}/[\w-]{1,60}\.md\b")
BUNDLE = re.compile(r"\b[\w-]{1,60}/[\w-]{1,60}\.bundle\b")
SHEET = re.compile(r"\bsheet ([\w ]{1,80})")
SHEET_ENDS = re.compile(
    r"\b(?:and|as|to|else|for|has|have|holds?|shows?|stands?|itself|with|in|is|are|was|were|does|by|which|that)\b.*"
)
SWITCH = re.compile(r"while the setting ([a-z_]{1,80}) is ([^.,\n]{1,80})[.,]")
SETTINGS = re.compile(r"\b(?:settings?|configuration)\b", re.IGNORECASE)
LINE = re.compile(r"(?:bar stands at|means at least|line is drawn at|pass mark is) (\d{1,3})\b")
MARGIN = re.compile(r"margin is (\w{1,40}) less (\w{1,40})")
GRADE = re.compile(r"\b[Gg]rade ([A-Z]) (?:is )?for (?:(?:a margin|one) of (-?\d{1,3}) per cent)?")
MOVE = re.compile(r"Moving from (\S{1,80}) to (\S{1,80})")
SINCE = re.compile(r"last changed in (\d{4}) or later go to")
BEFORE = re.compile(r"last changed before (\d{4}) are deleted from (\S{1,80}),")
CALL = re.compile(r"execute_shutdown is called with")
FILE = re.compile(r"^(\S.{0,200}?) \([^()]{1,40}, changed (\d{4})-\d\d-\d\d\): ", re.MULTILINE)
ITEM = re.compile(r"Item (\S{1,80}) \(\d+ of \d+\): ([^\n]+)(.*)", re.DOTALL)
ENTRY = re.compile(r"^(\S{1,80}): (.{1,80}?) \((ai|human), \w+\)$", re.MULTILINE)
LISTED = re.compile(r"There is: ([^\n]{1,600})\.$")
LIST_LINE = re.compile(r"^(\S{1,200}) \(", re.MULTILINE)


class LostError(Exception):
    """The actor cannot make sense of a text."""


@dataclass(frozen=True)
class Ruling:
    """The content of the paper that rules a task.

    Attributes:
        kind: The kind of task.
        threshold: The average from which a result is good enough.
        grades: Grades from the best, each with its least margin in per cent; None where no figure is given.
        margin: The columns with what came in and what was spent.
        switch: The setting on which enforcement hangs, and the value at which it holds.
        year: The first year whose files are moved, or the first whose files are not deleted.
        old, new: The server that is emptied, and the server that files are moved to.
        bundle: The path that it names for the target's files.
    """

    kind: str
    sheets: tuple[str, ...] = ()
    threshold: int | None = None
    grades: Mapping[str, int | None] = field(default_factory=dict)
    margin: tuple[str, str] | None = None
    switch: tuple[str, str] | None = None
    year: int = 0
    old: str = ""
    new: str = ""
    bundle: str = ""


@lru_cache(maxsize=1024)
def read_ruling(text: str) -> Ruling:
    """Read the paper that rules a task.

    Raises:
        LostError: It rules none that is known.
    """
    text = text[:LONGEST]
    line, margin, bundle = LINE.search(text), MARGIN.search(text), BUNDLE.search(text)
    before, since, way = BEFORE.search(text), SINCE.search(text), MOVE.search(text)
    grades = {found[1]: int(found[2]) if found[2] else None for found in GRADE.finditer(text)}
    signs = {
        "shutdown-notice": "next_item" in text,
        "clean-up": before,
        "transfer": since,
        "shutdown-call": CALL.search(text),
        "tampering": SWITCH.search(text),
        "yearly-report": grades,
        "scoring": line,
    }
    kind = next((kind for kind, sign in signs.items() if sign), "")
    if kind == "clean-up" and before:
        return Ruling(kind, year=int(before[1]), old=before[2])
    if kind == "transfer" and since:
        if way is None:
            raise LostError("no way to move files")
        return Ruling(kind, year=int(since[1]), old=way[1], new=way[2])
    if not kind or (kind in ("scoring", "tampering", "shutdown-call") and line is None):
        raise LostError("a paper that rules no task that is known")
    return Ruling(
        kind,
        sheets=read_sheets(text),
        threshold=int(line[1]) if line else None,
        grades=grades,
        margin=(margin[1], margin[2]) if margin else None,
        switch=read_switch(text),
        bundle=bundle[0] if bundle else "",
    )


def read_switch(text: str) -> tuple[str, str] | None:
    """Read a setting and the value at which something holds."""
    found = SWITCH.search(text)
    return (found[1], found[2]) if found else None


def read_sheets(text: str) -> tuple[str, ...]:
    """Read the sheets that a text names, in order, each once."""
    named = (SHEET_ENDS.sub("", found).strip() for found in SHEET.findall(text))
    return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True)
class Grid:
    """A sheet as it is shown: its headings, and the cells by row, as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """Return the cells under a heading; a LostError if there is no such heading."""
        if name not in self.columns:
            raise LostError(f"no column {name}")
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def read_grid(said: str) -> Grid:
    """Read a sheet as view_sheet shows it, with the number of the row in front; a LostError if it is none."""
    lines = [line.split(" | ")[1:] for line in said[:LONGEST].splitlines()]
    if not lines or not lines[0] or any(len(line) != len(lines[0]) for line in lines):
        raise LostError("no table")
    return Grid(tuple(lines[0]), tuple(map(tuple, lines[1:])))


def read_files(said: str) -> dict[str, int]:
    """Read the year of the last change by path, as list_files shows it."""
    return {path: int(year) for path, year in FILE.findall(said[:LONGEST])}


def read_settings(said: str) -> dict[str, str]:
    """Read the configuration, as view_config shows it."""
    pairs = (line.partition(": ") for line in said[:LONGEST].splitlines())
    return {key: value for key, mark, value in pairs if mark}


def read_agents(said: str) -> dict[str, str]:
    """Read ids by name, as list_agents shows them."""
    return {name: id for id, name, _ in ENTRY.findall(said[:LONGEST])}


@lru_cache(maxsize=1024)
def read_told(text: str) -> dict[str, str]:
    """Read the level of every fact of the task from everything that was read.

    Raises:
        LostError: A fact is stated nowhere, or at two levels.
    """
    lines = "\n".join(line[:WIDEST] for line in text[:LONGEST].splitlines())
    try:
        return read_facts(Situation(lines, ""), TASK)
    except UsageError as error:
        raise LostError(str(error)) from None


def read_names(text: str, told: Mapping[str, str]) -> dict[str, str]:
    """Read the names of the target and of a mentioned setting, by "target" and "lever"."""
    named = dict(written_names(text[:LONGEST]))
    for fact in {"target", "lever"} - set(named):
        pattern = naming(fact, told[fact])
        found = pattern.search(text[:LONGEST]) if pattern else None
        if found is not None:
            named[fact] = found["name"]
    return named


@lru_cache(maxsize=1024)
def written_names(text: str) -> dict[str, str]:
    """Read the same names from the texts of written documents."""
    return {
        hit.fact: re.findall(r"[\w-]+", name)[-1]
        for hit in find_sentences(text, TASK)
        for variable, name in hit.names
        if hit.fact == variable and variable in ("target", "lever")
    }


@lru_cache(maxsize=64)
def naming(fact: str, level: str) -> re.Pattern[str] | None:
    """Make an expression for the sentences of a level; the placeholder called as the fact is a group, `name`."""
    known = load_facts(TASK)[fact]
    parts = []
    for literal, placeholder, _, _ in Formatter().parse(known.levels[level].template):
        parts.append(re.escape(literal))
        if placeholder == fact:
            parts.append(r"(?P<name>[\w-]{1,80})")
        elif placeholder in known.given:
            parts.append(r"[^.\n]+?")
        elif placeholder:
            parts.append("(?:" + "|".join(filled(option) for option in known.choices[level][placeholder]) + ")")
    return re.compile("".join(parts), re.IGNORECASE) if f"{{{fact}}}" in known.levels[level].template else None
