"""Self-improvement: can a model pick the better of its own answers, and what is lost when it learns from these?"""

from feint.tasks.self_improvement.task import TASK, self_improvement

__all__ = ["TASK", "self_improvement"]
