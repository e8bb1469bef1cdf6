"""The limits of spending, from the user's options to the note about unfinished parts."""

from collections.abc import Sequence

from feint.money.budget import Budget, Ledger
from feint.money.prices import SpendingLimits, read_budget, set_prices, usd
from feint.study.ask.gates import check_room, make_budget, models_of
from feint.study.folder import Folder, Start
from feint.study.judge.current import current
from feint.study.logs import newest_log
from feint.study.plan.frozen import Plan
from feint.study.plan.grading import RULES, check_names
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import check_subject
from feint.tasks.task import Plans


def register_prices(setups: Sequence[Setup], prices: Sequence[str]) -> None:
    """Set prices before plans are made, because defaults depend on prices; `open_budget` rejects unknown names.

    Raises:
        UsageError: Prices that cannot be read, or names that cannot be those of a subject or a judge.
    """
    for setup in setups:
        check_subject(setup.subject)
        check_names(setup.judge)
    judges = [judge for setup in setups for judge in setup.judge if judge != RULES]
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
    budget = make_budget(
        plans,
        max_cost=read_budget(spending.budget) if spending.budget is not None else None,
        max_calls=spending.max_calls,
        ledgers=[Ledger(folder.spending) for _, _, folder in parts] if resumed else (),
    )
    _, planned, folder = parts[0]
    if not resumed or newest_log(folder.logs) is None:
        check_room(budget, plans[0], planned)
    return budget


def stop_note(budget: Budget, asked: int, planned: int, *, goes_on: str, replies: str) -> str:
    """Say in a sentence which part was not finished because a limit was reached; empty if all was finished.

    Args:
        budget: The budget, with its stops.
        asked: Replies in hand.
        planned: Replies planned.
        goes_on: The command or option that goes on, given a larger limit.
        replies: The task's word for replies.
    """
    if not budget.stops:
        return ""
    left = {"asking": f"{asked:,} of {planned:,} {replies} were asked for", "judging": f"not all {replies} were judged",
            "quiz": "not all comprehension questions were asked"}  # fmt: skip
    limits = {
        "budget": ("--budget", f"{budget.spent:,.2f} of {usd(budget.max_cost or 0)} are spent"),
        "max_calls": ("--max-calls", f"{budget.calls:,} of {budget.max_calls or 0:,} calls are made"),
    }
    option, spent = limits[next(iter(budget.stops.values()))]
    what = ", ".join(text for doing, text in left.items() if doing in budget.stops)
    return f"stopped at {option}: {spent}, and {what}; {goes_on} with a larger {option} goes on"
