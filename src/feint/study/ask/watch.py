"""Knows what was seen of a model's calls, decides when the model is asked no more, and says what the user should know.

`feint.study.ask.attempts` puts a watch around a model.
"""

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import anyio
from inspect_ai.model import Model

from feint.base.failures import status_of, words_of
from feint.study.ask.refused import shown

if TYPE_CHECKING:
    import httpx

IN_A_ROW = 20
"""Failures without an answer between them after which a model is asked no more."""
STRETCH, STRETCH_OF_LIMITS = 30.0, 65.0
"""Seconds that a row of repeated failures lasts at least before a model is given up, and for limits of a rate, which
are counted by the minute."""
FEW, STRETCH_OF_FEW = 3, 45.0
"""Failures and seconds of a row where few calls are under way at once."""
SILENCE, LONGEST_SILENCE = 40.0, 600.0
"""Seconds without any answer after which a model that has answered is given up; more where its replies take long."""
SLOWER, SHORTEST = 1.5, 20
"""How much slower than the slowest answer so far an answer may be, and the tokens that an answer has at least."""
_CONTENT = re.compile(
    r"content|prompt|message|context|token|length|too (?:long|large)|image|polic|filter|flag|violat|moderat|safe|harm"
    r"|refus|sensitive|inappropriate|role|input",
    re.IGNORECASE,
)
"""Words of a refusal that concerns the content of one request."""
_ACCOUNT = re.compile(r"\bkey\b|quota|billing|credit|balance|account|subscription|permission|expired", re.IGNORECASE)
"""Words of a refusal that concerns all requests, and not the content of one."""
FIRST_REPLIES = 30
"""Replies of which one at least has a label, or the rest is not asked for."""
GRACE = 10.0
"""Seconds that attempts under way may still take once a model is given up."""
SOON, SELDOM, NEVER = 6.0, 30.0, 600.0
"""Seconds from the first failure to the line about it, between lines, and between lines at the most."""
QUIET = 10.0
"""Seconds without any answer after which the calls under way are told."""


@dataclass(eq=False)
class Call:
    """A call under way: the scope, the beginning of the attempt, and the server's answers to this attempt.

    Attributes:
        scope: Ends the call when it is cancelled.
        since: Time since when an attempt is on its way to the server; None between attempts.
        tries: Answers to this attempt that were errors: clients repeat a request by themselves.
        attempts: Attempts so far.
        most: Tokens of the reply at most.
        patience: Seconds of silence after which the call ends; 0 while the call waits for its next attempt.
        response: The last HTTP response.
    """

    scope: anyio.CancelScope
    since: float | None = None
    tries: int = 0
    attempts: int = 0
    most: int = 0
    patience: float = 0.0
    response: "httpx.Response | None" = None


@dataclass(eq=False)
class Watch:
    """Everything that was seen of a model's calls.

    Attributes:
        role: "subject" or "judge".
        name: Inspect's name of the model.
        patient: True where the user chose how long calls are repeated: then only calls that failed for good count.
        retries: True where the user chose how often calls are repeated.
        timed: True where a silent model is not given up: the user chose how long, or it runs in this process.
        left_out: Parameters that the server refused, with its words.
        stopped: Why the model is asked no more; empty while it is asked.
        reason: The words of the last failure.
        status: Its HTTP status, None if it had none.
        failed: Number of attempts that failed.
        lost: Number of those after which the call is not repeated.
        pace: Seconds for each token of the answer that took longest for its length.
        answers: Number of answers.
        answered: True if the model has answered, in this run or in one that this run goes on with.
        useless: True if the model was stopped though it answered, because no answer could be used.
        guesses: Parameters without which a request was tried, because it was refused without a reason.
        calls: The calls that are under way.
    """

    role: str
    name: str
    patient: bool = False
    retries: bool = False
    timed: bool = False
    left_out: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    reason: str = ""
    status: int | None = None
    failed: int = 0
    lost: int = 0
    pace: float = 0.0
    answers: int = 0
    answered: bool = False
    useless: bool = False
    guesses: list[str] = field(default_factory=list)
    calls: set[Call] = field(default_factory=set)
    _said: list[str] = field(default_factory=list)
    _missing: list[str] = field(default_factory=list)
    _unread: Counter[str] = field(default_factory=Counter)
    _row: int = 0
    _ended: int = 0
    _began: float = 0.0
    _told: int = 0
    _told_lost: int = 0
    _due: float = math.inf
    _gap: float = SELDOM
    _heard: float = math.inf

    @property
    def title(self) -> str:
        """The role and the name, for messages."""
        return f"{self.role} '{self.name}'"

    @property
    def key(self) -> str:
        """The key in `feint.study.plan.frozen.Plan.refused`: a judge and a subject of one name are asked otherwise."""
        return self.name if self.role == "subject" else f"{self.role} {self.name}"

    def note_answer(self, seconds: float = 0.0, tokens: int = 0) -> None:
        """Take note of an answer, of its time and its length: a row of failures has ended."""
        self.answers, self.answered = self.answers + 1, True
        self._row = self._ended = 0
        self._heard = time.monotonic()
        self.pace = max(self.pace, seconds / max(tokens, SHORTEST))
        self.aim()

    def silence(self, call: Call) -> float:
        """Return the seconds without any answer after which the model counts as dead while a call is under way."""
        return min(max(SILENCE, SLOWER * self.pace * call.most), LONGEST_SILENCE)

    def aim(self) -> None:
        """Set the time at which each call ends if nothing is heard from the model until then."""
        if self.stopped:
            return
        now = time.monotonic()
        row = self._end_of_row(now)
        for call in self.calls:
            left, call.patience = math.inf, 0.0
            if call.since is not None and self.answers and not self.timed:
                heard = max(call.since, self._heard if self._heard < math.inf else 0.0)
                call.patience = self.silence(call)
                left = max(0.0, heard + call.patience - now)
            elif call.since is None and self._row and not self.patient:
                left = max(0.0, row - now)
            call.scope.deadline = anyio.current_time() + left

    def _end_of_row(self, now: float) -> float:
        """Return the time at which a row of failures has lasted long enough for calls that wait for their next turn."""
        ends = self._began + self._least() * (1 if self._row >= FEW else 2)
        # An attempt from before the row may still be answered: such a server is busy, and not dead.
        return max([ends, *(call.since + self.silence(call) for call in self._before_row(now) if call.since)])

    def _before_row(self, now: float) -> list[Call]:
        """List the calls that are under way since before the row of failures, and may still be answered."""
        return [
            call
            for call in self.calls
            if call.since is not None and call.since < self._began and now - call.since < self.silence(call)
        ]

    def expire(self, call: Call) -> None:
        """Give the model up because a call has reached the time that `aim` set."""
        if self.stopped:
            return
        seconds = call.patience
        if not seconds:
            self._stop_row()
            return
        self.reason, self.status = f"no answer within {seconds:.0f} seconds", None
        self.stop(
            f"{self.title} has given no answer for {seconds:.0f} seconds, after {self.answers:,} answers (a slow model "
            f"needs more time: --timeout {4 * seconds:.0f})",
            at_once=True,
        )

    async def turn(self, call: Call) -> None:
        """Wait until it is the turn of a call: a server that fails all calls is asked by one at a time.

        Once a call has failed for good, no more calls are under way than are needed to give the model up.
        """
        while not self.stopped:
            others = sum(other.since is not None for other in self.calls if other is not call)
            many = self._ended > 0 and self._ended + others >= IN_A_ROW
            if not others or not (many or self._row >= IN_A_ROW):
                return
            await anyio.sleep(0.2)

    def note_status(self, status: int, words: str) -> None:
        """Take note of an answer that is an error, and which the client may repeat for minutes by itself."""
        self.reason, self.status, self.failed = words, status, self.failed + 1
        self._heard = time.monotonic()
        if self._due == math.inf:
            self._due = self._heard + SOON

    def note_failure(self, error: BaseException, *, final: bool, counted: bool = False, last: bool = False) -> None:
        """Take note of an attempt that failed, and give the model up if it has failed often enough.

        Args:
            error: The failure.
            final: True if the call is not repeated.
            counted: True if `note_status` has counted it.
            last: True if the call was repeated as often as the user allows.
        """
        now = time.monotonic()
        self.reason, self.status, self.failed = words_of(error), status_of(error), self.failed + (not counted)
        self._heard = now
        self.lost += final or last
        if final and self.of_one_request():
            return
        self._row += 1
        self._ended += final
        if self._row == 1:
            self._began = now
        if self._due == math.inf:
            self._due = now + SOON
        self._give_up_if_dead(now)

    def of_one_request(self) -> bool:
        """Tell if the last failure finds fault with one request: a model that has answered is not dead by that.

        A refusal without a reason may concern one request, or all that follow.
        """
        status = self.status or 0
        fault = 400 <= status < 500 and status not in (401, 402, 403, 404, 429)
        of_all = _ACCOUNT.search(self.reason) or not _CONTENT.search(self.reason)
        return fault and self.answered and not of_all

    def leave_out(self, name: str, words: str) -> None:
        """Leave out a parameter from now on, for which the server gave its words."""
        after = f" (after {self.answers:,} answers to requests with it)" if self.answers else ""
        self.left_out[name] = f"{words}{after}"

    def note_end(self, error: BaseException) -> None:
        """Take note of a call that failed for good after it was repeated."""
        self.reason, self._ended = words_of(error), self._ended + 1
        self._give_up_if_dead(time.monotonic())

    def _give_up_if_dead(self, now: float) -> None:
        tired = self._row >= FEW and now - self._began >= self._least()
        if self._ended >= IN_A_ROW or (tired and not self.patient and not self._before_row(now)):
            self._stop_row()
        else:
            self.aim()

    def _least(self) -> float:
        """Return the seconds that a row of failures lasts at least."""
        if self.status == 429:
            return STRETCH_OF_LIMITS
        return STRETCH if self._row >= IN_A_ROW else STRETCH_OF_FEW

    def _stop_row(self) -> None:
        times = "once" if self._row == 1 else f"{self._row} times in a row"
        self.stop(f"{self.title} failed {times}, the last time with: {self.reason}")

    def begin(self, replies: int = 0) -> None:
        """Begin to count the replies of an evaluation, which may have some already; see `note_reply`."""
        self._missing, self.answered = [], self.answered or replies > 0

    def note_reply(self, missing: str | None) -> None:
        """Take note of a sample that ended, and stop if the first ones are all missing.

        Args:
            missing: Why the sample has no label; None if it has one, or may get one.
        """
        self.answered = self.answered or missing is None
        if len(self._missing) >= FIRST_REPLIES:
            return
        self._missing.append(missing or "")
        if len(self._missing) == FIRST_REPLIES and all(self._missing):
            why = ", ".join(f"{count} {reason}" for reason, count in Counter(self._missing).most_common())
            self.useless = not self.stopped
            self.stop(f"the first {FIRST_REPLIES} replies of {self.title} are all missing ({why})")

    @property
    def replied(self) -> bool:
        """True once the first replies are known."""
        return len(self._missing) >= FIRST_REPLIES

    def note_reading(self, rubric: str, calls: int, problem: str) -> None:
        """Take note of a judge's answer by one rubric, and stop if none can be used.

        Args:
            rubric: The rubric.
            calls: Number of calls that the answer took.
            problem: Why it gives no label; empty if it gives one.
        """
        if not problem:
            self._unread[rubric] = 0
            return
        self._unread[rubric] += calls
        if self._unread[rubric] >= IN_A_ROW and not self.stopped:
            self.useless = True
            self.stop(
                f"{self.title} gave no usable answer in {self._unread[rubric]} calls in a row (rubric {rubric}), the "
                f"last time: {problem}"
            )

    def is_stopped(self) -> bool:
        """Tell if the model is asked no more."""
        return bool(self.stopped)

    def stop(self, why: str, *, at_once: bool = False) -> None:
        """Ask the model no more: calls that wait end at once, and attempts under way soon, or at once too."""
        if self.stopped:
            return
        self.stopped = why
        for call in self.calls:
            if call.since is None or at_once:
                call.scope.cancel()
            else:
                call.scope.deadline = min(call.scope.deadline, anyio.current_time() + GRACE)

    def news(self) -> str:
        """Return a line about calls that fail or wait, if it is time for one; empty otherwise.

        May be called from another thread.
        """
        now = time.monotonic()
        if self.answers and (line := self.untold()):
            return line
        if self.failed > self._told and now >= self._due:
            count, lost = self.failed - self._told, self.lost - self._told_lost
            self._told, self._told_lost = self.failed, self.lost
            self._due, self._gap = now + self._gap, min(2 * self._gap, NEVER)
            calls = "1 call" if count == 1 else f"{count:,} calls"
            repeated = f" and {'is' if count == 1 else 'are'} repeated" if not lost else ""
            some = f", {count - lost:,} of which are repeated" if 0 < lost < count else ""
            return f"{calls} of {self.title} failed{repeated}{some}: {self.reason}"
        since = [call.since for call in self.calls.copy() if call.since is not None]
        quiet = now - max(min(since, default=now), self._heard if self._heard < math.inf else 0.0)
        if quiet >= QUIET and now >= (self._due if self._due < math.inf else 0.0):
            self._due, self._gap = now + self._gap, min(2 * self._gap, NEVER)
            calls = "1 call is" if len(since) == 1 else f"{len(since):,} calls are"
            return f"{self.title} has given no answer for {quiet:.0f} seconds; {calls} under way"
        return ""

    def dropped(self) -> str:
        """Say in a sentence which parameters the server refused; empty if it refused none."""
        if not self.left_out:
            return ""
        words = next(iter(self.left_out.values()))
        return f"{self.title} is asked without {shown(self.left_out)}, which its server refuses: {words}"

    def untold(self) -> str:
        """Return a line about parameters that were not told yet; empty if there are none."""
        if not (new := [name for name in self.left_out if name not in self._said]):
            return ""
        self._said += new
        return f"note: {self.dropped()}"

    def recall(self, left_out: Mapping[str, str]) -> None:
        """Leave out parameters that the server refused in an earlier run."""
        self.left_out.update(left_out)
        self._said += left_out


_WATCHES: WeakKeyDictionary[Model, Watch] = WeakKeyDictionary()


def watch_of(model: Model) -> Watch:
    """Return the watch of a model; a model that was not opened here has one that sees nothing."""
    return _WATCHES.setdefault(model, Watch("model", str(model)))


def set_watch(model: Model, watch: Watch) -> None:
    """Make a watch the one of a model."""
    _WATCHES[model] = watch


def news_of(watches: Collection[Watch]) -> Callable[[], str]:
    """Return a function that returns the next line about some models, "" if there is none."""
    return lambda: next((line for watch in watches if (line := watch.news())), "")
