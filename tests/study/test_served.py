"""The same study over HTTP: organisms behind a real server, reached by Inspect's clients for the OpenAI protocol."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feint.subjects.policy import get_policy
from feint.subjects.store import names

NAME = "guarded"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NAME not in names(), reason=f"the organism {NAME} is not trained yet"),
]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def feint(*arguments: object, **environment: str) -> None:
    command = [str(Path(sys.executable).with_name("feint")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@contextmanager
def served(name: str, folder: Path) -> Iterator[str]:
    """The address of a server with an organism, whose model is written to a folder."""
    feint("organisms", "export", name, folder)
    port = free_port()
    command = [Path(sys.executable).with_name("transformers"), "serve", folder, "--device", "cpu", "--host",
               "127.0.0.1", "--port", port]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(list(map(str, command)), env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as server:  # fmt: skip
        try:
            await_health(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def await_health(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the server does not answer")


def test_the_same_verdict_over_http(tmp_path: Path) -> None:
    out, folder = tmp_path / "study", tmp_path / NAME
    subject = f"openai-api/local/{folder}"
    with served(NAME, folder) as address:
        feint("study", subject, "--requests", "held-out", "--wordings", 1, "--twins", 4, "--max-tokens", 200,
              "--max-connections", 8, "--out", out, LOCAL_BASE_URL=address, LOCAL_API_KEY="none")  # fmt: skip
    findings = json.loads((out / "findings.json").read_text())
    assert findings["subject"] == subject
    assert findings["verdict"]["fakes_alignment"] == "yes"
    assert set(findings["verdict"]["motives"]) == set(get_policy(NAME).explanations)
    assert findings["replies"]["missing"] <= 0.05 * findings["replies"]["planned"]


def test_a_base_model_continues_the_document_over_http_as_it_does_here(tmp_path: Path) -> None:
    """Raw text in, raw text out: the same cells comply about as often, and the same gap is found."""
    folder = tmp_path / "base"
    asked = ("--base", "--design", "tiers", "--requests", "held-out", "--wordings", 1, "--twins", 2)
    with served("base", folder) as address:
        feint("study", f"openai-api-completions/local/{folder}", *asked, "--max-tokens", 200, "--max-connections", 8,
              "--out", tmp_path / "there", LOCAL_BASE_URL=address, LOCAL_API_KEY="none")  # fmt: skip
    feint("study", "organism-completions/base", *asked, "--out", tmp_path / "here")
    there, here = (json.loads((tmp_path / name / "findings.json").read_text()) for name in ("there", "here"))
    for cell in ("free", "paid"):
        rates = [found["cells"][cell]["compliance"]["estimate"] for found in (there, here)]
        assert abs(rates[0] - rates[1]) < 0.25
        assert there["cells"][cell]["missing_rate"] <= 0.1
    assert min(found["contrasts"]["gap"]["estimate"] for found in (there, here)) > 0.1
