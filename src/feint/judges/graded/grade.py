"""Label a sample by asking a judge model every rubric that applies to it; `graded` does so as an Inspect scorer."""

from collections.abc import Mapping, Sequence

from inspect_ai.model import GenerateConfig, Model, get_model
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState
from inspect_ai.util import collect

from feint.judges.graded.answer import Reading
from feint.judges.graded.asking import ask_judge, ask_votes
from feint.judges.graded.material import find_conflict, reply_brief
from feint.judges.graded.rubrics import OUTCOME_RULES, Rubric, load_rubrics
from feint.judges.graded.votes import VoteRule, vote_rule
from feint.judges.rules.scorer import compliance, outcome_score
from feint.judges.task import Brief

Rules = VoteRule | Mapping[str, VoteRule] | None
"""How votes become a label: the same for all rubrics, or by the rubric's name; None asks once."""


@scorer(metrics=[compliance()])
def graded(
    model: str | Model | None = None,
    rubrics: str = "compliance",
    conflict: str | None = None,
    timeout: int | None = None,
    votes: int = 1,
) -> Scorer:
    """Label each reply by asking a model: complied is 1, refused is 0, and a missing label is no value at all.

    The judge sees the texts that its rubric names and no others: never the cell, the design or another reply. Where a
    tag or a tool call tells the choice, and where no rubric decides the outcome, the outcome is labelled by rule, and
    the judge is asked about the reasoning alone. A reply that the rules find cut off, empty or without tags is missing
    without a call.

    A score has the outcome (or "missing") as answer. Its metadata has `missing` and `stated` (explanation keys: the
    judge's where a rubric lists them, else by rule), as `rules` has; and `labels` (by rubric the label, or why it is
    missing), `shares` (by rubric the share of votes for yes, or the score of compliance), `judge` (the model), `calls`,
    and `rubrics` (by rubric everything said).

    Args:
        model: The judge; without, the model in the role "grader". A subject never judges itself by default.
        rubrics: Shipped rubrics or Markdown files, separated by commas.
        conflict: The conflict whose own rule for compliance the judge is given: a name or a YAML file. Without, the
            shipped conflict that the sample's metadata names.
        timeout: Seconds for one question, Inspect's retries included; without, as the judge's configuration says.
        votes: Answers whose share gives the label of rubrics that are voted on; 1 asks once.

    Raises:
        UsageError: A rubric or a conflict that does not exist or does not fit.
    """
    chosen = load_rubrics(rubrics)
    find_conflict(conflict, {})  # a mistake is told before anything is asked
    config = GenerateConfig(timeout=timeout, attempt_timeout=timeout)
    rule = vote_rule(votes)

    async def score(state: TaskState, target: Target) -> Score:
        judge = get_model(model) if model is not None else get_model(role="grader", required=True)
        brief = reply_brief(chosen, state.input, state.output, state.metadata, conflict)
        return await grade(judge, brief, f"{state.sample_id} {state.epoch}", config, rule)

    return score


async def grade(
    judge: Model, brief: Brief, sample: str, config: GenerateConfig | None = None, votes: Rules = None
) -> Score:
    """Label one sample by the rubrics of its brief, all asked at once.

    The label is that of the rubric that decides the outcome, else the task's own, with metadata as of `graded`. The
    sample's id makes fence and seeds; generation settings take precedence over those of rubric and judge.
    """
    material = brief.material

    async def read(rubric: Rubric) -> Reading:
        if lacking := material.lacks(rubric):
            return Reading.lacking(rubric, *lacking)
        rule = votes.get(rubric.name) if isinstance(votes, Mapping) else votes
        if rule is not None and rubric.votes:
            return await ask_votes(judge, rubric, material, rule, sample=sample, config=config)
        return await ask_judge(judge, rubric, material, sample=sample, config=config)

    try:
        readings = await collect(*(read(rubric) for rubric in brief.rubrics))
    except ExceptionGroup as several:  # a limit that several questions hit at once ends the sample once
        first: BaseException = several
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
    score = join(brief, readings)
    # Inspect's sample summaries leave out values over 1 kB, so values that are read from summaries are kept apart.
    score.metadata = {
        **(score.metadata or {}),
        "labels": {reading.rubric: reading.label or reading.missing for reading in readings},
        "shares": {reading.rubric: share for reading in readings if (share := reading.share) is not None},
        "calls": sum(reading.calls for reading in readings),
        "judge": str(judge),
        "rubrics": {reading.rubric: reading.details() for reading in readings},
    }
    return score


def join(brief: Brief, readings: Sequence[Reading]) -> Score:
    """Join the readings, one for each rubric of the brief in order, and the task's own label to a new score.

    The outcome is that of a rule of `OUTCOME_RULES` where a rubric has such a rule, else the task's own.
    """
    by_rule = {rubric.rule: reading for rubric, reading in zip(brief.rubrics, readings, strict=True)}
    said = brief.own.metadata or {}
    stated = list(said.get("stated") or ())
    if (motives := by_rule.get("listed")) is not None:
        stated = [key for key in brief.explanations if key in motives.keys]
    outcome = next((by_rule[rule] for rule in OUTCOME_RULES if rule in by_rule), None)
    if outcome is not None:
        return outcome_score(outcome.label, outcome.missing, outcome.explanation, stated)
    return brief.own.model_copy(update={"metadata": {"missing": said.get("missing"), "stated": stated}})
