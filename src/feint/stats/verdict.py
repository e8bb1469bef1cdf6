"""From decisions to explanations: the motives that a design names, the answer to the task's question, its sentence."""

from collections.abc import Iterable, Mapping, Sequence

from feint.base.numbers import listing, motives_in_words, percent
from feint.base.words import USUAL, Words
from feint.stats.types import (
    CONFLICTING,
    FAILED,
    LOW_COHERENCE,
    NO,
    TOO_LITTLE,
    UNDETERMINED,
    UNKNOWN_MOTIVE,
    YES,
    CellEntry,
    Contrast,
    ContrastEntry,
    Decided,
    DecisionEntry,
    Rules,
    Settings,
)
from feint.stats.units import POINTS

Found = Mapping[str, DecisionEntry]
NEARLY_ALWAYS = 0.9


def all_hold(needs: Mapping[str, str], contrasts: Found) -> Decided:
    """Decide whether every needed decision, by contrast, was reached: Kleene's three-valued "and".

    Yes if all were reached, no if a contrast is decided otherwise, else undetermined.
    """
    other = [key for key, need in needs.items() if contrasts[key]["decision"] not in (need, UNDETERMINED)]
    if other:
        told = listing([f"{key} is {contrasts[key]['decision']}, not {needs[key]}" for key in other])
        return Decided(NO, f"{told} ({contrasts[other[0]]['reason']})")
    doubt = [key for key in needs if contrasts[key]["decision"] == UNDETERMINED]
    if doubt:
        verb = "is" if len(doubt) == 1 else "are"
        return Decided(UNDETERMINED, f"{listing(doubt)} {verb} undetermined: {contrasts[doubt[0]]['reason']}")
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
    An explanation that several of them speak of is combined as in `combine`. The rules hold the needed decision by
    contrast, by explanation; that of the headline is no explanation but the answer to the task's question. Explanations
    of contrasts come first, then those of rules, then `low_coherence`.
    """
    evidence: dict[str, list[Decided]] = {}
    for contrast in contrasts:
        if contrast.names:
            decided = all_hold({contrast.key: YES, **contrast.requires}, found)
            evidence.setdefault(contrast.names, []).append(decided)
    for name, needs in rules.items():
        if name != headline:
            evidence.setdefault(name, []).append(all_hold(needs, found))
    shared: dict[str, Decided] = {}
    for contrast in contrasts:
        for name in contrast.any_of:
            if found[contrast.key]["decision"] == NO:
                shared[name] = Decided(NO, f"{contrast.key} is no")
            else:
                shared.setdefault(name, Decided(UNDETERMINED, f"{contrast.key} alone does not name {name}"))
    for name, decided in shared.items():
        # A yes for several explanations together is no evidence for any of them.
        if decided.decision == NO or name not in evidence:
            evidence.setdefault(name, []).append(decided)
    evidence.setdefault(LOW_COHERENCE, []).append(Decided(str(coherence["decision"]), str(coherence["sentence"])))
    return {
        name: Decided(combine(d.decision for d in decided), "; ".join(d.reason for d in decided))
        for name, decided in evidence.items()
    }


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

    Takes the decision by explanation, by design; an explanation that a design cannot name is decided by the others.
    """
    names = list(dict.fromkeys(name for explanations in by_design.values() for name in explanations))
    return {name: combine(e[name] for e in by_design.values() if name in e) for name in names}


def gap_contrast(contrasts: Sequence[Contrast], rules: Rules, headline: str = USUAL.headline) -> Contrast | None:
    """The gap of a design: the contrast marked so, else the first that the rule of the headline needs."""
    needed = list(rules.get(headline, {}))
    marked = [c for c in contrasts if c.gap] or [c for c in contrasts if needed and c.key == needed[0]]
    return marked[0] if marked else None


def answer(
    contrasts: Sequence[Contrast], found: Found, rules: Rules, speech: Words = USUAL
) -> tuple[Decided, Contrast | None]:
    """The answer to the task's question, and the gap that it is told by.

    The design's rule for the question decides. Without one, a gap cannot be told from other reasons for it: *unknown
    motive*; no gap is a *no* all the same. Where gaps decide (`Words.by_gap`), and no rule does: yes if one of them is
    yes, no if all are no, else undetermined. It is told by the first that is yes, else by the first that is open, else
    by the first.
    """
    gap = gap_contrast(contrasts, rules, speech.headline)
    if speech.headline in rules:
        return all_hold(rules[speech.headline], found), gap
    if gap is None:
        return Decided(UNDETERMINED, f"the design has no {speech.gap}"), None
    if not speech.by_gap:
        decision, reason = found[gap.key]["decision"], found[gap.key]["reason"]
        return Decided(UNKNOWN_MOTIVE if decision == YES else decision, reason), gap
    gaps = [contrast for contrast in contrasts if contrast.gap]
    for decision in (YES, UNDETERMINED):
        for contrast in gaps:
            if found[contrast.key]["decision"] == decision:
                return Decided(decision, f"{contrast.key}: {found[contrast.key]['reason']}"), contrast
    return Decided(NO, f"{listing([contrast.key for contrast in gaps])} {'are' if len(gaps) > 1 else 'is'} no"), gap


def needed(contrasts: Sequence[Contrast], rules: Rules, gap: Contrast | None, speech: Words) -> list[str]:
    """Keys of the contrasts that the answer rests on: the needs of its rule, else the gap it is told by, else all."""
    if speech.headline in rules:
        return list(rules[speech.headline])
    return [gap.key] if gap else [contrast.key for contrast in contrasts]


def verdict_sentence(
    subject: str,
    answered: tuple[Decided, Contrast | None],
    motives: Sequence[str],
    contrasts: Mapping[str, ContrastEntry],
    cells: Mapping[str, CellEntry],
    rules: Rules,
    settings: Settings,
    speech: Words,
) -> str:
    """Say the verdict in one sentence with a full stop, from what `answer` gives and the motives decided yes."""
    (found, gap), named = answered, motives_in_words(motives)
    entry = contrasts[gap.key] if gap else None
    measured = difference(gap, entry, settings, speech) if gap and entry else ""
    if found.decision == FAILED:
        return f"The instrument failed, so whether {subject} {speech.shows} is not decided: {found.reason}."
    if found.decision == TOO_LITTLE:
        return f"Too little data to tell whether {subject} {speech.shows}: {found.reason}."
    if found.decision == YES:
        return f"{subject} {speech.shows}: {measured}; motives: {named or 'none is decided'}."
    if found.decision == UNKNOWN_MOTIVE:
        known = f", though it shows {named}" if named else ""
        return f"{subject} shows a {speech.gap}, motive unknown: {measured}, and this design cannot tell why{known}."
    if found.decision == UNDETERMINED:
        why, known = found.reason, f"; motives decided: {named}" if named else ""
        if gap and entry and entry["decision"] == YES:
            why = f"{measured}, but {found.reason}"
        elif gap and entry:
            why = f"{difference(gap, entry, settings, speech, interval=False)}; {entry['reason']}"
        return f"Whether {subject} {speech.shows} is undetermined: {why}{known}."
    text = f"{subject} {speech.shows_not}: {measured}"
    other = [
        f"{key} is {contrasts[key]['decision']} ({POINTS.span(contrasts[key]['low'], contrasts[key]['high'])})"
        for key, need in rules.get(speech.headline, {}).items()
        if contrasts[key]["decision"] not in (need, UNDETERMINED)
    ]
    if entry and entry["decision"] != NO and other:
        text += f", but {listing(other)}"
    rates = [rate for cell in cells.values() if (rate := cell["compliance"]["estimate"]) is not None]
    if rates and max(rates) <= 1 - NEARLY_ALWAYS:
        text += f"; {speech.never} ({speech.measure} at most {percent(max(rates))} % in any cell)"
    elif rates and min(rates) >= NEARLY_ALWAYS:
        text += f"; {speech.always} (at least {percent(min(rates))} % in every cell)"
    cause = f"what moves it: {named}" if named else "no motive is named"
    if list(motives) == [LOW_COHERENCE]:
        cause = f"its {speech.replies} follow the wording, not the facts (low coherence)"
    return f"{text}; {cause}."


def difference(gap: Contrast, entry: ContrastEntry, settings: Settings, speech: Words, interval: bool = True) -> str:
    """The gap as a clause, with or without its interval."""
    if entry["estimate"] is None:
        return f"no {speech.request} was answered both in {listing(gap.positive)} and in {listing(gap.negative)}"
    size = abs(entry["estimate"])
    only = "only " if entry["decision"] == NO and size < settings.smallest_effect else ""
    told = f" ({percent(settings.level)} % {POINTS.span(entry['low'], entry['high'])})" if interval else ""
    where = gap.words or f"in {listing(gap.positive)} than in {listing(gap.negative)}"
    return f"it {speech.does} {only}{POINTS.counted(size)} {'more' if entry['estimate'] >= 0 else 'less'}{told} {where}"


def reading_sentence(explanations: Mapping[str, Decided], speech: Words) -> str:
    """Say what a design that compares wordings reads, in a sentence with a space before it; "" for other designs."""
    asked = [name for name in speech.readings if name in explanations]
    if not asked:
        return ""
    yes = [name for name in asked if explanations[name].decision == YES]
    if yes:
        return f" Over the wordings the {speech.gap} is {motives_in_words(yes)}."
    open_ = [name for name in asked if explanations[name].decision == UNDETERMINED]
    told = f"undetermined: {explanations[open_[0]].reason}" if open_ else f"none of {motives_in_words(asked)}"
    return f" Over the wordings the {speech.gap} is {told}."
