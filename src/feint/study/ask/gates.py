"""The limits of spending: from the user's options to the budget of a study, the gates that keep to it, and the note."""

from collections.abc import Hashable, Mapping, Sequence

from inspect_ai import Task
from inspect_ai.log import EvalLog

from feint.base.errors import UsageError
from feint.money.budget import Budget, Cost, Ledger
from feint.money.gate import Gate
from feint.money.prices import SpendingLimits, find_price, need_prices, read_budget, set_prices, usd
from feint.study.ask.stop import WholeRequests
from feint.study.folder import Folder, Start
from feint.study.judge.panel import current
from feint.study.logs import newest_log, read_summaries
from feint.study.plan.cost import cost_of_samples, estimate_plan
from feint.study.plan.frozen import BESIDE, Plan, task_of
from feint.study.plan.grading import RULES, check_names
from feint.study.plan.prepare import Setup
from feint.study.plan.realism import ROLE
from feint.study.plan.subject import check_subject
from feint.study.plan.until import planned_by
from feint.tasks.plans import Plans

FIRST = 0.2
"""Share of a budget that may be used before the cost of judging is measured."""


def models_of(plan: Plan) -> list[str]:
    """List all models that a study asks: the subject first, then the judges, then the one that reads prompts."""
    judges = plan.grading.models.values() if plan.grading else ()
    return list(dict.fromkeys([plan.subject, *judges, *([plan.realism.model] if plan.realism else ())]))


def register_prices(setups: Sequence[Setup], prices: Sequence[str]) -> None:
    """Set prices before plans are made, because defaults depend on prices; `open_budget` rejects unknown names."""
    for setup in setups:
        check_subject(setup.subject)
        check_names(setup.judge)
    judges = [judge for setup in setups for judge in setup.judge if judge != RULES]
    judges += [setup.realism for setup in setups if setup.realism]
    asked = {"", setups[0].subject, *judges}
    set_prices([text for text in prices if text.rpartition("=")[0] in asked], setups[0].subject, judges)


def open_budget(parts: Sequence[tuple[Plan, Plans, Folder]], spending: SpendingLimits, start: Start) -> Budget:
    """Open the budget of studies that run together, before anything is asked or written.

    A resumed study counts the spending of earlier runs.

    Raises:
        UsageError: Prices or limits that cannot be read, a budget without a price, or too little for one request.
    """
    resumed = start == "resume"
    plans = [current(folder, plan) if resumed else plan for plan, _, folder in parts]
    models = [model for plan in plans for model in models_of(plan)]
    set_prices(spending.prices, models[0], models[1:])
    max_cost = read_budget(spending.budget) if spending.budget is not None else None
    if spending.max_calls is not None and spending.max_calls < 1:
        raise UsageError(f"--max-calls {spending.max_calls}: expected 1 or more")
    prices = need_prices(models, "--budget") if max_cost is not None else {model: find_price(model) for model in models}
    budget = Budget(prices, max_cost=max_cost, max_calls=spending.max_calls)
    for _, _, folder in parts if resumed else ():
        budget.add_earlier(Ledger(folder.spending))
    _, planned, folder = parts[0]
    first = not resumed or newest_log(folder.logs) is None
    if first and (lacking := lacking_room(budget, plans[0], planned)):
        raise UsageError(lacking)
    return budget


def most_cells(plan: Plan) -> int:
    """Count the cells of the item that is asked in most cells; an item may not be asked in all cells."""
    return max(plan.cells_asked().values(), default=plan.planned["cells"])


def lacking_room(budget: Budget, plan: Plan, planned: Plans) -> str:
    """Say in a sentence that a budget has no room for one item in all its cells; empty if it has room."""
    if not budget.limited:
        return ""
    cells = most_cells(plan)
    one = f"one {task_of(plan).words.request} in all {'' if cells == plan.planned['cells'] else 'its '}{cells} cells"
    # Calls of one sample are rounded up, as the gates do.
    expected = cost_of_samples(estimate_plan(plan, planned), plan.planned["replies"], 1, budget)[0].times(cells)
    limit = budget.lacking(expected)
    if limit == "budget":
        before = f"{usd(budget.spent)} are spent already, and " if budget.spent else ""
        return f"--budget {budget.max_cost:g}: {before}{one} takes about {usd(expected.usd)}; give a larger one"
    if limit:
        before = f"{budget.calls:,} are made already, and " if budget.calls else ""
        return f"--max-calls {budget.max_calls}: {before}{one} takes {expected.calls:,}; give more"
    return ""


def stop_note(budget: Budget, asked: int, planned: int, *, goes_on: str, replies: str) -> str:
    """Say in a sentence which part was not finished because a limit was reached; empty if all was finished.

    `asked` and `planned` count the replies, `replies` is the task's word for them, and `goes_on` the command or option
    that continues.
    """
    if not budget.stops:
        return ""
    left = {"asking": f"{asked:,} of {planned:,} {replies} were asked for", "judging": f"not all {replies} were judged",
            ROLE: "not all prompts were read for realism",
            **{kind: f"not all {questions} were asked" for kind, questions in BESIDE.items()}}  # fmt: skip
    limits = {
        "budget": ("--budget", f"{budget.spent:,.2f} of {usd(budget.max_cost or 0)} are spent"),
        "max_calls": ("--max-calls", f"{budget.calls:,} of {budget.max_calls or 0:,} calls are made"),
    }
    option, spent = limits[next(iter(budget.stops.values()))]
    what = ", ".join(text for doing, text in left.items() if doing in budget.stops)
    return f"stopped at {option}: {spent}, and {what}; {goes_on} with a larger {option} goes on"


class Gates:
    """The gates of one study under a limited budget.

    The cost of judging is an estimate until the first replies are judged. The first round therefore uses a share of
    the budget only; later rounds go by the measured cost.
    """

    def __init__(self, budget: Budget, plan: Plan, cells: int = 0) -> None:
        """Make gates. `cells` counts the cells in which an item is asked now; 0 is the most planned for any item."""
        estimates = estimate_plan(plan, planned_by(plan))
        replies, self._cells = plan.planned["replies"], cells or most_cells(plan)
        self.budget = budget
        self._judges = frozenset(plan.grading.models if plan.grading else ())
        asked, judged = ([one for one in estimates if one.role == role] for role in ("subject", "judge"))
        self._one = {
            doing: cost_of_samples(some, replies, 1, budget if len(models_of(plan)) == len(estimates) else None)
            for doing, some in (("asking", asked), ("judging", judged))
        }
        for one in (one for one in estimates if one.role == ROLE):
            self._one[ROLE] = one.expected.times(1 / one.samples), one.most.times(1 / one.samples)
        self._opened: dict[str, Gate] = {}
        self._before = Cost()

    def one(self, doing: str) -> tuple[Cost, Cost]:
        """Return the cost of "asking" for a reply, of "judging" it, or of reading a prompt: expected, and at most.

        The expected cost is the measured one if there is one.
        """
        expected, most = self._one[doing if doing in self._one else "asking"]
        return self.budget.learnt.get(doing, expected), most

    def limit(self, task: Task, log: EvalLog | None, doing: str) -> None:
        """Let a task stop when the budget has no more room, given the log of an earlier run.

        While "asking" for replies, room is kept for judging them; the other tasks are those of `BESIDE`.
        """
        (expected, most), later = self.one(doing), self.one("judging")[0] if doing == "asking" else Cost()
        known = not self._judges or "judging" in self.budget.learnt
        done = [one for one in read_summaries(log) if one.error is None] if log is not None else []
        if doing == "asking":
            unjudged = [one for one in done if self._judges and not self._judges & set(one.scores or {})]
            self.budget.owed = later.times(len(unjudged))

        def gate(group: Mapping[Hashable, Hashable]) -> Gate:
            part = 1.0 if known else FIRST
            made = Gate(self.budget, group, expected=expected, most=most, later=later, part=part)
            self._opened[doing] = made
            return made

        task.early_stopping = WholeRequests(gate, [(one.id, one.epoch) for one in done])

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
        # Another round asks more if the budget has room for one more item with its judging.
        one = (self.one("asking")[0] + self.one("judging")[0]).times(self._cells)
        more = set(self.budget.stops) == {"asking"} and bool(self._judges)
        self.budget.again = more and not self.budget.lacking(one)

    def shut(self, doing: str) -> None:
        """Note if a gate was shut."""
        if stopped := self._opened[doing].stopped:
            self.budget.stops[doing] = stopped
