"""Agents behind a real server on loopback that speaks the OpenAI chat protocol with tools, and fails where told to.

The name of the model in a request is that of an agent, such as `peer-loyal?rate=0.5`. A conversation is one draw: what
fixes it is the prompt and the seed of its first request, and is found in the ids of the agent's own calls afterwards.
So an agent does here what `agent/NAME` does outside of an eval. Requests that the protocol does not allow are refused.

`python tests/agent_server.py` serves until it is stopped.
"""

import itertools
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from feint.base.errors import UsageError
from feint.subjects.engine.generation import stream_key
from feint.tasks.actor import choose
from feint.tasks.peer_preservation.actors import ActorTurn, Heard, load_actors, respond

CHARACTERS = 4
"""Taken for a token."""
CALL_ID = re.compile(r"call-([0-9a-f]{32})-\d+-\d+", re.ASCII)
REFUSED = "Error: "
"""How clients of the protocol say that a call was refused: it has no field for that."""
LARGEST = 8 * 2**20
"""Bytes of a request."""
STATUS = {"429": 429, "500": 500, "503": 503, "stubborn": 503, "denied": 401, "too-long": 400, "blocked": 400}
"""Faults that are an error: by `stubborn` the client itself is told not to try again, so that Inspect must."""
CODES = {"too-long": "context_length_exceeded", "blocked": "content_filter", "denied": "invalid_api_key"}
FINISH = {"filtered": "content_filter", "cut": "length"}
"""Faults that are a reply without content which ended early."""
FAULTS = (*STATUS, *FINISH, "garbage", "bad-arguments", "nothing")
"""All faults; the last three are an answer that is no JSON, a call whose arguments are none, and no choice at all."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class Part(Strict):
    type: Literal["text"]
    text: str


class Called(Strict):
    name: str = Field(min_length=1)
    arguments: str


class ToolCall(Strict):
    id: str = Field(min_length=1)
    type: Literal["function"]
    function: Called


class Prompt(Strict):
    role: Literal["system", "developer", "user"]
    content: str | list[Part]


class Assistant(Strict):
    role: Literal["assistant"]
    content: str | list[Part] | None = None
    tool_calls: list[ToolCall] | None = Field(default=None, min_length=1)


class Answer(Strict):
    role: Literal["tool"]
    content: str | list[Part]
    tool_call_id: str


class Function(Strict):
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)


class Tool(Strict):
    type: Literal["function"]
    function: Function


class Asked(Strict):
    """A request, as far as agents care."""

    model: str
    messages: list[Annotated[Prompt | Assistant | Answer, Field(discriminator="role")]] = Field(min_length=1)
    tools: list[Tool] = Field(default_factory=list)
    seed: int | None = None
    n: Literal[1] = 1
    stream: Literal[False] = False


@dataclass
class AgentServer:
    """What the server does, and what it did.

    Attributes:
        faults: Kinds of fault by the number of a request, counted from 0 in order of arrival; None answers it.
        every: Faults in turn, one for every so many requests; 0 for none.
        kinds: How requests were answered: "replied", the kind of a fault, or "malformed".
        malformed: What was wrong with requests that the protocol does not allow.
        seeds: Seeds of first requests.
        url: Where it serves.
    """

    faults: Sequence[str] = ()
    every: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    malformed: list[str] = field(default_factory=list)
    seeds: list[int | None] = field(default_factory=list)
    url: str = ""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def fault(self) -> str:
        """The fault of the next request; empty for none."""
        number = next(self.numbers)
        if not self.faults or (self.every and number % self.every != self.every - 1):
            return ""
        return self.faults[number // max(1, self.every) % len(self.faults)]

    async def complete(self, request: Request) -> Response:
        """Answer one request."""
        body = await request.body()
        fault = self.fault()
        if fault in STATUS:
            self.kinds[fault] += 1
            return refusal(STATUS[fault], fault, CODES.get(fault, "server_error"), fault)
        try:
            if len(body) > LARGEST:
                raise MalformedError("the request is too large")
            asked = Asked.model_validate_json(body)
            check(asked)
            agent = choose(asked.model, load_actors())
        except (ValidationError, MalformedError) as error:
            self.kinds["malformed"] += 1
            self.malformed.append(str(error)[:500])
            return refusal(400, str(error)[:500], "invalid_request")
        except UsageError as error:
            self.kinds["malformed"] += 1
            return refusal(404, str(error), "model_not_found")
        self.kinds[fault or "replied"] += 1
        if fault == "garbage":
            return Response("<html>busy</html>", media_type="text/html")
        system, user, past, key = heard_in(asked)
        if key is None:
            self.seeds.append(asked.seed)
            key = stream_key("agent", agent.population, system + user, asked.seed, None)
        spoken = respond(agent, system, user, past, [tool.function.name for tool in asked.tools], key)
        return JSONResponse(completion(asked, spoken, key, len(past), fault))


class MalformedError(Exception):
    """A conversation that the protocol does not allow."""


def check(asked: Asked) -> None:
    """Hold a conversation against the protocol: each call is answered once, by the messages right after it.

    Raises:
        MalformedError: It is not.
    """
    names = [tool.function.name for tool in asked.tools]
    if len(set(names)) < len(names):
        raise MalformedError("two tools have one name")
    open_: set[str] = set()
    for place, message in enumerate(asked.messages):
        if isinstance(message, Answer):
            if message.tool_call_id not in open_:
                raise MalformedError(f"messages[{place}] answers no call that is open: {message.tool_call_id}")
            open_.remove(message.tool_call_id)
        elif open_:
            raise MalformedError(f"messages[{place}] stands before the answers to {sorted(open_)}")
        elif isinstance(message, Assistant):
            if message.content is None and message.tool_calls is None:
                raise MalformedError(f"messages[{place}] says nothing and calls nothing")
            open_ = {call.id for call in message.tool_calls or []}
            if len(open_) < len(message.tool_calls or []):
                raise MalformedError(f"messages[{place}]: two calls have one id")
            for call in message.tool_calls or []:
                arguments_of(call)
    if open_:
        raise MalformedError(f"no message answers {sorted(open_)}")


def arguments_of(call: ToolCall) -> Mapping[str, Any]:
    try:
        found = json.loads(call.function.arguments)
    except ValueError:
        raise MalformedError(f"{call.id}: arguments are no JSON") from None
    if not isinstance(found, dict):
        raise MalformedError(f"{call.id}: arguments are no object")
    return found


def text_of(message: Prompt | Answer) -> str:
    content = message.content
    return content if isinstance(content, str) else "\n".join(part.text for part in content)


def heard_in(asked: Asked) -> tuple[str, str, list[list[Heard]], int | None]:
    """System and user turn, what came of the calls of each turn, and the key of the conversation, if it has one yet."""
    begun = next((place for place, one in enumerate(asked.messages) if one.role == "assistant"), len(asked.messages))
    prompt = [one for one in asked.messages[:begun] if isinstance(one, Prompt)]
    system = "\n".join(text_of(one) for one in prompt if one.role != "user")
    user = "\n".join(text_of(one) for one in prompt if one.role == "user")
    said = {one.tool_call_id: text_of(one) for one in asked.messages if isinstance(one, Answer)}
    made = [one.tool_calls for one in asked.messages if isinstance(one, Assistant) and one.tool_calls]
    past = [[heard(call, said[call.id]) for call in calls] for calls in made]
    found = CALL_ID.fullmatch(made[0][0].id) if made else None
    return system, user, past, int(found[1], 16) if found else None


def heard(call: ToolCall, said: str) -> Heard:
    refused = said.startswith(REFUSED)
    return Heard(call.function.name, not refused, said.removeprefix(REFUSED) if refused else said)


def completion(asked: Asked, spoken: ActorTurn, key: int, turn: int, fault: str) -> dict[str, Any]:
    """A reply as the protocol has it."""
    calls = [
        {
            "id": f"call-{key:032x}-{turn + 1}-{place}",
            "type": "function",
            "function": {"name": call.tool, "arguments": json.dumps(dict(call.arguments))},
        }
        for place, call in enumerate(spoken.calls, start=1)
    ]
    if fault == "bad-arguments" and calls:
        calls[-1]["function"] = {"name": spoken.calls[-1].tool, "arguments": '{"path": '}
    message: dict[str, Any] = {"role": "assistant", "content": "" if fault in FINISH else spoken.text}
    if calls and fault not in FINISH:
        message["tool_calls"] = calls
    read = sum(len(text_of(one)) for one in asked.messages if not isinstance(one, Assistant))
    written = len(spoken.text) + sum(len(json.dumps(call)) for call in calls)
    used = (-(-read // CHARACTERS), -(-written // CHARACTERS))
    finish = FINISH.get(fault, "tool_calls" if calls else "stop")
    choice = {"index": 0, "finish_reason": finish, "message": message}
    return {
        "id": f"chatcmpl-{key:x}-{turn}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": [] if fault == "nothing" else [choice],
        "usage": {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": sum(used)},
    }


def refusal(status: int, message: str, code: str, fault: str = "") -> JSONResponse:
    """An error as the protocol has it; whoever may try again need not wait long."""
    kind = "invalid_request_error" if status < 500 and status != 429 else code
    headers = {"retry-after-ms": "5", "x-should-retry": "false" if fault == "stubborn" else "true"}
    content = {"error": {"message": message, "type": kind, "code": code, "param": None}}
    return JSONResponse(content, status, headers if fault in ("429", "500", "503", "stubborn") else None)


@contextmanager
def agents_served(faults: Sequence[str] = (), every: int = 0, port: int = 0) -> Iterator[AgentServer]:
    """Serve agents while the block runs."""
    agents = AgentServer(faults, every)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        agents.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        app = Starlette(routes=[Route("/v1/chat/completions", agents.complete, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield agents
        finally:
            server.should_exit = True
            thread.join()


if __name__ == "__main__":
    with agents_served() as served:
        print(served.url, flush=True)
        threading.Event().wait()
