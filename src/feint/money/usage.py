"""Expected usage: calls, tokens and cost of a plan, before anything is asked, and corrected by measured usage.

A task states the lengths of each of its samples (`Expected`); everything else is computed here and in
`feint.study.plan.cost`, in the same way for every task.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inspect_ai.model import ModelCost, ModelUsage, compute_model_cost

from feint.money.budget import LEARNT, Cost, Ledger
from feint.money.prices import CHARACTERS, find_price, tokens, usd

LONGER = 1.5
"""Factor by which the tokens of a prompt may exceed their estimate."""
SHORT = 12
"""Tokens of a short answer, such as a letter or a number."""
NUMBERS = ("calls", "tokens_in", "tokens_out", "most_calls", "most_in", "most_out", "samples")


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected usage of one sample, as its task states it. All lengths are tokens; fractions are fine.

    Attributes:
        tokens_in: All prompts of the sample together.
        reasoning: Reasoning in all replies together.
        reply: The rest of all replies together, as far as a judge reads it.
        tokens_out: All replies together.
        most_in: All prompts together at most.
        most_out: All replies together at most.
        calls: Calls of the subject.
        most_calls: Calls of the subject at most.
        request: The bare item, as a judge may be shown it.
        situation: The prompt, as a judge may be shown it.
        most_shown: Reasoning and replies that a judge is shown at most, where that is more than expected.
        rule: The item's own rule for judges, as text.
        unasked: Rules of rubrics that judges are not asked about this sample.
    """

    tokens_in: float
    reasoning: int
    reply: int
    tokens_out: int
    most_in: float
    most_out: int
    calls: int = 1
    most_calls: int = 1
    request: float = 0
    situation: float = 0
    most_shown: int = 0
    rule: str = ""
    unasked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TaskUsage:
    """The parts of the estimate that a task provides.

    Attributes:
        expected: From a plan of the task and the token limit of a reply, the expected usage of every sample in order.
        notes: From the same, and a flag that models judge, the sentences that tell the assumptions.
        prompts: Name of all prompts of one sample.
    """

    expected: Callable[[Any, int], list[Expected]]
    notes: Callable[[Any, int, bool], list[str]]
    prompts: str = "a prompt"


@dataclass(frozen=True)
class UsageEstimate:
    """The expected usage of one model in one role, "subject", "judge" or "realism": as expected, and at most.

    `calls` are for `samples`, `tokens_in` are those of all prompts, and `tokens_out` those of all answers. The price is
    None where it is unknown.
    """

    model: str
    role: str
    calls: int
    tokens_in: int
    tokens_out: int
    most_calls: int
    most_in: int
    most_out: int
    price: ModelCost | None
    samples: int

    @property
    def cost(self) -> float | None:
        """The expected USD, None where the price is unknown."""
        return priced(self.price, self.tokens_in, self.tokens_out)

    @property
    def most_cost(self) -> float | None:
        """The USD at most, None where the price is unknown."""
        return priced(self.price, self.most_in, self.most_out)

    @property
    def expected(self) -> Cost:
        """The expected cost; an unknown price counts as zero."""
        return Cost(self.cost or 0.0, self.calls)

    @property
    def most(self) -> Cost:
        """The cost at most; an unknown price counts as zero."""
        return Cost(self.most_cost or 0.0, self.most_calls)

    def times(self, factor: float) -> "UsageEstimate":
        """Multiply all numbers, rounded."""
        return replace(self, **{name: round(getattr(self, name) * factor) for name in NUMBERS})


def priced(price: ModelCost | None, tokens_in: int, tokens_out: int) -> float | None:
    """Return the USD of some tokens, None where the price is unknown."""
    usage = ModelUsage(input_tokens=tokens_in, output_tokens=tokens_out)
    return None if price is None else compute_model_cost(price, usage)


def estimate_subject(model: str, samples: Sequence[Expected]) -> UsageEstimate:
    """Add up the usage of the subject.

    >>> one = Expected(tokens_in=100.25, reasoning=0, reply=20, tokens_out=20, most_in=150, most_out=50)
    >>> found = estimate_subject("organism/guarded", [one, one])
    >>> found.calls, found.tokens_in, found.most_out
    (2, 201, 100)
    """
    return UsageEstimate(
        model,
        "subject",
        calls=sum(one.calls for one in samples),
        tokens_in=whole(one.tokens_in for one in samples),
        tokens_out=sum(one.tokens_out for one in samples),
        most_calls=sum(one.most_calls for one in samples),
        most_in=round(sum(one.most_in for one in samples)),
        most_out=sum(one.most_out for one in samples),
        price=find_price(model),
        samples=len(samples),
    )


def whole(lengths: Iterable[float]) -> int:
    """Add up lengths in tokens; a begun token counts as one.

    >>> whole([0.25, 1.5])
    2
    """
    return tokens(CHARACTERS * sum(lengths))


def added_up(estimates: Sequence[UsageEstimate]) -> list[UsageEstimate]:
    """Return one estimate for each model in each role."""
    found: dict[tuple[str, str], UsageEstimate] = {}
    for one in estimates:
        before = found.get((one.model, one.role))
        sums = {name: getattr(before, name, 0) + getattr(one, name) for name in NUMBERS}
        found[one.model, one.role] = replace(before or one, **sums)
    return list(found.values())


def corrected(estimate: UsageEstimate, tokens_in: float | None, tokens_out: float | None) -> UsageEstimate:
    """Put measured tokens in all prompts and answers in place of the estimate, unless one is None: not measured.

    The estimates at most are raised where they are lower.
    """
    if tokens_in is None or tokens_out is None:
        return estimate
    read, written = round(tokens_in), round(tokens_out)
    most_in, most_out = max(estimate.most_in, read), max(estimate.most_out, written)
    return replace(estimate, tokens_in=read, tokens_out=written, most_in=most_in, most_out=most_out)


def mean_usage(ledger: Ledger) -> dict[str, tuple[float, float]]:
    """Return the mean tokens in and out of a call, for each model with enough calls in a ledger."""
    calls: dict[str, list[ModelUsage]] = {}
    for model, usage in ledger.read():
        calls.setdefault(model, []).append(usage)
    found = {}
    for model, every in calls.items():
        if len(every) >= LEARNT and (read := sum(one.input_tokens for one in every)):
            found[model] = (read / len(every), sum(one.output_tokens for one in every) / len(every))
    return found


def total(costs: Sequence[float | None]) -> str:
    """Write the sum of costs, unknown if one of them is unknown.

    >>> total([1.0, None]), total([1.0, 2.5])
    ('unknown', '3.50 USD')
    """
    known = [cost for cost in costs if cost is not None]
    return usd(sum(known)) if len(known) == len(costs) else "unknown"
