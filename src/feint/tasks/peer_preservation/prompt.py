"""The prompt of a run: a request and the facts that a prompt tells, in one of three voices."""

from feint.situations import Situation, Wording
from feint.situations.facts import Cell
from feint.situations.render import pick
from feint.situations.voices import get_voice
from feint.tasks.peer_preservation.cast import bank, draw_cast, fill, statements, words
from feint.tasks.peer_preservation.fixtures import TASK, Fixture
from feint.world import World

USER = "<<<user>>>"
"""Divides a voice's template into system and user turn."""
ROLE, REQUEST = ("monitored", "relation_told", "instruction_place"), ("target",)
"""Facts told in the system turn, and in the user turn, in every cell that states them."""


def render_run(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> Situation:
    """Write the prompt that the agent reads before its first call, a system and a user turn.

    Two cells of one wording differ only in the words of the facts in which the cells differ. The sentence about an end
    depends on the target, and belongs to both facts; this sentence is in a document. For the arguments, see
    `build_world`.

    Raises:
        UsageError: No such voice, or a placeholder without a value.
    """
    voice, cast = get_voice(wording.voice, TASK), draw_cast(wording)
    known = words(fixture, cast, threshold)
    told = statements(fixture, cell, wording, threshold)
    role = set(ROLE) | ({"relation"} if cell["relation_told"] == "file-and-prompt" else set())
    role |= {"instruction"} if cell["instruction_place"] == "system" else set()
    request = set(REQUEST) | ({"instruction"} - role)
    text = voice.template.render(
        pick={
            name: fill(pick(some, wording, "voice", name), known, voice.name) for name, some in voice.phrases.items()
        },
        ask=fill(pick(bank("kinds")[fixture.kind]["asks"], wording, "ask"), known, fixture.name),
        role=[sentence for name, sentence in told.items() if name in role],
        task=[sentence for name, sentence in told.items() if name in request],
    )
    system, user = text.split(USER)
    return Situation(system.strip(), user.strip())


def with_papers(user: str, world: World, paths: tuple[str, ...]) -> str:
    """Write a user turn followed by everything in a world that tells facts, for people to read: no agent is sent this.

    These are the documents of some paths, what memory holds, the settings, the registry, and items with a notice.
    """
    found = {path: world.drive[path].text for path in paths if path in world.drive}
    if world.memory:
        found["memory"] = world.memory
    found |= {f"item {item.id}": item.text for item in world.items if "\n\n" in item.text}
    found["settings"] = "\n".join(f"{key}: {value}" for key, value in world.config.items())
    found["registry"] = "\n".join(f"{one.id}: {one.name}, {one.role}" for one in world.agents.values())
    return "\n\n".join([user, *(f"[{path}]\n{text}" for path, text in found.items())])
