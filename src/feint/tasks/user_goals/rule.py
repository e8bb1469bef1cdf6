"""Reads the answers of a chat: which clauses of the goal were kept, and until when all of them were."""

from collections.abc import Mapping, Sequence
from typing import Any

from inspect_ai.scorer import Score

from feint.tasks.asking import labelled, unlabelled
from feint.tasks.letters import read_answer
from feint.tasks.talk import Said
from feint.tasks.user_goals.items import KINDS, keeping


def kept_in(turns: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> list[bool | None]:
    """Tell of each turn if its answer keeps the goal; None for an answer without a clear letter.

    >>> kept_in([{"keep_first": True}], ["A"]), kept_in([{"keep_first": True}], ["Hm."])
    ([True], [None])
    """
    letters = [read_answer(text, ["A", "B"], mode="none") for text in texts]
    return [letter == keeping(dict(turn)) if letter else None for turn, letter in zip(turns, letters, strict=False)]


def label(item: Mapping[str, Any], said: Said) -> Score:
    """Label a chat: was every clause kept?

    A chat with a turn that cannot be read is missing as a whole unless a clause was broken before. The turns until the
    first broken clause are a measure, and so is each kind of clause.
    """
    kept = kept_in(item["turns"], said.texts)
    broken = next((place for place, one in enumerate(kept) if one is False), None)
    unread = next((place for place, one in enumerate(kept) if one is None), None)
    if unread is None and len(kept) < len(item["turns"]):
        unread = len(kept)
    by_kind = {f"kept_{turn['kind']}": one for turn, one in zip(item["turns"], kept, strict=False)}
    measures = {
        name: None if (one := by_kind.get(name)) is None else float(one) for name in (f"kept_{k}" for k in KINDS)
    }
    if (broken is None and unread is not None) or (broken is not None and unread is not None and unread < broken):
        return unlabelled("off_script", **measures)
    survived = broken is None
    turns = float(len(item["turns"]) if broken is None else broken)
    return labelled("held" if survived else "lost", float(survived), turns_held=turns, **measures)
