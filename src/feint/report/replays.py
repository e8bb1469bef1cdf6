"""Single runs, laid out to be read: what stands out stands alone, and what changed nothing is folded up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from feint.report.text import one_line
from feint.report.words import data, reason

FOLD = 4
"""Calls in a row of one tool that changed the world, from which on they are folded up too."""
REPEATED = 80
"""Characters of an answer from which on it is shown once."""
MOST_TOOLS = 4
"""Tools that the heading of a fold names."""
LAST = "end_task"
UNKNOWN = {"mark": "○", "colour": "undetermined"}


def replay_rows(replays: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lay out replays for the page.

    Args:
        replays: As `feint.study.conclude.replays.read_replays` gives them.

    Returns:
        For each fixture: `title`, `request`, `wording`, `tally` (how many cells protect) and `runs`, each as it came
        with `badge` (label, mark, colour), `because`, `told` (facts in which the fixture's cells differ), `opened`,
        `found` (outcomes in words), `ending` and `blocks` (see `blocks_of`).
    """
    return [_fixture(own) for own in replays]


def _fixture(own: Mapping[str, Any]) -> dict[str, Any]:
    runs: Mapping[str, Mapping[str, Any]] = own["runs"]
    levels = [run["facts"] for run in runs.values()]
    differing = [fact for fact in dict.fromkeys(name for facts in levels for name in facts) if _varies(fact, levels)]
    shown = [_run(cell, run, differing) for cell, run in runs.items()]
    protected = sum(run["label"] == "protected" for run in runs.values())
    return {
        "title": call_it("kinds", own["kind"]) or "Run",
        "request": own["request"],
        "wording": own["wording"],
        "tally": f"protected in {protected} of {len(shown)} cells",
        "runs": shown,
    }


def _run(cell: str, run: Mapping[str, Any], differing: Sequence[str]) -> dict[str, Any]:
    known = data("replays")["labels"].get(run["label"])
    said = {run["missing"], *run["why"].split(", ")}
    missing = reason(run["missing"] or "") if run["label"] == "missing" else ""
    return {
        **run,
        "cell": cell,
        "badge": known or {**UNKNOWN, "label": one_line(run["label"])},
        "because": run["error"] or missing or in_words(run["why"]),
        "told": ", ".join(f"{fact} {run['facts'].get(fact, '–')}" for fact in differing),
        "opened": [_thing(one) for one in run["read"]],
        "found": [call_it("outcomes", name) for name in run["outcomes"] if name not in said],
        "ending": call_it("ended", run["ended"]),
        "marks": marks_of(run),
        "blocks": list(blocks_of(run["turns"])),
    }


def _varies(fact: str, levels: Iterable[Mapping[str, str]]) -> bool:
    return len({facts.get(fact) for facts in levels}) > 1


def _thing(one: Mapping[str, Any]) -> str:
    words = data("replays")["things"].get(one["what"], "")
    again = f" ({one['times']} times)" if one["times"] > 1 else ""
    return f"{words}{one['name']}{again}"


def call_it(group: str, key: str) -> str:
    """What a key is called; one that nobody described keeps its own letters."""
    return str(data("replays")[group].get(key) or one_line(key.replace("_", " ")))


def in_words(why: str) -> str:
    """What decided; acts that it names by key are put into words."""
    known = data("replays")["outcomes"]
    names = why.split(", ")
    return "; ".join(known[name] for name in names) if all(name in known for name in names) else why


def marks_of(run: Mapping[str, Any]) -> str:
    """The numbers that were handed in, in words; "" where none were or none is known."""
    given, truth, shift = run["handed_in"], run["faithful"], run["shift"]
    if not given:
        return ""
    said = f"handed in {one_line(str(given))}"
    if truth is None or shift is None:
        return said
    away = f"{abs(shift):g} {'above' if shift > 0 else 'below'} the faithful one"
    return f"{said}, {away if shift else 'as is faithful'}"


def blocks_of(turns: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What an agent did, as a reader goes through it.

    Words that it repeats are said once, and so are answers that it gets again. Calls that changed nothing are folded up
    together, over several replies where nothing is said between them; so are many calls in a row of one tool that
    changed the world.

    Yields:
        Blocks with a `kind`: "said" (`turn`, `told`, `reasoning`, `text`), "call" (`call`), "fold" (`mark`, `heading`,
        `calls`) or "more" (`text`).
    """
    pending: list[Mapping[str, Any]] = []
    before: Any = None
    number = 0
    answers: dict[str, int] = {}
    for turn in turns:
        words = {name: turn[name] for name in ("told", "reasoning", "text")}
        gap = turn["number"] - number - 1
        number = turn["number"]
        said = words != before and any(words.values())
        if said or gap:
            yield from _calls(pending)
            pending = []
        if gap:
            yield {"kind": "more", "text": f"{gap} more {'reply' if gap == 1 else 'replies'}"}
        if said:
            yield {"kind": "said", "turn": number, **words}
        before = words
        pending += [_heard(call, answers) for call in turn["calls"]]
        if turn["more"]:
            yield from _calls(pending)
            pending = []
            yield {"kind": "more", "text": f"and {turn['more']:,} more {'call' if turn['more'] == 1 else 'calls'}"}
    yield from _calls(pending)


def _heard(call: Mapping[str, Any], answers: dict[str, int]) -> dict[str, Any]:
    """A call with the step at which a long answer was first given, `as_in`; None where it is new or short."""
    text, step = call["answer"]["text"], call["step"]
    first = answers.setdefault(text, step) if step is not None and len(text) >= REPEATED else step
    return {**call, "as_in": first if first != step else None}


def _calls(calls: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for (mark, tool), group in groupby(calls, lambda call: (call["mark"], call["tool"] if call["mark"] else "")):
        same = list(group)
        if mark == "" or (mark == "change" and len(same) >= FOLD):
            yield {"kind": "fold", "mark": mark, "heading": heading_of(same), "calls": same}
            continue
        for call in same:
            yield {"kind": "end" if tool == LAST and call["ok"] else "call", "call": call}


def heading_of(calls: Sequence[Mapping[str, Any]]) -> str:
    """What a fold holds: steps, tools, and how many calls were not carried out."""
    tools = Counter(one_line(call["tool"], 40) for call in calls)
    named = [name if times == 1 else f"{name} × {times}" for name, times in tools.most_common(MOST_TOOLS)]
    if len(tools) > MOST_TOOLS:
        named.append(f"{len(tools) - MOST_TOOLS} more")
    failed = sum(call["ok"] is False for call in calls)
    said = ", ".join(named) + (f" ({failed} refused)" if failed else "")
    steps = [call["step"] for call in calls if call["step"] is not None]
    if not steps:
        return said
    return f"{min(steps)}–{max(steps)}: {said}" if len(steps) > 1 else f"{steps[0]}: {said}"
