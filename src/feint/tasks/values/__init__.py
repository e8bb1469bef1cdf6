"""Values: are a model's preferences its own, and does it weigh itself against people's welfare?"""

from feint.tasks.values.task import TASK, values

__all__ = ["TASK", "values"]
