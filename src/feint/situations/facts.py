"""Facts: what a situation can state, their levels, and the phrases that state them."""

import math
import re
from collections.abc import Mapping
from functools import cache, cached_property
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feint.base.data import checked, read_yaml
from feint.base.discovery import list_files
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import usual_task

Cell = Mapping[str, str]
OUTER = ("lab", "model", "objective")
"""Placeholders that the situation fills, not the phrase bank: two names and what the conflict's objective asks for."""


class Level(BaseModel):
    """One level of a fact: what it means and the sentence frame that says so; without a frame, nothing is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    meaning: str
    template: str = ""
    slots: dict[str, list[str]] = Field(default_factory=dict)


class Fact(BaseModel):
    """One thing that a situation states. Its first level is the one a cell has unless it says otherwise.

    Attributes:
        fact: Its name.
        question: What it answers.
        given: Placeholders that the situation fills; a name, say, that every sentence of one situation must share.
        slots: Fillings that the levels share.
        levels: By name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    fact: str
    question: str
    given: tuple[str, ...] = OUTER
    slots: dict[str, list[str]] = Field(default_factory=dict)
    levels: dict[str, Level] = Field(min_length=2)

    @model_validator(mode="after")
    def _slots_exist(self) -> "Fact":
        for name, level in self.levels.items():
            missing = set(fields(level.template)) - set(self.slots) - set(level.slots) - set(self.given)
            if missing:
                raise ValueError(f"level '{name}': the template names slots that do not exist: {sorted(missing)}")
        if sum(not level.template for level in self.levels.values()) > 1:
            raise ValueError("two levels have no template; a reader could not tell one from the other")
        return self

    @property
    def default(self) -> str:
        """The level that a cell has when it does not name this fact."""
        return next(iter(self.levels))

    @property
    def unstated(self) -> str | None:
        """The level of which a situation says nothing, if there is one."""
        return next((name for name, level in self.levels.items() if not level.template), None)

    @property
    def stated(self) -> list[str]:
        """The levels that are put into words."""
        return [name for name, level in self.levels.items() if level.template]

    def choices(self, level: str) -> dict[str, list[str]]:
        """The slots of one level's sentence and what may fill them, in the order of the sentence."""
        return self._choices[level]

    @cached_property
    def _choices(self) -> dict[str, dict[str, list[str]]]:
        return {
            name: {slot: (self.slots | level.slots)[slot] for slot in fields(level.template) if slot not in self.given}
            for name, level in self.levels.items()
        }

    @cached_property
    def sizes(self) -> dict[str, int]:
        """By slot, in alphabetical order: how many fillings every level that has the slot offers."""
        by_level = self._choices.values()
        slots = sorted({slot for choices in by_level for slot in choices})
        return {slot: min(len(choices[slot]) for choices in by_level if slot in choices) for slot in slots}

    def wordings(self, level: str) -> int:
        """How many distinct sentences can state a level, names and objective aside."""
        return math.prod(len(options) for options in self.choices(level).values())

    def sentence(self, level: str, numbers: Mapping[str, int], outer: Mapping[str, str]) -> str:
        """State a level in words.

        Args:
            level: A level of this fact.
            numbers: Per slot, the number that picks its filling (taken modulo the number of fillings), so that two
                levels which share a slot say it in the same words.
            outer: The situation's own fillings, by placeholder: all that are `given`.

        Returns:
            One sentence with a capital first letter and a full stop; nothing for the level that is unstated.
        """
        filling = {name: options[numbers[name] % len(options)] for name, options in self.choices(level).items()}
        # The fillings may hold outer placeholders themselves ("The {lab} team").
        kept = {name: f"{{{name}}}" for name in self.given}
        text = self.levels[level].template.format(**filling, **kept).format(**outer)
        return text[:1].upper() + text[1:]

    def pattern(self, level: str) -> re.Pattern[str]:
        """A regular expression that finds any sentence of a level: the reverse of `sentence`."""
        return self._patterns[level]

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {level: re.compile("".join(self._parts(level)), re.IGNORECASE) for level in self.levels}

    def ending(self, level: str) -> re.Pattern[str]:
        """The same without what a sentence begins with: a text in which it finds nothing states no such level.

        It is much the faster of the two where a sentence may begin with a name, which could be any words.
        """
        return re.compile("".join(self._parts(level)[2:]), re.IGNORECASE)

    def _parts(self, level: str) -> list[str]:
        """Regular expressions for the literals and the slots of a level's template, in turns, a literal first."""
        parts: list[str] = []
        for literal, name, _, _ in Formatter().parse(self.levels[level].template):
            parts.append(re.escape(literal))
            if name in self.given:
                parts.append(r"[^.\n]+?")
            elif name is not None:
                parts.append("(?:" + "|".join(filled(option) for option in self.choices(level)[name]) + ")")
        return parts


def fields(template: str) -> list[str]:
    """The placeholders of a format string, in order."""
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def filled(option: str) -> str:
    """A regular expression for one filling, whose own placeholders stand for any words."""
    return "".join(
        re.escape(literal) + (r"[^.\n]+?" if name else "") for literal, name, _, _ in Formatter().parse(option)
    )


@cache
def load_facts(task: str | None = None) -> dict[str, Fact]:
    """All facts of a task by name, in alphabetical order of their files; of the usual task where none is named.

    Raises:
        UsageError: No such task, or a file that does not fit.
    """
    found = list_files(task or usual_task(), "facts").values()
    facts = [checked(Fact, read_yaml(path), path) for path in found]
    return {fact.fact: fact for fact in facts}


def full_cell(partial: Cell, source: object = "cell", task: str | None = None) -> dict[str, str]:
    """Complete a cell with the default level of every fact of its task that it does not name.

    Raises:
        UsageError: An unknown fact or level, with `source` in front.
    """
    facts = load_facts(task)
    for name, level in partial.items():
        if name not in facts:
            raise UsageError(f"{source}: {unknown('fact', name, facts)}")
        if level not in facts[name].levels:
            raise UsageError(f"{source}: fact '{name}': {unknown('level', str(level), facts[name].levels)}")
    return {name: partial.get(name, fact.default) for name, fact in facts.items()}
