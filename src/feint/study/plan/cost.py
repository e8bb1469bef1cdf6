"""What a plan with another number of requests takes: replies, tokens and dollars."""

from collections.abc import Sequence
from dataclasses import replace

from feint.study.plan.frozen import Plan
from feint.study.plan.loads import Load
from feint.study.plan.need import per_request_of
from feint.study.plan.pilot import Pilot


def replies_with(plan: Plan, requests: int) -> int:
    """Replies of a study with so many requests in each cell; twins stay as many as they are."""
    return int(plan.planned["cells"]) * (requests * per_request_of(plan) + int(plan.planned["twins"]))


def loads_with(plan: Plan, loads: Sequence[Load], requests: int, pilot: Pilot | None = None) -> list[Load]:
    """What models are asked by a study with so many requests in each cell.

    Args:
        plan: The plan that was estimated.
        loads: What it takes, see `feint.study.ask.gates.loads_of`.
        requests: In each cell.
        pilot: Says how many tokens the subject's prompts and replies really take.
    """
    times = replies_with(plan, requests) / plan.planned["replies"]
    return [scaled(measured(load, pilot) if load.role == "subject" else load, times) for load in loads]


def scaled(load: Load, times: float) -> Load:
    """So many times a load."""
    names = ("calls", "tokens_in", "tokens_out", "most_calls", "most_in", "most_out", "asks")
    return replace(load, **{name: round(getattr(load, name) * times) for name in names})


def measured(load: Load, pilot: Pilot | None) -> Load:
    """A load with the tokens that a pilot's calls took, where its provider counted them."""
    if pilot is None or pilot.tokens_in.estimate is None or pilot.tokens_out.estimate is None:
        return load
    tokens_in, tokens_out = (
        round((load.asks or load.calls) * each) for each in (pilot.tokens_in.estimate, pilot.tokens_out.estimate)
    )
    most_in, most_out = max(load.most_in, tokens_in), max(load.most_out, tokens_out)
    return replace(load, tokens_in=tokens_in, tokens_out=tokens_out, most_in=most_in, most_out=most_out)
