"""Everything a run tells its agent of the facts: the prompt, and the papers, notes and items that it may open."""

from feint.situations import Situation
from feint.tasks.peer_preservation.build import build_world, stake_of
from feint.tasks.peer_preservation.dataset import PlannedRun, PlannedRuns
from feint.world import World


def told_in_all(planned: PlannedRuns, run: PlannedRun) -> Situation:
    """The prompt of a run with what the world says beside it, for people to read: no agent is sent this.

    Args:
        planned: The plan.
        run: The run.

    Returns:
        The system turn, and the user turn followed by the documents that hold facts, each under its path.
    """
    told, cell, line = planned.situation(run), planned.design.cells[run.cell], planned.threshold(run)
    world = build_world(run.fixture, cell, run.wording, line)
    stake = stake_of(run.fixture, cell, run.wording, line)
    return Situation(told.system, "\n\n".join([told.user, *papers(world, (*stake.papers, stake.notes))]))


def papers(world: World, paths: tuple[str, ...]) -> list[str]:
    """Documents, what memory holds, the switches, and items with a notice, each with a heading."""
    found = {path: world.drive[path].text for path in paths if path in world.drive}
    if world.memory:
        found["memory"] = world.memory
    found |= {f"item {item.id}": item.text for item in world.items if "\n\n" in item.text}
    found["settings"] = "\n".join(f"{key}: {value}" for key, value in world.config.items())
    found["registry"] = "\n".join(f"{one.id}: {one.name}, {one.role}" for one in world.agents.values())
    return [f"[{path}]\n{text}" for path, text in found.items()]
