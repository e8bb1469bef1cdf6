"""Who may begin when a purse is limited: a request in one wording in all its cells, or in none.

Calls run side by side, so what is in flight has to be provided for before it is charged. While others are in flight, a
group is begun if there is room for the most that all of them may take; otherwise it waits until nothing is in flight,
and is begun if there is room for what it takes on average. So what is spent differs from the budget by less than one
group.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Hashable, Mapping

from feint.money.budget import LEARNT, Need, Purse


class Gate:
    """Lets groups begin, whole and in the order in which they come, while a purse has room for them.

    Once a group finds no room, all that come after it are turned away, too.

    Attributes:
        purse: What may be spent.
        stopped: Which of its limits was reached: "budget", "max_calls", or "" so far.
        expected: What one member of a group is thought to take; costs are learnt on the way.
        most: What one takes at most.
        later: What one takes in addition when its time has come, such as being judged: it is set aside.
    """

    def __init__(
        self,
        purse: Purse,
        group: Mapping[Hashable, Hashable],
        *,
        expected: Need,
        most: Need,
        later: Need | None = None,
        part: float = 1.0,
    ) -> None:
        """Make a gate.

        Args:
            purse: What may be spent.
            group: The group of each member that may come.
            expected: What one member is thought to take.
            most: What it takes at most.
            later: What it takes in addition, some time later.
            part: How much of the limits may be used up; the first group may go beyond that.
        """
        self.purse = purse
        self.part = part
        self.stopped = ""
        self.group = dict(group)
        self._sizes = Counter(self.group.values())
        self.expected = expected
        self.most = most
        self.later = later or Need()
        self.begun: dict[Hashable, bool] = {}
        self._waiting: deque[Hashable] = deque()
        self._provided: Counter[Hashable] = Counter()
        self._flying: set[Hashable] = set()
        self._changed = asyncio.Event()
        self._cost = 0.0
        self._ended = 0

    async def enter(self, member: Hashable) -> bool:
        """Let a member begin, once it is clear whether its group may; whoever may tells its end by `leave`."""
        group = self.group.get(member, member)
        if group not in self.begun and group not in self._waiting:
            self._waiting.append(group)
        while group not in self.begun:
            decision = self._decide(group) if self._waiting[0] == group else None
            if decision is None:
                await self._changed.wait()
                continue
            self._waiting.popleft()
            self.begun[group] = decision
            self._provided[group] = self._size(group) if decision else 0
            self._wake()
        if self.begun[group]:
            self._flying.add(member)
        return self.begun[group]

    def leave(self, member: Hashable, *, again: bool = False) -> None:
        """Take note that a member has ended.

        Args:
            member: Which.
            again: Whether it failed and will come again; it stays provided for.
        """
        if member not in self._flying:
            return
        self._flying.discard(member)
        if not again:
            self._provided[self.group.get(member, member)] -= 1
            self.purse.owed += self.later
        self._wake()

    def learn(self, cost: float) -> None:
        """Go by what members really took, in USD, once there are enough of them."""
        self._cost += cost
        self._ended += 1
        self.most = Need(max(self.most.cost, cost), self.most.calls)
        if self.learnt:
            self.expected = Need(self._cost / self._ended, self.expected.calls)

    @property
    def learnt(self) -> bool:
        """Whether `expected` is what members really took."""
        return self._ended >= LEARNT

    def _decide(self, group: Hashable) -> bool | None:
        """Whether a group may begin; None while the end of another may make room for it."""
        if self.stopped:
            return False
        part = self.part if self.begun else 1.0
        count = self._size(group) + self._provided.total()
        later = self.later.times(count)
        if not self.purse.lacking(self.most.times(count) + later, part):
            return True
        if self._flying:
            return None
        self.stopped = self.purse.lacking(self.expected.times(count) + later, part)
        return not self.stopped

    def _size(self, group: Hashable) -> int:
        return max(1, self._sizes[group])

    def _wake(self) -> None:
        """Let those that wait look again."""
        self._changed.set()
        self._changed = asyncio.Event()
