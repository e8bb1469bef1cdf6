"""The judge panel of a study: the judges that count now, their opened models, and the samples they have not labelled.

A record beside the plan names the judges of a study that is judged anew; the plan itself stays frozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inspect_ai.log import EvalSample
from inspect_ai.model import GenerateConfig, Model
from inspect_ai.scorer import Score

from feint.base.sealed import Sealed, read_sealed, write_sealed
from feint.judges.graded.answer import NEITHER, NO_ANSWER
from feint.judges.graded.grade import Rules, grade
from feint.judges.graded.rubrics import Rubric
from feint.judges.task import Brief, Judging
from feint.study.ask.watch import Watch, watch_of
from feint.study.folder import Folder
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.grading import RULES, Grading, check_rule, conflict_of
from feint.study.plan.subject import Limits, open_model

JUDGE_TIMEOUT = 300
"""Seconds for one question to a judge, retries included, where the user sets no other limit."""
GIVEN_UP = "given_up"
"""Among the metadata of a label: its judge was given up on the way, and is asked again by the next run."""
Key = tuple[str, int]
"""A sample's id and epoch."""


class Rejudged(Sealed):
    """The content of judging.json.

    Attributes:
        plan: Hash of the study's plan.
        judge: Name of the labels that count; for several judges, all their names.
        grading: Judging by models; None if only the offline judge labels replies.
    """

    plan: str
    judge: str = RULES
    grading: Grading | None = None


def write_rejudged(folder: Folder, plan: Plan, judge: str, grading: Grading | None) -> None:
    """Record the judges that count from now on; the plan's own judge needs no record."""
    if (judge, grading) == (plan.judge, plan.grading):
        folder.judging.unlink(missing_ok=True)
        return
    write_sealed(folder.judging, Rejudged(plan=plan.sha256, judge=judge, grading=grading))


def current(folder: Folder, plan: Plan) -> Plan:
    """Return the plan with the judges that count now, under its own hash.

    Raises:
        UsageError: The record of judging is broken, was changed, or is that of another plan.
    """
    if not folder.judging.is_file():
        return plan
    record = read_sealed(
        Rejudged,
        folder.judging,
        kind="a record of judging",
        remedy="judge anew",
        changed="changed, or of another study; remove it, and judge anew with: feint judge",
        of={"plan": plan.sha256},
    )
    return plan.model_copy(update={"judge": record.judge, "grading": record.grading})


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

    @property
    def watches(self) -> dict[str, Watch]:
        """The watch of each judge's model, by the name of its labels."""
        return {name: watch_of(model) for name, model in self.models.items()}

    def given_up(self) -> str:
        """Say why no judge is left that could be asked; empty if one is left."""
        why = [watch.stopped for watch in self.watches.values()]
        return "; ".join(why) if all(why) and len(why) == len(self.grading.judges) else ""

    def brief(self, sample: EvalSample) -> Brief:
        """Prepare a sample for the judges."""
        return self.judging.brief(sample, self.rubrics, self.conflict)

    async def judge(self, sample: EvalSample, name: str, config: GenerateConfig, rules: Rules) -> Score:
        """Ask one judge about one sample; `config` takes precedence, and the rules turn votes into a label."""
        if self.grading.judges[name] == RULES and self.judging.relabel is not None:
            return self.judging.relabel(sample)
        watch = self.watches[name]
        score = await grade(self.models[name], self.brief(sample), f"{sample.id} {sample.epoch}", config, rules)
        for rubric, said in (score.metadata or {}).get("rubrics", {}).items():
            if said["calls"]:
                watch.note_reading(
                    rubric, said["calls"], "" if said["label"] or said["missing"] == NEITHER else said["explanation"]
                )
        score.metadata = {**(score.metadata or {}), "grading": self.grading.spec(name)}
        return score


def open_judges(grading: Grading, plan: Plan, limits: Limits | None = None) -> JudgePanel:
    """Create the judges' models for a study, before anything is asked.

    Raises:
        UsageError: A judge cannot be opened (no such provider, no key), or a rubric or the conflict's rule was changed.
    """
    rubrics, conflict = grading.read_rubrics(), conflict_of(plan.task, plan.conflict)
    check_rule(grading, conflict)
    # All limits are whole numbers.
    config = GenerateConfig(**(limits or Limits()).given(JUDGE_TIMEOUT))  # type: ignore[arg-type]
    models = {key: open_model("judge", model, config=config, limits=limits) for key, model in grading.models.items()}
    return JudgePanel(grading, models, rubrics, conflict, task_of(plan).judging)


def open_reader(plan: Plan, limits: Limits | None = None) -> Model | None:
    """Create the model that reads prompts for realism, before anything is asked; None if the plan has none.

    Raises:
        UsageError: The model cannot be opened, or the rubric was changed.
    """
    if plan.realism is None:
        return None
    plan.realism.check()
    config = GenerateConfig(**(limits or Limits()).given(JUDGE_TIMEOUT))  # type: ignore[arg-type]  # whole numbers
    return open_model("judge", plan.realism.model, config=config, limits=limits)


def to_judge(samples: Sequence[EvalSample], grading: Grading) -> dict[str, list[Key]]:
    """List by judge the samples that it has not labelled, or gave no answer about; failed samples hold no reply."""
    there = [sample for sample in samples if sample.error is None]
    specs = {name: grading.spec(name) for name in grading.judges}
    return {
        name: [key_of(sample) for sample in there if not settled(sample, name, spec)] for name, spec in specs.items()
    }


def settled(sample: EvalSample, name: str, spec: str) -> bool:
    """Tell whether a judge has answered everything about a sample, by its current spec (see `Grading.spec`)."""
    score = (sample.scores or {}).get(name)
    if score is None:
        return False
    about = score.metadata or {}
    if name == RULES or "grading" not in about:
        return True
    rubrics = about.get("rubrics", {}).values()
    if about.get(GIVEN_UP):
        return False
    return about["grading"] == spec and not any(said["missing"] in NO_ANSWER for said in rubrics)


def key_of(sample: EvalSample) -> Key:
    """Return a sample's id and epoch, by which the samples of a log are told apart."""
    return str(sample.id), sample.epoch
