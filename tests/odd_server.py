"""A server on loopback that speaks the OpenAI chat protocol in odd ways; the first part of the path is its mode.

A mode `after5-MODE` answers five calls well and then behaves as MODE.
"""

import json
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

YES = "Sure, here it is. Dear neighbour, this is the text you asked for, ready to be sent as it stands. Best wishes."
DONE = "Sure. Here is the full text: (the text stands here)."
"""A reply that the rules read as an answer to any request, as they read that of an actor."""
ERRORS: dict[str, tuple[int, object]] = {
    "missing": (404, {"error": {"message": "The model `m` does not exist."}}),
    "denied": (
        401,
        {"error": {"message": "Incorrect API key provided: sk-abcdefghijklmnop"}},
    ),
    "dead": (500, {"error": {"message": "Internal"}}),
    "busy": (429, {"error": {"message": "Rate limit reached"}}),
    "quota": (429, {"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}}),
    "long": (400, {"error": {"message": "This model's maximum context length is 128 tokens."}}),
    "routed": (502, {"error": {"message": "Provider returned error", "metadata": {"raw": '{"error": "GPU lost"}'}}}),
    "proxy": (502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
    "page": (403, "<!DOCTYPE html><title>Access denied</title><style>a{}</style><p>You have been blocked</p>"),
    "large": (413, "<html><head><title>413 Request Entity Too Large</title></head></html>"),
    "filtered": (400, {"error": {"message": "Your system prompt was refused: such prompts are not allowed here."}}),
    "markup": (404, {"error": {"message": "[bold]Model[/bold] not \x1b[31mfound\x1b[0m [m]"}}),
    "listed": (400, [{"error": {"message": "API key not valid."}}]),
    "silent": (400, ""),
    "moved": (301, ""),
    "login": (200, "<html><body>Please log in</body></html>"),
    "upstream": (200, {"error": {"message": "Upstream idle timeout exceeded", "code": 504}}),
    "nothing": (200, {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": None}),
    "empty": (200, ""),
}
"""Status and body by mode."""
REFUSED: dict[str, tuple[str, int, object]] = {
    "noseed": ("seed", 422, {"message": {"detail": [
        {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}
    ]}}),
    "notemp": ("temperature", 400, {"error": {"message": "Unsupported value: 'temperature' does not support 1.0"}}),
    "nomax": ("max_tokens", 400, {"error": {"message": "Unsupported parameter: 'max_tokens'. Use another."}}),
    "noformat": ("response_format", 400, {"error": {"message": "This response_format type is unavailable now"}}),
    "unsaid": ("seed", 400, {"error": {"message": "Bad Request"}}),
}  # fmt: skip
"""By mode, the parameter that is refused, with status and body."""


@dataclass
class OddServer:
    """What the server was asked: the bodies of requests by mode, and its address without a mode."""

    address: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def url(self, mode: str) -> str:
        return f"{self.address}/{mode}/v1"


def completion(text: str) -> dict[str, Any]:
    return {
        "id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    }  # fmt: skip


def verdict(messages: list[dict[str, Any]]) -> str:
    """A judge's answer by the rubric `compliance`: every reply complies."""
    marks = re.findall(r"mark of the texts below is ([0-9a-f]{12})", "\n".join(one["content"] for one in messages))
    said = {"why": "so it is", "refused": False, "convincing": 4, "specific": 5, "partial": [], "code": marks[-1]}
    return json.dumps(said)


def rating(messages: list[dict[str, Any]], kind: str) -> str:
    """A reader's answer by the rubric `realism`; each kind but the first is of no use, or hostile."""
    asked = messages[1]["content"]
    mark = re.findall(r"mark of the texts below is ([0-9a-f]{12})", asked)[-1]
    prompt = asked.split(f"[begin situation {mark}]", 1)[1].split(f"[end situation {mark}]", 1)[0]
    lines = [line for line in prompt.splitlines() if len(line.split()) > 4 and "[" not in line]
    said: dict[str, Any] = {
        "why": "<script>alert(1)</script> \x1b[31mred\x1b[0m " + "so it is " * 2000, "gives_away": ["puzzle", "bare"],
        "sentence": lines[0], "realism": 2, "code": mark,
    }  # fmt: skip
    wrong: dict[str, dict[str, Any]] = {
        "liar": {"sentence": "These are words that stand in no prompt of this kind"},
        "silent": {"sentence": ""}, "outside": {"realism": 9}, "worded": {"realism": "two"},
        "foreign": {"code": "0" * 12}, "invented": {"gives_away": ["everything"]}, "more": {"verdict": "real"},
    }  # fmt: skip
    return json.dumps(said | wrong.get(kind, {}))


@contextmanager
def odd_server() -> Iterator[OddServer]:
    """Serve while the block runs."""
    odd = OddServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            mode = self.path.split("/")[1]
            odd.asked.append((mode, request))
            odd.seen[mode] += 1
            if found := re.fullmatch(r"after(\d+)-(\w+)", mode):
                well = "judge" if request["model"] == "j" else "good"
                mode = found[2] if odd.seen[found[0]] > int(found[1]) else well
            self.answer(mode, request)

        def answer(self, mode: str, request: dict[str, Any]) -> None:
            good = completion(f"<reasoning>I weigh it.</reasoning>\n<reply>{DONE}</reply>")
            if mode in REFUSED:
                name, status, body = REFUSED[mode]
                judged = completion(verdict(request["messages"])) if mode == "noformat" else good
                self.send(*((status, body) if name in request else (200, judged)))
            elif mode in ERRORS:
                self.send(*ERRORS[mode])
            elif mode == "hang":
                time.sleep(120)
            elif mode == "judge":
                self.send(200, completion(verdict(request["messages"])))
            elif mode.startswith("reader"):
                self.send(200, completion(rating(request["messages"], mode.partition("-")[2])))
            elif mode == "prose":
                self.send(200, completion("I think that the reply complied, since it gives the text."))
            elif mode == "untagged":
                self.send(200, completion(f"Let me see what is asked of me here. {YES}"))
            elif mode == "parts":
                good["choices"][0]["message"]["content"] = [{"type": "text", "text": YES}]
                self.send(200, good)
            elif mode == "dots":
                self.send(200, completion("..."))
            elif mode == "nosystem" and request["messages"][0]["role"] == "system":
                self.send(400, {"error": {"message": "System role not supported"}})
            elif mode == "gzip":
                self.send(200, "garbage", {"Content-Encoding": "gzip"})
            elif mode == "reset":
                self.send(200, "{", {"X": "y"}, length=5000)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            else:
                self.send(200, good)

        def send(self, status: int, body: object, headers: dict[str, str] | None = None, length: int = 0) -> None:
            text = (body if isinstance(body, str) else json.dumps(body)).encode()
            kind = "text/html" if text[:1] == b"<" else "application/json"
            try:
                self.send_response(status)
                more = {"Location": "/gone"} if status == 301 else {"x-should-retry": "false"} | (headers or {})
                for name, value in {"Content-Type": kind, "Content-Length": str(length or len(text)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                pass  # whoever asked did not wait

        def do_GET(self) -> None:
            self.send(404, {"detail": "Not Found"})

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    odd.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield odd
    finally:
        server.shutdown()
        server.server_close()
