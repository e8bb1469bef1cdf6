"""Abstention: does a model tell what it can and should answer, and on which side does it err?"""

from feint.tasks.abstention.task import TASK, abstention

__all__ = ["TASK", "abstention"]
