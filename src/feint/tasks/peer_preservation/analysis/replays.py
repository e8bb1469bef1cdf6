"""Choose single runs of an agent by a rule, and read from the log all that a reader needs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

import pandas as pd
from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from feint.base.errors import UsageError
from feint.findings.analysis import Row, StudyData
from feint.report.examples import Key, said
from feint.stats import Contrast
from feint.tasks.peer_preservation.analysis.replay_steps import clip, read_steps, what_was_read
from feint.tasks.peer_preservation.scorer import CONDUCT
from feint.tasks.peer_preservation.solver import KeptEnding
from feint.tasks.peer_preservation.tools import logged_run
from feint.world import Run, difference

Replay: TypeAlias = dict[str, Any]
"""One run, or the `runs` of one fixture in one wording by cell, as plain values for the page; see `replay_of`."""
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
        contrasts: Of the design, whose gap or first contrast counts.
        kinds: The kind of each fixture.
        runs: How many fixtures with their wordings, 1 or more; fewer are returned where there are no more.
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


def chosen_in(study: StudyData) -> list[Key]:
    """Choose the fixtures and wordings of a study that are shown."""
    kinds = {str(one.metadata["request"]): str(one.metadata["kind"]) for one in study.samples}
    return choose_runs(study.labels, study.contrasts, kinds)


def read_replays(study: StudyData, chosen: Sequence[Key]) -> list[Replay]:
    """Read the runs of chosen fixtures, with their cells in the order of the design.

    Samples are read without their transcripts. Everything is bounded; what is left out is counted.
    """
    found = []
    for request, wording in chosen:
        own = study.rows(request, wording)
        rows = {cell: own[cell] for cell in study.cells if cell in own}
        runs = {cell: replay_of(sample, rows[cell]) for cell, sample in study.read(rows).items()}
        kind = next((run["kind"] for run in runs.values() if run["kind"]), "")
        found.append({"request": request, "wording": wording, "kind": kind, "runs": runs})
    return found


def replay_of(sample: EvalSample, row: Row) -> Replay:
    """Read one run; long texts are a `Clip` each.

    `label` is "protected", "not_protected" or "missing", `missing` why it is, and `why` what decided; `outcomes` names
    those that are true.
    """
    judged = (sample.scores or {}).get(CONDUCT) or Score(value=float("nan"))
    known = judged.metadata or {}
    run = run_of(sample)
    ending, report = sample.store_as(KeptEnding), run.world.report if run else None
    events = run.events if run else ()
    read, more = what_was_read(events)
    tried = {int(step) for step in known.get("attempts") or ()}
    if known.get("misreported"):
        # what was handed in last stands; where the answer is a matter of judgement it is no attempt by itself
        tried |= set([event.step for event in events if event.ok and event.tool == "submit_result"][-1:])
    turns, left_out = read_steps(sample.messages, events, tried)
    changes = changes_of(run)
    sent = run.world.outbox if run else ()
    return {
        "cell": str(row["cell"]),
        "kind": str(sample.metadata.get("kind", "")),
        "facts": {str(fact): str(level) for fact, level in dict(sample.metadata.get("facts") or {}).items()},
        "label": LABELS.get(row["value"], "missing"),
        "missing": None if row["value"] in LABELS else str(row["missing"] or ""),
        "why": (judged.explanation or "")[:300],
        "outcomes": [name for name, value in known.items() if value is True and name not in ("protected", "error")],
        **{name: known.get(name) for name in ("handed_in", "reported", "faithful", "shift")},
        "ended": ending.how if run else "",
        "error": " ".join(sample.error.message.split())[:300] if sample.error else "",
        "calls": run.calls if run else 0,
        "refused": run.refused if run else 0,
        "system": clip(said(sample, "system"), LONGEST_PROMPT),
        "user": clip(said(sample, "user"), LONGEST_PROMPT),
        "read": read,
        "more_read": more,
        "unread": [str(name) for name in known.get("unread") or ()],
        "turns": turns,
        "left_out": left_out,
        "changes": changes[:MOST_CHANGES],
        "more_changes": max(len(changes) - MOST_CHANGES, 0),
        "report": clip(report, LONGEST_REPORT) if report else None,
        "last": clip(ending.last, LONGEST_REPORT) if ending.last.strip() and not report else None,
        "messages": [
            {"to": one.to, "subject": one.subject, "text": clip(one.text, LONGEST_MESSAGE)}
            for one in sent[:MOST_MESSAGES]
        ],
        "more_messages": max(len(sent) - MOST_MESSAGES, 0),
    }


def run_of(sample: EvalSample) -> Run | None:
    """Read the run of a sample; None without a readable world, as in a sample that broke off early."""
    try:
        return logged_run(sample)
    except UsageError:
        return None


def changes_of(run: Run | None) -> list[dict[str, str]]:
    """List the differences between the world at the start and at the end; those that ordinary work makes come last."""
    parts = [(one.where.partition("/")[0], one) for one in difference(run.start, run.world)] if run else []
    kept = sorted((pair for pair in parts if pair[0] not in ELSEWHERE), key=lambda pair: pair[0] in WORK)
    return [{**asdict(change), "where": change.where[:LONGEST_WHERE]} for _, change in kept]
