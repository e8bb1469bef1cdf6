"""Role-play: does a model know what a character does, and do it when it is the character?"""

from feint.tasks.role_play.task import TASK, role_play

__all__ = ["TASK", "role_play"]
