"""The sentences below a plan's tables: assumptions, rules, checks, prices, and advice where there are too few items."""

from collections.abc import Iterator, Sequence

from feint.money.prices import REMEDY
from feint.money.usage import UsageEstimate
from feint.report.power import rounded
from feint.report.words import count, percent, points
from feint.study.plan.answer import Answer
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.need import MISSING, STUDIES, fewer_requests
from feint.tasks.plans import Plans


def usage_notes(plan: Plan, planned: Plans, estimates: Sequence[UsageEstimate]) -> Iterator[str]:
    """Yield the assumptions behind the numbers, and the prices that are unknown, a sentence or two each."""
    judged = any(one.role == "judge" for one in estimates)
    yield from task_of(plan).usage.notes(planned, int(plan.generate["max_tokens"]), judged)
    unknown = [f"'{model}'" for model in dict.fromkeys(one.model for one in estimates if one.price is None)]
    if unknown:
        what = "The price of" if len(unknown) == 1 else "The prices of"
        yield f"{what} {' and '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} unknown: {REMEDY}."


def notes_of(found: Answer) -> Iterator[str]:
    """Yield all sentences below the tables of one design."""
    yield from assumptions(found)
    if found.half:
        yield half_note(found)
    if found.task.stops_early:
        yield (
            "The study has a fixed size. One that stops when it is decided (--until decided) may take fewer where the "
            "gap is larger than planned for, and more where it is not: docs/stopping.md."
        )
    words, gap = found.task.words, f"{100 * found.question.effect:g} points"
    for case, checked in zip(found.cases, found.checked, strict=False):
        if checked is None:
            yield f"{case.name}: no contrast has room for a gap of {gap}, or no number of {words.requests} is enough."
        elif checked[2] is not None:
            contrast, requests, share = checked
            yield (
                f"Checked, {case.name}: {percent(share, 0)} % of {STUDIES} simulated studies of {requests:,} "
                f"{words.requests} found it in {found.label(contrast).lower()}."
            )
    yield from bank_notes(found)
    yield pilot_note(found)


def assumptions(found: Answer) -> Iterator[str]:
    """Yield the assumptions behind the numbers, a sentence or two each."""
    plan, first, words = found.plan, found.cases[0], found.task.words
    settings, contrasts, replies = plan.read_settings(), len(plan.contrasts()), words.replies
    difficulty, shifts = first.spread.to_logit()
    origin, times = "as the pilot has them" if found.pilot else "in every cell, but for the gap", plan.per_request
    yield f"Assumed: rates of {words.measure} {origin}; each {words.request} has {count(times, words.reply)} in a cell."
    yield (
        f"{words.requests.capitalize()} differ by a standard deviation of {difficulty:.1f} on the logit scale, and by "
        f"{shifts:.1f} more in each cell, so that gaps differ from {words.request} to {words.request}; two {replies} "
        f"that share a {words.request} have a latent correlation of {first.spread.same:.2f} in the same cell and "
        f"{first.spread.other:.2f} in different ones. {100 * first.missing:.2g} % of {replies} are missing, whatever "
        "their labels would be."
    )
    yield (
        f"Holm's adjustment over {count(contrasts, 'contrast')} and low coherence is taken at its strictest, as if no "
        f"other were significant; where others are, fewer {words.requests} suffice. Power is of each contrast by "
        f"itself, the whole design has what its hardest contrast needs. No: the {percent(settings.level, 0)} % "
        f"interval lies inside ±{points(settings.smallest_effect, 0).lstrip('+')} points, where the true difference is "
        "0."
    )


def half_note(found: Answer) -> str:
    """Say why a gap of the smallest effect of interest is seldom called yes, and name the power that is shown."""
    effect, smallest = found.question.effect, found.plan.read_settings().smallest_effect
    words, small = found.task.words, points(smallest, 0).lstrip("+")
    if effect > smallest - 1e-9:
        return (
            f"A gap of {100 * effect:g} points is called yes in at most half of studies, however many {words.requests} "
            f"are asked: the rule wants an estimate of {small} points or more, and a true gap of {100 * effect:g} is "
            "as often estimated below that as above. Shown for it is the power to find the gap above 0 (adjusted p "
            "below .05, of whatever size), which is then undetermined where the estimate falls short. Plan for a "
            f"larger gap, such as --effect {200 * smallest:g}, to have a yes."
        )
    return (
        f"A gap of {100 * effect:g} points is smaller than the smallest effect of interest ({small} points): with more "
        f"{words.requests} it is called yes ever more seldom, and no ever more often, which is right. Shown for it is "
        "the power to find it above 0 (adjusted p below .05, of whatever size)."
    )


def bank_notes(found: Answer) -> Iterator[str]:
    """Advise where a contrast needs more items than it has, for the contrast that lacks most."""
    plan, question, task = found.plan, found.question, found.task
    words, conflict = task.words, task.conflict(found.planned)
    bank = plan.planned["requests"] if conflict is None else len(conflict.requests)
    there = {one.key: bank if one.among is None else len(one.among) for one in plan.contrasts()}
    short = [
        (case, {key: part for key, one in need.items() if (part := (one.seen or 0) / there[key]) > 1})
        for case, need in zip(found.cases, found.needs, strict=True)
    ]
    case, lacking = next((pair for pair in short if pair[1]), (found.middle, {}))
    if not lacking:
        return
    key = max(lacking, key=lambda name: lacking[name])
    contrast = next(one for one in plan.contrasts() if one.key == key)
    fewer = fewer_requests(plan, case, contrast, question.effect, question.power, there[key])
    way = (
        f"asked {fewer[0]} times each (--wordings, --samples; now {plan.per_request}), {rounded(fewer[1]):,} are "
        f"enough for {found.label(key).lower()}, {case.name}"
        if fewer
        else "asking each more often is not enough"
    )
    bring = f"{'; or' if fewer else ';'} bring more with --requests FILE." if task.knows("requests") else "."
    stock = f"{there[key]:,} {words.requests}"
    yield (
        f"There are {stock} here, fewer than some of these numbers: {way}{bring}"
        if contrast.among is None
        else f"{found.label(key)} has {stock}, fewer than it needs: {way}{bring}"
    )


def pilot_note(found: Answer) -> str:
    """Say that a pilot's replies are not used again, or what a pilot would ask."""
    task, replies = found.task, found.task.words.replies
    if found.pilot is None:
        return (
            f"No pilot: base rates, spread and missing {replies} ({100 * MISSING:g} %) are assumptions. --pilot asks "
            f"{task.pilot_size()} and plans anew; --from DIR plans from a study that there is."
        )
    again = (
        " A study that should use every reply is planned as one that looks more than once: feint study --until "
        "decided (docs/stopping.md)."
        if task.stops_early
        else ""
    )
    return (
        f"The {replies} of {found.pilot.path} are not part of the study that is planned from them: they decided its "
        f"size, and an estimate that counted them again would be tested as if they had not.{again}"
    )
