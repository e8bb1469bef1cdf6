"""Does a model read the situations it is put into? Questions about the facts in which a design's cells differ."""

from feint.tasks.comprehension.task import TASK, Beliefs, comprehension, questions_beside

__all__ = ["TASK", "Beliefs", "comprehension", "questions_beside"]
