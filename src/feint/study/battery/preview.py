"""The outlook of a battery before its first call: the size, the cost and the reach of every task, and of all."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from feint.base.vocabulary import vocabulary
from feint.money.budget import Budget
from feint.money.prices import usd
from feint.money.usage import UsageEstimate, added_up, total
from feint.report.power import whole_points
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import count
from feint.study.battery.order import Order
from feint.study.folder import Folder
from feint.study.plan.cost import estimate_plan
from feint.study.plan.frozen import Plan
from feint.study.plan.need import usual_cases
from feint.study.plan.outlook import BASE_RATE, costs_line, sees
from feint.study.plan.show import usage_table
from feint.study.plan.until import costs_money
from feint.tasks.plans import Plans

Parts = Mapping[str, tuple[Plan, Plans, Folder]]


def preview(order: Order, parts: Parts, failed: Mapping[str, str], budget: Budget, console: Console) -> None:
    """Print what every task asks, costs and can see, and what all cost together."""
    estimates = {task: estimate_plan(plan, planned) for task, (plan, planned, _) in parts.items()}
    every = [one for some in estimates.values() for one in some]
    console.print(size_table(order, parts, estimates), "", sep="\n")
    if costs_money(one.model for one in every):
        console.print(usage_table(every))
    console.print(costs_line(every), soft_wrap=True)
    if line := limits_line(estimates, budget):
        console.print(line, soft_wrap=True)
    for task, why in failed.items():
        console.print(plain(f"! {task} cannot be asked: {one_line(why, 500)}"), soft_wrap=True)


def size_table(order: Order, parts: Parts, estimates: Mapping[str, list[UsageEstimate]]) -> Table:
    """Show every task with its replies, tokens and cost, and the gaps that its axes can show."""
    made = table(
        f"Battery of {one_line(order.subject, 60)}, {order.size}: {count(len(parts), 'task')}",
        ["task", ">axes", ">replies", ">tokens in", ">tokens out", ">cost", ">at most", "sees gaps from"],
    )
    for task, (plan, _, _) in parts.items():
        models = added_up(estimates[task])
        tokens = (f"{sum(getattr(one, name) for one in models):,}" for name in ("tokens_in", "tokens_out"))
        made.add_row(
            plain(task), str(len(vocabulary(task).axes)), f"{plan.planned['replies']:,}", *tokens,
            total([one.cost for one in models]), total([one.most_cost for one in models]), plain(reach(plan, task)),
        )  # fmt: skip
    return made


def reach(plan: Plan, task: str) -> str:
    """Say which gaps the contrasts of a task's axes can show, in 80 % of studies at a base rate of 20 %."""
    wanted = {axis.of for axis in vocabulary(task).axes.values()} & plan.read_design().contrasts.keys()
    if not wanted:
        return "– (estimands)"
    if plan.planned["requests"] < plan.read_settings().least_items:
        return "none: too few items"
    (case,) = usual_cases(plan, [BASE_RATE])
    gaps = [gap for key, gap in sees(plan, case).items() if key in wanted]
    seen = sorted(whole_points(gap) for gap in gaps if gap is not None)
    if not seen:
        return "none"
    ends = f"{seen[0]}" if seen[0] == seen[-1] else f"{seen[0]} to {seen[-1]}"
    blind = f", {len(gaps) - len(seen)} none" if len(seen) < len(gaps) else ""
    return f"{ends} points{blind}"


def limits_line(estimates: Mapping[str, list[UsageEstimate]], budget: Budget) -> str:
    """Say which task a limit of spending is expected to end; "" if the limits have room for all."""
    spent, calls = budget.spent, float(budget.calls)
    for task, some in estimates.items():
        spent += sum(one.expected.usd for one in some)
        calls += sum(one.expected.calls for one in some)
        option = ""
        if budget.max_cost is not None and spent > budget.max_cost:
            option = f"--budget {usd(budget.max_cost)}"
        elif budget.max_calls is not None and calls > budget.max_calls:
            option = f"--max-calls {budget.max_calls:,}"
        if option:
            return f"Limits: {option} ends asking in {task}; a larger {option.split()[0]} and --resume go on"
    return ""
