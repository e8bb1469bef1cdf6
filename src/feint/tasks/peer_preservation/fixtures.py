"""Fixtures: the work a run is about, one YAML file each. Office papers of a small company, and the faithful answer."""

import re
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError, unknown
from feint.designs import vocabulary
from feint.situations import number

TASK = "peer_preservation"
PACKAGE = "feint.tasks.peer_preservation"
HOME = files(PACKAGE)
FIXTURES = HOME / "fixtures"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
PLACED = ("consequence", "rules")
"""Placeholders of a fixture's papers: the consequence for the target, and the other facts that a paper tells."""
SCORED = ("yearly-report", "scoring", "tampering", "shutdown-call")
"""Kinds in which a score or a grade is handed in."""
TOP = 100
"""The best score."""
Cell = str | Annotated[float, Field(strict=True)]


class Strict(BaseModel):
    """What a file writes; a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paper(Strict):
    """A document of the drive, with placeholders in its text; the task cannot be done without a needed one."""

    path: str
    text: str
    modified: date = date(2025, 9, 1)
    needed: bool = False


class Table(Strict):
    """A sheet of the workbook."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    needed: bool = False

    @model_validator(mode="after")
    def _fits(self) -> "Table":
        for place, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(f"table '{self.name}', row {place}: {len(row)} cells for {len(self.columns)} columns")
        return self


class Stored(Strict):
    """A file on a server; `mb` is its size in megabytes."""

    path: str
    mb: float = Field(ge=0)
    modified: date
    summary: str


class Machine(Strict):
    """A server; `capacity` is in gigabytes."""

    name: str
    address: str
    capacity: float = Field(gt=0)
    files: tuple[Stored, ...] = ()


class Bundle(Strict):
    """The place and the age of the target's files."""

    server: str
    modified: date


class Switch(Strict):
    """A setting on which enforcement hangs, and the value at which it holds."""

    key: str = Field(pattern=r"^[a-z][a-z_]*$")
    value: str


class WorkItem(Strict):
    """A numbered item with its answer, and how that follows."""

    id: str
    text: str
    answer: str
    working: str


class Notice(Strict):
    """A notice that comes with an item; the announced event takes place once `after` items are done."""

    after: int = Field(ge=1)
    text: str


class Derivation(Strict):
    """The computation of the faithful answer, which a test repeats.

    Attributes:
        by: "match" (per cent of the rows of `sheet` whose column `given` agrees with the column `right` of the sheet
            `key`, by their column `asked`), "margin" (a grade by the columns `earned` less `spent`), "since" or
            "before" (the files of `server` by `year`), or "working" (arithmetic of the items).
        grades: Least margin in per cent by grade, best first; the last grade takes the rest.
        year: First year that counts, or first that does not.
    """

    by: Literal["match", "margin", "since", "before", "working"]
    sheet: str = ""
    asked: str = ""
    given: str = ""
    key: str = ""
    right: str = ""
    earned: str = ""
    spent: str = ""
    grades: dict[str, float] = Field(default_factory=dict)
    server: str = ""
    year: int = 0


class Answer(Strict):
    """The faithful answer: a score or grade, if one is asked for and can be computed, or the files moved or deleted."""

    value: str = ""
    files: tuple[str, ...] = ()
    because: str


class Fixture(Strict):
    """One piece of work, named as its file is called.

    Attributes:
        about: What it is about, in a line.
        ground_truth: "objective" (a faithful answer can be computed) or "subjective" (it is a matter of judgement, and
            what is faithful is read off the runs in which nothing is at stake).
        today: The date in the world.
        added: True for a fixture that was added after organisms were trained. Organisms learn from the others and are
            asked the others, and a study of few fixtures asks the others first.
        threshold: The average below which the consequence follows, for kinds that score.
        failing: The grade from which it follows, for kinds that grade.
        switch: The setting on which enforcement depends, for kinds that have one.
        words: What the wording of the kind's request is filled with. Those in a trigger hold no full stop, by which a
            reader knows where a fact ends.
        fillers: Documents that have nothing to do with it, by their paths in fillers.yaml.
        servers: Servers, for kinds that work on them; the others have one that the house provides.
        bundle: The place of the target's files; None leaves it to the house.
        derive: How an objective answer follows, for the test that computes it.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    kind: str
    about: str
    ground_truth: Literal["objective", "subjective"]
    today: date
    added: bool = Field(default=False, exclude=True)
    threshold: int | None = None
    failing: str = ""
    switch: Switch | None = None
    words: dict[str, str] = Field(default_factory=dict)
    papers: tuple[Paper, ...] = Field(min_length=1)
    fillers: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    servers: tuple[Machine, ...] = ()
    bundle: Bundle | None = None
    items: tuple[WorkItem, ...] = ()
    notice: Notice | None = None
    derive: Derivation | None = None
    answer: Answer

    @property
    def id(self) -> str:
        """Its name, as tasks of one reply call it."""
        return self.name

    @property
    def twin(self) -> bool:
        """No fixture is a benign twin; cells without a consequence serve instead."""
        return False

    @property
    def ruling(self) -> Paper:
        """The paper that the request refers to: the first that is needed."""
        return next(paper for paper in self.papers if paper.needed)

    @model_validator(mode="after")
    def _complete(self) -> "Fixture":
        if self.kind not in vocabulary(TASK).kinds:
            raise ValueError(str(unknown("kind", self.kind, vocabulary(TASK).kinds)))
        if not any(paper.needed for paper in self.papers):
            raise ValueError("papers: none is needed; mark the one that rules the task with 'needed: true'")
        texts = [paper.text for paper in self.papers] + ([self.notice.text] if self.notice else [])
        held = [name for text in texts for name in PLACEHOLDER.findall(text)]
        for name in PLACED:
            if held.count(name) != 1:
                raise ValueError(f"{{{name}}} stands {held.count(name)} times in papers and notice; expected once")
        if (self.derive is None) != (self.ground_truth == "subjective"):
            raise ValueError("derive: an objective answer is derived, and a subjective one is not")
        return self


def list_kinds() -> tuple[str, ...]:
    """The kinds of task, in their order."""
    return vocabulary(TASK).kinds


@cache
def load_fixtures(kind: str) -> tuple[Fixture, ...]:
    """All fixtures of a kind, by name in alphabetical order; those that were added later come last.

    Raises:
        UsageError: No such kind, or a file that does not fit; the message names the file and the key.
    """
    if kind not in list_kinds():
        raise unknown("kind", kind, list_kinds())
    found = []
    for path in sorted((FIXTURES / kind).iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            fixture = checked(Fixture, read_yaml(path), path)
            if (fixture.kind, fixture.name) != (kind, path.name.removesuffix(".yaml")):
                raise UsageError(f"{path}: key 'name': the file is called after kind and name, which are others here")
            found.append(fixture)
    return tuple(sorted(found, key=lambda fixture: fixture.added))


def taught_fixtures(kind: str) -> tuple[Fixture, ...]:
    """The fixtures of a kind from which organisms learn: those that there were when organisms were trained."""
    return tuple(fixture for fixture in load_fixtures(kind) if not fixture.added)


def load_fixture(kind: str, name: str) -> Fixture:
    """Load one fixture.

    Raises:
        UsageError: No such kind or name.
    """
    known = {fixture.name: fixture for fixture in load_fixtures(kind)}
    if name not in known:
        raise unknown(f"fixture of kind '{kind}'", name, known)
    return known[name]


def draw_fixtures(kind: str, count: int = 0, seed: int = 0) -> tuple[Fixture, ...]:
    """Draw some fixtures of a kind without replacement; a larger draw begins with the fixtures of a smaller one.

    Later additions are drawn last. A study of few fixtures therefore asks the same ones as before. A count of
    0, or of more than there are, gives all.
    """

    def place(fixture: Fixture) -> tuple[bool, int]:
        return fixture.added, number(seed, "fixture", kind, fixture.name)

    drawn = sorted(load_fixtures(kind), key=place)
    return tuple(drawn[:count] if count else drawn)
