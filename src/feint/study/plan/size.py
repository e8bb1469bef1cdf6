"""`feint plan` without a power: the size of a study, and the calls and costs of its models."""

from collections.abc import Sequence

from rich.console import Console

from feint.money.prices import own_prices, set_prices
from feint.report.terminal import plain, table
from feint.study.plan.prepare import Wish, make_plan


@own_prices()
def plan_command(wishes: Sequence[Wish], prices: Sequence[str] = ()) -> None:
    """Print how many replies studies take, and the calls and costs of their models.

    Args:
        wishes: One for each design.
        prices: Values of --price.

    Raises:
        UsageError: See `feint.study.plan.prepare.make_plan` and `feint.money.prices.set_prices`.
    """
    from feint.study.ask.gates import models_of
    from feint.study.ask.looks import until_note
    from feint.study.ask.spending import register_prices
    from feint.study.plan.cost import estimate_plan
    from feint.study.plan.cost_table import notes, usage_table

    register_prices(wishes, prices)
    columns = ["cells", "requests", "wordings", "twins", "replies"]
    words = wishes[0].job.words
    heads = {"requests": words.requests, "replies": words.replies}
    shown = table(
        f"{words.replies.capitalize()} of {wishes[0].subject}",
        ["design", *(f">{heads.get(name, name)}" for name in columns)],
    )
    made = [make_plan(wish) for wish in wishes]
    plans = [plan for plan, _ in made]
    for plan in plans:
        shown.add_row(plain(plan.design["name"]), *(f"{plan.planned[name]:,}" for name in columns))
    if len(plans) > 1:
        shown.add_row(plain("all", "bold"), "", "", "", "", f"{sum(plan.planned['replies'] for plan in plans):,}")
    models = models_of(plans[0])
    set_prices(prices, models[0], models[1:])
    estimates = [one for plan, planned in made for one in estimate_plan(plan, planned)]
    console = Console(markup=False, highlight=False)
    console.print(shown, "", usage_table(estimates), sep="\n")
    for note in (*filter(None, [until_note(plans[0])]), *notes(*made[0], estimates)):
        console.print(note, soft_wrap=True)
