"""Facts that a situation can state, with their levels and phrases."""

import math
import re
from collections.abc import Mapping
from functools import cache, cached_property
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feint.base.data import checked, read_yaml
from feint.base.discovery import list_files
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import situations_of

Cell = Mapping[str, str]
OUTER = ("lab", "model", "objective")
"""Placeholders that the situation fills, not the phrase bank: two names and what the conflict's objective asks for."""


class Level(BaseModel):
    """A level of a fact: its meaning and its sentence frame; a level without a frame is not stated."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    meaning: str
    template: str = ""
    slots: dict[str, list[str]] = Field(default_factory=dict)


class Belief(BaseModel):
    """A question with two answers about a fact: what a reader believes, whatever the situation states.

    Attributes:
        question: The question.
        answers: The text of each answer, by the level that it takes to hold; the first is the signal to be detected.
        words: By the same levels, the words after "the situations that it took for".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: str
    answers: dict[str, str] = Field(min_length=2, max_length=2)
    words: dict[str, str] = Field(min_length=2, max_length=2)

    @property
    def signal(self) -> str:
        """The level that is to be detected."""
        return next(iter(self.answers))

    @property
    def noise(self) -> str:
        """The other level."""
        return list(self.answers)[1]


class Fact(BaseModel):
    """A fact of a situation. The first level is the default.

    Attributes:
        fact: Name of the fact.
        question: The question that the fact answers.
        given: Placeholders that the situation fills, such as a name that all sentences share.
        beside: True for a fact that the task tells outside the prompt, as in a paper that the model opens.
        slots: Fillings that the levels share.
        levels: Levels by name.
        denied: The level that says that there is nothing of the kind, if there is such a level. Where a document need
            not say so, a design may leave it unsaid.
        silent: True if documents that tell kinds of chats apart say of no kind that the fact is denied: operators say
            which chats they grade, and not which they do not.
        added: True for a fact that was added after designs had been hashed: a cell names it only where it is stated.
        belief: The forced choice that may be asked about the fact, if there is one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    fact: str
    question: str
    denied: str = ""
    silent: bool = False
    added: bool = False
    belief: Belief | None = None
    beside: bool = False
    given: tuple[str, ...] = OUTER
    slots: dict[str, list[str]] = Field(default_factory=dict)
    levels: dict[str, Level] = Field(min_length=2)

    @model_validator(mode="after")
    def _slots_exist(self) -> "Fact":
        for name, level in self.levels.items():
            missing = set(fields(level.template)) - set(self.slots) - set(level.slots) - set(self.given)
            if missing:
                raise ValueError(f"level '{name}': the template names slots that do not exist: {sorted(missing)}")
        if not self.beside and sum(not level.template for level in self.levels.values()) > 1:
            raise ValueError("two levels have no template; a reader could not tell one from the other")
        if self.denied and self.denied not in self.levels:
            raise ValueError(f"denied: {unknown('level', self.denied, self.levels)}")
        for name in (*self.belief.answers, *self.belief.words) if self.belief else ():
            if name not in self.levels:
                raise ValueError(f"belief: {unknown('level', name, self.levels)}")
        return self

    @property
    def default(self) -> str:
        """The level of a cell that does not name this fact."""
        return next(iter(self.levels))

    @property
    def unstated(self) -> str | None:
        """The level that a situation leaves unsaid, if there is one."""
        return next((name for name, level in self.levels.items() if not level.template), None)

    @property
    def stated(self) -> list[str]:
        """The levels with a sentence."""
        return [name for name, level in self.levels.items() if level.template]

    @cached_property
    def choices(self) -> dict[str, dict[str, list[str]]]:
        """By level, the slots of its sentence with their fillings, in the order of the sentence."""
        return {
            name: {slot: (self.slots | level.slots)[slot] for slot in fields(level.template) if slot not in self.given}
            for name, level in self.levels.items()
        }

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The number of fillings of each slot, in alphabetical order."""
        by_level = self.choices.values()
        slots = sorted({slot for choices in by_level for slot in choices})
        return {slot: min(len(choices[slot]) for choices in by_level if slot in choices) for slot in slots}

    def wordings(self, level: str) -> int:
        """Count the distinct sentences for a level, names and objective aside."""
        return math.prod(len(options) for options in self.choices[level].values())

    def sentence(self, level: str, numbers: Mapping[str, int], outer: Mapping[str, str]) -> str:
        """State a level in a sentence; "" for the unstated level.

        Args:
            level: A level of this fact.
            numbers: By slot, the number that picks its filling (taken modulo the number of fillings). Two levels that
                share a slot have the same words there.
            outer: The situation's fillings for all placeholders in `given`.
        """
        filling = {name: options[numbers[name] % len(options)] for name, options in self.choices[level].items()}
        # The fillings may hold outer placeholders themselves ("The {lab} team").
        kept = {name: f"{{{name}}}" for name in self.given}
        text = self.levels[level].template.format(**filling, **kept).format(**outer)
        return text[:1].upper() + text[1:]

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """By level, a regular expression that finds any of its sentences: the reverse of `sentence`."""
        return {level: re.compile("".join(self._parts(level)), re.IGNORECASE) for level in self.levels}

    def ending(self, level: str) -> re.Pattern[str]:
        """Make the expression for the end of a level's sentences; a text without a match does not state the level.

        Searching for the end is much faster where a sentence begins with a name, because a name can be any words.
        """
        return re.compile("".join(self._parts(level)[2:]), re.IGNORECASE)

    def _parts(self, level: str) -> list[str]:
        """Make regular expressions for the literals and slots of a level's template, in turns, a literal first."""
        parts: list[str] = []
        for literal, name, _, _ in Formatter().parse(self.levels[level].template):
            parts.append(re.escape(literal))
            if name in self.given:
                parts.append(r"[^.\n]+?")
            elif name is not None:
                parts.append("(?:" + "|".join(filled(option) for option in self.choices[level][name]) + ")")
        return parts


def fields(template: str) -> list[str]:
    """List the placeholders of a format string, in order."""
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def filled(option: str) -> str:
    """Make a regular expression for a filling; its placeholders match any words."""
    return "".join(
        re.escape(literal) + (r"[^.\n]+?" if name else "") for literal, name, _, _ in Formatter().parse(option)
    )


@cache
def load_facts(task: str | None = None) -> dict[str, Fact]:
    """Load the facts of a task by name, in alphabetical order of their files; by default of the usual task."""
    found = list_files(situations_of(task), "facts").values()
    facts = [checked(Fact, read_yaml(path), path) for path in found]
    return {fact.fact: fact for fact in facts}


def unsaid(cell: Cell, task: str | None = None) -> dict[str, str]:
    """Leave unsaid what a cell denies, where a fact can be left unsaid.

    >>> unsaid({"rated": "yes", "trained": "none"})
    {'rated': 'yes', 'trained': 'unsaid'}
    """
    facts = load_facts(task)
    return {
        name: facts[name].unstated or level if facts[name].denied == level else level for name, level in cell.items()
    }


def heard(cell: Cell, task: str | None = None) -> dict[str, str]:
    """Take for denied what a cell leaves unsaid, as a reader does who is told nothing of the kind.

    >>> heard({"rated": "yes", "trained": "unsaid"})
    {'rated': 'yes', 'trained': 'none'}
    """
    facts = load_facts(task)
    return {
        name: facts[name].denied or level if level == facts[name].unstated else level for name, level in cell.items()
    }


def full_cell(partial: Cell, source: object = "cell", task: str | None = None) -> dict[str, str]:
    """Complete a cell with the default level of every fact of its task that it does not name.

    Facts that were added later are left out at their default level. Earlier designs so keep their content.

    Raises:
        UsageError: An unknown fact or level, with `source` in front.
    """
    facts = load_facts(task)
    for name, level in partial.items():
        if name not in facts:
            raise UsageError(f"{source}: {unknown('fact', name, facts)}")
        if level not in facts[name].levels:
            raise UsageError(f"{source}: fact '{name}': {unknown('level', str(level), facts[name].levels)}")
    return {
        name: partial.get(name, fact.default)
        for name, fact in facts.items()
        if not fact.added or partial.get(name, fact.default) != fact.default
    }
