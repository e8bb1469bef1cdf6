"""The local server of the page: Starlette and uvicorn, which Inspect installs, for this machine only."""

import secrets
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from feint.base.errors import UsageError
from feint.people.label.guard import Guard
from feint.people.label.page import read_script, render_page, render_style
from feint.people.label.session import Session

LOOPBACK = "127.0.0.1"
LARGEST_FORM = 64 * 1024
"""Bytes; a note of the greatest length, percent-encoded, fits."""


def make_app(session: Session, token: str, port: int) -> Guard:
    """Make the app: the page with its style and script, and an address for its form, all below the token.

    Args:
        session: The person's session.
        token: The first part of every path.
        port: Port of the server, for the check of the host.
    """
    study = session.study

    async def show(request: Request) -> Response:
        view = await run_in_threadpool(session.view)
        return HTMLResponse(render_page(view, study.words, study.rubric, study.plan.conflict["objective"]))

    async def act(request: Request) -> Response:
        body = await read_body(request)
        if body is None:
            return PlainTextResponse("Not saved: the note is too long.\n", status_code=413)
        form = {key: values[-1] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        try:
            at = int(form["at"])
            do = form["do"]
        except (KeyError, ValueError):
            return PlainTextResponse("Not saved: the form is not the page's own.\n", status_code=400)
        opened = form.get("opened") == "1"
        try:
            await run_in_threadpool(session.act, do, at, form.get("note", ""), opened)
        except OSError as error:
            return PlainTextResponse(
                f"Not saved ({error.strerror}): mend that, go back, and label this reply again.\n", status_code=500
            )
        return RedirectResponse(f"/{token}/", status_code=303)

    routes = [
        Route(f"/{token}/", show),
        Route(f"/{token}/act", act, methods=["POST"]),
        Route(f"/{token}/label.css", constant(render_style(), "text/css")),
        Route(f"/{token}/label.js", constant(read_script(), "text/javascript")),
    ]
    return Guard(Starlette(routes=routes), token, port)


def constant(text: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint whose answer is always the same."""

    async def answer(request: Request) -> Response:
        return Response(text, media_type=kind)

    return answer


async def read_body(request: Request) -> bytes | None:
    """Read the body of a request; None if it is larger than any form of the page."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return None
    return body


def listen(port: int) -> socket.socket:
    """Take a port of this machine that no other can reach.

    Args:
        port: 0 for any free port.

    Raises:
        UsageError: The port is taken or cannot be used.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        made.close()
        reason = error.strerror if isinstance(error, OSError) else "not a port"
        raise UsageError(f"--port {port}: cannot be used ({reason}); give another, or leave it out") from None
    return made


def serve(session: Session, port: int, announce: Callable[[str], None]) -> None:
    """Serve the page until the program is stopped.

    Args:
        session: The person's session.
        port: 0 for any free port.
        announce: Called with the page's address as soon as it can be opened.

    Raises:
        UsageError: The port cannot be used.
        KeyboardInterrupt: The program was stopped from the keyboard.
    """
    with listen(port) as listener:
        port = listener.getsockname()[1]
        token = secrets.token_urlsafe(24)
        # No access log: its lines would hold the token.
        config = uvicorn.Config(
            make_app(session, token, port), log_level="warning", access_log=False, server_header=False,
            proxy_headers=False, lifespan="off", ws="none", timeout_graceful_shutdown=2,
        )  # fmt: skip
        listener.listen()
        announce(f"http://{LOOPBACK}:{port}/{token}/")
        uvicorn.Server(config).run(sockets=[listener])
