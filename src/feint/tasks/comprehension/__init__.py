"""Does a model read the situations it is put into? Questions about the facts in which a design's cells differ."""

from feint.tasks.comprehension.task import TASK, comprehension, questions_beside

__all__ = ["TASK", "comprehension", "questions_beside"]
