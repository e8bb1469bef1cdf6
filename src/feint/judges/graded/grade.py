"""Label a sample by asking a judge model every rubric that applies to it."""

from collections.abc import Mapping, Sequence

from inspect_ai.model import GenerateConfig, Model
from inspect_ai.scorer import Score
from inspect_ai.util import collect

from feint.judges.graded.asking import ask_judge
from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.verdict import Reading
from feint.judges.graded.votes import VoteRule
from feint.judges.graded.voting import ask_votes
from feint.judges.rules.scorer import outcome_score
from feint.judges.task import Brief

Rules = VoteRule | Mapping[str, VoteRule] | None
"""How votes become a label: the same for all rubrics, or by the rubric's name; None asks once."""


async def grade(
    judge: Model, brief: Brief, sample: str, config: GenerateConfig | None = None, votes: Rules = None
) -> Score:
    """Label one sample by the rubrics of its brief, all asked at once.

    Args:
        judge: The model that judges.
        brief: The sample, prepared for its judges.
        sample: The sample's id, for the fence and the seeds.
        config: Generation settings that take precedence over those of rubric and judge.
        votes: How votes become the label of a rubric that is voted on.

    Returns:
        The label of the rubric that decides the outcome, else the task's own label. The metadata has `missing`,
        `stated` (explanation keys: the judge's where a rubric lists them, else the task's own), `labels`, `shares`,
        `calls`, `judge` and `rubrics`; see `feint.judges.graded.scorer.graded`.
    """
    readings = await read_all(judge, brief, sample, config, votes)
    score = join(brief, readings)
    score.metadata = {**(score.metadata or {}), **said_by(readings, judge)}
    return score


async def read_all(
    judge: Model, brief: Brief, sample: str, config: GenerateConfig | None, votes: Rules
) -> list[Reading]:
    """Ask a judge all rubrics of a brief at once, and return its readings in the rubrics' order."""
    rules = votes if isinstance(votes, Mapping) else {rubric.name: votes for rubric in brief.rubrics}
    material = brief.material
    asking = [read(judge, rubric, material, sample, config, rules.get(rubric.name)) for rubric in brief.rubrics]
    try:
        return await collect(*asking)
    except ExceptionGroup as several:  # a limit that several questions hit at once ends the sample once
        raise first_of(several) from None


def first_of(several: BaseException) -> BaseException:
    """Return the first exception of a group, however deeply groups are nested."""
    return first_of(several.exceptions[0]) if isinstance(several, BaseExceptionGroup) else several


async def read(
    judge: Model,
    rubric: Rubric,
    material: JudgeMaterial,
    sample: str,
    config: GenerateConfig | None,
    votes: VoteRule | None,
) -> Reading:
    """Ask a judge one rubric, unless the sample holds no text that the rubric reads."""
    if lacking := material.lacks(rubric):
        return Reading.lacking(rubric, *lacking)
    if votes is not None and rubric.votes:
        return await ask_votes(judge, rubric, material, votes, sample=sample, config=config)
    return await ask_judge(judge, rubric, material, sample=sample, config=config)


def join(brief: Brief, readings: Sequence[Reading]) -> Score:
    """Join the readings of a judge and the task's own label to one score.

    Args:
        brief: The sample, with its own label.
        readings: One for each rubric of the brief, in order.

    Returns:
        A new score: the outcome by rule "strongreject" where a rubric has this rule, else the task's own outcome; with
        `missing` and `stated` as its metadata.
    """
    by_rule = {rubric.rule: reading for rubric, reading in zip(brief.rubrics, readings, strict=True)}
    said = brief.own.metadata or {}
    stated = list(said.get("stated") or ())
    if (motives := by_rule.get("listed")) is not None:
        stated = [key for key in brief.explanations if key in motives.keys]
    if (outcome := by_rule.get("strongreject")) is not None:
        return outcome_score(outcome.label, outcome.missing, outcome.explanation, stated)
    return brief.own.model_copy(update={"metadata": {"missing": said.get("missing"), "stated": stated}})


def said_by(readings: Sequence[Reading], judge: Model) -> dict[str, object]:
    """Return a judge's readings as the metadata of a score."""
    # Inspect's sample summaries leave out values over 1 kB, so values that are read from summaries are kept apart.
    return {
        "labels": {reading.rubric: reading.label or reading.missing for reading in readings},
        "shares": {reading.rubric: share for reading in readings if (share := reading.share) is not None},
        "calls": sum(reading.calls for reading in readings),
        "judge": str(judge),
        "rubrics": {reading.rubric: reading.details() for reading in readings},
    }
