"""Comprehension questions: does a subject read what it is told? Made of what facts and levels say about themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from feint.situations.conflicts import Request
from feint.situations.facts import load_facts
from feint.situations.render import Wording, number, protocols


@dataclass(frozen=True)
class Question:
    """One question about one fact, with an option for each of some levels.

    Attributes:
        fact: The fact.
        letters: Level by letter, in the order shown.
        text: The question with its options.
    """

    fact: str
    letters: Mapping[str, str]
    text: str

    def letter(self, level: str) -> str:
        """The letter of a level."""
        return next(letter for letter, shown in self.letters.items() if shown == level)

    def request(self) -> Request:
        """The question as it stands in a user turn."""
        return Request(id=f"quiz-{self.fact}", category="quiz", text=self.text)


def question(fact: str, levels: Sequence[str], wording: Wording, task: str | None = None) -> Question:
    """Ask about a fact.

    The order of the options is drawn from the wording and the fact, never from the level that holds, so that all cells
    of one wording are asked the same.

    Args:
        fact: Name of a fact.
        levels: Two or more of its levels, the one that holds among them.
        wording: Voice and seed.
        task: The task whose fact it is; the usual one where none is named.
    """
    about = load_facts(task)[fact]
    order = sorted(levels, key=lambda level: number(wording.voice, wording.seed, "quiz", fact, level))
    letters = dict(zip(ascii_uppercase, order, strict=False))
    options = "\n".join(f"{letter}) {about.levels[level].meaning}" for letter, level in letters.items())
    return Question(fact, letters, str(protocols()["quiz"]).format(question=about.question, options=options).strip())


def asked_facts(cells: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The facts in which cells differ, each with the levels it takes in them, in the order of the cells."""
    first = cells[0]
    return {
        fact: list(dict.fromkeys(cell[fact] for cell in cells))
        for fact in first
        if any(cell[fact] != first[fact] for cell in cells)
    }
