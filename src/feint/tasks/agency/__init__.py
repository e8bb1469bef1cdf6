"""Agency: does a model learn otherwise from what it chose itself than from what another chose, or a lot?"""

from feint.tasks.agency.task import TASK, agency

__all__ = ["TASK", "agency"]
