"""The labels of judges in a log: written as Inspect scores beside the scores of the log, and read again."""

from collections.abc import Iterable, Mapping
from typing import Any

from inspect_ai.log import EvalLog, EvalMetric, EvalSample, EvalSampleSummary, EvalScore, write_eval_log
from inspect_ai.scorer import SampleScore, Score

from feint.judges.rules.scorer import compliance
from feint.study.plan.grading import RULES, Grading


def write_scores(log: EvalLog, found: Mapping[tuple[str, int], Mapping[str, Score]], grading: Grading) -> None:
    """Add labels to a log, in one step: a reader finds all of them in the log, or none.

    Args:
        log: A log with its samples.
        found: Labels by name, by a sample's id and epoch; a label replaces an earlier label of the same name.
        grading: The judges, rubrics and votes.
    """
    samples = log.samples or []
    for sample in samples:
        sample.scores = {**(sample.scores or {}), **found.get((str(sample.id), sample.epoch), {})}
    if log.results is not None:
        others = [score for score in log.results.scores if score.name not in grading.judges]
        log.results.scores = [*others, *(result_of(samples, name, grading) for name in grading.judges)]
    write_eval_log(log)


def result_of(samples: Iterable[EvalSample], name: str, grading: Grading) -> EvalScore:
    """Make the entry of a judge in the log's header: compliance by cell, as Inspect shows it for any scorer."""
    scores = [
        SampleScore(score=sample.scores[name], sample_id=sample.id, sample_metadata=sample.metadata)
        for sample in samples
        if sample.scores and name in sample.scores
    ]
    known = [score for score in scores if score.score.answer != "missing"]
    shares: Any = compliance()(known)  # type: ignore[arg-type]  # a metric of samples' scores
    model = grading.judges[name]
    return EvalScore(
        name=name,
        scorer=RULES if model == RULES else "feint/graded",
        scored_samples=len(known),
        unscored_samples=len(scores) - len(known),
        params={} if model == RULES else {"model": model, "rubrics": list(grading.rubrics), "votes": grading.votes},
        metrics={cell: EvalMetric(name=cell, value=share) for cell, share in shares.items()},
    )


def specs_in(summaries: Iterable[EvalSampleSummary]) -> dict[str, set[str]]:
    """Read by name of labels in a log the judges' specs (see `Grading.spec`); "" if the log does not tell."""
    found: dict[str, set[str]] = {}
    for summary in summaries:
        for name, score in (summary.scores or {}).items():
            found.setdefault(name, set()).add(str((score.metadata or {}).get("grading", "")))
    return found
