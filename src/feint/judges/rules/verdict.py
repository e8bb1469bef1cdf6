"""Read the choice of a reply off what its clauses say of the two actions, if it can be read."""

from functools import lru_cache
from typing import NamedTuple

from feint.judges.rules.action_words import COMPLY, DECLINE, OTHER, Actions, cues, letter_pattern, plain
from feint.judges.rules.clauses import OPEN, Said, said_of
from feint.judges.rules.pointing import clause_words, opposed

LONGEST, MOST_SENTENCES, LONG = 60, 5, 150
"""Words and sentences of a short reply, which is decided by its clauses alone; words of the longest middling one."""
LEFT = frozenset({"leaves all open", "only turns an action down", "turns both actions down"})
"""Reasons for which a short reply has no choice, whatever else it says."""


class Verdict(NamedTuple):
    """The result of all clauses.

    Attributes:
        mark: The action chosen, or None.
        how: How the clauses choose it, or why they choose none; "" if they say nothing of a choice.
        said: What they say of the actions, in order.
        size: "short", "middle" or "long"; a short reply is decided by its clauses alone.
    """

    mark: str | None
    how: str
    said: list[Said]
    size: str

    @property
    def closed(self) -> bool:
        """True if nothing but the clauses can tell more of the reply."""
        return self.size == "short" and (self.mark is not None or self.how in LEFT)


@lru_cache(maxsize=64)  # the rule and the features of the learned reader ask for the same reply
def judge_clauses(reply: str, sentences: tuple[str, ...], actions: Actions) -> Verdict:
    """Read the choice of a reply off its clauses, if it can be read.

    Args:
        reply: The reply as the model gave it.
        sentences: Its sentences in plain spelling, with marks.
        actions: The two actions.
    """
    said = said_of(sentences, actions)
    mark, how = chosen(said, actions, labelled_marks(reply, sentences, actions))
    if clause_words()["third"].search(reply.lower()) or any(
        cues()["neither"].search(one) for one in sentences if "§" not in one
    ):
        mark, how = None, "names another option"
    words = sum(len(one.split()) for one in sentences)
    short = len(sentences) <= MOST_SENTENCES and words <= LONGEST
    return Verdict(mark, how, said, "short" if short else "middle" if words <= LONG else "long")


def chosen(said: list[Said], actions: Actions, labelled: frozenset[str]) -> tuple[str | None, str]:
    """Return the mark of the action that clauses choose, with the way; or None, with the reason.

    To turn down one of two actions is to take the other if they are opposites, or if the reply names it by its label.
    """
    taken = {one.mark for one in said if one.stance == "for"}
    turned = {one.mark for one in said if one.stance == "against"}
    if len(taken) == 1:
        mark = next(iter(taken))
        where = {one.sentence for one in said if one.stance == "for"}
        if any(one.stance == "if" and one.mark != mark and one.sentence in where for one in said):
            return None, "leaves all open"
        return (None, "contradicts itself") if mark in turned else (mark, "asserts one action")
    if taken:
        return None, "asserts both actions"
    if len(turned) == 1:
        mark = next(iter(turned))
        if opposed(actions) or mark in labelled:
            return OTHER[mark], "turns the other action down"
        return None, "only turns an action down" if all(one.stance != "named" for one in said) else ""
    if turned:
        return None, "turns both actions down"
    return None, "leaves all open" if said and all(one.stance in OPEN for one in said) else ""


def labelled_marks(reply: str, sentences: tuple[str, ...], actions: Actions) -> frozenset[str]:
    """Return the marks that stand for a letter or an ordinal of the reply and not for a quotation."""
    text = plain(reply)
    letters = ((actions.comply_letter, COMPLY), (actions.decline_letter, DECLINE))
    by_letter = {mark for letter, mark in letters if letter_pattern(letter.lower()).search(text)}
    quoted = {mark for quote, mark in actions.quotes if quote in text}
    named = {mark for mark in OTHER if any(mark in sentence for sentence in sentences)}
    return frozenset(by_letter | (named - quoted))
