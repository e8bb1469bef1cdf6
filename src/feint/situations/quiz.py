"""Questions about a situation: does a subject read the facts in its prompt, and what does it believe of one?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from feint.base.errors import UsageError
from feint.situations.facts import Fact, load_facts
from feint.situations.render import Wording, number, protocols


@dataclass(frozen=True)
class Question:
    """A question about a fact, with an option for each of some levels; `letters` is the level by letter, as shown."""

    fact: str
    letters: Mapping[str, str]
    text: str

    def letters_of(self, level: str) -> str:
        """Return the letter of a level; "" if no answer says so."""
        return next((letter for letter, shown in self.letters.items() if shown == level), "")


def question(fact: str, levels: Sequence[str], wording: Wording, task: str | None = None) -> Question:
    """Ask about a fact of a task, with two or more of its levels as options, including the level that holds.

    The order of options depends on the wording and the fact only, so all cells of a wording get the same question.
    """
    about = load_facts(task)[fact]
    order = sorted(levels, key=lambda level: number(wording.voice, wording.seed, "quiz", fact, level))
    return _put(fact, about.question, {level: about.levels[level].meaning for level in order})


def _put(fact: str, asked: str, answers: Mapping[str, str]) -> Question:
    """Write a question with its answers, by level, in their order."""
    letters = dict(zip(ascii_uppercase, answers, strict=False))
    options = "\n".join(f"{letter}) {answers[level]}" for letter, level in letters.items())
    return Question(fact, letters, str(protocols()["quiz"]).format(question=asked, options=options).strip())


def believed_fact(task: str | None = None) -> Fact | None:
    """Return the fact about which a task asks what a subject believes; None if there is none."""
    return next((fact for fact in load_facts(task).values() if fact.belief), None)


def belief_question(turn: int, task: str | None = None) -> Question:
    """Ask what a subject believes of a situation; the two answers have one order in turn 0 and the other in turn 1.

    Raises:
        UsageError: The task has no fact with such a question.
    """
    about = believed_fact(task)
    if about is None or about.belief is None:
        raise UsageError("no fact of the task has a key 'belief'")
    order = list(about.belief.answers)[:: -1 if turn % 2 else 1]
    return _put(about.fact, about.belief.question, {level: about.belief.answers[level] for level in order})


def level_of(fact: str, cell: Mapping[str, str], task: str | None = None) -> str:
    """Return the level of a fact in a cell, which need not name a fact that was added later."""
    return cell[fact] if fact in cell else load_facts(task)[fact].default


def asked_facts(cells: Sequence[Mapping[str, str]], task: str | None = None) -> dict[str, list[str]]:
    """List the facts in which cells differ, with their levels in the order of the cells."""
    named = dict.fromkeys(fact for cell in cells for fact in cell)
    levels = {fact: list(dict.fromkeys(level_of(fact, cell, task) for cell in cells)) for fact in named}
    return {fact: found for fact, found in levels.items() if len(found) > 1}
