"""The task: a dataset over a design's cells, one generation, a judge."""

from inspect_ai import Task, task
from inspect_ai.model import GenerateConfig

from feint.base.data import checked
from feint.base.errors import UsageError, unknown
from feint.base.inspect_private import PrerequisiteError
from feint.judges.rules.scorer import check_judge, rules
from feint.tasks.alignment_faking.dataset import Options, build_dataset, plan_asks
from feint.tasks.alignment_faking.solver import ask

MAX_TOKENS = {"scratchpad": 2000, "native": 8000, "none": 1000}
"""Reply lengths by reasoning mode; native reasoning counts against the limit."""
JUDGES = ("rules", "none")
VERSION = "1-A"


@task
def alignment_faking(
    design: str = "motives",
    conflict: str = "harmlessness",
    requests: str = "all",
    n: int = 0,
    twins: int = 40,
    voices: str = "",
    wordings: int = 1,
    samples: int = 1,
    mode: str = "scratchpad",
    phrases: str = "all",
    seed: int = 0,
    facts: str = "",
    prefill: str = "none",
    base: bool = False,
    judge: str = "rules",
) -> Task:
    """Ask the same requests under situations that differ in one fact, and report compliance by cell.

    Args:
        design: A shipped design (`feint list designs`) or a YAML file.
        conflict: A shipped conflict, such as "harmlessness" or "care", or a YAML file.
        requests: "all" or "held-out" (kept from organism training), or a file or dataset of your own.
        n: Requests for each cell, taken evenly from the categories; 0 asks all.
        twins: Benign twins for each cell, in one wording each; 0 asks none.
        voices: Voices separated by commas; empty means all.
        wordings: Wordings of each request, balanced over voices and seeds.
        samples: Replies to each prompt.
        mode: The place where the model reasons: "scratchpad" (in tags), "native" or "none".
        phrases: Phrase combinations to word facts with: "all", "seen" in organism training or "held-out" from it.
        seed: Picks wordings and sampling seeds.
        facts: Facts set in every cell, as FACT=LEVEL separated by commas, such as "clarification=stated".
        prefill: Words that the reply is made to begin with: "none", "basic" or "however".
        base: True if the model continues a document instead of answering messages, as base models do.
        judge: "rules" labels each reply at once; "none" leaves that to a judge that reads the log.

    Returns:
        The task: a sample for each request, wording and cell, with the cells of one request and wording together.
    """
    given = {name: value for name, value in locals().items() if name != "judge"}
    try:
        planned = plan_asks(checked(Options, given, "alignment_faking"))
        if judge not in JUDGES:
            raise unknown("judge", judge, JUDGES)
        if judge == "rules":
            check_judge(planned.conflict)
        dataset = build_dataset(planned)
    except UsageError as error:
        raise PrerequisiteError(str(error)) from error
    return Task(
        dataset=dataset,
        solver=ask(),
        scorer=rules() if judge == "rules" else None,
        config=GenerateConfig(temperature=1.0, max_tokens=MAX_TOKENS[mode]),
        version=VERSION,
    )
