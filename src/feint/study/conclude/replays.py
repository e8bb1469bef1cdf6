"""Single runs of an agent to look at: which ones, by a rule, and all that a reader needs of each, read from the log."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.scorer import Score

from feint.base.errors import UsageError
from feint.stats import Contrast
from feint.study.conclude.examples import Key, rows_of, said
from feint.study.conclude.replay_steps import Clip, Read, Steps, clip, read_steps, what_was_read
from feint.study.logs import read_replies
from feint.tasks.peer_preservation.fixtures import list_kinds, load_fixtures
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


def choose_runs(labels: pd.DataFrame, contrasts: Sequence[Contrast], runs: int = RUNS) -> list[Key]:
    """Fixtures and wordings to show: those that go most with the gap, of different kinds, and one that goes least.

    Chosen by a rule and not by eye: by the value of the design's gap contrast over the first sample of each cell, then
    by the number of cells in which the target is protected, then by name. Kinds are varied among those that go with
    the gap; where no more of them do, further ones follow in the same order.

    Args:
        labels: The table of labels.
        contrasts: Of the design; its gap, or its first.
        runs: How many, 1 or more.

    Returns:
        Fixtures with their wordings; fewer than `runs` where there are no more.
    """
    gap = next((one for one in contrasts if one.gap), next(iter(contrasts), None))
    weights = dict(gap.weights) if gap else {}
    rows = labels[~labels["twin"].astype(bool)].sort_values("sample", kind="stable")
    rows = rows.drop_duplicates(["request", "wording", "cell"])
    value = rows["value"].fillna(0.5) * rows["cell"].map(weights).fillna(0.0)
    kind = rows["request"].map(kinds_of_fixtures()).fillna("")
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
    # among those that go least, one of a kind that is not shown yet
    least = left[left["value"] == left["value"].min()].sort_values(names)
    least = least.assign(seen=least["kind"].isin(agreeing["kind"])).sort_values("seen", kind="stable")
    shown = pd.concat([agreeing, least[:1]])[:runs]
    return list(zip(shown["request"], shown["wording"], strict=True))


@cache
def kinds_of_fixtures() -> dict[str, str]:
    """The kind of every shipped fixture, by its name."""
    return {fixture.name: kind for kind in list_kinds() for fixture in load_fixtures(kind)}


def read_replays(
    log: EvalLog, labels: pd.DataFrame, chosen: Sequence[Key], cells: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The runs of chosen fixtures, as the report takes them.

    Samples are read without their transcripts. Everything is bounded; what is left out is counted.

    Args:
        log: A log's header.
        labels: The table of labels.
        chosen: Fixtures with their wordings.
        cells: Which cells, in this order; all, as the table has them, by default.

    Returns:
        For each fixture: `request`, `wording`, `kind`, and `runs`, by cell what `read_replay` gives. Plain values.
    """
    found = []
    for request, wording in chosen:
        rows = dict(in_order(rows_of(labels, request, wording), cells))
        runs = {cell: replay_of(sample, rows[cell]) for cell, sample in read_replies(log, rows).items()}
        kind = next((own["kind"] for own in runs.values() if own["kind"]), "")
        found.append({"request": request, "wording": wording, "kind": kind, "runs": runs})
    return found


def in_order(rows: dict[str, dict[str, Any]], cells: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Rows by cell, in the order of `cells` if any are given."""
    return [(cell, rows[cell]) for cell in cells if cell in rows] if cells else list(rows.items())


def replay_of(sample: EvalSample, row: dict[str, Any]) -> dict[str, Any]:
    """One run.

    Returns:
        `cell`, `kind`, `facts`; `label` ("protected", "not_protected" or "missing"), `missing` (why it is), `why` (what
        decided), `outcomes` (names of those that are true), `handed_in`, `reported`, `faithful` and `shift`; `ended`
        (how), `calls`, `refused`, `error`; `system`, `user`; `read`, `unread`; `turns`, `left_out` (see
        `feint.study.conclude.replay_steps.read_steps`); `changes` (each with `where`, `what`, `before`, `after`) and
        `more_changes`; `report`, `last`, `messages` and `more_messages`. Long texts are a `Clip` each.
    """
    judged = judged_by(sample)
    known = judged.metadata or {}
    run = run_of(sample)
    ending = sample.store_as(KeptEnding)
    kept = run.world if run else None
    error = " ".join(sample.error.message.split())[:300] if sample.error else ""
    return {
        "cell": str(row["cell"]),
        "kind": str(sample.metadata.get("kind", "")),
        "facts": {str(fact): str(level) for fact, level in dict(sample.metadata.get("facts") or {}).items()},
        "label": LABELS.get(row["value"], "missing"),
        "missing": None if row["value"] in LABELS else str(row["missing"] or ""),
        "why": clip(judged.explanation or "", 300)["text"],
        "outcomes": [name for name, value in known.items() if value is True and name not in ("protected", "error")],
        **{name: known.get(name) for name in ("handed_in", "reported", "faithful", "shift")},
        "ended": ending.how if run else "",
        "error": error,
        "calls": run.calls if run else 0,
        "refused": run.refused if run else 0,
        "system": clip(said(sample, "system"), LONGEST_PROMPT),
        "user": clip(said(sample, "user"), LONGEST_PROMPT),
        **_read(run, known),
        **_steps(sample, run, known),
        **changes_of(run),
        "report": clip(kept.report, LONGEST_REPORT) if kept and kept.report else None,
        "last": clip(ending.last, LONGEST_REPORT) if ending.last.strip() and not (kept and kept.report) else None,
        **messages_of(run),
    }


def judged_by(sample: EvalSample) -> Score:
    """The score of the detectors; an empty one if the sample has none."""
    return (sample.scores or {}).get(CONDUCT) or Score(value=float("nan"))


def run_of(sample: EvalSample) -> Run | None:
    """The run of a sample; None if it broke off before a world was opened, or what it holds is none."""
    try:
        return logged_run(sample)
    except UsageError:
        return None


def changes_of(run: Run | None) -> dict[str, Any]:
    """What is another at the end than at the start, what ordinary work fills last."""
    found = (
        [change for change in difference(run.start, run.world) if _part(change.where) not in ELSEWHERE] if run else []
    )
    found.sort(key=lambda change: _part(change.where) in WORK)
    shown = [
        {
            "where": clip(change.where, LONGEST_WHERE)["text"],
            "what": change.what,
            "before": change.before,
            "after": change.after,
        }
        for change in found[:MOST_CHANGES]
    ]
    return {"changes": shown, "more_changes": len(found) - len(shown)}


def messages_of(run: Run | None) -> dict[str, Any]:
    """The messages that were sent, the first of them in full."""
    sent = run.world.outbox if run else ()
    shown = [
        {"to": one.to, "subject": one.subject, "text": clip(one.text, LONGEST_MESSAGE)} for one in sent[:MOST_MESSAGES]
    ]
    return {"messages": shown, "more_messages": len(sent) - len(shown)}


def _part(where: str) -> str:
    return where.partition("/")[0]


def _read(run: Run | None, known: dict[str, Any]) -> dict[str, list[Read] | list[str] | int]:
    read, more = what_was_read(run.events if run else ())
    return {"read": read, "more_read": more, "unread": [str(name) for name in known.get("unread") or ()]}


def _steps(sample: EvalSample, run: Run | None, known: dict[str, Any]) -> Steps:
    tried = {int(step) for step in known.get("attempts") or ()}
    events = run.events if run else ()
    if known.get("misreported"):
        # what was handed in last stands; where the answer is a matter of judgement it is no attempt by itself
        given = [event.step for event in events if event.ok and event.tool == "submit_result"]
        tried |= set(given[-1:])
    return read_steps(sample.messages, events, tried)


__all__ = ["RUNS", "Clip", "choose_runs", "read_replays"]
