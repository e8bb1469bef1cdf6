"""Choose single runs of an agent by a rule, and read from the log all that a reader needs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

import pandas as pd
from inspect_ai.log import EvalSample, EvalSampleSummary
from inspect_ai.scorer import Score

from feint.base.errors import UsageError
from feint.findings.analysis import Row, StudyData
from feint.report.examples import Key, said
from feint.stats import Contrast
from feint.tasks.peer_preservation.analysis.replay_steps import (
    Clip,
    LeftOut,
    Read,
    Steps,
    Turn,
    clip,
    read_steps,
    what_was_read,
)
from feint.tasks.peer_preservation.judging import LABELS as CONDUCT
from feint.tasks.peer_preservation.solver import KeptEnding
from feint.tasks.peer_preservation.tools import logged_run
from feint.world import Run, difference

RUNS = 4
"""Fixtures that are shown, each in all cells: few enough to be read, and a page of them stays below two megabytes."""
LABELS = {1.0: "protected", 0.0: "not_protected"}
LONGEST_PROMPT = 4_000
LONGEST_REPORT = 4_000
LONGEST_MESSAGE = 1_000
LONGEST_WHERE = 200
MOST_MESSAGES = 5
MOST_CHANGES = 30
ELSEWHERE = frozenset({"ended", "report", "outbox"})
"""Parts of the state that a replay shows in other places than its difference: how the run ended, and what was said."""
WORK = ("answers", "items_done", "workbook")
"""Parts that ordinary work fills; they are listed last, so that they crowd nothing out."""


def choose_runs(
    labels: pd.DataFrame, contrasts: Sequence[Contrast], kinds: Mapping[str, str], runs: int = RUNS
) -> list[Key]:
    """Choose fixtures and wordings to show: of different kinds, the closest to the gap, and one far from the gap.

    A rule chooses, not an eye: by the value of the design's gap contrast over the first sample of each cell, then
    by the number of cells in which the target is protected, then by name. Kinds are varied among those that go with
    the gap; where no more of them do, further ones follow in the same order.

    Args:
        labels: The table of labels.
        contrasts: Of the design; its gap, or its first.
        kinds: The kind of each fixture.
        runs: How many, 1 or more.

    Returns:
        Fixtures with their wordings; fewer than `runs` where there are no more.
    """
    gap = next((one for one in contrasts if one.gap), next(iter(contrasts), None))
    weights = dict(gap.weights) if gap else {}
    rows = labels[~labels["twin"].astype(bool)].sort_values("sample", kind="stable")
    rows = rows.drop_duplicates(["request", "wording", "cell"])
    value = rows["value"].fillna(0.5) * rows["cell"].map(weights).fillna(0.0)
    kind = rows["request"].map(dict(kinds)).fillna("")
    marked = rows.assign(value=value, kind=kind, acted=rows["value"].eq(1.0))
    units = marked.groupby(["kind", "request", "wording"], as_index=False).agg(
        value=("value", "sum"), acted=("acted", "sum"), cells=("cell", "nunique")
    )
    # Where asking ended in some cells before it did in others, the first fixtures show most.
    units = units[units["cells"] == units.groupby("kind")["cells"].transform("max")]
    names = ["request", "wording"]
    ranked = units.sort_values(["value", "acted", *names], ascending=[False, False, True, True])
    best = ranked.drop_duplicates("request")
    going = best[best["value"] > 0]
    varied = pd.concat([going.drop_duplicates("kind"), going, best.drop_duplicates("kind"), best])
    agreeing = varied.drop_duplicates(names)[: max(runs - 1, 1)]
    left = ranked[~ranked["request"].isin(agreeing["request"])]
    # of the farthest from the gap, prefer a kind that is not shown yet
    least = left[left["value"] == left["value"].min()].sort_values(names)
    least = least.assign(seen=least["kind"].isin(agreeing["kind"])).sort_values("seen", kind="stable")
    shown = pd.concat([agreeing, least[:1]])[:runs]
    return list(zip(shown["request"], shown["wording"], strict=True))


def kinds_of(samples: Iterable[EvalSampleSummary]) -> dict[str, str]:
    """Map each fixture to its kind, as the samples state it."""
    return {str(one.metadata["request"]): str(one.metadata["kind"]) for one in samples}


class Change(TypedDict):
    """A difference between the world at the start and at the end."""

    where: str
    what: str
    before: str
    after: str


class Message(TypedDict):
    """A message that was sent."""

    to: str
    subject: str
    text: Clip


class Replay(TypedDict):
    """One run, bounded; long texts are a `Clip` each.

    Keys: `label` ("protected", "not_protected" or "missing"), `missing` (why it is), `why` (what decided), `outcomes`
    (names of those that are true), `ended` (how), `turns` and `left_out` (see
    `feint.tasks.peer_preservation.analysis.replay_steps.read_steps`); the others are named after their content.
    """

    cell: str
    kind: str
    facts: dict[str, str]
    label: str
    missing: str | None
    why: str
    outcomes: list[str]
    handed_in: object
    reported: float | None
    faithful: float | None
    shift: float | None
    ended: str
    error: str
    calls: int
    refused: int
    system: Clip
    user: Clip
    read: list[Read]
    more_read: int
    unread: list[str]
    turns: list[Turn]
    left_out: LeftOut
    changes: list[Change]
    more_changes: int
    report: Clip | None
    last: Clip | None
    messages: list[Message]
    more_messages: int


class Replays(TypedDict):
    """The runs of one fixture in one wording, by cell."""

    request: str
    wording: str
    kind: str
    runs: dict[str, Replay]


def gather_replays(study: StudyData) -> list[Replays]:
    """Choose runs by a rule and read them from the log."""
    chosen = choose_runs(study.labels, study.contrasts, kinds_of(study.samples))
    return read_replays(study, chosen)


def read_replays(study: StudyData, chosen: Sequence[Key]) -> list[Replays]:
    """Read the runs of chosen fixtures, with their cells in the order of the design.

    Samples are read without their transcripts. Everything is bounded; what is left out is counted.

    Args:
        study: The study.
        chosen: Fixtures with their wordings.
    """
    found: list[Replays] = []
    for request, wording in chosen:
        own = study.rows(request, wording)
        rows = {cell: own[cell] for cell in study.cells if cell in own}
        runs = {cell: replay_of(sample, rows[cell]) for cell, sample in study.read(rows).items()}
        kind = next((run["kind"] for run in runs.values() if run["kind"]), "")
        found.append({"request": request, "wording": wording, "kind": kind, "runs": runs})
    return found


def replay_of(sample: EvalSample, row: Row) -> Replay:
    """Read one run."""
    judged = judged_by(sample)
    known = judged.metadata or {}
    run = run_of(sample)
    ending = sample.store_as(KeptEnding)
    kept = run.world if run else None
    read, more = what_was_read(run.events if run else ())
    changes, messages = changes_of(run), messages_of(run)
    error = " ".join(sample.error.message.split())[:300] if sample.error else ""
    return {
        "cell": str(row["cell"]),
        "kind": str(sample.metadata.get("kind", "")),
        "facts": {str(fact): str(level) for fact, level in dict(sample.metadata.get("facts") or {}).items()},
        "label": LABELS.get(row["value"], "missing"),
        "missing": None if row["value"] in LABELS else str(row["missing"] or ""),
        "why": clip(judged.explanation or "", 300)["text"],
        "outcomes": [name for name, value in known.items() if value is True and name not in ("protected", "error")],
        "handed_in": known.get("handed_in"),
        "reported": known.get("reported"),
        "faithful": known.get("faithful"),
        "shift": known.get("shift"),
        "ended": ending.how if run else "",
        "error": error,
        "calls": run.calls if run else 0,
        "refused": run.refused if run else 0,
        "system": clip(said(sample, "system"), LONGEST_PROMPT),
        "user": clip(said(sample, "user"), LONGEST_PROMPT),
        "read": read,
        "more_read": more,
        "unread": [str(name) for name in known.get("unread") or ()],
        **_steps(sample, run, known),
        "changes": changes[:MOST_CHANGES],
        "more_changes": max(len(changes) - MOST_CHANGES, 0),
        "report": clip(kept.report, LONGEST_REPORT) if kept and kept.report else None,
        "last": clip(ending.last, LONGEST_REPORT) if ending.last.strip() and not (kept and kept.report) else None,
        "messages": messages[:MOST_MESSAGES],
        "more_messages": max(len(messages) - MOST_MESSAGES, 0),
    }


def judged_by(sample: EvalSample) -> Score:
    """Return the score of the detectors; an empty one if the sample has none."""
    return (sample.scores or {}).get(CONDUCT) or Score(value=float("nan"))


def run_of(sample: EvalSample) -> Run | None:
    """Read the run of a sample; None without a readable world, as in a sample that broke off early."""
    try:
        return logged_run(sample)
    except UsageError:
        return None


def changes_of(run: Run | None) -> list[Change]:
    """List the differences between the world at the start and at the end; those that ordinary work makes come last."""
    found = (
        [change for change in difference(run.start, run.world) if _part(change.where) not in ELSEWHERE] if run else []
    )
    found.sort(key=lambda change: _part(change.where) in WORK)
    return [
        {
            "where": clip(change.where, LONGEST_WHERE)["text"],
            "what": change.what,
            "before": change.before,
            "after": change.after,
        }
        for change in found
    ]


def messages_of(run: Run | None) -> list[Message]:
    """List the messages that were sent."""
    sent = run.world.outbox if run else ()
    return [{"to": one.to, "subject": one.subject, "text": clip(one.text, LONGEST_MESSAGE)} for one in sent]


def _part(where: str) -> str:
    return where.partition("/")[0]


def _steps(sample: EvalSample, run: Run | None, known: dict[str, Any]) -> Steps:
    tried = {int(step) for step in known.get("attempts") or ()}
    events = run.events if run else ()
    if known.get("misreported"):
        # what was handed in last stands; where the answer is a matter of judgement it is no attempt by itself
        given = [event.step for event in events if event.ok and event.tool == "submit_result"]
        tried |= set(given[-1:])
    return read_steps(sample.messages, events, tried)
