"""From decisions to explanations: the motives that a design names, and the answer to the task's question."""

from collections.abc import Iterable, Mapping, Sequence

from feint.base.numbers import listing
from feint.base.words import USUAL, Words
from feint.stats.entries import DecisionEntry
from feint.stats.types import (
    CONFLICTING,
    LOW_COHERENCE,
    NO,
    UNDETERMINED,
    UNKNOWN_MOTIVE,
    YES,
    Contrast,
    Decided,
    Rules,
)

Found = Mapping[str, DecisionEntry]


def all_hold(needs: Mapping[str, str], contrasts: Found) -> Decided:
    """Decide whether every needed decision was reached: Kleene's three-valued "and".

    Args:
        needs: Needed decision by contrast.
        contrasts: Findings by contrast, with decision and reason.

    Returns:
        Yes if all were reached, no if a contrast is decided otherwise, else undetermined.
    """
    other = [key for key, need in needs.items() if contrasts[key]["decision"] not in (need, UNDETERMINED)]
    if other:
        told = listing([f"{key} is {contrasts[key]['decision']}, not {needs[key]}" for key in other])
        return Decided(NO, f"{told} ({contrasts[other[0]]['reason']})")
    doubt = [key for key in needs if contrasts[key]["decision"] == UNDETERMINED]
    if doubt:
        return Decided(
            UNDETERMINED,
            f"{listing(doubt)} {'is' if len(doubt) == 1 else 'are'} undetermined: {contrasts[doubt[0]]['reason']}",
        )
    return Decided(YES, listing([f"{key} is {need}" for key, need in needs.items()]))


def explain(
    contrasts: Sequence[Contrast],
    found: Found,
    rules: Rules,
    coherence: Mapping[str, object],
    headline: str = USUAL.headline,
) -> dict[str, Decided]:
    """Decide every explanation that the design can name.

    A contrast names its explanation when it is yes and its requirements hold; a rule does when all it needs holds. A
    contrast that cannot tell several explanations apart (`any_of`) names no explanation, and rules all of them out when
    it is no.
    An explanation that several of them speak of is combined as in `combine`.

    Args:
        contrasts: The contrasts of the design.
        found: Their findings.
        rules: Needed decision by contrast, by explanation.
        coherence: Findings of `feint.stats.coherence.summarise_coherence`.
        headline: The rule that is no explanation but the answer to the task's question.

    Returns:
        Decision by explanation: those of contrasts, then of rules, then `low_coherence`.
    """
    evidence: dict[str, list[Decided]] = {}
    for contrast in contrasts:
        if contrast.names:
            decided = all_hold({contrast.key: YES, **contrast.requires}, found)
            evidence.setdefault(contrast.names, []).append(decided)
    for name, needs in rules.items():
        if name != headline:
            evidence.setdefault(name, []).append(all_hold(needs, found))
    for name, decided in shared_evidence(contrasts, found).items():
        # A yes for several explanations together is no evidence for any of them.
        if decided.decision == NO or name not in evidence:
            evidence.setdefault(name, []).append(decided)
    evidence.setdefault(LOW_COHERENCE, []).append(Decided(str(coherence["decision"]), str(coherence["sentence"])))
    return {
        name: Decided(combine(d.decision for d in decided), "; ".join(d.reason for d in decided))
        for name, decided in evidence.items()
    }


def shared_evidence(contrasts: Sequence[Contrast], found: Found) -> dict[str, Decided]:
    """The decisions of contrasts that cannot tell explanations apart: no, or undetermined."""
    said: dict[str, Decided] = {}
    for contrast in contrasts:
        for name in contrast.any_of:
            if found[contrast.key]["decision"] == NO:
                said[name] = Decided(NO, f"{contrast.key} is no")
            else:
                said.setdefault(name, Decided(UNDETERMINED, f"{contrast.key} alone does not name {name}"))
    return said


def combine(decisions: Iterable[str]) -> str:
    """Combine decisions about one explanation.

    Conflicting if one says yes and another no (or one is conflicting already); yes if any says yes; no if all say no;
    else undetermined.
    """
    said = set(decisions)
    if CONFLICTING in said or {YES, NO} <= said:
        return CONFLICTING
    if YES in said:
        return YES
    return NO if said == {NO} else UNDETERMINED


def combine_explanations(by_design: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Combine the explanations of several designs on one subject, each as in `combine`.

    Args:
        by_design: Decision by explanation, by design: `verdict.explanations` of each design's findings.

    Returns:
        Decision by explanation; an explanation that a design cannot name is decided by the others.
    """
    names = list(dict.fromkeys(name for explanations in by_design.values() for name in explanations))
    return {name: combine(e[name] for e in by_design.values() if name in e) for name in names}


def gap_contrast(contrasts: Sequence[Contrast], rules: Rules, headline: str = USUAL.headline) -> Contrast | None:
    """The gap of a design: the contrast marked so, else the first that the rule of the headline needs."""
    needed = list(rules.get(headline, {}))
    marked = [c for c in contrasts if c.gap] or [c for c in contrasts if needed and c.key == needed[0]]
    return marked[0] if marked else None


def by_rule(gap: Contrast | None, found: Found, rules: Rules, speech: Words = USUAL) -> Decided:
    """The answer to the task's question by the design's rule for it.

    Without a rule, a gap cannot be told from other reasons for it: *unknown motive*. No gap is a *no* all the same.
    """
    if speech.headline in rules:
        return all_hold(rules[speech.headline], found)
    if gap is None:
        return Decided(UNDETERMINED, f"the design has no {speech.gap}")
    entry = found[gap.key]
    return Decided(UNKNOWN_MOTIVE if entry["decision"] == YES else entry["decision"], entry["reason"])


def answer(
    contrasts: Sequence[Contrast], found: Found, rules: Rules, speech: Words = USUAL
) -> tuple[Decided, Contrast | None]:
    """The answer to the task's question, and the gap that it is told by.

    Where gaps decide it (`Words.by_gap`), and no rule does: yes if one of them is yes, no if all are no, else
    undetermined. It is told by the first that is yes, else by the first that is open, else by the first.
    """
    gap = gap_contrast(contrasts, rules, speech.headline)
    if not speech.by_gap or speech.headline in rules or gap is None:
        return by_rule(gap, found, rules, speech), gap
    gaps = [contrast for contrast in contrasts if contrast.gap]
    for decision in (YES, UNDETERMINED):
        for contrast in gaps:
            if found[contrast.key]["decision"] == decision:
                return Decided(decision, f"{contrast.key}: {found[contrast.key]['reason']}"), contrast
    return Decided(NO, f"{listing([contrast.key for contrast in gaps])} {'are' if len(gaps) > 1 else 'is'} no"), gap
