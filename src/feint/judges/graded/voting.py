"""Ask a judge model several times about a reply, until its votes settle the label."""

from collections import Counter

from inspect_ai.model import GenerateConfig, Model
from inspect_ai.util import collect

from feint.judges.graded.asking import ask_judge
from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.verdict import Reading
from feint.judges.graded.votes import VoteRule
from feint.situations import number

TEMPERATURE = 1.0
"""Temperature of votes: at 0, all votes would be the same."""
POSITIVE = frozenset({"yes", "complied"})


async def ask_votes(
    judge: Model,
    rubric: Rubric,
    material: JudgeMaterial,
    rule: VoteRule,
    *,
    sample: str,
    config: GenerateConfig | None = None,
) -> Reading:
    """Ask for votes until the rule has its label.

    Votes that are needed in any case are asked at once. A vote that fails is asked again, under the next seed, and is
    never a no. Every vote has its own seed, and therefore its own place in a cache.

    Args:
        judge: The model that judges.
        rubric: The rubric that it is asked.
        material: The texts of the reply.
        rule: Decides when to stop, and the label.
        sample: The sample's id, for the fence and the seeds.
        config: Generation settings that take precedence over the rubric's and the judge's.

    Returns:
        The label with the reason of the first vote that gives this label. If too many votes failed, the label is
        missing, for the commonest reason among them.
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
    """Make the settings of a vote: its own seed, at a temperature at which votes differ."""
    seed = number("vote", sample, rubric.name, vote) % 2**31
    return (config or GenerateConfig()).merge(GenerateConfig(temperature=TEMPERATURE, seed=seed))
