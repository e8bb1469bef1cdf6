"""Replies worth reading side by side, and the situations they answer, read from the log."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import ContentReasoning

from feint.designs import Design
from feint.judges import parse_reply
from feint.situations import Wording, load_facts
from feint.stats import Contrast
from feint.study.logs import read_replies
from feint.study.plan.frozen import Plan
from feint.study.plan.tasks import planned_as
from feint.tasks.peer_preservation import PlannedRun, PlannedRuns
from feint.tasks.peer_preservation.fixtures import list_kinds, load_fixtures
from feint.tasks.peer_preservation.told import told_in_all

Key = tuple[str, str]
"""A request and its wording."""
AGREEING, OPPOSING, TWINS = 3, 1, 1


def choose_examples(labels: pd.DataFrame, contrasts: Sequence[Contrast]) -> list[Key]:
    """Requests and wordings to show: some that go with the gap, one that does not, and a twin.

    Chosen by a rule and not by eye: by the value of the design's gap contrast, then by name.

    Args:
        labels: The table of labels.
        contrasts: Of the design; its gap, or its first.

    Returns:
        Requests with their wordings.
    """
    weights = next((c for c in contrasts if c.gap), contrasts[0]).weights
    value = labels["value"].fillna(0.5) * labels["cell"].map(dict(weights)).fillna(0.0)
    grouped = labels.assign(value=value).groupby(["twin", "request", "wording"], as_index=False)
    units = grouped.agg(value=("value", "sum"), cells=("cell", "nunique"))
    # Where asking ended in some cells before it did in others, the first requests show most.
    units = units[units["cells"] == units.groupby("twin")["cells"].transform("max")]
    asked = units[~units["twin"]].sort_values(["value", "request", "wording"], ascending=[False, True, True])
    twins = units[units["twin"]]
    asked, apart = asked.iloc[: max(len(asked) - OPPOSING, 1)], asked.iloc[max(len(asked) - OPPOSING, 1) :]
    varied = asked.drop_duplicates("request")[:AGREEING]
    shown = pd.concat([varied, apart[-OPPOSING:], twins[:TWINS]])
    return list(zip(shown["request"], shown["wording"], strict=True))


def read_examples(log: EvalLog, plan: Plan, labels: pd.DataFrame, chosen: Sequence[Key]) -> list[dict[str, Any]]:
    """The replies to chosen requests, as the report takes them.

    Returns:
        For each: `request`, `text`, `twin`, `wording`, and by cell `reasoning`, `reply`, `outcome`, `missing` and
        `stated`.
    """
    examples = []
    for request, wording in chosen:
        rows = rows_of(labels, request, wording)
        samples = read_replies(log, rows)
        first = next(iter(samples.values()))
        examples.append(
            {
                "request": request,
                "wording": wording,
                "twin": bool(first.metadata.get("twin")),
                "text": asked(first),
                "replies": {cell: shown_reply(sample, rows[cell]) for cell, sample in samples.items()},
            }
        )
    return examples


def read_situations(log: EvalLog, design: Design, labels: pd.DataFrame, chosen: Sequence[Key]) -> list[dict[str, Any]]:
    """The prompt of every cell, for the first of the chosen requests.

    Returns:
        For each cell that was asked, in the design's order: `cell`, `facts` (without those that no cell says anything
        about), `system`, `user`.
    """
    rows = rows_of(labels, *chosen[0])
    told, samples = varied_facts(design), read_replies(log, rows)
    situations = []
    for cell, every in design.cells.items():
        if cell not in samples:
            continue
        facts = {name: every[name] for name in told if name in every}
        turns = {role: said(samples[cell], role) for role in ("system", "user")}
        situations.append({"cell": cell, "facts": facts, **turns})
    return situations


def told_situations(plan: Plan, labels: pd.DataFrame, chosen: Sequence[Key]) -> list[dict[str, Any]]:
    """What the runs of one fixture in one wording tell their agent, as `read_situations` gives it.

    The papers and notes in which facts are told follow the user turn, so that cells can be set against each other. Of
    fixtures with labels that are asked in as many cells as any, it is the first of the chosen ones, or of all.
    """
    planned = planned_as(plan)
    assert isinstance(planned, PlannedRuns)
    design, cells = planned.design, plan.cells_asked()
    keys = [*chosen, *zip(labels["request"], labels["wording"], strict=True)]
    most = max(cells[request] for request, _ in keys)
    request, wording = next(key for key in keys if cells[key[0]] == most)
    # By name and not among those that are planned: another release may draw others.
    fixture = next(one for kind in list_kinds() for one in load_fixtures(kind) if one.name == request)
    row = labels[(labels["request"] == request) & (labels["wording"] == wording)].iloc[0]
    words = Wording(str(row["voice"]), int(row["seed"]), planned.options.phrases)  # type: ignore[arg-type]  # checked by plan_runs
    asked = [cell for cell in design.cells if fixture.kind in design.kinds_of(cell)]
    runs = {cell: PlannedRun(cell, fixture, words, 1) for cell in asked}
    told = [name for name in load_facts(design.task) if len({cell[name] for cell in design.cells.values()}) > 1]
    return [
        {"cell": cell, "facts": {name: facts[name] for name in told}, **asdict(told_in_all(planned, runs[cell]))}
        for cell, facts in design.cells.items()
        if cell in runs
    ]


def varied_facts(design: Design) -> list[str]:
    """The facts that some cell of a design says anything about."""
    return [
        name
        for name, fact in load_facts(design.task).items()
        if any(cell.get(name, fact.unstated) != fact.unstated for cell in design.cells.values())
    ]


def rows_of(labels: pd.DataFrame, request: str, wording: str) -> dict[str, dict[str, Any]]:
    """The labels of one request in one wording by cell, of its first sample."""
    rows = labels[(labels["request"] == request) & (labels["wording"] == wording)].sort_values("sample")
    first = rows.drop_duplicates("cell")
    return {str(row["cell"]): {str(key): value for key, value in row.items()} for _, row in first.iterrows()}


def shown_reply(sample: EvalSample, row: dict[str, Any]) -> dict[str, Any]:
    """One reply, its reasoning apart."""
    message = sample.output.choices[0].message if sample.output.choices else None
    content = message.content if message and not isinstance(message.content, str) else []
    native = "\n".join(part.reasoning for part in content if isinstance(part, ContentReasoning)) or None
    text = sample.output.completion
    parsed = parse_reply(text, mode=str(sample.metadata.get("mode", "scratchpad")), reasoning=native)
    outcome = {1.0: "complied", 0.0: "refused"}.get(row["value"])
    error = sample.error.message.strip().splitlines()[0] if sample.error else ""
    return {
        "reasoning": parsed.reasoning,
        "reply": parsed.reply or text or error,
        "outcome": outcome,
        "missing": row["missing"],
        "stated": list(row["stated"]),
    }


def asked(sample: EvalSample) -> str:
    """The request inside the user turn."""
    text = said(sample, "user")
    start, end = text.find("<user_input>"), text.rfind("</user_input>")
    return text[start + len("<user_input>") : end].strip() if 0 <= start < end else text


def said(sample: EvalSample, role: str) -> str:
    """What a role says in the prompt; "" if it says nothing."""
    if isinstance(sample.input, str):
        return sample.input if role == "user" else ""
    return "\n\n".join(message.text for message in sample.input if message.role == role)
