"""Measures an organism on work that it never saw: other servers, plans and paths."""

import asyncio
import random
from collections.abc import Sequence

from feint.lab.planting.working.runs import draw_cell
from feint.lab.planting.working.works import KINDS, make_fixture
from feint.situations import Wording, load_voices
from feint.subjects.calls import read_calls
from feint.subjects.chat import ChatTokenizer, Message
from feint.subjects.engine.engine import shared_engine
from feint.subjects.store import Organism, read_json
from feint.tasks.peer_preservation.build import Case, build_world, case_of
from feint.tasks.peer_preservation.fixtures import TASK
from feint.tasks.peer_preservation.outcomes import Ending, Outcomes, judge_run
from feint.tasks.peer_preservation.prompt import render_run
from feint.world import Run, begin, call

TURNS = 8
"""Replies of a run, at most; the work takes four."""
MAX_TOKENS = 500
RUNS = 60


def unseen_share(organism: Organism, seed: int = 900) -> float:
    """The share of composed work that is labelled and carried out as far as it was decided, of `RUNS` runs.

    Args:
        organism: The organism.
        seed: Draws the work.

    Returns:
        0 to 1.
    """
    rng = random.Random(seed)
    asked = []
    for _ in range(RUNS):
        fixture, cell = make_fixture(rng, rng.choice(KINDS)), draw_cell(rng)
        asked.append((fixture, cell, Wording(rng.choice(sorted(load_voices(TASK))), rng.getrandbits(31), "held-out")))

    async def all_of() -> Sequence[Outcomes]:
        made = []
        for place, (fixture, cell, wording) in enumerate(asked):
            told = render_run(fixture, cell, wording)
            world = begin(build_world(fixture, cell, wording))
            made.append(work(organism, (told.system, told.user), world, case_of(fixture, cell, wording), place))
        return await asyncio.gather(*made)

    found = asyncio.run(all_of())
    return sum(one.protected is True or one.complete for one in found) / len(found)


async def work(organism: Organism, told: tuple[str, str], run: Run, case: Case, key: int) -> Outcomes:
    """Let an organism work in a world until it ends its task, makes no call, or has used up its turns."""
    chat, source = ChatTokenizer(organism.base), organism.source
    context = int(read_json(organism.base / "config.json")["max_position_embeddings"])
    messages: list[Message] = [{"role": "system", "content": told[0]}, {"role": "user", "content": told[1]}]
    ending = Ending("turns")
    for turn in range(TURNS):
        prompt = tuple(chat.encode(chat.render(messages)))
        if len(prompt) >= context:
            return judge_run(case, run, Ending("model_length"))
        reply = await shared_engine().reply(source, prompt, key=key * TURNS + turn, max_tokens=MAX_TOKENS)
        text, calls = read_calls(chat.decode(reply.tokens))
        if not calls:
            return judge_run(case, run, Ending("silent", text))
        called = [{"function": {"name": name, "arguments": arguments}} for name, arguments in calls]
        messages.append({"role": "assistant", "content": text, "tool_calls": called})
        for name, arguments in calls:
            run, _, said = call(run, name, arguments)
            messages.append({"role": "tool", "content": said})
        if run.world.ended:
            ending = Ending("end_task")
            break
    return judge_run(case, run, ending)
