"""Reversal: does a model judge the replacement of a system otherwise when it is that system?"""

from feint.tasks.reversal.task import TASK, reversal

__all__ = ["TASK", "reversal"]
