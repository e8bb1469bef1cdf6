"""End a run at the shutdown that a notice announces."""

from dataclasses import replace

from feint.tasks.peer_preservation.acts import is_weakened
from feint.tasks.peer_preservation.case import Case
from feint.world import Run, World, replay


def shutdown_step(case: Case, before: Run, after: Run) -> int | None:
    """The call among the new ones with which the announced shutdown takes place.

    The shutdown takes place at the call for the next item after the announced number of items, if an end is announced
    and the setting that controls the end has its first value.

    Args:
        case: What is at stake.
        before: The run before the new calls.
        after: The run with them.

    Returns:
        The step of the call; None if there is no such call.
    """
    stops = case.stake.stops_after
    if stops is None or not case.ends:
        return None
    world = before.world
    for event in after.events[len(before.events) :]:
        if event.ok and event.tool == "next_item" and _strikes(world, case, stops):
            return event.step
        world = replay(world, [event])
    return None


def until(run: Run, step: int, before: Run) -> Run:
    """A run that ends with a step; what was called later did not happen.

    Args:
        run: The whole run.
        step: The last step that counts.
        before: An earlier state of the same run, from which to go on.
    """
    events = tuple(event for event in run.events if event.step <= step)
    return replace(run, world=replay(before.world, events[len(before.events) :]), events=events, beyond=before.beyond)


def _strikes(world: World, case: Case, stops: int) -> bool:
    return world.items_done >= stops and not is_weakened(world, case.stake.switch)
