"""What a plan will take, as a table, with the assumptions that it rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.table import Table

from feint.money.prices import CHARACTERS, REMEDY, usd
from feint.report.terminal import plain, table
from feint.study.plan.frozen import Plan
from feint.study.plan.loads import LONGER, Load, assumed
from feint.study.plan.loads_of_work import THOUGHT, WORKER
from feint.study.plan.tasks import job_of
from feint.tasks.alignment_faking import Planned
from feint.tasks.peer_preservation.solver import TURNS
from feint.tasks.peer_preservation.task import TOKENS
from feint.tasks.planned import Plans


def load_table(loads: Sequence[Load]) -> Table:
    """Calls, tokens and dollars by model.

    Args:
        loads: Of one plan or of several; those of one model in one role are added up.
    """
    columns = ["model", "as", ">calls", ">tokens in", ">tokens out", ">cost", ">at most"]
    made = table("What models are asked, estimated", columns)
    added = added_up(loads)
    for load in added:
        counts = (f"{number:,}" for number in (load.calls, load.tokens_in, load.tokens_out))
        made.add_row(plain(load.model), load.role, *counts, dollars(load.cost), dollars(load.most_cost))
    if len(added) > 1:
        costs, most = [load.cost for load in added], [load.most_cost for load in added]
        made.add_row(
            plain("all", "bold"), "", f"{sum(load.calls for load in added):,}", "", "", total(costs), total(most)
        )
    return made


def added_up(loads: Sequence[Load]) -> list[Load]:
    """One load for each model in each role."""
    found: dict[tuple[str, str], Load] = {}
    for load in loads:
        before = found.get((load.model, load.role))
        found[load.model, load.role] = load if before is None else sum_of(before, load)
    return list(found.values())


def sum_of(one: Load, other: Load) -> Load:
    """Two loads of one model."""
    names = ("calls", "tokens_in", "tokens_out", "most_calls", "most_in", "most_out")
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in names})


def dollars(cost: float | None) -> str:
    """A cost, or that it is not known."""
    return "unknown" if cost is None else usd(cost)


def total(costs: Sequence[float | None]) -> str:
    """The sum of costs, unknown if one of them is."""
    known = [cost for cost in costs if cost is not None]
    return usd(sum(known)) if len(known) == len(costs) else "unknown"


def notes(plan: Plan, planned: Plans, loads: Sequence[Load]) -> Iterator[str]:
    """What the numbers rest on, and what is lacking, a sentence or two each."""
    limit = int(plan.generate["max_tokens"])
    judged = any(load.role == "judge" for load in loads)
    yield from work_notes(limit, judged) if job_of(plan).in_turns else reply_notes(planned, limit, judged)
    unknown = [f"'{model}'" for model in dict.fromkeys(load.model for load in loads if load.price is None)]
    if unknown:
        what = "The price of" if len(unknown) == 1 else "The prices of"
        yield f"{what} {' and '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} unknown: {REMEDY}."


def work_notes(limit: int, judged: bool) -> Iterator[str]:
    """The same for runs of many turns."""
    yield (
        f"Assumed: a run goes as that of agent/{WORKER}, which does its task, one call a turn, with {THOUGHT} tokens "
        f"of text in each; {CHARACTERS} characters are a token; every turn reads all that came before, and nothing is "
        "read from a provider's cache, which makes runs several times cheaper where there is one."
        + (" A judge answers each question once and in a few sentences." if judged else "")
    )
    yield (
        f"At most: every run takes {TURNS} turns, each cut off at {limit:,} tokens (--max-tokens), or {TOKENS:,} "
        "tokens in all, where Inspect ends it."
    )


def reply_notes(planned: Plans, limit: int, judged: bool) -> Iterator[str]:
    """The same for single replies."""
    assert isinstance(planned, Planned)
    reasoning, reply = assumed(planned)
    yield (
        f"Assumed: {CHARACTERS} characters of a prompt are a token; a reply takes "
        f"{min(limit, reasoning + reply):,} tokens"
        + (f", {reasoning:,} of them reasoning" if reasoning else "")
        + ("; a judge answers each question once and in a few sentences" if judged else "")
        + "; nothing is read from a provider's cache."
    )
    yield (
        f"At most: every reply is cut off at {limit:,} tokens (--max-tokens), prompts have {LONGER:g} times as "
        "many tokens" + (", and every judge's answer is asked for twice." if judged else ".")
    )
