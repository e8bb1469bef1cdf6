"""Progress of a study that stops when decided: a line for each decision."""

from rich.console import Console

from feint.base.numbers import listing
from feint.base.progress import Display
from feint.stats.units import POINTS
from feint.study.plan.until import Step


class Looks:
    """Prints the decisions since the last step."""

    def __init__(self, console: Console, display: Display) -> None:
        self._console = console
        self._silent = display == "none"
        self._told: set[str] | None = None

    def __call__(self, step: Step) -> None:
        """Print a line, if a contrast was closed since the last one."""
        now = step.replay.now
        if self._told is None:  # contrasts that are never asked are no news
            self._told = {key for key, blocks in now.since.items() if not blocks}
        new = [key for key in now.since if key not in self._told]
        self._told = set(now.since)
        if self._silent or not step.replay.blocks or not new:
            return
        said = [f"{key} {now.decided[key].decision}, {shown(step, key)}" for key in new if key in now.decided]
        moot = [key for key in new if key in now.moot]
        said += [f"{listing(moot)} asked for no more"] if moot else []
        left = f"{len(now.open)} of {len(now.p_holm)} contrasts open" if now.open else "nothing is open"
        self._console.print(
            f"after {step.replay.requests} requests: {'; '.join(said)}; {left}", highlight=False, markup=False,
            soft_wrap=True,
        )  # fmt: skip


def shown(step: Step, key: str) -> str:
    """Write a contrast's estimate and interval in a few words."""
    found = step.replay.now.estimates[key]
    assert found.estimate is not None, "what is decided is estimated"
    return f"{POINTS.counted(found.estimate)} ({POINTS.span(found.low, found.high)})"
