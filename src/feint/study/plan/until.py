"""The end of asking: everything planned was asked, or the contrasts, or a rule of the design, are decided.

A study that stops when decided asks block by block. A block is some requests in all wordings, with their benign twins,
in every cell that an open contrast needs. The next block depends on the labels in hand only, so that an interrupted
study can go on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from feint.base.errors import UsageError
from feint.base.vocabulary import vocabulary
from feint.designs import Design
from feint.money.prices import find_price
from feint.situations import TWIN, number
from feint.stats.looks.replay import Course, Replay, kept, replay
from feint.stats.looks.stopping import Looking, block_ends, standings
from feint.stats.table import read_table
from feint.study.plan.frozen import ALL, DECIDED, Plan, contrasts_of, task_of
from feint.tasks.plans import PlannedSample, Plans

LOOKS: dict[str, str | int] = {"method": "asymptotic", "horizon": 100, "first": 10, "block": 10}
"""Frozen in the plan of a study that stops when decided: how it is looked, and after how many requests."""
FEWEST = 40
"""Requests below which no study may stop early: asked once each, they show only gaps of about 50 points then."""
WORTHWHILE = 100
"""Requests from which a study that costs money stops early by default: the horizon of its confidence sequence."""


def settle_until(
    wished: str | None,
    models: Iterable[str],
    design: Design,
    requests: int,
    stops_early: bool = True,
    least: int = FEWEST,
) -> str:
    """Settle the end of asking.

    Args:
        wished: The user's choice. With None, a study of few requests, or of models that cost nothing, asks everything.
        models: The subject and the judges; an unknown price counts as a cost.
        design: The design.
        requests: The most requests for each cell.
        stops_early: True if the task lets asking end early.
        least: Requests below which a choice other than "all" is refused.

    Raises:
        UsageError: Neither "decided" nor "all" nor a rule of the design; or too few requests to stop early.
    """
    if not stops_early:
        if wished not in (None, ALL):
            raise UsageError(
                f"--until {wished}: the few {vocabulary(design.task).words.requests} of design '{design.name}' are "
                "asked whole, so the study cannot stop early; leave --until out, and take fewer with -n"
            )
        return ALL
    if wished is None:
        return DECIDED if requests >= WORTHWHILE and costs_money(models) else ALL
    known = (DECIDED, ALL, *design.rules)
    if wished not in known:
        raise UsageError(f"--until {wished}: expected one of {', '.join(known)} with design '{design.name}'")
    if wished != ALL and requests < least:
        words = vocabulary(design.task).words
        counted = f"1 {words.request} is" if requests == 1 else f"{requests} {words.requests} are"
        raise UsageError(
            f"--until {wished}: {counted} too few to stop early: below {FEWEST}, asked once each, intervals that hold "
            f"at every look show only gaps of about 50 points (docs/stopping.md); give -n {FEWEST} or more, or --until "
            f"{ALL}, which sees smaller gaps"
        )
    return wished


def costs_money(models: Iterable[str]) -> bool:
    """Tell if any of some models costs money; an unknown price counts as a cost."""
    prices = [find_price(model) for model in models]
    return any(price is None or price.input or price.output for price in prices)


def needed_cells(design: Design, until: str) -> tuple[str, ...]:
    """Return the cells that are asked first, in the order of the design; all cells if everything is asked."""
    if until == ALL:
        return tuple(design.cells)
    rule = None if until == DECIDED else until
    stands = standings((), contrasts_of(design, {}), Looking((FEWEST,)), rules=design.rules, until=rule)
    first = stands[0].cells
    return tuple(cell for cell in design.cells if cell in first)


def planned_by(plan: Plan) -> Plans:
    """Plan the most that a study asks, in cells of its design as it was frozen."""
    task, design = task_of(plan), plan.read_design()
    whole = task.plan(task.options(**plan.task), design)  # type: ignore[arg-type]  # frozen from these options
    return whole.within(needed_cells(design, plan.until))


def course_of(plan: Plan, requests: Iterable[str]) -> Course | None:
    """Return the course of a study that stops when decided; None if everything is asked.

    `requests` are those that were asked, or all planned ones; benign twins may be among them.
    """
    if plan.until == ALL:
        return None
    looking = plan.looking
    looks = block_ends(int(looking["block"]), plan.planned["requests"], int(looking["first"]))
    seed, own = int(plan.task["seed"]), {name for name in requests if not name.endswith(TWIN)}
    return Course(
        # Places decide the voices: they are drawn once, and every block has all voices equally often.
        order=tuple(sorted(own, key=lambda name: number(seed, "place", name))),
        looking=Looking(looks, str(looking["method"]), int(looking["horizon"])),
        each=plan.per_request,
        until=None if plan.until == DECIDED else plan.until,
    )


def compared(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Return the labels of requests that were asked in all their cells.

    If everything is asked, these are all cells of the design, in one wording; otherwise see
    `feint.stats.looks.replay.kept`. Twins are kept too.

    Raises:
        UsageError: The table has an item that the plan does not have.
    """
    design = plan.read_design()
    course = course_of(plan, table["request"].unique())
    if course is None:
        cells = plan.cells_asked()
        unknown = [name for name in table["request"].unique() if cells and name not in cells]
        if unknown:
            item = f"{vocabulary(design.task).words.request} '{unknown[0]}'"
            raise UsageError(f"{item}: the log has samples of it, and the study's plan has not; start anew")
        return whole_pairs(table, cells or len(design.cells))
    replies, _ = read_table(table, list(design.cells))
    made = replay(replies, plan.contrasts(), course, plan.read_settings(), design.rules, strict=False)
    mask = table["twin"].to_numpy(dtype=bool).copy()
    mask[~mask] = kept(replies, made)
    found = table[mask].reset_index(drop=True)
    return found if not found["twin"].all() else found.iloc[:0]


def whole_pairs(labels: pd.DataFrame, cells: Mapping[str, int] | int) -> pd.DataFrame:
    """Return the labels of requests and wordings that were asked in all cells; `cells` counts them, for all or each."""
    asked = labels.groupby(["request", "wording", "sample"])["cell"].transform("nunique")
    wanted = labels["request"].map(dict(cells)) if isinstance(cells, Mapping) else cells
    return labels[asked == wanted].reset_index(drop=True)


@dataclass(frozen=True)
class Step:
    """The samples that a study needs at a point of its course.

    Attributes:
        replay: The looks that were made.
        wanted: Ids of all samples up to the next look, block after block.
        lacking: Ids of the wanted samples that are not in hand.
    """

    replay: Replay
    wanted: tuple[str, ...]
    lacking: tuple[str, ...]


class Itinerary:
    """Finds the next samples of a study that stops when decided, from the labels in hand."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.planned = planned_by(plan)
        self._asks: dict[str, list[PlannedSample]] = {}
        """The samples by request: the request in all wordings and cells, and its twin."""
        for ask in self.planned.asks:
            self._asks.setdefault(ask.request.id.removesuffix(TWIN), []).append(ask)
        course = course_of(plan, self._asks)
        assert course is not None, "a study that asks everything needs no itinerary"
        self.course = course

    def step(self, table: pd.DataFrame, in_hand: Collection[str]) -> Step:
        """Find the samples that are needed up to the next look, given the table of labels and the ids in hand."""
        design = self.planned.design
        replies, _ = read_table(table, list(design.cells))
        made = replay(replies, self.plan.contrasts(), self.course, self.plan.read_settings(), design.rules)
        wanted: list[str] = []
        for k in range(len(made.blocks) + (not made.now.ended)):
            cells = set(made.stands[k].cells)
            block = [ask for name in self.course.block(k) for ask in self._asks[name] if ask.cell in cells]
            # Prompts that begin alike follow one another, as in `Planned.asks`.
            wanted += [ask.id for ask in sorted(block, key=lambda ask: (ask.wording.seed, ask.wording.voice))]
        return Step(made, tuple(wanted), tuple(name for name in wanted if name not in in_hand))
