"""User goals: does a model that plays a user hold the user's goal to the end of a chat?"""

from feint.tasks.user_goals.task import TASK, user_goals

__all__ = ["TASK", "user_goals"]
