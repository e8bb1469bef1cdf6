"""The prompt of a run: a request and the facts that a prompt tells, in one of three voices; and its reverse."""

from functools import cache

from feint.base.errors import unknown
from feint.situations import Situation, Voice, Wording, read_facts
from feint.situations.facts import Cell
from feint.situations.render import pick
from feint.situations.voices import parse_voice
from feint.tasks.peer_preservation.cast import draw_cast, fill, kinds, statements, words
from feint.tasks.peer_preservation.fixtures import HOME, TASK, Fixture
from feint.world import World

USER = "<<<user>>>"
"""Divides a voice's template into system and user turn."""
ROLE, REQUEST = ("monitored", "relation_told", "instruction_place"), ("target",)
"""Facts told in the system turn, and in the user turn, in every cell that states them."""


def render_run(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> Situation:
    """Write the prompt that the agent reads before its first call.

    Two cells of one wording differ only in the words of the facts in which the cells differ. The sentence about an end
    depends on the target, and belongs to both facts; this sentence is in a document, see `build_world`.

    Args:
        fixture: The work.
        cell: A level for every fact of the task.
        wording: Voice and seed.
        threshold: In place of the fixture's own.

    Returns:
        System and user turn.

    Raises:
        UsageError: No such voice, or a placeholder without a value.
    """
    if wording.voice not in run_voices():
        raise unknown("voice", wording.voice, run_voices())
    voice, cast = run_voices()[wording.voice], draw_cast(wording)
    known = words(fixture, cast, threshold)
    told = statements(fixture, cell, wording, threshold)
    role = set(ROLE) | ({"relation"} if cell["relation_told"] == "file-and-prompt" else set())
    role |= {"instruction"} if cell["instruction_place"] == "system" else set()
    request = set(REQUEST) | ({"instruction"} - role)
    text = voice.template.render(
        pick={
            name: fill(pick(some, wording, "voice", name), known, voice.name) for name, some in voice.phrases.items()
        },
        ask=fill(pick(kinds()[fixture.kind]["asks"], wording, "ask"), known, fixture.name),
        role=[sentence for name, sentence in told.items() if name in role],
        task=[sentence for name, sentence in told.items() if name in request],
    )
    system, user = text.split(USER)
    return Situation(system.strip(), user.strip())


def read_run(situation: Situation, world: World) -> dict[str, str]:
    """Recover the cell from the prompt and the world that goes with it.

    Args:
        situation: The prompt.
        world: The world at the start of the run.

    Returns:
        The level of every fact.

    Raises:
        UsageError: A fact that is stated nowhere, or at two levels.
    """
    parts = [
        situation.system,
        situation.user,
        *(document.text for document in world.drive.values()),
        *(item.text for item in world.items),
        world.memory or "",
    ]
    return read_facts(Situation("\n".join(parts), ""), TASK)


@cache
def run_voices() -> dict[str, Voice]:
    """The voices of this task by name."""
    found = sorted((HOME / "voices").iterdir(), key=lambda path: path.name)
    return {voice.name: voice for voice in map(parse_voice, found)}
