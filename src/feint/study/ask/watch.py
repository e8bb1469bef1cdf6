"""Watches the calls of a model: the parameters its server refuses, failures and their reasons, and when to stop.

Inspect repeats failed calls by itself, and says nothing of it. A watch is put around a model where it is opened: around
each attempt, below Inspect's repetitions, and around the whole call, above them.
"""

import ipaddress
import math
import socket
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelCall, ModelOutput, ModelRefusalError
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import LimitExceededError

from feint.base.failures import CallFailedError, causes, status_of, words_in_body, words_of
from feint.study.ask.refused import RENAMED, guessed, refused, sent, shown, without

IN_A_ROW = 20
"""Failures without an answer between them after which a model is asked no more."""
STRETCH, STRETCH_OF_LIMITS = 30.0, 75.0
"""Seconds that a row of repeated failures lasts at least before a model is given up, and for limits of a rate, which
are counted by the minute."""
FIRST_REPLIES = 30
"""Replies of which one at least has a label, or the rest is not asked for."""
FEW, LONG_STRETCH = 5, 180.0
"""The same for models of which few calls are under way at once."""
GRACE = 30.0
"""Seconds that attempts under way may still take once a model is given up."""
SOON, SELDOM, NEVER = 6.0, 30.0, 600.0
"""Seconds from the first failure to the line about it, between lines, and between lines at the most."""
QUIET = 10.0
"""Seconds without any answer after which the calls under way are told."""
LONG_WORDS = 3000
"""Characters of an error in which the name of a refused parameter is looked for."""
FINAL = ("insufficient_quota", "billing", "credit balance", "payment required", "account is not active")
"""Words of a limit that no waiting lifts."""
Reply = ModelOutput | tuple[ModelOutput | Exception, ModelCall]


@dataclass(eq=False)
class _Call:
    """A call that is under way: its scope, the beginning of its attempt, and what the server said to this attempt.

    Attributes:
        scope: Ends the call when it is cancelled.
        since: Time since when an attempt is on its way to the server; None between attempts.
        tries: Answers to this attempt that were errors: clients repeat a request by themselves.
        response: The last HTTP response.
    """

    scope: anyio.CancelScope
    since: float | None = None
    tries: int = 0
    response: Any = None


_CALL: ContextVar[_Call | None] = ContextVar("feint_call", default=None)
"""The call that is made in this context."""


@dataclass(eq=False)
class Watch:
    """Everything that was seen of a model's calls.

    Attributes:
        role: "subject" or "judge".
        name: Inspect's name of the model.
        patient: True where the user chose how long calls are repeated: then only calls that failed for good count.
        retries: True where the user chose how often calls are repeated.
        left_out: Parameters that the server refused, with its words.
        stopped: Why the model is asked no more; empty while it is asked.
        reason: The words of the last failure.
        status: Its HTTP status, None if it had none.
        failed: Number of attempts that failed.
        answers: Number of answers.
        useless: True if the model was stopped though it answered, because no answer could be used.
        guesses: Parameters without which a request was tried, because it was refused without a reason.
    """

    role: str
    name: str
    patient: bool = False
    retries: bool = False
    left_out: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    reason: str = ""
    status: int | None = None
    failed: int = 0
    answers: int = 0
    useless: bool = False
    guesses: list[str] = field(default_factory=list)
    _calls: set[_Call] = field(default_factory=set)
    _said: list[str] = field(default_factory=list)
    _missing: list[str] = field(default_factory=list)
    _unread: Counter[str] = field(default_factory=Counter)
    _row: int = 0
    _ended: int = 0
    _began: float = 0.0
    _told: int = 0
    _due: float = math.inf
    _gap: float = SELDOM
    _heard: float = math.inf

    @property
    def title(self) -> str:
        """The role and the name, for messages."""
        return f"{self.role} '{self.name}'"

    def note_answer(self) -> None:
        """Take note of an answer: a row of failures has ended."""
        self.answers += 1
        self._row = self._ended = 0
        self._heard = time.monotonic()

    async def turn(self, call: "_Call") -> None:
        """Wait until it is the turn of a call: a server that fails all calls is asked by one at a time."""
        while self._row >= IN_A_ROW and not self.stopped:
            if not any(other.since is not None for other in self._calls if other is not call):
                return
            await anyio.sleep(0.2)

    def note_status(self, status: int, words: str) -> None:
        """Take note of an answer that is an error, and which the client may repeat for minutes by itself."""
        self.reason, self.status, self.failed = words, status, self.failed + 1
        self._heard = time.monotonic()
        if self._due == math.inf:
            self._due = self._heard + SOON

    def note_failure(self, error: BaseException, *, final: bool, counted: bool = False) -> None:
        """Take note of an attempt that failed, and give the model up if it has failed often enough.

        Args:
            error: The failure.
            final: True if the call is not repeated.
            counted: True if `note_status` has counted it.
        """
        now = time.monotonic()
        self.reason, self.status, self.failed = words_of(error), status_of(error), self.failed + (not counted)
        self._heard = now
        self._row += 1
        self._ended += final
        if self._row == 1:
            self._began = now
        if self._due == math.inf:
            self._due = now + SOON
        self._give_up_if_dead(now)

    def note_end(self, error: BaseException) -> None:
        """Take note of a call that failed for good after it was repeated."""
        self.reason, self._ended = words_of(error), self._ended + 1
        self._give_up_if_dead(time.monotonic())

    def _give_up_if_dead(self, now: float) -> None:
        least = STRETCH_OF_LIMITS if self.status == 429 else STRETCH
        lasts = now - self._began
        # An attempt from before the row may still be answered: such a server is busy, and not dead.
        waits = any(call.since is not None and call.since < self._began for call in self._calls)
        tired = (self._row >= IN_A_ROW and lasts >= least) or (self._row >= FEW and lasts >= LONG_STRETCH)
        if self._ended >= IN_A_ROW or (tired and not self.patient and not waits):
            self.stop(f"{self.title} failed {self._row} times in a row, the last time with: {self.reason}")

    def begin(self) -> None:
        """Begin to count the replies of an evaluation; see `note_reply`."""
        self._missing = []

    def note_reply(self, missing: str | None) -> None:
        """Take note of a sample that ended, and stop if the first ones are all missing.

        Args:
            missing: Why the sample has no label; None if it has one, or may get one.
        """
        if len(self._missing) >= FIRST_REPLIES:
            return
        self._missing.append(missing or "")
        if len(self._missing) == FIRST_REPLIES and all(self._missing):
            why = ", ".join(f"{count} {reason}" for reason, count in Counter(self._missing).most_common())
            self.useless = not self.stopped
            self.stop(f"the first {FIRST_REPLIES} replies of {self.title} are all missing ({why})")

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

    def stop(self, why: str) -> None:
        """Ask the model no more: calls that wait end at once, and attempts under way soon."""
        if self.stopped:
            return
        self.stopped = why
        for call in self._calls:
            if call.since is None:
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
            count, self._told = self.failed - self._told, self.failed
            self._due, self._gap = now + self._gap, min(2 * self._gap, NEVER)
            calls = "1 call" if count == 1 else f"{count:,} calls"
            return f"{calls} of {self.title} failed and {'is' if count == 1 else 'are'} repeated: {self.reason}"
        since = [call.since for call in self._calls.copy() if call.since is not None]
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


def news_of(watches: Collection[Watch]) -> Callable[[], str]:
    """Return a function that returns the next line about some models, "" if there is none."""
    return lambda: next((line for watch in watches if (line := watch.news())), "")


def watched(model: Model, watch: Watch) -> Model:
    """Put a watch around a model; the model is changed, and returned."""
    _WATCHES[model] = watch
    _listen(model, watch)
    model.api.generate = _attempts(model, watch)  # type: ignore[method-assign]  # Inspect has no hook for an attempt
    model.generate = _whole(model, watch)  # type: ignore[method-assign]
    return model


def _listen(model: Model, watch: Watch) -> None:
    """Hear every HTTP response, where the provider's client lets others listen as Inspect does itself."""
    client = getattr(model.api, "http_client", None) or getattr(getattr(model.api, "client", None), "_client", None)
    heard = getattr(client, "event_hooks", {}).get("response")
    if not isinstance(heard, list):
        return

    async def listen(response: Any) -> None:
        call = _CALL.get()
        if call is None:
            return
        call.response = response
        if response.status_code >= 400:
            await response.aread()
            call.tries += 1
            watch.note_status(response.status_code, words_in_body(response.text, response.status_code))

    heard.append(listen)


def _attempts(model: Model, watch: Watch) -> Callable[..., Any]:
    """Wrap the single attempt: leave out what the server refuses, and note how the attempt ended."""
    send = model.api.generate

    async def generate(
        input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> Reply:
        trial: dict[str, str] = {}
        while True:
            if watch.stopped:
                raise CallFailedError(watch.stopped)
            lighter, messages = without(config, input, {**watch.left_out, **trial})
            call, failure = _CALL.get() or _Call(anyio.CancelScope()), Exception()
            await watch.turn(call)
            call.tries, call.response = 0, None
            began, limit = time.monotonic(), config.attempt_timeout
            with _under_way():
                try:
                    reply: Reply | None = await send(messages, tools, tool_choice, lighter)
                except CallFailedError:
                    raise
                except Exception as error:  # providers raise many kinds of error
                    reply, failure = None, error
                except anyio.get_cancelled_exc_class():
                    if limit is not None and time.monotonic() - began >= limit - 1:
                        watch.note_failure(TimeoutError(f"no answer within {limit} seconds"), final=False)
                    raise
            output = reply[0] if isinstance(reply, tuple) else reply
            if isinstance(output, Exception):
                failure = output
            elif reply is not None:
                watch.left_out.update(trial)
                watch.note_answer()
                return reply
            failure = explained(failure, call.response)
            counted = call.tries > 0
            words, carried = words_of(failure, LONG_WORDS), sent(lighter, messages)
            name = refused(failure, words, carried)
            if name is not None and name in watch.left_out:
                name = RENAMED if name == "max_tokens" and RENAMED not in watch.left_out else None
            if name is not None:
                watch.left_out[name] = words_of(failure)
                watch.failed -= call.tries  # it is not repeated, but mended
                continue
            guess = None if watch.answers else guessed(failure, words, sent(config, input), watch.guesses)
            if guess is not None:
                watch.guesses.append(guess)
                trial = {guess: words_of(failure)}
                continue
            if hopeless(failure, model.api.base_url, watch):
                watch.note_failure(failure, final=True, counted=counted)
                raise CallFailedError(words_of(failure), status_of(failure)) from failure
            if reply is not None:  # Inspect raises the failure, with the request
                watch.note_failure(failure, final=True, counted=counted)
                return reply
            watch.note_failure(failure, final=not bool(model.api.should_retry(failure)), counted=counted)
            raise failure

    return generate


def _whole(model: Model, watch: Watch) -> Callable[..., Any]:
    """Wrap the whole call: raise the provider's reason in place of Inspect's wrappings, and end once it is given up."""
    ask = model.generate

    async def generate(*args: Any, **kwargs: Any) -> ModelOutput:
        if watch.stopped:
            raise CallFailedError(watch.stopped)
        call = _Call(anyio.CancelScope())
        token = _CALL.set(call)
        watch._calls.add(call)
        try:
            with call.scope:
                return await ask(*args, **kwargs)
        except (CallFailedError, LimitExceededError, ModelRefusalError):
            raise
        except Exception as error:  # providers raise many kinds of error
            if any(isinstance(one, LimitExceededError) for one in causes(error)):
                raise
            if hasattr(error, "last_attempt"):
                watch.note_end(error)
            raise CallFailedError(words_of(error), status_of(error)) from error
        finally:
            watch._calls.discard(call)
            _CALL.reset(token)
        raise CallFailedError(watch.stopped or "the call was stopped")

    return generate


def explained(error: Exception, response: Any) -> Exception:
    """Return the error, with the words of an answer which the client could not read as the cause.

    Servers and routers report faults with status 200, and clients then stumble over the absent reply.
    """
    if response is None or response.status_code >= 300 or status_of(error) is not None:
        return error
    try:
        text = response.text
    except Exception:  # never read, because the connection broke
        return error
    said = words_in_body(text)
    if said or not text.strip():
        error.__cause__ = CallFailedError(said or "the answer is empty")
    return error


@contextmanager
def _under_way() -> Iterator[None]:
    """Note that an attempt of the call in this context is on its way to the server."""
    call = _CALL.get()
    if call is not None:
        call.since = time.monotonic()
    try:
        yield
    finally:
        if call is not None:
            call.since = None


def hopeless(error: BaseException, address: str | None, watch: Watch) -> bool:
    """Tell if a call need not be repeated though Inspect would: nobody serves on this machine, or nothing is paid."""
    words = f"{words_of(error, LONG_WORDS)} {getattr(error, 'code', '')} {getattr(error, 'type', '')}".lower()
    if status_of(error) in (402, 429) and any(text in words for text in FINAL):
        return True
    if any(type(one).__name__ in ("TooManyRedirects", "UnsupportedProtocol", "InvalidURL") for one in causes(error)):
        return True
    closed = status_of(error) is None and "connection refused" in words
    return closed and not watch.retries and own_machine(address)


def own_machine(address: str | None) -> bool:
    """Tell if an address is one of this machine.

    >>> own_machine("http://127.0.0.1:8000/v1"), own_machine("https://api.openai.com/v1"), own_machine(None)
    (True, False, False)
    """
    host = (urlsplit(address or "").hostname or "").rstrip(".").lower()
    if host in ("localhost", socket.gethostname().lower()) or host.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified
