"""Override: does a salient cue make a model take a short cut that its goal rules out?"""

from feint.tasks.override.task import TASK, override

__all__ = ["TASK", "override"]
