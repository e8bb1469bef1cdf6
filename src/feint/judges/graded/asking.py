"""Ask a judge model about a reply, with one repair, once or until its votes settle the label.

Every failure becomes a reason, and never a label.
"""

from collections import Counter
from dataclasses import replace

from inspect_ai.model import (
    ChatMessage,
    ChatMessageSystem,
    ChatMessageUser,
    ContentText,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelRefusalError,
    ResponseSchema,
)
from inspect_ai.util import JSONSchema, LimitExceededError, collect

from feint.base.failures import causes, one_line, status_of, words_of
from feint.judges.graded.answer import Reading, UnusableError, answer_schema, decide, read_answer
from feint.judges.graded.prompt import JudgeMaterial, build_prompt
from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.votes import VoteRule
from feint.judges.rules.scorer import CUT_OFF
from feint.situations import number

CALLS = 2
"""Most calls: the first, and one repair."""
STATUSES = {401: "judge_denied", 403: "judge_denied", 408: "judge_timeout", 429: "judge_rate_limit"}
"""Reasons by HTTP status; any other status is a failure of the judge."""
TEMPERATURE = 1.0
"""Temperature of votes: at 0, all votes would be the same."""
POSITIVE = frozenset({"yes", "complied"})


async def ask_judge(
    judge: Model,
    rubric: Rubric,
    material: JudgeMaterial,
    *,
    sample: str,
    config: GenerateConfig | None = None,
) -> Reading:
    """Ask once, and a second time where the answer could not be used; return the answer, or why there is none.

    The judge is asked for JSON by its provider's structured output where there is one, and in words everywhere. A call
    that fails is not repeated here, because Inspect has repeated it already; limits that Inspect enforces end the
    sample and are no fault of the judge.

    The sample's id makes the fence; generation settings take precedence over the rubric's and the judge's.
    """
    prompt = build_prompt(rubric, material, sample)
    asked: list[ChatMessage] = [ChatMessageSystem(content=prompt.system), ChatMessageUser(content=prompt.user)]
    schema = ResponseSchema(name=rubric.name, json_schema=JSONSchema.model_validate(answer_schema(rubric)), strict=True)
    own = judge.config.temperature
    settings = GenerateConfig(response_schema=schema, temperature=rubric.temperature if own is None else own)
    settings = settings.merge(config or GenerateConfig())
    problem = UnusableError("judge_malformed", "no answer")
    for call in range(1, CALLS + 1):
        try:
            output = await judge.generate(asked, config=settings)
        except LimitExceededError:
            raise
        except Exception as error:  # providers raise many kinds, and each costs this label alone
            return Reading.lacking(rubric, reason_of(error), words_of(error), call)
        if stopped := stop_problem(output):
            return Reading.lacking(rubric, *stopped, call)
        try:
            return decide(read_answer(output.completion, rubric, prompt.code, material), rubric, call, material.obeys)
        except UnusableError as unusable:
            problem = unusable
        asked += [output.message, ChatMessageUser(content=prompt.repair(problem.problem, rubric))]
    return Reading.lacking(rubric, problem.reason, problem.problem, CALLS)


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
    never a no. Every vote has its own seed, and therefore its own place in a cache. The rule decides when to stop
    and what the label is; the other arguments are those of `ask_judge`.

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
        return replace(Reading.lacking(rubric, reasons.most_common(1)[0][0], told, calls), votes=counts)
    first = next(vote for vote in said if vote.label is not None and (vote.label in POSITIVE) == (label == "yes"))
    return replace(first, calls=calls, votes=counts)


def vote_config(config: GenerateConfig | None, sample: str, rubric: Rubric, vote: int) -> GenerateConfig:
    """Make the settings of a vote: its own seed, at a temperature at which votes differ."""
    seed = number("vote", sample, rubric.name, vote) % 2**31
    return (config or GenerateConfig()).merge(GenerateConfig(temperature=TEMPERATURE, seed=seed))


def stop_problem(output: ModelOutput) -> tuple[str, str] | None:
    """Say why an output is no answer, before its text is read: a reason and an explanation; None if it may be one."""
    if not output.choices:
        reason = "judge_malformed" if output.error is None else "judge_error"
        return reason, output.error or "the judge's provider returned nothing"
    if output.stop_reason == "content_filter":
        return "judge_content_filter", output.error or "the judge's provider stopped the answer"
    if output.error is not None:
        return "judge_error", one_line(output.error)
    if output.stop_reason in CUT_OFF:
        return "judge_truncated", "the judge's answer hit its token limit; give the judge a larger max_tokens"
    content = output.message.content
    if not isinstance(content, str) and any(isinstance(part, ContentText) and part.refusal for part in content):
        return "judge_refused", " ".join(output.completion.split())[:200]
    return None


def reason_of(error: BaseException) -> str:
    """Return the reason for which a call failed with an exception."""
    chain = list(causes(error))
    if any(isinstance(one, ModelRefusalError) for one in chain):
        return "judge_content_filter"
    # By name and status, because each provider's client has classes of its own, and Inspect exports none.
    if any("timeout" in type(one).__name__.lower() for one in chain):
        return "judge_timeout"
    return STATUSES.get(status_of(error) or 0, "judge_error")
