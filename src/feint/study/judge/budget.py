"""What judging a finished study anew may take: its budget, and the gate that its requests go through."""

import math
from collections.abc import Hashable, Mapping, Sequence

from inspect_ai.log import EvalLog, EvalSample, read_eval_log

from feint.base.errors import UsageError
from feint.judges.graded.prompt import build_prompt
from feint.money.budget import Budget, Cost
from feint.money.gate import Gate
from feint.money.ledger import Ledger
from feint.money.options import SpendingLimits
from feint.money.prices import COST_CONFIG, find_price, read_budget, set_prices, tokens, usd
from feint.money.usage import LONGER
from feint.study.importing.files import IMPORTED
from feint.study.judge.judging import request_of
from feint.study.judge.panel import JudgePanel, key_of, to_judge
from feint.study.plan.cost import answer_tokens, judge_usage, times_asked
from feint.study.plan.frozen import Plan


class JudgingGate(Gate):
    """Lets requests be judged, each in one wording and in all its cells, while a budget has room for them.

    The first one that takes a call is judged alone, and all others go by what was spent so far: an estimate that is far
    from the truth costs no more than that one.
    """

    def __init__(
        self, budget: Budget, labels: Mapping[Hashable, Sequence[Hashable]], *, expected: Cost, most: Cost
    ) -> None:
        """Make a gate.

        Args:
            budget: What may be spent.
            labels: By request in one wording, the labels that models are asked for.
            expected: What one label is thought to take.
            most: What it takes at most.
        """
        super().__init__(
            budget, {label: about for about in labels for label in labels[about]}, expected=expected, most=most
        )
        self._labels = labels
        self._before = Cost(budget.spent, budget.calls)
        self._asked = 0
        self._known = False

    async def enter(self, member: Hashable) -> bool:
        """Let a request be judged, once it is clear whether it may."""
        while self._flying and not self._known:
            await self._changed.wait()
        entered: list[Hashable] = []
        try:
            for label in self._labels[member]:
                if not await super().enter(label):
                    return False
                entered.append(label)
        except BaseException:  # cancelled: labels that entered are not asked for, and block nobody
            for label in entered:
                super().leave(label)
            raise
        self._asked += len(self._labels[member])
        return not self.stopped

    def leave(self, member: Hashable, *, again: bool = False) -> None:
        """Take note that a request was judged, and go by what was spent."""
        calls = self.budget.calls - self._before.calls
        if calls:
            # What is under way has not spent all yet. But `expected` counts only once nothing is.
            self.expected = Cost((self.budget.spent - self._before.usd) / self._asked, calls / self._asked)
            self.most = Cost(max(self.most.usd, self.expected.usd * LONGER), max(self.most.calls, self.expected.calls))
            self._known = True
        else:  # its answers were in the cache, and tell nothing of what others take
            self._asked = 0
        for label in self._labels[member]:
            super().leave(label, again=again)


def judging_budget(plan: Plan, judges: Sequence[str], ledger: Ledger, spending: SpendingLimits) -> Budget:
    """The budget of a study that is judged anew; what was spent on it counts, on its subject and earlier judges too.

    Args:
        plan: The study's plan.
        judges: Models that judge.
        ledger: What was spent on the study.
        spending: What the user said.

    Raises:
        UsageError: Prices or limits that cannot be read, or a budget and a price that is unknown.
    """
    entries = list(ledger.read())
    subject = [] if IMPORTED in plan.task else [plan.subject]
    named = list(dict.fromkeys([*subject, *judges, *(model for model, _ in entries)]))
    for text in spending.prices:
        if not subject and "=" not in text:
            raise UsageError(f"--price {text}: names no model, and the study's subject was imported; give MODEL={text}")
    first, *others = named or [plan.subject]
    set_prices(spending.prices, first, others)
    unpriced = [model for model, usage in entries if usage.total_cost is None]
    prices = {model: find_price(model) for model in dict.fromkeys([*judges, *unpriced])}
    max_cost = read_budget(spending.budget) if spending.budget is not None else None
    for model in (model for model, price in prices.items() if price is None and max_cost is not None):
        raise UsageError(
            f"--budget: the price of '{model}' is unknown; give it with --price {model}=IN,OUT in USD per million "
            f"tokens, or in Inspect's cost file ({COST_CONFIG})"
        )
    budget = Budget(prices, max_cost=max_cost, max_calls=spending.max_calls)
    if prices:
        budget.add_earlier(ledger)
    return budget


def judging_gate(budget: Budget, log: EvalLog, panel: JudgePanel) -> JudgingGate | None:
    """The gate for what a log lacks of its judges' labels; None where there is no limit, or no model to ask.

    Args:
        budget: What may be spent.
        log: The header of a complete log.
        panel: The judges.

    Raises:
        UsageError: There is no room for the first request.
    """
    if not budget.limited or not panel.models:
        return None
    labels, expected, most = labels_left(read_eval_log(log.location).samples or [], panel)
    if not (count := sum(map(len, labels.values()))):
        return None
    # Not `times(1 / count)`, which makes whole numbers of calls a little more than whole.
    one, at_most = (Cost(need.usd / count, need.calls / count) for need in (expected, most))
    gate = JudgingGate(budget, labels, expected=one, most=at_most)
    check_room(budget, one.times(next(len(those) for those in labels.values() if those)))
    return gate


def check_room(budget: Budget, need: Cost) -> None:
    """Whether a budget has room for judging the first request in one wording.

    Raises:
        UsageError: It has not.
    """
    limit = budget.lacking(need)
    if limit == "budget":
        before = f"{usd(budget.spent)} are spent on the study already, and " if budget.spent else ""
        takes, given = f"about {usd(need.usd)}", f"--budget {budget.max_cost:g}"
    elif limit:
        before = f"{budget.calls:,} are made for the study already, and " if budget.calls else ""
        takes, given = f"about {math.ceil(need.calls):,}", f"--max-calls {budget.max_calls}"
    else:
        return
    raise UsageError(f"{given}: {before}judging one request in all its cells takes {takes}; give more")


def labels_left(samples: Sequence[EvalSample], panel: JudgePanel) -> tuple[dict[Hashable, list[Hashable]], Cost, Cost]:
    """The labels that models still have to give.

    Args:
        samples: Of a complete log.
        panel: The judges.

    Returns:
        By request in one wording, as `judging.ask_all` tells a gate, its labels that are lacking, in the
        order of the log; what all of them are expected to take; and what they take at most.
    """
    models, votes = panel.grading.models, panel.grading.votes
    wanted = {name: set(keys) for name, keys in to_judge(samples, panel.grading).items() if name in models}
    labels: dict[Hashable, list[Hashable]] = {}
    expected, most = Cost(), Cost()
    for sample in samples:
        key = key_of(sample)
        asking = [name for name, keys in wanted.items() if key in keys]
        labels.setdefault(request_of(sample), []).extend((key, name) for name in asking)
        takes = questions(sample, panel) if asking else (0, 0, 0)
        for usage in (judge_usage(models[name], *takes, votes, samples=1) for name in asking):
            expected, most = expected + usage.expected, most + usage.most
    return labels, expected, most


def questions(sample: EvalSample, panel: JudgePanel) -> tuple[int, int, int]:
    """Tokens in, tokens out and calls of one judge that is asked about a reply or a run."""
    brief = panel.brief(sample)
    read = written = calls = 0
    for rubric in brief.asked:
        prompt, times = build_prompt(rubric, brief.material, str(sample.id)), times_asked(rubric, panel.grading.votes)
        read += times * tokens(len(prompt.system) + len(prompt.user))
        written += times * answer_tokens(rubric)
        calls += times
    return read, written, calls
