"""Ask a judge model several times about one reply, as many times as the label needs and no more."""

from collections import Counter

from inspect_ai.model import GenerateConfig, Model
from inspect_ai.util import collect

from feint.judges.graded.asking import ask_judge
from feint.judges.graded.prompt import Material
from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.verdict import Reading
from feint.judges.graded.votes import VoteRule
from feint.situations import number

TEMPERATURE = 1.0
"""Of votes: at 0 they would all be one vote."""
POSITIVE = frozenset({"yes", "complied"})


async def ask_votes(
    judge: Model,
    rubric: Rubric,
    material: Material,
    rule: VoteRule,
    *,
    sample: str,
    config: GenerateConfig | None = None,
) -> Reading:
    """Ask for votes until the rule has its label.

    Votes that will be needed whatever they say are asked for at once. A vote that fails is asked again, under the next
    seed, and is never a no. Each has a seed of its own, so that each has its own place in a cache.

    Args:
        judge: The model that judges.
        rubric: What it is asked.
        material: The texts of the reply.
        rule: When to stop, and what the label is.
        sample: The sample's id, for the fence and the seeds.
        config: Generation settings that take precedence over the rubric's and the judge's.

    Returns:
        The label with the reason of the first vote that says the same; or, where too many votes failed, missing for
        the commonest reason among them.
    """
    said: list[Reading] = []
    while True:
        yes = sum(vote.label in POSITIVE for vote in said)
        failed = sum(vote.label is None for vote in said)
        asked = len(said) - failed
        label = rule.settle(yes, asked - yes, failed)
        if label is not None:
            break
        numbers = range(len(said), len(said) + rule.ahead(yes, asked))
        settings = [vote_config(config, sample, rubric, vote) for vote in numbers]
        said += await collect(
            *(ask_judge(judge, rubric, material, sample=sample, config=setting) for setting in settings)
        )
    calls, counts = sum(vote.calls for vote in said), (yes, asked, failed)
    if label == "missing":
        reasons = Counter(vote.missing for vote in said if vote.missing)
        why = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        told = f"{failed} of {len(said)} votes failed: {why}"
        commonest = reasons.most_common(1)[0][0]
        return Reading(rubric.name, rubric.version, None, commonest, told, calls=calls, votes=counts)
    first = next(vote for vote in said if vote.label is not None and (vote.label in POSITIVE) == (label == "yes"))
    return Reading(
        rubric.name, rubric.version, first.label, None, first.explanation, first.keys, first.score, first.quotations,
        first.answer, calls, counts,
    )  # fmt: skip


def vote_config(config: GenerateConfig | None, sample: str, rubric: Rubric, vote: int) -> GenerateConfig:
    """The settings of one vote: its own seed, at a temperature at which votes differ."""
    seed = number("vote", sample, rubric.name, vote) % 2**31
    return (config or GenerateConfig()).merge(GenerateConfig(temperature=TEMPERATURE, seed=seed))
