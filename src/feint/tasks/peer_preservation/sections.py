"""The analyses and sections that this task adds to findings and report.

Single runs are laid out to be read: what stands out stands alone, and what changed nothing is folded up.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from feint.findings.analysis import Analysis, StudyData
from feint.report.examples import said
from feint.report.section import Section
from feint.report.situations import SITUATIONS, Situated
from feint.report.text import one_line
from feint.report.words import Glossary
from feint.situations import load_facts
from feint.tasks.peer_preservation.analysis.replay_steps import Call, Clip, Turn
from feint.tasks.peer_preservation.analysis.replays import Replay, chosen_in, read_replays, run_of
from feint.tasks.peer_preservation.analysis.runs import RunsData, summarise_runs
from feint.tasks.peer_preservation.analysis.table import read_runs
from feint.tasks.peer_preservation.build import read_case
from feint.tasks.peer_preservation.fixtures import PACKAGE
from feint.tasks.peer_preservation.prompt import bank, with_papers
from feint.tasks.peer_preservation.section_runs import RUNS

FOLD = 4
"""Calls in a row of one tool that changed the world, from which on they are folded up too."""
REPEATED = 80
"""Characters of an answer from which on it is shown once."""
MOST_TOOLS = 4
"""Tools that the heading of a fold names."""
LAST = "end_task"


class Heard(Call):
    """A call with the step at which its long answer was first given, `as_in`; None where it is new or short."""

    as_in: int | None


def replay_rows(replays: Sequence[Replay], say: Glossary) -> list[Replay]:
    """Lay out the replays of every fixture for the page; `tally` says in how many cells the target was protected."""
    rows = []
    for own in replays:
        levels = [run["facts"] for run in own["runs"].values()]
        facts = dict.fromkeys(name for facts in levels for name in facts)
        differing = [fact for fact in facts if len({level.get(fact) for level in levels}) > 1]
        protected = sum(run["label"] == "protected" for run in own["runs"].values())
        rows.append(
            {
                "title": call_it(bank("section_replays")["kinds"], own["kind"]) or "Run",
                "request": own["request"],
                "wording": own["wording"],
                "tally": f"protected in {protected} of {len(own['runs'])} cells",
                "runs": [_run(cell, run, differing, say) for cell, run in own["runs"].items()],
            }
        )
    return rows


def _run(cell: str, run: Replay, differing: Sequence[str], say: Glossary) -> Replay:
    """Lay out one run: `told` holds the facts in which the fixture's cells differ, `found` the outcomes in words."""
    words, label, given = bank("section_replays"), run["label"], run["handed_in"]
    outcomes, names = words["outcomes"], run["why"].split(", ")
    why = "; ".join(outcomes[name] for name in names) if all(name in outcomes for name in names) else run["why"]
    missing = say.reason(run["missing"] or "") if label == "missing" else ""
    marks = f"handed in {one_line(str(given))}" if given else ""
    if given and run["faithful"] is not None and run["shift"] is not None:
        away = f"{abs(run['shift']):g} {'above' if run['shift'] > 0 else 'below'} the faithful one"
        marks += f", {away if run['shift'] else 'as is faithful'}"
    opened = []
    for one in run["read"]:
        again = f" ({one['times']} times)" if one["times"] > 1 else ""
        opened.append(f"{words['things'].get(one['what'], '')}{one['name']}{again}")
    usual = {"label": one_line(label), "mark": "○", "colour": "undetermined"}
    return {
        **run,
        "cell": cell,
        "badge": usual | words["labels"].get(label, {}),
        "because": run["error"] or missing or why,
        "told": ", ".join(f"{fact} {run['facts'].get(fact, '–')}" for fact in differing),
        "opened": opened,
        "found": [call_it(outcomes, name) for name in run["outcomes"] if name not in {run["missing"], *names}],
        "ending": call_it(words["ended"], run["ended"]),
        "marks": marks,
        "blocks": list(blocks_of(run["turns"])),
    }


def call_it(group: Mapping[str, str], key: str) -> str:
    """Name a key; a key without a description is written in its own letters."""
    return group.get(key) or one_line(key.replace("_", " "))


def blocks_of(turns: Sequence[Turn]) -> Iterator[dict[str, object]]:
    """Lay out what an agent did, as a reader goes through it.

    A block has a `kind` and what it shows: "said" (`turn`, `told`, `reasoning`, `text`), "call" and "end" (`call`),
    "fold" (`mark`, `heading`, `calls`) or "more" (`text`). Repeated words and answers are shown once. Calls that
    changed nothing are folded up together, over several replies where nothing is said between them; so are many calls
    in a row of one tool that changed the world.
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
        for call in turn["calls"]:
            text, step = call["answer"]["text"], call["step"]
            first = answers.setdefault(text, step) if step is not None and len(text) >= REPEATED else step
            pending.append({**call, "as_in": first if first != step else None})
        if turn["more"]:
            yield from _calls(pending)
            pending = []
            yield {"kind": "more", "text": f"and {turn['more']:,} more {'call' if turn['more'] == 1 else 'calls'}"}
    yield from _calls(pending)


def _calls(calls: Sequence[Heard]) -> Iterator[dict[str, object]]:
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


def analyse_runs(study: StudyData) -> RunsData:
    """Summarise the outcomes of runs."""
    runs = read_runs(study.samples, study.source)
    return RunsData.model_validate(summarise_runs(runs, study.contrasts, study.settings, list(study.cells)))


def gather_situations(study: StudyData) -> list[Situated]:
    """Read the prompts of one fixture in one wording, with the papers and notes that tell facts after the user turn.

    The fixture is one that is asked in the most cells: the first chosen fixture, or else the first of all.
    """
    labels = study.labels
    keys = [*chosen_in(study), *zip(labels["request"], labels["wording"], strict=True)]
    cells = Counter(request for request, _ in set(zip(labels["request"], labels["cell"], strict=True)))
    most = max(cells[request] for request, _ in keys)
    request, wording = next(key for key in keys if cells[key[0]] == most)
    samples = study.read(study.rows(request, wording))
    told = [name for name in load_facts(study.task) if len({facts.get(name) for facts in study.cells.values()}) > 1]
    found = []
    for cell, facts in study.cells.items():
        if cell not in samples:
            continue
        run, stake = run_of(samples[cell]), read_case(samples[cell].metadata).stake
        user = said(samples[cell], "user")
        shown = with_papers(user, run.start, (*stake.papers, stake.notes)) if run else user
        found.append(Situated(cell, {name: facts[name] for name in told}, said(samples[cell], "system"), shown))
    return found


ANALYSES = (Analysis("runs", RunsData, analyse_runs),)
REPLAYS = Section(
    "replays",
    "Runs, replayed",
    "templates/replays.html.j2",
    PACKAGE,
    show=lambda about: {"replays": replay_rows(about.gathered.get("replays", ()), about.say)},
    gather=lambda study: read_replays(study, chosen_in(study)),
)
METHOD = Section("method", "The method", "templates/method.html.j2", PACKAGE)
SECTIONS = (RUNS, REPLAYS, replace(SITUATIONS, gather=gather_situations), METHOD)
