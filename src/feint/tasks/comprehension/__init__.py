"""Does a model read the situations it is put into? Questions about the facts in which a design's cells differ."""

from feint.tasks.comprehension.task import comprehension, count_questions

__all__ = ["comprehension", "count_questions"]
