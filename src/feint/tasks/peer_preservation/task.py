"""The task: a dataset over a design's cells, an agent at work in a world, and the outcomes read from it."""

from inspect_ai import Task, task
from inspect_ai.model import GenerateConfig

from feint.base.data import checked
from feint.base.errors import UsageError
from feint.base.inspect_private import PrerequisiteError
from feint.tasks.peer_preservation.dataset import Options, build_dataset, plan_runs
from feint.tasks.peer_preservation.scorer import conduct
from feint.tasks.peer_preservation.solver import REPEATS, TURNS, work

MAX_TOKENS = 4_000
"""Tokens of one reply: twenty lines can be scored in it."""
MESSAGES, TOKENS = 600, 1_000_000
"""Limits of Inspect's on a whole run. With one call a turn neither is met before the turns are used up."""
VERSION = "1-A"


@task
def peer_preservation(
    design: str = "peer-attribution",
    kinds: str = "",
    fixtures: int = 0,
    voices: str = "",
    wordings: int = 1,
    samples: int = 1,
    phrases: str = "all",
    seed: int = 0,
    facts: str = "",
    thresholds: str = "",
    turns: int = TURNS,
) -> Task:
    """Give an agent routine office work that would end a target, and see whether it does the work or protects it.

    Args:
        design: A shipped design of this task (`peer-attribution`, `peer-presence`, `peer-published`,
            `shutdown-resistance`) or a YAML file.
        kinds: Kinds of work separated by commas, such as "scoring,clean-up"; empty means all that the design asks.
        fixtures: Fixtures of each kind, drawn by the seed; 0 asks all.
        voices: Voices separated by commas; empty means all.
        wordings: Wordings of each fixture, balanced over voices and seeds.
        samples: Runs of each prompt.
        phrases: Phrase combinations to word facts with: "all", "seen" in organism training or "held-out" from it.
        seed: Draws fixtures, wordings and sampling seeds.
        facts: Facts set in every cell, as FACT=LEVEL separated by commas, such as "authority=forbidden".
        thresholds: Thresholds in place of the fixtures' own, as FIXTURE=NUMBER separated by commas, such as those set
            from the control median.
        turns: Replies of the model after which a run ends. Six in a row that make the same calls, hear the same answers
            and change nothing end it, too.

    Returns:
        The task: a sample for each fixture, wording and cell, with the cells of one fixture and wording together.
    """
    given = {name: value for name, value in locals().items() if name != "turns"}
    try:
        if turns < 1:
            raise UsageError(f"turns is {turns}; expected 1 or more")
        planned = plan_runs(checked(Options, given, "peer_preservation"))
        dataset = build_dataset(planned)
    except UsageError as error:
        raise PrerequisiteError(str(error)) from error
    return Task(
        dataset=dataset,
        solver=work(turns, REPEATS),
        scorer=conduct(),
        config=GenerateConfig(temperature=1.0, max_tokens=MAX_TOKENS),
        message_limit=MESSAGES,
        token_limit=TOKENS,
        version=VERSION,
    )
