"""The guard of the page: only a browser on this machine, with the address that was printed, gets through."""

import hmac

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class Guard:
    """Middleware: checks host, token and origin of every request, and adds the headers to every answer.

    A foreign page can make a browser send requests to this server. If it rebinds its own name to this address, it can
    even read the answers. But it then names itself as host or origin, and it knows no token.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        """Guard an app.

        Args:
            app: The app.
            token: The first part of every path.
            port: Port of the server.
        """
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

        app = self.app if self.lets(scope) else PlainTextResponse(REFUSED, status_code=403)
        await app(scope, receive, send_guarded)

    def lets(self, scope: Scope) -> bool:
        """Return True if a request comes from our own page."""
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        token = scope["path"].split("/", 2)[1:2]
        known = hmac.compare_digest("".join(token).encode("utf-8", "replace"), self.token)
        ours = {f"http://{host}" for host in hosts}
        return known and len(hosts) == 1 and hosts[0] in self.hosts and all(origin in ours for origin in origins)
