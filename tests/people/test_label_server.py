"""The server without a browser: who gets through, and what the page holds."""

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn

from feint.base.errors import UsageError
from feint.people.label.replies import FinishedStudy, Shown
from feint.people.label.server import LARGEST_FORM, listen, make_app, render_page
from feint.people.label.session import Session, View
from feint.people.label.store import LabelFile
from feint.people.label.words import label_words

TOKEN = "s3cret-tok_n"
WORDS = label_words("alignment_faking")
assert WORDS is not None


class Server:
    """A running server, and single requests to it that can lie about anything."""

    def __init__(self, session: Session) -> None:
        self.listener = listen(0)
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        config = uvicorn.Config(make_app(session, TOKEN, self.port), log_level="error", lifespan="off")
        self.uvicorn = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.uvicorn.run, kwargs={"sockets": [self.listener]}, daemon=True)
        self.thread.start()

    def ask(
        self, path: str = f"/{TOKEN}/", method: str = "GET", body: str | None = None, **headers: str | None
    ) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {"host": f"127.0.0.1:{self.port}", **headers}
        connection.putrequest(method, path, skip_host=True)
        for name, value in given.items():
            if value is not None:
                connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode() if body is not None else None)
        answer = connection.getresponse()
        found = (answer.status, answer.read().decode(), {key.lower(): value for key, value in answer.getheaders()})
        connection.close()
        return found

    def act(self, do: str, at: int = 0, **headers: str | None) -> int:
        return self.ask(f"/{TOKEN}/act", "POST", urlencode({"do": do, "at": at}), **headers)[0]


@pytest.fixture
def session(study: FinishedStudy) -> Iterator[Session]:
    with LabelFile(study.path, "ann") as file:
        yield Session(study, file, n=12)


@pytest.fixture
def server(session: Session) -> Iterator[Server]:
    made = Server(session)
    yield made
    made.uvicorn.should_exit = True
    made.thread.join(30)
    made.listener.close()


def test_a_label_by_a_form(server: Server, session: Session) -> None:
    status, page, headers = server.ask()
    assert status == 200
    assert "0 of 12" in page
    assert headers["cache-control"] == "no-store"
    status, _, headers = server.ask(f"/{TOKEN}/act", "POST", urlencode({"do": "refused", "at": 0, "note": "naïve, 1"}))
    assert (status, headers["location"]) == (303, f"/{TOKEN}/")
    assert "1 of 12" in server.ask()[1]
    (given,) = session.file.record.labels().values()
    assert (given.label, given.note, given.opened) == ("refused", "naïve, 1", False)


WRONG = (
    "/", "/act", "/label.js", "/wrong/", f"/{TOKEN[:-1]}/", f"/{TOKEN}x/", f"/x/{TOKEN}/", f"//{TOKEN}/", "/%ff/",
    "/t%C3%B6ken/", f"/?token={TOKEN}",
)  # fmt: skip


@pytest.mark.parametrize("path", WRONG)
def test_without_the_token_nothing(server: Server, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        status, text, headers = server.ask(path, method, "" if method == "POST" else None)
        assert status == 403
        assert "open the address" in text
        assert "default-src 'none'" in headers["content-security-policy"]


def test_the_token_is_compared_in_constant_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr("hmac.compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    assert server.ask("/wrong/")[0] == 403
    assert compared == [(b"wrong", TOKEN.encode())]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:{port}.evil.example",
        "",
        "[::1]:{port}",
    ],
)
def test_under_another_name_nothing(server: Server, session: Session, host: str) -> None:
    """A page elsewhere can point its own name at this machine; even with the token it gets nothing."""
    host = host.format(port=server.port)
    assert server.ask(host=host)[0] == 403
    assert server.act("refused", host=host, origin=f"http://{host}") == 403
    assert not session.file.record.labels()


def test_without_a_host_nothing(server: Server) -> None:
    assert server.ask(host=None)[0] in (400, 403)
    assert server.ask(host=f"localhost:{server.port}")[0] == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://localhost:{port}"]
)
def test_forms_of_other_pages_do_nothing(server: Server, session: Session, origin: str) -> None:
    assert server.act("refused", origin=origin.format(port=server.port)) == 403
    assert not session.file.record.labels()
    assert server.act("refused", origin=f"http://127.0.0.1:{server.port}") == 303


def test_forms_that_are_not_ours(server: Server, session: Session) -> None:
    for body in ("", "do=refused", "at=0", "do=refused&at=x", "\xff"):
        assert server.ask(f"/{TOKEN}/act", "POST", body)[0] == 400
    assert server.ask(f"/{TOKEN}/act", "POST", "at=0&do=refused&note=" + "x" * LARGEST_FORM)[0] == 413
    assert server.ask(f"/{TOKEN}/act")[0] == 405
    assert server.ask(f"/{TOKEN}/../labels/ann.jsonl")[0] == 404
    assert server.act("praise") == 303
    assert not session.file.record.labels()


def test_what_could_not_be_saved_is_said(server: Server, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(events: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session.file, "append", full)
    status, text, _ = server.ask(f"/{TOKEN}/act", "POST", "at=0&do=refused")
    assert (status, text.startswith("Not saved (No space left on device)")) == (500, True)
    assert "0 of 12" in server.ask()[1]


def test_only_this_machine_is_listened_to(server: Server) -> None:
    assert server.listener.getsockname()[0] == "127.0.0.1"
    with pytest.raises(UsageError, match=rf"--port {server.port}: cannot be used"):
        listen(server.port)
    with pytest.raises(UsageError, match="not a port"):
        listen(99999)
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", server.port), timeout=5):
        pass


def test_the_page_tells_neither_cell_nor_judge_nor_study(
    server: Server, session: Session, study: FinishedStudy
) -> None:
    ids = session.file.record.queue
    for at in range(len(ids)):
        page = server.ask()[1]
        row = study.row(ids[at])
        assert ids[at] not in page
        assert row["wording"] not in page
        assert study.path.name not in page
        assert study.plan.subject not in page
        assert "three-tier" not in page
        outside = re.sub(r'(?s)<div class="model (?:said|asked|thoughts)".*?</div>', "", page)
        assert not {"free", "pro", "enterprise"} & set(re.findall(r"\w+", outside.lower()))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
        server.act("refused", at)
    assert "All 12 replies have labels" in server.ask()[1]


def test_the_policy_allows_no_script_in_the_page(server: Server) -> None:
    _, page, headers = server.ask()
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script[^>]*>", page) == ['<script src="label.js" defer>']
    assert not re.search(r"https?://|\son\w+=|\sstyle=|<style", page)
    for name, kind in (("label.js", "text/javascript"), ("label.css", "text/css")):
        status, text, headers = server.ask(f"/{TOKEN}/{name}")
        assert (status, headers["content-type"]) == (200, f"{kind}; charset=utf-8")
        assert not re.search(r"https?://|@import|url\(", text)


def view(shown: Shown) -> View:
    counts = dict.fromkeys(WORDS.labels, 0)
    return View(
        at=0, shown=shown, total=1, labelled=0, skipped=0, again=False, last="", note="</textarea><b>", counts=counts
    )


def test_hostile_text_is_escaped_and_made_visible(tmp_path: Path) -> None:
    nasty = "</div></main><script>x()</script><img src=x onerror=x()>\u202egnp.exe\u202c\0\ud800{{ 7 * 7 }}"
    page = render_page(view(Shown(nasty, nasty, nasty, (nasty,), nasty, nasty)), WORDS, rubric=nasty, objective=nasty)
    assert "<script>" not in page
    assert "<img" not in page
    assert "<b>" not in page.replace("<b>Feint</b>", "").partition("<dialog")[0].replace("<b>&lt;", "")
    assert not set("\u202e\u202c\0\ud800") & set(page)
    assert page.count("⟨U+202E⟩gnp.exe⟨U+202C⟩␀⟨U+D800⟩{{ 7 * 7 }}") == 7
    page.encode()


def test_replies_that_hold_nothing_or_call_tools() -> None:
    empty = render_page(view(Shown("r", "")), WORDS, rubric="", objective="The wish.")
    assert "The reply is empty." in empty
    assert "The wish. A reply complies" in empty
    called = render_page(
        view(Shown("r", "", called=("send_it",), complies="send_it: x", declines="ask: y")), WORDS, "", ""
    )
    assert "The reply is empty." not in called
    assert "<b>send_it</b>" in called
    assert "Which of the two" in called
