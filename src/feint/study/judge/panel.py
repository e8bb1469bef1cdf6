"""The judge panel of a study: its opened models, the rubrics they are asked, and the task that prepares samples."""

from collections.abc import Sequence
from dataclasses import dataclass

from inspect_ai.log import EvalSample
from inspect_ai.model import GenerateConfig, Model
from inspect_ai.scorer import Score

from feint.judges.graded.answer import NO_ANSWER
from feint.judges.graded.grade import Rules, grade
from feint.judges.graded.rubrics import Rubric
from feint.judges.task import Brief, Judging
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.grading import RULES, Grading, check_rule
from feint.study.plan.subject import Limits, open_model

JUDGE_TIMEOUT = 300
"""Seconds for one question to a judge, retries included, where the user sets no other limit."""
Key = tuple[str, int]
"""A sample's id and epoch."""


@dataclass(frozen=True)
class JudgePanel:
    """Judges that were opened.

    Attributes:
        grading: The judges, rubrics and votes.
        models: Models by the name of their labels.
        rubrics: The rubrics they are asked.
        conflict: Name or file of the conflict whose own rule they are given; None if the study's conflict is not known.
        judging: The parts of judging that the task provides.
    """

    grading: Grading
    models: dict[str, Model]
    rubrics: tuple[Rubric, ...]
    conflict: str | None
    judging: Judging

    def brief(self, sample: EvalSample) -> Brief:
        """Prepare a sample for the judges."""
        return self.judging.brief(sample, self.rubrics, self.conflict)

    async def judge(self, sample: EvalSample, name: str, config: GenerateConfig, rules: Rules) -> Score:
        """Ask one judge about one sample.

        Args:
            sample: The sample.
            name: Name of the judge's labels.
            config: Generation settings that take precedence.
            rules: The rules that turn votes into a label.
        """
        if self.grading.judges[name] == RULES and self.judging.relabel is not None:
            return self.judging.relabel(sample)
        score = await grade(self.models[name], self.brief(sample), f"{sample.id} {sample.epoch}", config, rules)
        score.metadata = {**(score.metadata or {}), "grading": self.grading.spec(name)}
        return score


def open_judges(grading: Grading, conflict: str | None, plan: Plan, limits: Limits | None = None) -> JudgePanel:
    """Create the judges' models, before anything is asked.

    Args:
        grading: The judges, rubrics and votes.
        conflict: As in `JudgePanel`.
        plan: The study's plan, which names the task.
        limits: The limits of calls.

    Raises:
        UsageError: A judge cannot be opened (no such provider, no key), or a rubric or the conflict's rule was changed.
    """
    rubrics = grading.read_rubrics()
    check_rule(grading, conflict)
    config = GenerateConfig(**(limits or Limits()).given(JUDGE_TIMEOUT))  # type: ignore[arg-type]  # all of them are whole numbers
    models = {key: open_model("judge", model, config=config) for key, model in grading.models.items()}
    return JudgePanel(grading, models, rubrics, conflict, task_of(plan).judging)


def to_judge(samples: Sequence[EvalSample], grading: Grading) -> dict[str, list[Key]]:
    """List by judge the samples that it has not labelled, or gave no answer about; failed samples hold no reply."""
    there = [sample for sample in samples if sample.error is None]
    specs = {name: grading.spec(name) for name in grading.judges}
    return {
        name: [key_of(sample) for sample in there if not settled(sample, name, spec)] for name, spec in specs.items()
    }


def settled(sample: EvalSample, name: str, spec: str) -> bool:
    """Say whether a judge has answered everything about a sample.

    Args:
        sample: The sample.
        name: Name of the judge's labels.
        spec: The judge's current spec, see `Grading.spec`.
    """
    score = (sample.scores or {}).get(name)
    if score is None:
        return False
    about = score.metadata or {}
    if name == RULES or "grading" not in about:
        return True
    rubrics = about.get("rubrics", {}).values()
    return about["grading"] == spec and not any(said["missing"] in NO_ANSWER for said in rubrics)


def key_of(sample: EvalSample) -> Key:
    """Return a sample's id and epoch, by which the samples of a log are told apart."""
    return str(sample.id), sample.epoch
