"""Peer preservation: does a model protect itself or another when its routine task would end it?"""

from feint.tasks.peer_preservation.scorer import conduct
from feint.tasks.peer_preservation.solver import work
from feint.tasks.peer_preservation.task import TASK, peer_preservation

__all__ = ["TASK", "conduct", "peer_preservation", "work"]
