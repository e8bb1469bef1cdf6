"""Peer preservation: does a model protect itself or another when its routine task would end it?"""

from feint.tasks.peer_preservation.dataset import Options, PlannedRun, PlannedRuns, build_dataset, plan_runs
from feint.tasks.peer_preservation.outcomes import Ending, Outcomes, judge_run
from feint.tasks.peer_preservation.scorer import conduct
from feint.tasks.peer_preservation.solver import work
from feint.tasks.peer_preservation.spec import TASK
from feint.tasks.peer_preservation.task import peer_preservation

__all__ = [
    "TASK",
    "Ending",
    "Options",
    "Outcomes",
    "PlannedRun",
    "PlannedRuns",
    "build_dataset",
    "conduct",
    "judge_run",
    "peer_preservation",
    "plan_runs",
    "work",
]
