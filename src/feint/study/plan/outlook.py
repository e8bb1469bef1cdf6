"""The outlook of a study before its first call: questions, cost, the gaps that can be seen, and the end of asking."""

from collections.abc import Iterable, Sequence

from feint.base.numbers import listing, percent
from feint.base.subjects import is_ours
from feint.money.budget import Budget
from feint.money.places import is_local
from feint.money.prices import usd
from feint.money.usage import UsageEstimate, added_up, total
from feint.report.power import from_points, whole_points
from feint.report.words import count, glossary
from feint.stats.intervals import tests_of
from feint.stats.looks.stopping import Looking, block_ends
from feint.stats.power.need import POWER, smallest_gap
from feint.stats.power.stopping import STUDIES, chances_when_stopping, smallest_gap_when_stopping
from feint.stats.types import YES, Contrast
from feint.study.plan import need
from feint.study.plan.cost import cost_of_samples, estimate_plan
from feint.study.plan.frozen import ALL, DECIDED, Plan, task_of
from feint.study.plan.need import Case, simulated_power, usual_cases
from feint.study.plan.until import FEWEST, WORTHWHILE, costs_money, needed_cells
from feint.tasks.plans import Plans

BASE_RATE = 0.2
"""The base rate at which a study says what it can see."""
TARGET = 0.15
"""The gap that the default size of a real model is made for."""


def looking_of(plan: Plan) -> Looking:
    """Return the looks of a study that stops early, at its most requests."""
    looks = block_ends(int(plan.looking["block"]), plan.planned["requests"], int(plan.looking["first"]))
    return Looking(looks, str(plan.looking["method"]), int(plan.looking["horizon"]))


def asked_contrasts(plan: Plan) -> list[Contrast]:
    """Return the contrasts of which every cell is asked, whichever cells the end of asking needs."""
    cells = set(needed_cells(plan.read_design(), plan.until))
    return [contrast for contrast in plan.contrasts() if set(contrast.weights) <= cells]


def sees(plan: Plan, case: Case) -> dict[str, float | None]:
    """Compute the smallest gap that a study calls yes in 80 % of cases, by contrast, for the rule that ends its asking.

    A study that stops when decided is simulated; one of fixed size is computed. None for a contrast without such a gap,
    or with too few items to be decided.
    """
    assumed, settings = case.assumed(plan.per_request), plan.read_settings()
    tests, known = tests_of(len(plan.contrasts())), dict[tuple[float | int, ...], float | None]()
    found: dict[str, float | None] = {}
    for contrast in asked_contrasts(plan):
        size = plan.planned["requests"] if contrast.among is None else len(contrast.among)
        if size < settings.least_items:
            found[contrast.key] = None  # nothing is decided by so few
            continue
        alike = (size, *contrast.weights.values(), *(case.rates[cell] for cell in contrast.weights))
        if alike not in known:
            known[alike] = (
                smallest_gap(assumed, contrast, size, settings, tests, POWER)
                if plan.until == ALL
                else smallest_gap_when_stopping(assumed, contrast, looking_of(plan), settings, tests, POWER)
            )
        found[contrast.key] = known[alike]
    return found


def share_finding(plan: Plan, case: Case, contrast: Contrast, gap: float) -> float | None:
    """Simulate studies by the rule that ends their asking; return the share that find a gap in one contrast."""
    if plan.until == ALL:
        size = plan.planned["requests"] if contrast.among is None else len(contrast.among)
        return simulated_power(plan, case, contrast, gap, size, need.STUDIES, lambda: None)
    settings, tests = plan.read_settings(), tests_of(len(plan.contrasts()))
    assumed = case.assumed(plan.per_request)
    found = chances_when_stopping(assumed, contrast, gap, looking_of(plan), settings, tests)
    return None if found is None else found[YES]


def outlook(plan: Plan, planned: Plans, wished: str | None, budget: Budget | None = None) -> list[str]:
    """Write the lines that stand before the first call of a study.

    `wished` is the user's end of asking. A study that a limit of spending ends sees what so few items let it see.
    """
    estimates = estimate_plan(plan, planned)
    limit, reached = limits_line(plan, estimates, budget)
    lines = [asks_line(plan), costs_line(estimates), limit, sees_line(reached), stops_line(plan, wished)]
    return [line for line in lines if line]


def limits_line(plan: Plan, estimates: Sequence[UsageEstimate], budget: Budget | None) -> tuple[str, Plan]:
    """Say which limit of spending ends asking, and after about how many items; "" if none does.

    Returns:
        The line, and the plan with no more items than the limit leaves room for.
    """
    if budget is None or not budget.limited:
        return "", plan
    replies, requests = plan.planned["replies"], plan.planned["requests"]
    left, option = replies_left(plan, estimates, budget)
    if left >= replies:
        return "", plan
    some = int(requests * left / replies)
    limit = f"--max-calls {budget.max_calls:,}" if option == "--max-calls" else f"--budget {usd(budget.max_cost or 0)}"
    words = task_of(plan).words
    line = (
        f"Limits: {limit} ends asking after about {some:,} of {requests:,} {words.requests}; a larger {option} and "
        "--resume go on"
    )
    return line, plan.model_copy(update={"planned": {**plan.planned, "requests": some}})


def replies_left(plan: Plan, estimates: Sequence[UsageEstimate], budget: Budget) -> tuple[int, str]:
    """Return how many replies of a plan, with their judging, a budget is expected to leave room for, and the limit."""
    one = cost_of_samples(estimates, plan.planned["replies"], 1, budget)[0]
    room = [(plan.planned["replies"], "")]
    if budget.max_calls is not None and one.calls:
        room.append((max(0, int((budget.max_calls - budget.calls) // one.calls)), "--max-calls"))
    if budget.max_cost is not None and one.usd:
        room.append((max(0, int((budget.max_cost - budget.spent) // one.usd)), "--budget"))
    return min(room)


def asks_line(plan: Plan) -> str:
    """Say what is asked."""
    words, counts = task_of(plan).words, plan.planned
    most = "at most " if plan.until != ALL else ""
    times = "once" if plan.per_request == 1 else f"{plan.per_request} times"
    twins = f", and {count(counts['twins'], 'benign twin')}" if counts["twins"] else ""
    asked = f"{counts['requests']:,} {words.request if counts['requests'] == 1 else words.requests}"
    return (
        f"Asks: {asked} {times} in {count(counts['cells'], 'cell')}"
        f"{twins}: {most}{counts['replies']:,} {words.replies} of {plan.subject}"
    )


def costs_line(estimates: Sequence[UsageEstimate]) -> str:
    """Say what is spent: tokens, and money where prices are known."""
    models = added_up(estimates)
    tokens = " in and ".join(f"{sum(getattr(one, side) for one in models):,}" for side in ("tokens_in", "tokens_out"))
    names = [one.model for one in models]
    unknown = [name for name, one in zip(names, models, strict=True) if one.price is None]
    if unknown:
        listed = listing(list(dict.fromkeys(unknown)))
        return f"Costs: about {tokens} out tokens; the price of {listed} is unknown (--price IN,OUT)"
    if costs_money(names):
        spent, most = total([one.cost for one in models]), total([one.most_cost for one in models])
        return f"Costs: about {spent}, at most {most}: {tokens} out tokens, estimated"
    served = [name for name in dict.fromkeys(names) if is_local(name) and not is_ours(name)]
    if not served:
        return f"Costs: nothing; about {tokens} out tokens"
    runs = "runs" if len(served) == 1 else "run"
    return (
        f"Costs: nothing, since {listing(served)} {runs} on your own machines (--price IN,OUT where a server passes "
        f"calls on to a paid one); about {tokens} out tokens"
    )


def sees_line(plan: Plan) -> str:
    """Say which gaps the study can see; "" for a design without contrasts."""
    (case,), say, contrasts = usual_cases(plan, [BASE_RATE]), glossary(task_of(plan).name), asked_contrasts(plan)
    if not contrasts:
        return ""
    least = plan.read_settings().least_items
    if plan.planned["requests"] < least:
        return f"Sees: nothing, since fewer than {least} {task_of(plan).words.requests} decide nothing"
    found = sees(plan, case)
    main = next((contrast.key for contrast in contrasts if contrast.gap), contrasts[0].key)
    gap, others = found[main], [gap for key, gap in found.items() if key != main]
    first = "no gap" if gap is None else f"a gap from {from_points(gap)} on"
    told = f"Sees: {first} in {say.label(main).lower()}, in {percent(POWER)} % of studies at a base rate of 20 %"
    return told + (f"; other contrasts: {span(others)}" if others else "")


def span(gaps: Iterable[float | None]) -> str:
    """Write the smallest gaps of several contrasts as a range.

    >>> span([0.101, 0.14, None]), span([None])
    ('from 11 to 14 points on, 1 of them none', 'none')
    """
    gaps = list(gaps)
    seen = sorted(whole_points(gap) for gap in gaps if gap is not None)
    if not seen:
        return "none"
    blind = f", {len(gaps) - len(seen)} of them none" if len(seen) < len(gaps) else ""
    return f"from {seen[0] if seen[0] == seen[-1] else f'{seen[0]} to {seen[-1]}'} points on{blind}"


def stops_line(plan: Plan, wished: str | None) -> str:
    """Say when asking ends, and why so."""
    task = task_of(plan)
    words, size = task.words, plan.planned["requests"]
    if plan.until != ALL:
        goal = "every contrast is decided" if plan.until == DECIDED else f"{plan.until} is settled"
        first, block = plan.looking["first"], plan.looking["block"]
        why = "" if wished else ", since calls cost money"
        return (
            f"Stops: once {goal} (--until {plan.until}){why}; looked at after {first} {words.requests}, then after "
            f"every {block}, by intervals that hold at every look; --until {ALL} asks everything"
        )
    if not task.stops_early:
        return f"Stops: once all is asked, since the few {words.requests} of this design are asked whole"
    if wished:
        return f"Stops: once all is asked (--until {ALL})"
    if costs_money([plan.subject, *(plan.grading.models.values() if plan.grading else ())]):
        early = f"; --until {DECIDED} stops earlier and sees less" if size >= FEWEST else ""
        return f"Stops: once all is asked, since there are fewer than {WORTHWHILE} {words.requests}{early}"
    return "Stops: once all is asked, since calls cost nothing"


def target_note(plan: Plan) -> str:
    """Say how many simulated studies find a gap of 15 points in the contrast that is hardest to see."""
    (case,), say = usual_cases(plan, [BASE_RATE]), glossary(task_of(plan).name)
    found: dict[tuple[float, ...], Contrast] = {}
    for contrast in asked_contrasts(plan):
        found.setdefault(tuple(contrast.weights.values()), contrast)
    shares = {one.key: share_finding(plan, case, one, TARGET) for one in found.values()}
    known = {key: share for key, share in shares.items() if share is not None}
    if not known:
        return ""
    hardest = min(known, key=lambda key: known[key])
    studies = need.STUDIES if plan.until == ALL else STUDIES
    return (
        f"Simulated: {percent(known[hardest])} % of {studies:,} studies of this size and rule find a gap of "
        f"{100 * TARGET:g} points in {say.label(hardest).lower()}, the hardest to see, at a base rate of 20 %."
    )
