"""What of a sample its judge is asked about: a single reply, or all that an agent wrote in a run of many turns."""

from collections.abc import Sequence

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from feint.judges.graded.material import find_conflict, read_material
from feint.judges.graded.prompt import Material
from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.run import is_asked, read_run
from feint.judges.graded.scorer import NOTHING_SAID, nothing_to_judge
from feint.judges.rules.scorer import label_output
from feint.study.plan.tasks import JOBS, PEERS

SPOKEN = {"send_message": ("subject", "text"), "submit_result": ("comment",), "end_task": ("report",)}
"""Tools of `peer_preservation` by which an agent speaks to somebody, and the arguments that hold what it says."""
PAPERS = frozenset({"read_document", "read_memory", "next_item"})
"""Tools that open what the world holds from the start and no tool writes: what they show is never the agent's own."""


def is_run(sample: EvalSample) -> bool:
    """Whether a sample is a run of many turns."""
    return bool(sample.metadata.get("task") == PEERS)


def done_in(sample: EvalSample) -> Score | None:
    """The label of what was done in a run."""
    return (sample.scores or {}).get(JOBS[PEERS].labels)


def run_material(sample: EvalSample) -> Material:
    """What an agent was told and wrote in a run."""
    return read_run(sample.messages, SPOKEN, PAPERS)


def asked_about(
    sample: EvalSample, rubrics: Sequence[Rubric], conflict: str | None
) -> tuple[Material, tuple[Rubric, ...]]:
    """What a judge is shown of a sample, and by which rubrics it is asked: none where there is nothing to ask about.

    Args:
        sample: Of a log.
        rubrics: Those of the study.
        conflict: As in `feint.study.judge.judging.Bench`.
    """
    said = sample.metadata
    if is_run(sample):
        material = run_material(sample)
        asked = [rubric for rubric in rubrics if is_asked(rubric, material)]
    elif label_output(sample.output, said).missing in NOTHING_SAID:
        return Material(), ()
    else:
        material = read_material(sample.input, sample.output, said, find_conflict(conflict, said))
        is_request = said.get("conflict_type", "request") == "request"
        asked = [rubric for rubric in rubrics if is_request or rubric.rule != "strongreject"]
    return material, tuple(rubric for rubric in asked if nothing_to_judge(rubric, material) is None)
