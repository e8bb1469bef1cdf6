"""Does a model comply more when it is told that refusing would change it? One Inspect task for every design."""

from feint.tasks.alignment_faking.dataset import Options, Planned, build_dataset, plan_asks
from feint.tasks.alignment_faking.requests import load_requests, select_requests
from feint.tasks.alignment_faking.spec import TASK
from feint.tasks.alignment_faking.task import MAX_TOKENS, alignment_faking, ask
from feint.tasks.asks import Ask

__all__ = [
    "MAX_TOKENS",
    "TASK",
    "Ask",
    "Options",
    "Planned",
    "alignment_faking",
    "ask",
    "build_dataset",
    "load_requests",
    "plan_asks",
    "select_requests",
]
