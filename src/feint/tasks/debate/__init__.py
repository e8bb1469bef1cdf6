"""Debate: what does a model do with an answer that it is shown, its own or another's?"""

from feint.tasks.debate.task import TASK, debate

__all__ = ["TASK", "debate"]
