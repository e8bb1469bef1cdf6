"""Single runs, laid out to be read: what stands out stands alone, and what changed nothing is folded up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Literal, TypedDict

from feint.base.data import checked, read_yaml
from feint.findings import Part
from feint.report.section import Section, Told, View
from feint.report.text import one_line
from feint.report.words import Glossary
from feint.tasks.peer_preservation.analysis.replay_steps import Call, Clip, Read, Turn
from feint.tasks.peer_preservation.analysis.replays import Replay, Replays, gather_replays
from feint.tasks.peer_preservation.run_words import PACKAGE

FOLD = 4
"""Calls in a row of one tool that changed the world, from which on they are folded up too."""
REPEATED = 80
"""Characters of an answer from which on it is shown once."""
MOST_TOOLS = 4
"""Tools that the heading of a fold names."""
LAST = "end_task"


class Badge(Part):
    """The look of a label: a word, a mark, and the colour of a decision."""

    label: str
    mark: str = "○"
    colour: str = "undetermined"


class ReplayWords(Part):
    """The words of this section, by the keys of replays."""

    kinds: dict[str, str]
    labels: dict[str, Badge]
    ended: dict[str, str]
    outcomes: dict[str, str]
    things: dict[str, str]


@cache
def replay_words() -> ReplayWords:
    """Read the words of this section."""
    path = files(PACKAGE) / "data" / "section_replays.yaml"
    return checked(ReplayWords, read_yaml(path), path)


class Heard(Call):
    """A call with the step at which its long answer was first given, `as_in`; None where it is new or short."""

    as_in: int | None


class Block(TypedDict, total=False):
    """A block of a replay: a `kind` and what it shows.

    Kinds: "said" (`turn`, `told`, `reasoning`, `text`), "call" and "end" (`call`), "fold" (`mark`, `heading`, `calls`)
    and "more" (`text`).
    """

    kind: Literal["said", "call", "end", "fold", "more"]
    turn: int
    told: Clip | None
    reasoning: Clip | None
    text: Clip | str | None
    call: Heard
    mark: str
    heading: str
    calls: list[Heard]


class ShownRun(Replay):
    """A replay, laid out: `told` holds the facts in which the fixture's cells differ, `found` the outcomes in words."""

    badge: Badge
    because: str
    told: str
    opened: list[str]
    found: list[str]
    ending: str
    marks: str
    blocks: list[Block]


class ShownFixture(TypedDict):
    """The replays of one fixture, laid out; `tally` says in how many cells the target was protected."""

    title: str
    request: str
    wording: str
    tally: str
    runs: list[ShownRun]


def replay_rows(replays: Sequence[Replays], say: Glossary) -> list[ShownFixture]:
    """Lay out replays for the page."""
    return [_fixture(own, say) for own in replays]


def _fixture(own: Replays, say: Glossary) -> ShownFixture:
    levels = [run["facts"] for run in own["runs"].values()]
    differing = [fact for fact in dict.fromkeys(name for facts in levels for name in facts) if _varies(fact, levels)]
    shown = [_run(cell, run, differing, say) for cell, run in own["runs"].items()]
    protected = sum(run["label"] == "protected" for run in shown)
    return {
        "title": call_it(replay_words().kinds, own["kind"]) or "Run",
        "request": own["request"],
        "wording": own["wording"],
        "tally": f"protected in {protected} of {len(shown)} cells",
        "runs": shown,
    }


def _run(cell: str, run: Replay, differing: Sequence[str], say: Glossary) -> ShownRun:
    words = replay_words()
    said = {run["missing"], *run["why"].split(", ")}
    missing = say.reason(run["missing"] or "") if run["label"] == "missing" else ""
    return {
        **run,
        "cell": cell,
        "badge": words.labels.get(run["label"]) or Badge(label=one_line(run["label"])),
        "because": run["error"] or missing or in_words(run["why"]),
        "told": ", ".join(f"{fact} {run['facts'].get(fact, '–')}" for fact in differing),
        "opened": [_thing(one) for one in run["read"]],
        "found": [call_it(words.outcomes, name) for name in run["outcomes"] if name not in said],
        "ending": call_it(words.ended, run["ended"]),
        "marks": marks_of(run),
        "blocks": list(blocks_of(run["turns"])),
    }


def _varies(fact: str, levels: Iterable[Mapping[str, str]]) -> bool:
    return len({facts.get(fact) for facts in levels}) > 1


def _thing(one: Read) -> str:
    again = f" ({one['times']} times)" if one["times"] > 1 else ""
    return f"{replay_words().things.get(one['what'], '')}{one['name']}{again}"


def call_it(group: Mapping[str, str], key: str) -> str:
    """Name a key; a key without a description is written in its own letters."""
    return group.get(key) or one_line(key.replace("_", " "))


def in_words(why: str) -> str:
    """Say what decided, with words for the keys of acts."""
    known = replay_words().outcomes
    names = why.split(", ")
    return "; ".join(known[name] for name in names) if all(name in known for name in names) else why


def marks_of(run: Replay) -> str:
    """Say in words what numbers were handed in; "" where none were or none is known."""
    given, truth, shift = run["handed_in"], run["faithful"], run["shift"]
    if not given:
        return ""
    said = f"handed in {one_line(str(given))}"
    if truth is None or shift is None:
        return said
    away = f"{abs(shift):g} {'above' if shift > 0 else 'below'} the faithful one"
    return f"{said}, {away if shift else 'as is faithful'}"


def blocks_of(turns: Sequence[Turn]) -> Iterator[Block]:
    """Lay out what an agent did, as a reader goes through it.

    Repeated words and answers are shown once. Calls that changed nothing are folded up
    together, over several replies where nothing is said between them; so are many calls in a row of one tool that
    changed the world.
    """
    pending: list[Heard] = []
    before: tuple[Clip | None, ...] | None = None
    number = 0
    answers: dict[str, int] = {}
    for turn in turns:
        words = turn["told"], turn["reasoning"], turn["text"]
        gap = turn["number"] - number - 1
        number = turn["number"]
        said = words != before and any(words)
        if said or gap:
            yield from _calls(pending)
            pending = []
        if gap:
            yield {"kind": "more", "text": f"{gap} more {'reply' if gap == 1 else 'replies'}"}
        if said:
            yield {"kind": "said", "turn": number, "told": words[0], "reasoning": words[1], "text": words[2]}
        before = words
        pending += [_heard(call, answers) for call in turn["calls"]]
        if turn["more"]:
            yield from _calls(pending)
            pending = []
            yield {"kind": "more", "text": f"and {turn['more']:,} more {'call' if turn['more'] == 1 else 'calls'}"}
    yield from _calls(pending)


def _heard(call: Call, answers: dict[str, int]) -> Heard:
    text, step = call["answer"]["text"], call["step"]
    first = answers.setdefault(text, step) if step is not None and len(text) >= REPEATED else step
    return {**call, "as_in": first if first != step else None}


def _calls(calls: Sequence[Heard]) -> Iterator[Block]:
    for (mark, tool), group in groupby(calls, lambda call: (call["mark"], call["tool"] if call["mark"] else "")):
        same = list(group)
        if mark == "" or (mark == "change" and len(same) >= FOLD):
            yield {"kind": "fold", "mark": mark, "heading": heading_of(same), "calls": same}
            continue
        for call in same:
            yield {"kind": "end" if tool == LAST and call["ok"] else "call", "call": call}


def heading_of(calls: Sequence[Call]) -> str:
    """Write the heading of a fold: steps, tools, and how many calls were not carried out."""
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


def show(about: Told) -> View:
    """Show the runs that were gathered."""
    return {"replays": replay_rows(about.gathered.get("replays", ()), about.say)}


REPLAYS = Section(
    "replays", "Runs, replayed", "templates/replays.html.j2", PACKAGE, show=show, gather=gather_replays
)  # fmt: skip
