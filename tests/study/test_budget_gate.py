"""The gate under load: samples side by side in few slots, costs that vary, calls that fail and come again."""

import asyncio
import random
from collections import Counter

import pytest

from feint.money.budget import Budget, Cost
from feint.money.gate import Gate
from feint.money.prices import read_price

PRICES = {"a/b": read_price("1,1", "1,1")}
GROUPS, CELLS = 60, 5
MOST = 4.0


class World:
    """Samples, asked as Inspect asks them: in order, in so many slots, failed ones again at the end."""

    def __init__(self, gate: Gate, slots: int, seed: int, failing: float = 0.0) -> None:
        self.gate, self.slots, self.failing = gate, asyncio.Semaphore(slots), failing
        self.random = random.Random(seed)
        self.cost = {group: self.random.uniform(0.2, MOST) for group in range(GROUPS)}
        self.asked: Counter[int] = Counter()
        self.flying = self.most_flying = 0

    async def sample(self, group: int, cell: int) -> None:
        for attempt in (1, 2):
            async with self.slots:
                if not await self.gate.enter((group, cell)):
                    return
                self.flying += 1
                self.most_flying = max(self.most_flying, self.flying)
                await asyncio.sleep(self.random.random() / 2000)
                self.flying -= 1
                fails = attempt == 1 and self.random.random() < self.failing
                if not fails:
                    self.gate.budget.spent += self.cost[group]
                    self.asked[group] += 1
                    await asyncio.sleep(0)  # between the charge and the end of the sample
                    self.gate.learn(self.cost[group])
                self.gate.leave((group, cell), again=fails)
                if not fails:
                    return

    async def run(self) -> None:
        async with asyncio.timeout(60):
            await asyncio.gather(*(self.sample(group, cell) for group in range(GROUPS) for cell in range(CELLS)))


def run(budget: float, *, slots: int = 16, seed: int = 0, failing: float = 0.0, expected: float = 2.1) -> World:
    members = {(group, cell): group for group in range(GROUPS) for cell in range(CELLS)}

    async def inside() -> World:
        gate = Gate(Budget(PRICES, max_cost=budget), members, expected=Cost(expected, 1), most=Cost(MOST, 2))
        world = World(gate, slots, seed, failing)
        await world.run()
        return world

    return asyncio.run(inside())


@pytest.mark.parametrize("slots", [1, 3, 16, 200])
@pytest.mark.parametrize("seed", range(4))
def test_it_stops_within_one_request_of_the_budget(slots: int, seed: int) -> None:
    budget = 150.0
    world = run(budget, slots=slots, seed=seed)
    assert abs(world.gate.budget.spent - budget) < CELLS * MOST
    assert set(world.asked.values()) == {CELLS}
    assert list(range(len(world.asked))) == sorted(world.asked)
    assert world.gate.stopped == "budget"
    assert len(world.asked) < GROUPS


@pytest.mark.parametrize("slots", [1, 4, 16])
def test_calls_that_come_again_lock_nothing_up(slots: int) -> None:
    world = run(150.0, slots=slots, failing=0.4)
    assert abs(world.gate.budget.spent - 150.0) < 2 * CELLS * MOST
    assert set(world.asked.values()) == {CELLS}


@pytest.mark.parametrize("expected", [0.3, 2.1, 4.0])
def test_a_wrong_estimate_is_mended_on_the_way(expected: float) -> None:
    world = run(300.0, expected=expected)
    assert abs(world.gate.budget.spent - 300.0) < CELLS * MOST
    assert world.gate.expected.usd == pytest.approx(2.1, rel=0.3)


def test_room_for_all_is_no_hindrance() -> None:
    world = run(2 * GROUPS * CELLS * MOST, slots=16)
    assert len(world.asked) == GROUPS
    assert world.gate.stopped == ""
    assert world.most_flying == 16


def test_what_has_to_follow_is_set_aside() -> None:
    async def inside() -> tuple[int, Budget]:
        budget = Budget(PRICES, max_cost=10.0)
        members = {(group, 0): group for group in range(100)}
        gate = Gate(budget, members, expected=Cost(0.5, 1), most=Cost(0.5, 1), later=Cost(0.5, 1))
        begun = 0
        for member in members:
            if await gate.enter(member):
                begun += 1
                budget.spent += 0.5
                gate.leave(member)
        return begun, budget

    begun, budget = asyncio.run(inside())
    assert begun == 10
    assert budget.owed == Cost(5.0, 10)


def test_a_part_is_enough_for_the_first_group_at_least() -> None:
    async def inside(part: float) -> int:
        budget = Budget(PRICES, max_calls=100)
        members = {(group, cell): group for group in range(100) for cell in range(10)}
        gate = Gate(budget, members, expected=Cost(0, 1), most=Cost(0, 1), part=part)
        begun = 0
        for member in members:
            if await gate.enter(member):
                begun += 1
                budget.calls += 1
                gate.leave(member)
        return begun

    assert asyncio.run(inside(0.01)) == 10
    assert asyncio.run(inside(0.25)) == 20
    assert asyncio.run(inside(1.0)) == 100
