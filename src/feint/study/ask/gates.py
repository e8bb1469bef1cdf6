"""A study's budget, from what was asked for to the gates that its parts go through."""

from collections.abc import Hashable, Mapping, Sequence

from inspect_ai import Task
from inspect_ai.log import EvalLog

from feint.base.errors import UsageError
from feint.money.budget import Budget, Cost
from feint.money.gate import Gate
from feint.money.ledger import Ledger
from feint.money.prices import find_price, need_prices, usd
from feint.study.ask.stop import WholeRequests, in_hand
from feint.study.logs import read_summaries
from feint.study.plan.cost import cost_of_samples, estimate_plan
from feint.study.plan.frozen import Plan
from feint.study.plan.tasks import task_of
from feint.study.plan.until import planned_by
from feint.tasks.task import Plans

FIRST = 0.2
"""Part of a budget that may be used up before it is known what judging takes."""


def models_of(plan: Plan) -> list[str]:
    """All models that a study asks: the subject first, then the judges."""
    return list(dict.fromkeys([plan.subject, *(plan.grading.models.values() if plan.grading else ())]))


def make_budget(
    plans: Sequence[Plan],
    *,
    max_cost: float | None = None,
    max_calls: int | None = None,
    ledgers: Sequence[Ledger] = (),
) -> Budget:
    """The budget of one study, or of several that are run together.

    Args:
        plans: What is asked.
        max_cost: The most USD in all; None is no limit.
        max_calls: How many calls may be made in all; None is no limit.
        ledgers: What earlier runs of these studies spent, which counts.

    Raises:
        UsageError: A budget, and a price that is unknown; or not one call.
    """
    if max_calls is not None and max_calls < 1:
        raise UsageError(f"--max-calls {max_calls}: expected 1 or more")
    models = [model for plan in plans for model in models_of(plan)]
    prices = need_prices(models, "--budget") if max_cost is not None else {model: find_price(model) for model in models}
    budget = Budget(prices, max_cost=max_cost, max_calls=max_calls)
    for ledger in ledgers:
        budget.add_earlier(ledger)
    return budget


def most_cells(plan: Plan) -> int:
    """In how many cells that request is asked which is asked in most: not in all, where cells are of some kinds."""
    return max(plan.cells_asked().values(), default=plan.planned["cells"])


def check_room(budget: Budget, plan: Plan, planned: Plans) -> None:
    """Whether a budget has room for at least one request.

    Raises:
        UsageError: It has not.
    """
    if not budget.limited:
        return
    cells = most_cells(plan)
    one = f"one {task_of(plan).words.request} in all {'' if cells == plan.planned['cells'] else 'its '}{cells} cells"
    # As the gates will count it, which round the calls of a run up.
    expected = cost_of_samples(estimate_plan(plan, planned), plan.planned["replies"], 1, budget)[0].times(cells)
    limit = budget.lacking(expected)
    if limit == "budget":
        before = f"{usd(budget.spent)} are spent already, and " if budget.spent else ""
        raise UsageError(
            f"--budget {budget.max_cost:g}: {before}{one} takes about {usd(expected.usd)}; give a larger one"
        )
    if limit:
        before = f"{budget.calls:,} are made already, and " if budget.calls else ""
        raise UsageError(f"--max-calls {budget.max_calls}: {before}{one} takes {expected.calls:,}; give more")


def has_room(budget: Budget, plan: Plan, planned: Plans) -> bool:
    """Whether a budget has room for at least one request."""
    try:
        check_room(budget, plan, planned)
    except UsageError:
        return False
    return True


class Gates:
    """The gates of one study under a limited budget.

    What judging takes is only estimated before the first reply is judged. So the first round asks for a part of the
    budget alone; once its replies are judged, the next round goes by what that took.
    """

    def __init__(self, budget: Budget, plan: Plan, cells: int = 0) -> None:
        """Make gates.

        Args:
            budget: What may be spent.
            plan: The plan.
            cells: In how many cells a request is asked now; 0 for as many as any is planned to be asked in.
        """
        estimates = estimate_plan(plan, planned_by(plan))
        replies, self._cells = plan.planned["replies"], cells or most_cells(plan)
        self.budget = budget
        self._judges = frozenset(plan.grading.models if plan.grading else ())
        asked, judged = ([one for one in estimates if one.role == role] for role in ("subject", "judge"))
        self._one = {
            doing: cost_of_samples(some, replies, 1, budget if len(models_of(plan)) == len(estimates) else None)
            for doing, some in (("asking", asked), ("judging", judged))
        }
        self._opened: dict[str, Gate] = {}
        self._before = Cost()

    def one(self, doing: str) -> tuple[Cost, Cost]:
        """What "asking" for one reply, or "judging" it, takes: expected and at most; as learnt, or as estimated."""
        expected, most = self._one["judging" if doing == "judging" else "asking"]
        return self.budget.learnt.get(doing, expected), most

    def limit(self, task: Task, log: EvalLog | None, doing: str) -> None:
        """Let a task stop where the budget is empty.

        Args:
            task: The task.
            log: What an earlier run left of it.
            doing: "asking", for replies that will be judged, so that room is kept for that; or "quiz".
        """
        (expected, most), later = self.one(doing), self.one("judging")[0] if doing == "asking" else Cost()
        known = not self._judges or "judging" in self.budget.learnt
        if doing == "asking":
            self.budget.owed = later.times(self._unjudged(log))

        def gate(group: Mapping[Hashable, Hashable]) -> Gate:
            part = 1.0 if known else FIRST
            made = Gate(self.budget, group, expected=expected, most=most, later=later, part=part)
            self._opened[doing] = made
            return made

        task.early_stopping = WholeRequests(gate, in_hand(log))

    def judging(self) -> Gate:
        """The gate for judging: its members are requests in one wording, in all their cells."""
        self.budget.owed = Cost()
        self._before = Cost(self.budget.spent, self.budget.calls)
        expected, most = (need.times(self._cells) for need in self.one("judging"))
        self._opened["judging"] = Gate(self.budget, {}, expected=expected, most=most)
        return self._opened["judging"]

    def close(self) -> None:
        """Note which gates were shut, and what was learnt."""
        self.budget.stops = {doing: gate.stopped for doing, gate in self._opened.items() if gate.stopped}
        if (asking := self._opened.get("asking")) is not None and asking.learnt:
            self.budget.learnt["asking"] = asking.expected
        judging = self._opened.get("judging")
        if judging is not None and (replies := self._cells * sum(judging.begun.values())):
            spent, calls = self.budget.spent - self._before.usd, self.budget.calls - self._before.calls
            self.budget.learnt["judging"] = Cost(spent / replies, calls / replies)
        self.budget.again = set(self.budget.stops) == {"asking"} and bool(self._judges) and self._room()

    def shut(self, doing: str) -> None:
        """Note whether the gate of what came last was shut."""
        if stopped := self._opened[doing].stopped:
            self.budget.stops[doing] = stopped

    def _room(self) -> bool:
        """Whether one request more finds room, with its judging."""
        return not self.budget.lacking((self.one("asking")[0] + self.one("judging")[0]).times(self._cells))

    def _unjudged(self, log: EvalLog | None) -> int:
        """Replies in hand that no judge has labelled."""
        if log is None or not self._judges:
            return 0
        return sum(one.error is None and not self._judges & set(one.scores or {}) for one in read_summaries(log))
