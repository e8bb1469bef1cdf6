"""The budget for judging a finished study anew, and the gate that keeps to the budget."""

import math
from collections.abc import Hashable, Mapping, Sequence

from inspect_ai.log import EvalLog, EvalSample

from feint.base.errors import UsageError
from feint.judges.graded.prompt import build_prompt
from feint.money.budget import Budget, Cost, Ledger
from feint.money.gate import Gate
from feint.money.prices import COST_CONFIG, SpendingLimits, find_price, read_budget, set_prices, tokens, usd
from feint.money.usage import LONGER
from feint.study.judge.judging import request_of
from feint.study.judge.panel import JudgePanel, key_of, to_judge
from feint.study.logs import read_log
from feint.study.plan.cost import answer_tokens, judge_usage, times_asked
from feint.study.plan.frozen import IMPORTED, Plan


class JudgingGate(Gate):
    """Lets items be judged while a budget has room, each in one wording and in all its cells.

    The first item that needs a call is judged alone. All others go by the measured cost, so a wrong estimate costs no
    more than one item.
    """

    def __init__(
        self, budget: Budget, labels: Mapping[Hashable, Sequence[Hashable]], *, expected: Cost, most: Cost
    ) -> None:
        """Make a gate for the labels that models are asked for, by item in one wording, given the cost of one label."""
        super().__init__(
            budget, {label: about for about in labels for label in labels[about]}, expected=expected, most=most
        )
        self._labels = labels
        self._before = Cost(budget.spent, budget.calls)
        self._asked = 0
        self._known = False

    async def enter(self, member: Hashable) -> bool:
        """Wait until the budget decides whether an item may be judged."""
        while self._flying and not self._known:
            await self._changed.wait()
        entered: list[Hashable] = []
        try:
            for label in self._labels[member]:
                if not await super().enter(label):
                    return False
                entered.append(label)
        except BaseException:  # a cancelled item asks for no label, and must not block others
            for label in entered:
                super().leave(label)
            raise
        self._asked += len(self._labels[member])
        return not self.stopped

    def leave(self, member: Hashable, *, again: bool = False) -> None:
        """Take note that an item was judged, and measure the cost."""
        calls = self.budget.calls - self._before.calls
        if calls:
            # Items in flight have not spent all yet, but `expected` is used only when nothing is in flight.
            self.expected = Cost((self.budget.spent - self._before.usd) / self._asked, calls / self._asked)
            self.most = Cost(max(self.most.usd, self.expected.usd * LONGER), max(self.most.calls, self.expected.calls))
            self._known = True
        else:  # all answers came from the cache, so that no cost was measured
            self._asked = 0
        for label in self._labels[member]:
            super().leave(label, again=again)


def judging_budget(plan: Plan, judges: Sequence[str], ledger: Ledger, spending: SpendingLimits) -> Budget:
    """Open the budget of a study that models judge anew; the earlier spending on its subject and judges counts.

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
    """Make the gate for the labels that a complete log lacks; None without a limit, or without a model to ask.

    Raises:
        UsageError: There is no room for judging the first item in one wording.
    """
    if not budget.limited or not panel.models:
        return None
    labels, expected, most = labels_left(read_log(log).samples or [], panel)
    if not (count := sum(map(len, labels.values()))):
        return None
    # Division keeps whole numbers of calls whole, and `times(1 / count)` does not.
    one, at_most = (Cost(need.usd / count, need.calls / count) for need in (expected, most))
    need = one.times(next(len(those) for those in labels.values() if those))
    limit = budget.lacking(need)
    if limit == "budget":
        before = f"{usd(budget.spent)} are spent on the study already, and " if budget.spent else ""
        takes, given = usd(need.usd), f"--budget {budget.max_cost:g}"
    elif limit:
        before = f"{budget.calls:,} are made for the study already, and " if budget.calls else ""
        takes, given = f"{math.ceil(need.calls):,}", f"--max-calls {budget.max_calls}"
    if limit:
        raise UsageError(f"{given}: {before}judging one request in all its cells takes about {takes}; give more")
    return JudgingGate(budget, labels, expected=one, most=at_most)


def labels_left(samples: Sequence[EvalSample], panel: JudgePanel) -> tuple[dict[Hashable, list[Hashable]], Cost, Cost]:
    """List the labels that models still have to give about the samples of a complete log, and their cost.

    Returns:
        By item in one wording, the lacking labels in the order of the log (the members of the gate in
        `judging.ask_all`); the expected cost of all labels; and their cost at most.
    """
    models, votes = panel.grading.models, panel.grading.votes
    wanted = {name: set(keys) for name, keys in to_judge(samples, panel.grading).items() if name in models}
    labels: dict[Hashable, list[Hashable]] = {}
    expected, most = Cost(), Cost()
    for sample in samples:
        key = key_of(sample)
        asking = [name for name, keys in wanted.items() if key in keys]
        labels.setdefault(request_of(sample), []).extend((key, name) for name in asking)
        if not asking:
            continue
        brief = panel.brief(sample)
        read = written = calls = 0
        for rubric in brief.asked:
            prompt, times = build_prompt(rubric, brief.material, str(sample.id)), times_asked(rubric, votes)
            read += times * tokens(len(prompt.system) + len(prompt.user))
            written += times * answer_tokens(rubric)
            calls += times
        for name in asking:
            usage = judge_usage(models[name], read, written, calls, votes, samples=1)
            expected, most = expected + usage.expected, most + usage.most
    return labels, expected, most
