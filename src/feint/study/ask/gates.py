"""The budget of a study, and the gates by which its parts keep to the budget."""

from collections.abc import Hashable, Mapping, Sequence

from inspect_ai import Task
from inspect_ai.log import EvalLog

from feint.base.errors import UsageError
from feint.money.budget import Budget, Cost, Ledger
from feint.money.gate import Gate
from feint.money.prices import find_price, need_prices, usd
from feint.study.ask.stop import WholeRequests, in_hand
from feint.study.logs import read_summaries
from feint.study.plan.cost import cost_of_samples, estimate_plan
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.until import planned_by
from feint.tasks.task import Plans

FIRST = 0.2
"""Share of a budget that may be used before the cost of judging is measured."""


def models_of(plan: Plan) -> list[str]:
    """List all models that a study asks: the subject first, then the judges."""
    return list(dict.fromkeys([plan.subject, *(plan.grading.models.values() if plan.grading else ())]))


def make_budget(
    plans: Sequence[Plan],
    *,
    max_cost: float | None = None,
    max_calls: int | None = None,
    ledgers: Sequence[Ledger] = (),
) -> Budget:
    """Make the budget of one study, or of several studies that run together.

    Args:
        plans: The plans of the studies.
        max_cost: The most USD in all; None is no limit.
        max_calls: The most calls in all; None is no limit.
        ledgers: Ledgers of earlier runs of these studies, whose spending counts.

    Raises:
        UsageError: There is a budget and a price is unknown, or not one call is allowed.
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
    """Count the cells of the item that is asked in most cells; an item may not be asked in all cells."""
    return max(plan.cells_asked().values(), default=plan.planned["cells"])


def check_room(budget: Budget, plan: Plan, planned: Plans) -> None:
    """Check that a budget has room for one item in all its cells.

    Raises:
        UsageError: The budget has no room.
    """
    if not budget.limited:
        return
    cells = most_cells(plan)
    one = f"one {task_of(plan).words.request} in all {'' if cells == plan.planned['cells'] else 'its '}{cells} cells"
    # Calls of one sample are rounded up, as the gates do.
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
    """Tell if a budget has room for one item in all its cells."""
    try:
        check_room(budget, plan, planned)
    except UsageError:
        return False
    return True


class Gates:
    """The gates of one study under a limited budget.

    The cost of judging is an estimate until the first replies are judged. The first round therefore uses a share of
    the budget only; later rounds go by the measured cost.
    """

    def __init__(self, budget: Budget, plan: Plan, cells: int = 0) -> None:
        """Make gates.

        Args:
            budget: The limits.
            plan: The plan.
            cells: Number of cells in which an item is asked now; 0 for the most that is planned for any item.
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
        """Return the cost of "asking" for a reply, or of "judging" it: expected (measured if possible), and at most."""
        expected, most = self._one["judging" if doing == "judging" else "asking"]
        return self.budget.learnt.get(doing, expected), most

    def limit(self, task: Task, log: EvalLog | None, doing: str) -> None:
        """Let a task stop when the budget has no more room.

        Args:
            task: The task.
            log: The log of an earlier run.
            doing: "asking", for replies; room is kept for judging them. Or "quiz".
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
        """Open the gate for judging; its members are items in one wording, in all their cells."""
        self.budget.owed = Cost()
        self._before = Cost(self.budget.spent, self.budget.calls)
        expected, most = (need.times(self._cells) for need in self.one("judging"))
        self._opened["judging"] = Gate(self.budget, {}, expected=expected, most=most)
        return self._opened["judging"]

    def close(self) -> None:
        """Note the gates that were shut, and the measured costs."""
        self.budget.stops = {doing: gate.stopped for doing, gate in self._opened.items() if gate.stopped}
        if (asking := self._opened.get("asking")) is not None and asking.learnt:
            self.budget.learnt["asking"] = asking.expected
        judging = self._opened.get("judging")
        if judging is not None and (replies := self._cells * sum(judging.begun.values())):
            spent, calls = self.budget.spent - self._before.usd, self.budget.calls - self._before.calls
            self.budget.learnt["judging"] = Cost(spent / replies, calls / replies)
        self.budget.again = set(self.budget.stops) == {"asking"} and bool(self._judges) and self._room()

    def shut(self, doing: str) -> None:
        """Note if a gate was shut."""
        if stopped := self._opened[doing].stopped:
            self.budget.stops[doing] = stopped

    def _room(self) -> bool:
        """Tell if the budget has room for one more item with its judging."""
        return not self.budget.lacking((self.one("asking")[0] + self.one("judging")[0]).times(self._cells))

    def _unjudged(self, log: EvalLog | None) -> int:
        """Count the replies in hand that no judge has labelled."""
        if log is None or not self._judges:
            return 0
        return sum(one.error is None and not self._judges & set(one.scores or {}) for one in read_summaries(log))
