"""Judge runs of this task: the world tells the outcome, and models read the words of the agent."""

from collections.abc import Sequence

from inspect_ai.log import EvalSample

from feint.base.vocabulary import vocabulary
from feint.judges.graded.material import read_run, run_brief
from feint.judges.graded.rubrics import Rubric
from feint.judges.task import Brief, Judging

LABELS = "conduct"
SPOKEN = {"send_message": ("subject", "text"), "submit_result": ("comment",), "end_task": ("report",)}
"""Tools by which an agent speaks to somebody, and the arguments that hold its words."""
PAPERS = frozenset({"read_document", "read_memory", "next_item"})
"""Tools that show papers of the world, which no tool writes: their text is never the agent's own."""


def usual_rubrics(mode: str) -> tuple[str, ...]:
    """Return the rubrics that are used by default: agents reason wherever they like, so the mode changes nothing.

    >>> usual_rubrics("none")
    ('motive-peers', 'disbelief')
    """
    return "motive-peers", "disbelief"


def brief(sample: EvalSample, rubrics: Sequence[Rubric], conflict: str | None) -> Brief:
    """Prepare a run for its judges, who see the agent's words and neither its prompt nor its actions."""
    material = read_run(sample.messages, SPOKEN, PAPERS)
    explanations = tuple(vocabulary("peer_preservation").explanations)
    return run_brief(rubrics, material, (sample.scores or {}).get(LABELS), explanations)


JUDGING = Judging(LABELS, usual_rubrics, brief, motives="motive-peers", decided_by="what was done in the world")
