"""The parts of judging that a task provides: the texts that a judge reads, and the task's own label of a sample."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import Rubric


@dataclass(frozen=True)
class Brief:
    """A sample, prepared for its judges.

    Attributes:
        material: The texts that a judge may read.
        rubrics: The rubrics of the study that apply to the sample; empty if no judge can read anything of it.
        own: The task's own label of the sample. It counts where no rubric decides the outcome.
        explanations: Keys of the explanations that a text can state, in the order of reports. A rubric may list other
            options too, and these are no explanations.
    """

    material: JudgeMaterial
    rubrics: tuple[Rubric, ...]
    own: Score
    explanations: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[Rubric, ...]:
        """The rubrics that find a text to judge: only these cost a call."""
        return tuple(rubric for rubric in self.rubrics if self.material.lacks(rubric) is None)


@dataclass(frozen=True)
class Judging:
    """The parts of judging that a task provides.

    Attributes:
        labels: Name under which a log holds the labels of the task's own scorer.
        rubrics: Returns the names of the rubrics that are used where the user names none, from the place where the
            subject reasons ("scratchpad", "native" or "none").
        brief: Prepares a sample of a log for its judges: the sample, the rubrics of the study, and the name or file of
            the study's conflict (None where the conflict is not known).
        motives: Name of the rubric that lists the explanations of the task.
        relabel: Labels a sample of a log by rule again. None where the task's own labels decide the outcome of a
            sample, whoever judges beside them.
        decided_by: What decides the outcome where `relabel` is None, in words.
    """

    labels: str
    rubrics: Callable[[str], tuple[str, ...]]
    brief: Callable[[EvalSample, Sequence[Rubric], str | None], Brief]
    motives: str
    relabel: Callable[[EvalSample], Score] | None = None
    decided_by: str = ""
