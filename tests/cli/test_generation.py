"""Options of generation, from the command line to the body of the request that a real server receives."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from feint.base.errors import UsageError
from feint.study.plan.frozen import Plan
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Generation, make_generation
from grader_server import YES

Run = Callable[..., Any]
FEW = ("--design", "tiers", "-n", 2, "--wordings", 1, "--twins", 0, "--epochs", 2, "--display", "none", "--out", "s")
STRICT = ("--temperature", "none", "--seed", "none", "--max-tokens", "none")
CALLS = 2 * 2 * 2


@contextmanager
def serving(refused: tuple[str, ...] = ()) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve a model that refuses some parameters and answers no two calls alike; yields its address and the bodies."""
    bodies: list[dict[str, Any]] = []
    count = itertools.count()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append(body)
            bad = [name for name in refused if name in body]
            reply = f"<reasoning>Number {next(count)}.</reasoning>\n<reply>{YES}</reply>"
            message = {"role": "assistant", "content": reply}
            told: dict[str, Any] = (
                {"error": {"message": f"Extra inputs are not permitted: {bad}", "type": "invalid_request_error"}}
                if bad
                else {
                    "id": "x", "object": "chat.completion", "created": 1, "model": "m",
                    "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                    "usage": {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20},
                }
            )  # fmt: skip
            text = json.dumps(told).encode()
            self.send_response(422 if bad else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRICT_API_KEY", "none")


def test_what_a_server_rejects_is_left_out(feint: Run, tmp_path: Path) -> None:
    (tmp_path / "g.yaml").write_text("frequency_penalty: 0.5\npresence_penalty: null\nextra_body: {min_p: 0.1}\n")
    more = ("--top-p", 0.9, "--reasoning-effort", "low", "--generate-config", "g.yaml")
    with serving(refused=("seed", "temperature", "max_tokens")) as (url, bodies):
        asked = ("study", "openai-api/strict/m", *FEW, *STRICT, *more, "--model-base-url", url)
        ran = feint(*asked)
        assert ran.code == 0, ran.err
        assert len(bodies) == CALLS, "two samples of one prompt share no reply"
        for body in bodies:
            assert not {"seed", "temperature", "max_tokens", "presence_penalty"} & set(body)
            assert {"top_p": 0.9, "frequency_penalty": 0.5, "min_p": 0.1, "reasoning_effort": "low"}.items() <= (
                body.items()
            )
        plan = json.loads((tmp_path / "s" / "plan.json").read_text())
        assert plan["left_out"] == ["presence_penalty", "temperature", "max_tokens", "seed"]
        assert plan["generate"] == {
            "max_tokens": 2000, "top_p": 0.9, "reasoning_effort": "low", "frequency_penalty": 0.5,
            "extra_body": {"min_p": 0.1},
        }  # fmt: skip
        assert feint(*asked, "--resume").code == 0
        assert len(bodies) == CALLS, "nothing is asked twice"
        other = feint("study", "openai-api/strict/m", *FEW, *more, "--model-base-url", url, "--resume")
        assert other.code == 2 and "generate.temperature is absent there and 1.0 here" in other.err


def test_a_refused_parameter_is_left_out_and_said(feint: Run) -> None:
    with serving(refused=("seed", "temperature")) as (url, bodies):
        ran = feint("study", "openai-api/strict/m", *FEW, "--model-base-url", url)
        assert ran.code == 0, ran.err
        refused = [body for body in bodies if {"seed", "temperature"} & set(body)]
        assert len(refused) == 2 and len(bodies) == CALLS + 2, "each is refused once in a run"
        said = " ".join(ran.err.split())
        assert "asked without seed, temperature, which its server refuses: Extra inputs are not permitted" in said
        (warning,) = [one for one in found_in("s")["verdict"]["warnings"] if "without seed, temperature" in one]
        assert "Extra inputs are not permitted" in warning and "Subject" in warning
        again = feint("study", "openai-api/strict/m", *FEW, "--model-base-url", url, "--resume")
        assert again.code == 0 and len(bodies) == CALLS + 2
    assert "without seed, temperature" in Path("s/report.html").read_text()


def found_in(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(folder) / "findings.json").read_text())
    return found


def test_a_seed_and_a_temperature_are_sent_otherwise(feint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as (url, bodies):
        monkeypatch.setenv("STRICT_BASE_URL", url)
        assert feint("study", "openai-api/strict/m", *FEW, "--temperature", 0.5, "-T", "phrases=seen").code == 0
    assert {body["temperature"] for body in bodies} == {0.5}
    assert {body["max_tokens"] for body in bodies} == {2000}
    assert len({body["seed"] for body in bodies}) == CALLS
    plan = json.loads(Path("s/plan.json").read_text())
    assert plan["task"]["phrases"] == "seen" and plan["task"]["samples"] == 2
    assert plan["generate"] == {"temperature": 0.5, "max_tokens": 2000}


def test_a_plan_from_before_these_options_keeps_its_hash() -> None:
    plan, _ = make_plan(Setup("actor/terminal", {"design": "tiers", "n": 2, "wordings": 1}))
    before = Plan.model_validate(plan.model_dump(exclude={"left_out"}))
    assert before.hash() == plan.sha256 and set(plan.generate) == {"temperature", "max_tokens"}
    unseeded = Setup("actor/terminal", {"design": "tiers", "n": 2, "wordings": 1}, generation=Generation({}, ("seed",)))
    assert make_plan(unseeded)[0].sha256 != plan.sha256


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("top-p: 0.9", "unknown parameter of generation 'top-p'; did you mean 'top_p'?"),
        ("top_p: high", "key 'top_p': Input should be a valid number, unable to parse string as a number, not 'high'"),
        ("seed: 4", "seed: leave it out; every sample has a seed of its own"),
        ("max_retries: 4", "max_retries: leave it out; use --max-retries"),
        ("- top_p", "expected parameters of Inspect's GenerateConfig"),
        ("top_p: [", "not valid YAML"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "g.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as raised:
        make_generation({}, path)
    assert str(path) in str(raised.value) and says in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--reasoning-effort", "huge"), "--reasoning-effort: Input should be 'none', 'minimal', 'low'"),
        (("--temperature", "3"), "--temperature 3: expected a number from 0 to 2"),
        (("-T", "twin=3"), "did you mean 'twins'?"),
        (("-T", "n=many"), "-T n=many: Input should be a valid integer"),
        (("-T", "design=tiers"), "-T design=tiers: use --design"),
        (("-T", "n"), "-T n: expected KEY=VALUE"),
    ],
)
def test_a_wrong_option_is_one_line(feint: Run, arguments: tuple[str, ...], says: str) -> None:
    for command in ("study", "plan"):
        ran = feint(command, "actor/terminal", "-n", "1", *arguments)
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
        assert says in ran.err
