"""The local server of the page: Starlette and uvicorn, which Inspect installs, for this machine only."""

import hmac
import secrets
import socket
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

import uvicorn
from jinja2 import ChoiceLoader, Environment, PackageLoader
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feint.base.errors import UsageError
from feint.people.label.session import END, LONGEST_NOTE, Session, View
from feint.people.label.words import LabelWords
from feint.report.pages import environment

LOOPBACK = "127.0.0.1"
LARGEST_FORM = 64 * 1024
"""Bytes; a note of the greatest length, percent-encoded, fits."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not "no-referrer", under which a browser hides the origin of a form too.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
REFUSED = "Refused: open the address that 'feint label' printed, as it stands.\n"


@cache
def templates() -> Environment:
    """Load the templates, which escape all text and show invisible characters."""
    loaders = [PackageLoader("feint.people.label"), PackageLoader("feint.report")]
    return environment().overlay(loader=ChoiceLoader(loaders))


def render_page(view: View, words: LabelWords, rubric: str, objective: str) -> str:
    """Render the page.

    Args:
        view: Its content.
        words: The labels and questions of the task.
        rubric: The conflict's own rule, shown under "What counts"; "" if it has none.
        objective: What the conflict asks for, where there is no rule.
    """
    return templates().get_template("label.html.j2").render(
        view=view, shown=view.shown, end=END, words=words, names=words.labels, rubric=rubric, objective=objective,
        longest_note=LONGEST_NOTE,
    )  # fmt: skip


class Guard:
    """Middleware: checks host, token and origin of every request, and adds the headers to every answer.

    Only a browser on this machine, with the address that was printed, gets through. A foreign page can make a browser
    send requests to this server. A page that rebinds its own name to this address can even read the answers. But
    such a page names itself as host or origin, and knows no token, which is the first part of every path.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self.app = app
        self.token = token.encode()
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        token = scope["path"].split("/", 2)[1:2]
        known = hmac.compare_digest("".join(token).encode("utf-8", "replace"), self.token)
        ours = {f"http://{host}" for host in hosts}
        lets = known and len(hosts) == 1 and hosts[0] in self.hosts and all(origin in ours for origin in origins)
        app = self.app if lets else PlainTextResponse(REFUSED, status_code=403)
        await app(scope, receive, send_guarded)


def make_app(session: Session, token: str, port: int) -> Guard:
    """Make the app: the page with its style and script, and an address for its form, all below the token."""
    study = session.study
    style = templates().get_template("label.css.j2").render()
    script = (Path(__file__).with_name("templates") / "label.js").read_text(encoding="utf-8")

    async def show(request: Request) -> Response:
        view = await run_in_threadpool(session.view)
        return HTMLResponse(render_page(view, study.words, study.rubric, study.plan.conflict["objective"]))

    async def show_style(request: Request) -> Response:
        return Response(style, media_type="text/css")

    async def show_script(request: Request) -> Response:
        return Response(script, media_type="text/javascript")

    async def act(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_FORM:
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
        Route(f"/{token}/label.css", show_style),
        Route(f"/{token}/label.js", show_script),
    ]
    return Guard(Starlette(routes=routes), token, port)


def listen(port: int) -> socket.socket:
    """Take a port of this machine that no other can reach; 0 takes any free port.

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
    """Serve the page until the program is stopped from the keyboard, which raises `KeyboardInterrupt`.

    Args:
        session: The person's session.
        port: 0 for any free port.
        announce: Called with the page's address as soon as it can be opened.
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
