"""Decides who may begin under a limited budget: a request in one wording in all its cells, or in no cell.

Calls run side by side, so calls in flight have to be provided for before they are charged. While others are in flight,
a group begins if there is room for the most that all of them may cost. Otherwise the group waits until nothing is in
flight, and begins if there is room for its expected cost. The amount spent therefore differs from the limit by less
than one group.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Hashable, Mapping

from feint.money.budget import LEARNT, Budget, Cost


class Gate:
    """Lets groups begin, whole and in the order of their coming, while a budget has room for them.

    Once a group finds no room, all later groups are turned away, too.

    Attributes:
        budget: The limits.
        stopped: The limit that was reached: "budget", "max_calls", or "" so far.
        expected: The expected cost of one member of a group, corrected by measured costs on the way.
        most: The highest cost of one member.
        later: The cost of one member at a later time, such as judging a reply; it is set aside.
        begun: By group, in order, whether it may begin.
    """

    def __init__(
        self,
        budget: Budget,
        group: Mapping[Hashable, Hashable],
        *,
        expected: Cost,
        most: Cost,
        later: Cost | None = None,
        part: float = 1.0,
    ) -> None:
        """Make a gate for the members of `group`; groups after the first may use a `part` of the limits."""
        self.budget = budget
        self.part = part
        self.stopped = ""
        self.group = dict(group)
        self._sizes = Counter(self.group.values())
        self.expected = expected
        self.most = most
        self.later = later or Cost()
        self.begun: dict[Hashable, bool] = {}
        self._waiting: deque[Hashable] = deque()
        self._callers: Counter[Hashable] = Counter()
        self._provided: Counter[Hashable] = Counter()
        self._flying: set[Hashable] = set()
        self._changed = asyncio.Event()
        self._cost = 0.0
        self._ended = 0

    async def enter(self, member: Hashable) -> bool:
        """Wait until the member's group is decided; a member that may begin calls `leave` at its end."""
        group = self.group.get(member, member)
        if group not in self.begun and group not in self._waiting:
            self._waiting.append(group)
        self._callers[group] += 1
        try:
            while group not in self.begun:
                decision = self._decide(group) if self._waiting[0] == group else None
                if decision is None:
                    await self._changed.wait()
                    continue
                self._waiting.popleft()
                self.begun[group] = decision
                self._provided[group] = max(1, self._sizes[group]) if decision else 0
                self._wake()
        finally:
            self._callers[group] -= 1
            if group not in self.begun and not self._callers[group]:
                # All members that waited were cancelled: those behind must not wait for a group that never comes.
                self._waiting.remove(group)
                self._wake()
        if self.begun[group]:
            self._flying.add(member)
        return self.begun[group]

    def leave(self, member: Hashable, *, again: bool = False) -> None:
        """Take note that a member has ended; one that failed and will come `again` stays provided for."""
        if member not in self._flying:
            return
        self._flying.discard(member)
        if not again:
            self._provided[self.group.get(member, member)] -= 1
            self.budget.owed += self.later
        self._wake()

    def learn(self, cost: float) -> None:
        """Correct the expected cost of a member by a measured one, in USD, once enough are measured."""
        self._cost += cost
        self._ended += 1
        self.most = Cost(max(self.most.usd, cost), self.most.calls)
        if self.learnt:
            self.expected = Cost(self._cost / self._ended, self.expected.calls)

    @property
    def learnt(self) -> bool:
        """True if `expected` is the mean of measured costs."""
        return self._ended >= LEARNT

    def _decide(self, group: Hashable) -> bool | None:
        """Decide about a group; None to wait until another group ends and may make room."""
        if self.stopped:
            return False
        part = self.part if self.begun else 1.0
        count = max(1, self._sizes[group]) + self._provided.total()
        later = self.later.times(count)
        if not self.budget.lacking(self.most.times(count) + later, part):
            return True
        if self._flying:
            return None
        self.stopped = self.budget.lacking(self.expected.times(count) + later, part)
        return not self.stopped

    def _wake(self) -> None:
        """Let waiting groups try again."""
        self._changed.set()
        self._changed = asyncio.Event()
