"""Puts a watch around a model: around each attempt of a call, and around the whole call.

Inspect repeats failed calls by itself and does not say so. An attempt is wrapped below Inspect's repetitions, a call
above them.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelCall, ModelOutput, ModelRefusalError
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import LimitExceededError

from feint.base.failures import CallFailedError, causes, one_line, status_of, words_in_body, words_of
from feint.money.account import count_again, refusal
from feint.money.places import is_own
from feint.money.prices import tokens
from feint.study.ask.refused import RENAMED, guessed, refused, sent, without
from feint.study.ask.watch import Call, Watch, set_watch

if TYPE_CHECKING:
    import httpx

USUAL = 2000
"""Tokens of a reply at most, where the request sets no limit."""
LONG_WORDS = 3000
"""Characters of an error in which the name of a refused parameter is looked for."""
FINAL = ("insufficient_quota", "billing", "credit balance", "payment required", "account is not active")
"""Words of a limit that no waiting lifts."""
Reply = ModelOutput | tuple[ModelOutput | Exception, ModelCall]
_CALL: ContextVar[Call | None] = ContextVar("feint_call", default=None)
"""The call that is made in this context."""


def watched(model: Model, watch: Watch) -> Model:
    """Put a watch around a model; the model is changed, and returned."""
    set_watch(model, watch)
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

    async def listen(response: "httpx.Response") -> None:
        call = _CALL.get()
        if call is None:
            return
        call.response = response
        if response.status_code >= 400:
            await response.aread()
            if call.tries:  # the client repeats the request by itself
                count_again()
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
        for resent in count():
            if resent:
                count_again()
            if watch.stopped:
                raise CallFailedError(watch.stopped)
            if why := refusal():
                raise CallFailedError(why)
            left = {**watch.left_out, **trial}
            lighter, messages = without(config, input, left)
            call, failure = _CALL.get() or Call(anyio.CancelScope()), Exception()
            await watch.turn(call)
            call.tries, call.response = 0, None
            call.attempts += 1
            call.most = config.max_tokens or USUAL
            began, limit = time.monotonic(), config.attempt_timeout
            with _under_way(watch):
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
            elif output is not None:
                watch.left_out.update(trial)
                if call.response is not None and call.response.status_code >= 400:
                    watch.failed -= 1  # Inspect reads a refusal of the content as an answer
                watch.note_answer(time.monotonic() - began, written(output))
                return cast("Reply", reply)
            failure = explained(failure, call.response)
            counted = call.tries > 0
            named = refused(failure, words_of(failure, LONG_WORDS), sent(lighter, messages), watch.answered)
            if _leave_out(watch, named, failure, left):
                watch.failed -= call.tries  # it is not repeated, but mended
                continue
            guess = (
                None
                if watch.answers
                else guessed(failure, words_of(failure, LONG_WORDS), sent(config, input), watch.guesses)
            )
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
            last = config.max_retries is not None and call.attempts > config.max_retries
            again = bool(model.api.should_retry(failure))
            watch.note_failure(failure, final=not again, counted=counted, last=last)
            raise failure
        raise AssertionError("the loop ends by an answer or a failure")

    return generate


def _whole(model: Model, watch: Watch) -> Callable[..., Any]:
    """Wrap the whole call: raise the provider's reason in place of Inspect's wrappings, and end once it is given up."""
    ask = model.generate

    async def generate(*args: Any, **kwargs: Any) -> ModelOutput:
        if watch.stopped:
            raise CallFailedError(watch.stopped)
        call = Call(anyio.CancelScope())
        token = _CALL.set(call)
        watch.calls.add(call)
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
            watch.calls.discard(call)
            _CALL.reset(token)
        watch.expire(call)
        raise CallFailedError(watch.stopped)

    return generate


def explained(error: Exception, response: "httpx.Response | None") -> Exception:
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
    elif isinstance(error, TypeError | AttributeError | KeyError | IndexError):
        error.__cause__ = CallFailedError(f"the answer has a form that Inspect cannot read: {one_line(text, 200)}")
    return error


def _leave_out(watch: Watch, named: str | None, failure: Exception, left: Collection[str]) -> bool:
    """Leave out the parameter of which a failure complains; return False if the next attempt would be no other.

    `left` holds the parameters that the failed attempt left out. Another call may have left out more meanwhile.
    """
    if named is None or (named in watch.left_out and named not in left):
        return named is not None
    if named in watch.left_out:
        if named != "max_tokens" or RENAMED in watch.left_out:
            return False
        named = RENAMED
    watch.leave_out(named, words_of(failure))
    return True


@contextmanager
def _under_way(watch: Watch) -> Iterator[None]:
    """Note that an attempt of the call in this context is on its way to the server."""
    call = _CALL.get()
    if call is not None:
        call.since = time.monotonic()
        watch.aim()
    try:
        yield
    finally:
        if call is not None:
            call.since = None


def written(output: ModelOutput) -> int:
    """Return the tokens of an answer, estimated from its text where the server counts none."""
    counted = output.usage.output_tokens if output.usage else 0
    return counted or tokens(len(output.completion))


def hopeless(error: BaseException, address: str | None, watch: Watch) -> bool:
    """Tell if a call need not be repeated though Inspect would: nobody serves on this machine, or nothing is paid."""
    words = f"{words_of(error, LONG_WORDS)} {getattr(error, 'code', '')} {getattr(error, 'type', '')}".lower()
    if status_of(error) in (402, 429) and any(text in words for text in FINAL):
        return True
    if any(type(one).__name__ in ("TooManyRedirects", "UnsupportedProtocol", "InvalidURL") for one in causes(error)):
        return True
    closed = status_of(error) is None and "connection refused" in words
    return closed and not watch.retries and is_own(address)
