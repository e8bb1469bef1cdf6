"""The words in which a provider of models says why a call failed, found in whatever its client raised."""

import errno
import json
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from http.client import responses

LONGEST = 300
"""Most characters of a reason."""
SAYING = ("message", "msg", "detail", "details", "error", "errors", "error_message", "error_description", "reason",
          "title", "description")  # fmt: skip
"""Keys of a body under which providers say what is wrong, in order of preference."""
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_STYLE = re.compile(
    r"\[/?(?:(?:bold|dim|italic|underline|blink|reverse|strike|red|green|blue|yellow|cyan|magenta|white|black|"
    r"bright_\w+|grey\d+|link(?:=[^\]\s]*)?|on)(?: |(?=\])))+\]|\[/\]"
)
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title\s*>", re.DOTALL | re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|title|h1|p|div|center)\b", re.IGNORECASE)
_KEYS = re.compile(
    r"\b(?:sk|pk|rk|gsk|hf|xai|csk|r8|nvapi|pplx|fw|glpat|ghp|key)[-_][\w-]{8,}|\bAIza[\w-]{20,}|\beyJ[\w.-]{20,}"
    r"|(?<=Bearer )\S{6,}|(?<=bearer )\S{6,}"
)
_LOGIN = re.compile(r"(?<=://)[^\s/?#]*@|(?<=://)[^\s/@:]+:(?!\d+(?:/|$))[^\s@]*@|\b[^\s/@:]+:[^\s/@]+@(?=[\w.\[])")
_QUERY = re.compile(r"(\w+://[^\s?#'\"<>]+)[?#][^\s'\"<>),;]+")
"""Parts of an address that may hold a secret: what stands before the host, and after the path."""
_STATED = re.compile(r"^Error code: \d{3}(?: - |$)")
_OLD = re.compile(r"^(?:\w+Error|\w+Exception|\w+Timeout)\((.*)\)$", re.DOTALL)


class CallFailedError(Exception):
    """A call of a model that failed for good; the message is the provider's own reason in one line.

    Attributes:
        message: The reason; Inspect's logs show this text.
        status: The HTTP status, None where there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def one_line(text: str, longest: int = LONGEST) -> str:
    r"""Clean a text of strangers for one line: no markup, escapes or keys, and no more than `longest` characters.

    Of an address the scheme, host, port and path are left.

    >>> one_line("[bold]no [blue]key[/blue][/bold] \x1b[31msk-abcdefgh1234 ['seed']")
    "no key … ['seed']"
    >>> one_line("nobody at http://me:secret@host:8000/v1?key=abc")
    'nobody at http://host:8000/v1'
    """
    text = _STYLE.sub("", _ESCAPE.sub("", text))
    if _HTML.search(text):
        title = _TITLE.search(text)
        # The title comes first: the rest of such a page is a menu, or the advice of a proxy.
        body = _TAG.sub(" ", text.replace(title[0], " ") if title else text)
        first, rest = (" ".join(unescape(part).split()) for part in (title[1] if title else "", body))
        text = f"{first}: {rest}" if first and rest and not rest.startswith(first) else rest or first
    for name, value in os.environ.items():
        if name.endswith(("_KEY", "_TOKEN", "_SECRET")) and len(value) >= 8:
            text = text.replace(value, "…")
    text = _KEYS.sub("…", _QUERY.sub(r"\1", _LOGIN.sub("", text)))
    text = " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in text).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def causes(error: BaseException, *, every: bool = False) -> Iterator[BaseException]:
    """Yield an error and the errors that it wraps, from the outside to the inside, each once.

    Retries of the library tenacity wrap the last failure, groups wrap several, clients the failure of the connection.

    Args:
        error: The outermost error.
        every: True for all errors that each of them wraps, also those that it hides; False for the first of them alone.
    """
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        last = getattr(one, "last_attempt", None)
        wrapped = [
            last.exception() if last is not None and hasattr(last, "exception") else None,
            *(one.exceptions if isinstance(one, BaseExceptionGroup) else ()),
            one.__cause__,
            *one.args[:1],
            one.__context__ if every or not one.__suppress_context__ else None,
        ]
        found = [inner for inner in wrapped if isinstance(inner, BaseException)]
        waiting += found if every else found[:1]


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status of a failed call, None where there is none."""
    for one in causes(error):
        for value in (
            getattr(one, "status_code", None), getattr(one, "status", None),
            getattr(getattr(one, "response", None), "status_code", None), getattr(one, "code", None),
        ):  # fmt: skip
            if isinstance(value, int) and 100 <= value < 600:
                return value
    return None


def words_of(error: BaseException, longest: int = LONGEST) -> str:
    """Return the reason of a failed call in one line: the provider's own words with the HTTP status.

    >>> words_of(CallFailedError("no such model", 404))
    'no such model'
    >>> words_of(ConnectionRefusedError(111, "Connection refused"))
    'connection refused'
    """
    chain = list(causes(error))
    done = next((one for one in chain if isinstance(one, CallFailedError)), None)
    if done is not None:
        return done.message
    said = next(filter(None, map(_body_words, chain)), "") or next(filter(None, map(_transport_words, chain[::-1])), "")
    if not said:
        told = [_own_words(one) for one in chain]
        said = next(filter(None, told), "") or responses.get(status_of(error) or 0, type(chain[-1]).__name__)
    said, status = one_line(said, longest), status_of(error)
    return said if status is None or str(status) in said else f"{said} (HTTP {status})"


def words_in_body(text: str, status: int | None = None) -> str:
    """Return what the body of an answer says; empty if it is a reply, or an object without words.

    >>> words_in_body('{"error": {"message": "Upstream idle timeout", "code": 504}}')
    'Upstream idle timeout'
    >>> words_in_body("<html><title>502 Bad Gateway</title>nginx</html>", 502)
    '502 Bad Gateway: nginx'
    """
    found = _said(text)
    if status is None and not _HTML.search(text):
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None if text.lstrip()[:1] in ("{", "[") else text
        error = body.get("error") or body.get("detail") if isinstance(body, Mapping) else None
        if error is None and not isinstance(body, Mapping):
            return f"the answer is no JSON object: {one_line(text, 120)}" if text.strip() else ""
        there = isinstance(body, Mapping) and any(
            body.get(key) for key in ("choices", "content", "candidates", "output")
        )
        found = _said(error) if error is not None else "" if there else "the answer holds no reply"
    elif status is None:
        found = f"the answer is a page and no JSON: {one_line(text)}"
    said = one_line(found)
    if status is None or str(status) in said:
        return said
    return f"{said} (HTTP {status})" if said else f"HTTP {status}"


def words_in(text: str) -> str:
    r"""Return the reason in the text of an error, as logs of other programs and of earlier versions have it.

    >>> words_in(r"ModelGenerateError('\nRequest:\n{}\n\nBadRequestError(no seed)')")
    'no seed'
    >>> words_in("RetryError(<Future at 0x7f state=finished raised InternalServerError>)")
    'InternalServerError after several tries'
    """
    if text == "IndexError('list index out of range')":  # Inspect reads the first choice of a reply without any
        return "the answer holds no reply"
    request, _, words = text.rpartition(r"\n\n")
    if "Request:" in request[:40]:
        text = words[:-2].replace(r"\'", "'")
    if future := re.search(r"<Future at \w+ state=\w+ raised (\w+)>", text):
        return f"{future[1]} after several tries"
    while (found := _OLD.match(text.strip())) is not None:
        text = found[1].strip().strip("\"'")
    if body := re.search(r"^Error code: (\d{3}) - (\{.*\})", text):
        said = re.search(r"'(?:message|msg|detail)': (?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")", body[2])
        text = f"{said[1] or said[2]} (HTTP {body[1]})" if said else text
    return one_line(text, LONGEST + len(" (HTTP 000)"))


def _own_words(error: BaseException) -> str:
    """Return the text of an exception; empty if the text says nothing."""
    if getattr(error, "last_attempt", None) is not None:
        return ""
    given = getattr(error, "provider_message", None) or getattr(error, "message", None)
    text = given if isinstance(given, str) and given.strip() else str(error)
    text = _STATED.sub("", text.strip())
    return "" if text in ("", "Connection error.", "Request timed out.", "None") else text


def _body_words(error: BaseException) -> str:
    """Return what the body of an answer says; empty if the error has no body, or a body without words."""
    body = getattr(error, "body", None)
    if body is None and (response := getattr(error, "response", None)) is not None:
        try:
            body = response.json() if hasattr(response, "json") else None
        except Exception:  # a body that is no JSON, or is not read yet: the error has a text of its own
            body = None
    return _said(body)


def _said(body: object, depth: int = 6) -> str:
    """Find the words in a body: an object, a list of objects, or a text that may be JSON itself."""
    if depth == 0 or body is None:
        return ""
    if isinstance(body, str):
        text = body.strip()
        if text[:1] in ("{", "["):
            try:
                return _said(json.loads(text), depth - 1) or text
            except (ValueError, RecursionError):
                return text
        return text
    if isinstance(body, Mapping):
        place = body.get("loc")
        where = ".".join(str(part) for part in place if part != "body") if isinstance(place, Sequence) else ""
        if where and isinstance(body.get("msg"), str):
            return f"{where}: {body['msg']}"
        raw = body.get("metadata", {}).get("raw") if isinstance(body.get("metadata"), Mapping) else None
        # Routers answer with a sentence of their own and put the provider's words beside it.
        beside = _said(raw, depth - 1) if isinstance(raw, str | Mapping) else ""
        return beside or next(filter(None, (_said(body.get(key), depth - 1) for key in SAYING)), "")
    if isinstance(body, Sequence):
        return "; ".join(dict.fromkeys(filter(None, (_said(part, depth - 1) for part in body[:3]))))
    return ""


def _transport_words(error: BaseException) -> str:
    """Say what is wrong with a connection; empty if the error is none of the connection."""
    name = type(error).__name__
    if isinstance(error, ConnectionRefusedError) or getattr(error, "errno", None) == errno.ECONNREFUSED:
        return "connection refused"
    if isinstance(error, socket.gaierror):
        return f"the host name is not found ({(error.strerror or str(error)).lower()})"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection: {error.reason or error}"
    if isinstance(error, ConnectionResetError):
        return "the connection was reset"
    if name == "AttemptTimeoutError":
        seconds = re.search(r"\d+", str(error))
        return f"no answer within {seconds[0]} seconds" if seconds else "no answer in time"
    if isinstance(error, TimeoutError) or "Timeout" in name:
        return "no answer in time"
    if isinstance(error, json.JSONDecodeError):
        return "the answer is not JSON"
    if name == "DecodingError":
        return f"the answer cannot be decompressed: {error}"
    if name in ("RemoteProtocolError", "ReadError", "TooManyRedirects", "UnsupportedProtocol",
                "LocalProtocolError", "ProxyError", "ConnectError", "InvalidURL"):  # fmt: skip
        return str(error).strip()
    return ""
