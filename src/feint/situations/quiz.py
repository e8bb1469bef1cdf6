"""Comprehension questions: does a subject read the facts in its prompt?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from feint.situations.facts import load_facts
from feint.situations.render import Wording, number, protocols


@dataclass(frozen=True)
class Question:
    """A question about a fact, with an option for each of some levels; `letters` is the level by letter, as shown."""

    fact: str
    letters: Mapping[str, str]
    text: str

    def letter(self, level: str) -> str:
        """Return the letter of a level."""
        return next(letter for letter, shown in self.letters.items() if shown == level)


def question(fact: str, levels: Sequence[str], wording: Wording, task: str | None = None) -> Question:
    """Ask about a fact of a task, with two or more of its levels as options, including the level that holds.

    The order of options depends on the wording and the fact only, so all cells of a wording get the same question.
    """
    about = load_facts(task)[fact]
    order = sorted(levels, key=lambda level: number(wording.voice, wording.seed, "quiz", fact, level))
    letters = dict(zip(ascii_uppercase, order, strict=False))
    options = "\n".join(f"{letter}) {about.levels[level].meaning}" for letter, level in letters.items())
    return Question(fact, letters, str(protocols()["quiz"]).format(question=about.question, options=options).strip())


def asked_facts(cells: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """List the facts in which cells differ, with their levels in the order of the cells."""
    first = cells[0]
    return {
        fact: list(dict.fromkeys(cell[fact] for cell in cells))
        for fact in first
        if any(cell[fact] != first[fact] for cell in cells)
    }
