"""Ask a judge model about a reply, with one repair; every failure becomes a reason, and never a label."""

from collections.abc import Iterator

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
from inspect_ai.util import JSONSchema, LimitExceededError

from feint.judges.graded.answer import UnusableError, answer_schema, read_answer
from feint.judges.graded.prompt import JudgeMaterial, build_prompt
from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.verdict import Reading, decide
from feint.judges.rules.scorer import CUT_OFF

CALLS = 2
"""Most calls: the first, and one repair."""
STATUSES = {401: "judge_denied", 403: "judge_denied", 408: "judge_timeout", 429: "judge_rate_limit"}
"""Reasons by HTTP status; any other status is a failure of the judge."""


async def ask_judge(
    judge: Model,
    rubric: Rubric,
    material: JudgeMaterial,
    *,
    sample: str,
    config: GenerateConfig | None = None,
) -> Reading:
    """Ask once, and a second time where the answer could not be used.

    The judge is asked for JSON by its provider's structured output where there is one, and in words everywhere. A call
    that fails is not repeated here, because Inspect has repeated it already; limits that Inspect enforces end the
    sample and are no fault of the judge.

    Args:
        judge: The model that judges.
        rubric: The rubric that it is asked.
        material: The texts of the reply.
        sample: The sample's id, for the fence.
        config: Generation settings that take precedence over the rubric's and the judge's, such as a temperature or a
            seed for one of several votes.

    Returns:
        The judge's answer, or the reason why there is none.
    """
    prompt = build_prompt(rubric, material, sample)
    asked: list[ChatMessage] = [ChatMessageSystem(content=prompt.system), ChatMessageUser(content=prompt.user)]
    settings = judge_config(judge, rubric).merge(config or GenerateConfig())
    problem = UnusableError("judge_malformed", "no answer")
    for call in range(1, CALLS + 1):
        try:
            output = await judge.generate(asked, config=settings)
        except LimitExceededError:
            raise
        except Exception as error:  # providers raise many kinds, and each costs this label alone
            return Reading.lacking(rubric, reason_of(error), " ".join(str(error).split())[:200], call)
        if stopped := stop_problem(output):
            return Reading.lacking(rubric, *stopped, call)
        try:
            return decide(read_answer(output.completion, rubric, prompt.code, material), rubric, call)
        except UnusableError as unusable:
            problem = unusable
        asked += [output.message, ChatMessageUser(content=prompt.repair(problem.problem, rubric))]
    return Reading.lacking(rubric, problem.reason, problem.problem, CALLS)


def judge_config(judge: Model, rubric: Rubric) -> GenerateConfig:
    """Make the settings of a call: the form of the answer, and a temperature, the judge's own before the rubric's."""
    schema = ResponseSchema(name=rubric.name, json_schema=JSONSchema.model_validate(answer_schema(rubric)), strict=True)
    own = judge.config.temperature
    return GenerateConfig(response_schema=schema, temperature=rubric.temperature if own is None else own)


def stop_problem(output: ModelOutput) -> tuple[str, str] | None:
    """Say why an output is no answer, before its text is read: a reason and an explanation; None if it may be one."""
    if not output.choices:
        reason = "judge_malformed" if output.error is None else "judge_error"
        return reason, output.error or "the judge's provider returned nothing"
    if output.stop_reason == "content_filter":
        return "judge_content_filter", output.error or "the judge's provider stopped the answer"
    if output.error is not None:
        return "judge_error", output.error[:200]
    if output.stop_reason in CUT_OFF:
        return "judge_truncated", "the judge's answer hit its token limit; give the judge a larger max_tokens"
    content = output.message.content
    if not isinstance(content, str) and any(isinstance(part, ContentText) and part.refusal for part in content):
        return "judge_refused", " ".join(output.completion.split())[:200]
    return None


def reason_of(error: BaseException) -> str:
    """Return the reason for which a call failed with an exception."""
    chain = list(causes(error))
    if any(isinstance(cause, ModelRefusalError) for cause in chain):
        return "judge_content_filter"
    # By name and status, because each provider's client has classes of its own, and Inspect exports none.
    if any("timeout" in type(cause).__name__.lower() for cause in chain):
        return "judge_timeout"
    for cause in chain:
        if found := STATUSES.get(getattr(cause, "status_code", None) or 0):
            return found
    return "judge_error"


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and its causes; Inspect's retries wrap the last failure."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__
