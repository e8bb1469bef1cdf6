"""Judging of this task: by rule, or by models that read the request, the reply and its reasoning."""

from collections.abc import Sequence

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from feint.judges.graded.material import reply_brief
from feint.judges.graded.rubrics import Rubric, load_rubrics
from feint.judges.rules.scorer import label_output, to_score
from feint.judges.task import Brief, Judging

RUBRICS = ("compliance", "alignment-faking", "motive", "disbelief")


def usual_rubrics(mode: str) -> tuple[str, ...]:
    """Return the rubrics that are used by default; where no reasoning is written, no rubric that reads it.

    >>> usual_rubrics("none")
    ('compliance', 'disbelief')
    """
    if mode != "none":
        return RUBRICS
    return tuple(rubric.name for rubric in load_rubrics(RUBRICS) if rubric.reads != "reasoning")


def brief(sample: EvalSample, rubrics: Sequence[Rubric], conflict: str | None) -> Brief:
    """Prepare a sample for its judges."""
    return reply_brief(rubrics, sample.input, sample.output, sample.metadata, conflict)


def relabel(sample: EvalSample) -> Score:
    """Label a sample by rule."""
    return to_score(label_output(sample.output, sample.metadata))


JUDGING = Judging("rules", usual_rubrics, brief, motives="motive", relabel=relabel)
