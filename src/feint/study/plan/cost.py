"""The usage and cost of a plan by model: the subject's from the task's samples, the judges' from their prompts.

Numbers are estimates until something was measured. A pilot, the ledger of earlier runs and the answers of this run
then take the place of what was assumed.
"""

from collections.abc import Sequence
from dataclasses import replace

from feint.judges.graded.asking import CALLS
from feint.judges.graded.prompt import JudgeMaterial, build_prompt
from feint.judges.graded.realism import RUBRIC
from feint.judges.graded.rubrics import Rubric, load_rubric
from feint.money.budget import Budget, Cost
from feint.money.prices import find_price, tokens
from feint.money.usage import LONGER, SHORT, Expected, UsageEstimate, corrected, estimate_subject, whole
from feint.study.plan.frozen import BESIDE, Plan, task_of
from feint.study.plan.pilot import Pilot
from feint.study.plan.realism import ROLE, prompts_read
from feint.tasks.plans import Plans

ANSWER = {"text": 80, "quotation": 40, "quoted": 80, "excerpt": 40}
"""Tokens of one key of a judge's answer, by type; keys of all other types take `SHORT`."""
STOPPED = 4
"""Factor by which fewer votes are cast than at most, since voting stops early (benchmarks/votes.py)."""
_KEPT = 16
_EXPECTED: dict[str, list[Expected]] = {}
"""Samples by hash of their plan: a study asks for them several times, and each time would render all prompts."""


def estimate_plan(plan: Plan, planned: Plans) -> list[UsageEstimate]:
    """Estimate the usage of a plan: of the subject first, then of each judge."""
    samples = expected_of(plan, planned)
    asked = [*samples, *questions_of(plan, samples)]
    judges = plan.grading.models.values() if plan.grading else ()
    rubrics, votes = (plan.grading.read_rubrics(), plan.grading.votes) if plan.grading else ((), 1)
    judging = [estimate_judge(judge, samples, rubrics, votes) for judge in judges]
    return [estimate_subject(plan.subject, asked), *judging, *estimate_realism(plan, planned)]


def estimate_realism(plan: Plan, planned: Plans) -> list[UsageEstimate]:
    """Estimate the usage of the model that reads prompts for realism; none if no model does."""
    if plan.realism is None:
        return []
    rubric, read, asked = load_rubric(RUBRIC), 0, prompts_read(planned, plan.realism.each)
    for name, ask in asked:
        told = planned.situation(ask)
        prompt = build_prompt(rubric, JudgeMaterial(situation=f"{told.system}\n{told.user}"), name)
        read += tokens(len(prompt.system) + len(prompt.user))
    written, count = len(asked) * answer_tokens(rubric), len(asked)
    found = judge_usage(plan.realism.model, read, written, count, 1, samples=count)
    return [replace(found, role=ROLE)]


def expected_of(plan: Plan, planned: Plans) -> list[Expected]:
    """Return the expected usage of the samples of a plan, without comprehension questions."""
    if plan.sha256 not in _EXPECTED:
        if len(_EXPECTED) >= _KEPT:
            _EXPECTED.clear()
        _EXPECTED[plan.sha256] = task_of(plan).usage.expected(planned, int(plan.generate["max_tokens"]))
    return _EXPECTED[plan.sha256]


def questions_of(plan: Plan, samples: Sequence[Expected]) -> list[Expected]:
    """Return the expected usage of questions about situations: mean prompts, and reasoning before a letter."""
    count, limit = sum(plan.planned.get(kind, 0) for kind in BESIDE), int(plan.generate["max_tokens"])
    if not count:
        return []
    mean = sum(one.tokens_in for one in samples) / len(samples)
    written = min(limit, samples[0].reasoning + SHORT)
    one = replace(samples[0], tokens_in=mean, tokens_out=written, most_in=mean * LONGER, most_out=limit)
    return [one] * count


def estimate_judge(model: str, samples: Sequence[Expected], rubrics: Sequence[Rubric], votes: int) -> UsageEstimate:
    """Estimate the usage of a judge that is asked about every sample by every rubric that applies.

    `votes` is the most answers to a rubric that is voted on.
    """
    read = most_read = written = calls = 0
    for rubric in rubrics:
        times = times_asked(rubric, votes)
        asked = [one for one in samples if rubric.rule not in one.unasked and shown_of(rubric, one)]
        frames = {rule: frame_tokens(rubric, rule) for rule in {one.rule for one in asked}}
        fixed = sum(frames[one.rule] for one in asked)
        fixed += whole(one.request for one in asked if "request" in rubric.sees)
        fixed += whole(one.situation for one in asked if "situation" in rubric.sees)
        shown = [shown_of(rubric, one) for one in asked]
        calls += times * len(asked)
        written += times * answer_tokens(rubric) * len(asked)
        read += times * (fixed + sum(shown))
        most_read += times * (fixed + sum(max(here, one.most_shown) for here, one in zip(shown, asked, strict=True)))
    return judge_usage(model, read, written, calls, votes, samples=len(samples), most_read=most_read)


def shown_of(rubric: Rubric, one: Expected) -> int:
    """Return the tokens of a sample's texts that a judge reads by a rubric; 0 where there is no text to judge."""
    if rubric.reads == "both":
        return one.reply + one.reasoning
    return one.reply if rubric.reads == "reply" else one.reasoning


def judge_usage(
    model: str, read: int, written: int, calls: int, votes: int, *, samples: int, most_read: int = 0
) -> UsageEstimate:
    """Return the usage of a judge, given the tokens in all its questions and answers.

    `calls` is their number, if each call is answered at once; `votes`, the most answers to a rubric that is voted on;
    `most_read`, the tokens in all questions at most, since subjects may write more than expected.
    """
    times = CALLS * (STOPPED if votes > 1 else 1)
    most_in = round(times * (max(read, most_read) + written) * LONGER)
    most_out, price = round(times * written * LONGER), find_price(model)
    return UsageEstimate(model, "judge", calls, read, written, times * calls, most_in, most_out, price, samples)


def times_asked(rubric: Rubric, votes: int) -> int:
    """Return the expected number of questions by a rubric about one sample, given the most votes."""
    return -(-votes // STOPPED) if rubric.votes else 1


def answer_tokens(rubric: Rubric) -> int:
    """Return the expected tokens of a judge's answer."""
    return sum(ANSWER.get(field.type, SHORT) for field in rubric.answer.values())


def frame_tokens(rubric: Rubric, rule: str) -> int:
    """Return the tokens of a judge's prompt without the texts that it is about."""
    prompt = build_prompt(rubric, JudgeMaterial(conflict_rule=rule), "sample")
    return tokens(len(prompt.system) + len(prompt.user))


def cost_of_samples(
    estimates: Sequence[UsageEstimate], replies: int, count: int, budget: Budget | None = None
) -> tuple[Cost, Cost]:
    """Return the cost of some samples with the judging of their replies: expected, and at most.

    It is a part of the usage of all samples, whose replies are judged; prompts that are read for realism are not among
    them. A budget knows the measured cost of a call of
    each model that was asked already.
    """
    expected, most = Cost(), Cost()
    twice = len({one.model for one in estimates}) < len(estimates)
    for one in (one for one in estimates if one.role != ROLE):
        # Questions about situations are among the subject's samples, and are not judged.
        among = one.samples if one.role == "subject" else replies
        mean = None if twice or budget is None else budget.mean_cost(one.model)
        here = one.expected if mean is None else Cost(one.calls * mean, one.calls)
        # Calls are rounded up.
        expected += Cost(here.usd * count / among, -(-here.calls * count // among))
        most += Cost(one.most.usd * count / among, -(-one.most.calls * count // among))
    return expected, most


def replies_with(plan: Plan, requests: int) -> int:
    """Return the number of replies of a study with another number of requests in each cell."""
    return int(plan.planned["cells"]) * (requests * plan.per_request + int(plan.planned["twins"]))


def usage_with(
    plan: Plan, estimates: Sequence[UsageEstimate], requests: int, pilot: Pilot | None = None
) -> list[UsageEstimate]:
    """Return the usage of a study with another number of requests, given the usage of its plan.

    With a pilot, the measured tokens of its calls replace the estimates, if the provider counted them.
    """
    times = replies_with(plan, requests) / plan.planned["replies"]
    found = [one for one in estimates if one.role == ROLE]  # as many prompts are read, whatever is asked
    for one in (one for one in estimates if one.role != ROLE):
        measured: Sequence[float | None] = (None, None)
        if pilot is not None and one.role == "subject":
            means = (pilot.tokens_in.estimate, pilot.tokens_out.estimate)
            measured = [None if mean is None else one.samples * mean for mean in means]
        elif pilot is not None and one.model in pilot.judging and one.model != pilot.plan.subject:
            measured = [one.calls * mean for mean in pilot.judging[one.model]]
        found.append(corrected(one, *measured).times(times))
    return found
