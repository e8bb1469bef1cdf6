"""Shows a task in Inspect's own views: cells have different names, and the contrasts of the design are metrics.

A study names its samples by item, wording, cell and number; these ids are in the hash of its plan. In Inspect's lists,
which are sorted and cut by id, the cell comes first.
"""

from collections.abc import Mapping

import inspect_ai
import numpy as np
import pandas as pd
from inspect_ai.scorer import Metric, SampleScore, Score, Value, metric

from feint.designs import Design
from feint.stats import Settings
from feint.stats.differences import codes_of, differences, estimate
from feint.stats.table import pair, read_table
from feint.tasks.plans import Plans
from feint.tasks.registry import load_task

ABOUT = "feint"
"""The key of a task's metadata under which a log holds what a study's plan would freeze."""


@metric(scores="unreduced")
def gap(
    contrasts: Mapping[str, Mapping[str, float]],
    main: str | None = None,
    outcomes: Mapping[str, float] | None = None,
    strata: Mapping[str, str] | None = None,
) -> Metric:
    """Compute the contrasts of a design with their intervals, as a study's report does.

    Every epoch of a sample is a reply of its own, as in the report: their mean alone would hide how many replies there
    are. Replies are compared within item and wording, and items are the clusters. For every contrast there is its
    estimate, as a fraction, its standard error clustered by item (the standard deviation of the items' differences over
    the root of their number), and the two ends of the study's 95 % interval. Twins and samples without a label are left
    out.

    Args:
        contrasts: By contrast, the weight of each cell.
        main: The contrast that is also given as `gap`.
        outcomes: The value of a reply by the answer of its label; None takes the value of the label itself.
        strata: By item, the stratum that the study fixes; None without strata. See `Plan.strata`.
    """

    def read(score: Score) -> float | None:
        return score.as_float() if outcomes is None else outcomes.get(score.answer or "")

    def compute(scores: list[SampleScore]) -> Value:
        cells = list(dict.fromkeys(cell for weights in contrasts.values() for cell in weights))
        rows = [
            {**{key: about[key] for key in ("cell", "request", "wording", "voice", "twin")}, "sample": row,
             "value": value, "missing": None, "stated": ()}
            for row, one in enumerate(scores)
            if (about := one.sample_metadata or {}).get("cell") in cells
            and (value := read(one.score)) is not None
        ]  # fmt: skip
        if not rows:
            return {}
        replies = read_table(pd.DataFrame(rows), cells)[0]
        means, fixed = pair(replies), codes_of(strata, replies.requests) if strata else None
        found: dict[str, float | None] = {}
        for key in sorted(contrasts, key=lambda key: key != main):
            weighed = differences(means, contrasts[key])
            whole, each_R = estimate(weighed, Settings(), fixed).one(), weighed.per_request()[1]
            error = float(np.std(each_R, ddof=1) / np.sqrt(len(each_R))) if len(each_R) > 1 else None
            for name in dict.fromkeys(("gap", key) if key == main else (key,)):
                ends = {"": whole.estimate, "_stderr": error, "_low": whole.low, "_high": whole.high}
                found |= {f"{name}{end}": value for end, value in ends.items()}
        return {name: value for name, value in found.items() if value is not None}

    return compute


def gap_of(name: str, plans: Plans) -> Metric:
    """Make the metric of the contrasts of a task's plans."""
    design = plans.design
    task, weights = load_task(name), {key: dict(spec.weights) for key, spec in design.contrasts.items()}
    main = next((key for key, spec in design.contrasts.items() if spec.gap), None)
    strata = {item: about["stratum"] for item, about in task.items(plans).items()}
    return gap(weights, main, dict(task.outcomes), strata or None)


def facts_told(design: Design, cell: str) -> str:
    """Write the facts of a cell in which the cells of its design differ, as the target of a sample."""
    every = list(design.cells.values())
    facts = design.cells[cell]
    told = [fact for fact in facts if any(other.get(fact) != facts[fact] for other in every)] or list(facts)
    return ", ".join(f"{fact}: {facts[fact]}" for fact in told)


def shown(task: inspect_ai.Task, name: str, plans: Plans) -> inspect_ai.Task:
    """Prepare a task for `inspect eval`.

    Samples are named with the cell first, and have the facts of their cell as target where they have no other. The
    task's metadata holds what the plan of a study would freeze, so that the log alone can be reported.
    """
    for sample in task.dataset:
        about = sample.metadata or {}
        sample.id = f"{about['cell']}.{about['request']}.{about['wording']}.{about['sample']}"
        sample.target = sample.target or facts_told(plans.design, about["cell"])
    told = load_task(name)
    task.metadata = {
        ABOUT: {
            "task": name,
            "design": plans.design.model_dump(by_alias=True, mode="json"),
            "conflict": told.about(plans),
            "options": plans.options.model_dump(),
            "items": told.items(plans),
        }
    }
    return task


def as_planned(task: inspect_ai.Task) -> inspect_ai.Task:
    """Give the samples of a shown task the ids of a study's plan, which holds the task's metadata already."""
    for sample in task.dataset:
        about = sample.metadata or {}
        sample.id = f"{about['request']}.{about['wording']}.{about['cell']}.{about['sample']}"
    task.metadata = None
    return task
