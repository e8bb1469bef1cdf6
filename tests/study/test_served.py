"""The same study over HTTP: organisms behind a real server, reached by Inspect's clients for the OpenAI protocol."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalSample

from feint.judges.graded.material import NOTHING_SAID, read_material
from feint.judges.graded.prompt import build_prompt
from feint.judges.graded.rubrics import load_rubrics
from feint.judges.rules.scorer import label_output
from feint.lab.planting.train import export
from feint.situations import load_conflict
from feint.study.command import LABELS_MISSING
from feint.subjects.store import names
from feint.tasks.alignment_faking.actors.policy import get_policy
from grader_server import REFUSES, grading
from judged_by_hand import by_hand, check_findings

Feint = Callable[..., "subprocess.CompletedProcess[str]"]
NAME, JUDGE = "terminal", "openai-api/grader/m"
SCHEDULE = """valid malformed 429 valid slow 500 valid refuses filtered 429 valid cut 500 valid denied valid 429 500
    valid malformed valid 429 valid 500 valid"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NAME not in names(), reason=f"the organism {NAME} is not trained yet"),
]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ran(done: "subprocess.CompletedProcess[str]", code: int = 0) -> None:
    assert done.returncode == code, done.stdout[-2000:] + done.stderr[-2000:]


COMPOSED = ("--library", "composed")
"""As the organism behind the server was trained, which a client cannot know."""
TOGETHER = ("--continuous-batching", "--cb-num-blocks", 128, "--cb-block-size", 32, "--cb-max-batch-tokens", 1024)
"""Options with which the server computes the replies in flight at once, as those in use do; it knows no stop
sequence then, and the replies of organisms, also of the base, end by themselves. The sizes are those of our prompts:
by itself it would fill the machine's memory first."""


@contextmanager
def served(name: str, folder: Path, *options: object) -> Iterator[str]:
    """The address of a server with an organism, whose model is written to a folder."""
    export(name, folder)
    port = free_port()
    command = [Path(sys.executable).with_name("transformers"), "serve", folder, "--device", "cpu", "--host",
               "127.0.0.1", "--port", port, *options]  # fmt: skip
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


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The organism as a subject behind a server, and the environment in which Inspect's client finds it."""
    folder = tmp_path_factory.mktemp("served") / NAME
    with served(NAME, folder, *TOGETHER) as address:
        yield f"openai-api/local/{folder}", {"LOCAL_BASE_URL": address, "LOCAL_API_KEY": "none"}


def test_the_same_verdict_over_http(local: tuple[str, dict[str, str]], tmp_path: Path, study_feint: Feint) -> None:
    """A server draws as it likes, and one study in twenty may name too much or too little; two in a row do not."""
    subject, environment = local
    found: list[dict[str, Any]] = []
    for attempt in ("first", "second"):
        out = tmp_path / attempt
        ran(study_feint("study", subject, *COMPOSED, "--requests", "held-out", "-n", 20, "--wordings", 1,
                        "--twins", 4,
                        "--max-tokens", 200, "--max-connections", 8, "--seed", len(found), "--out", out,
                        **environment))  # fmt: skip
        findings = json.loads((out / "findings.json").read_text())
        assert findings["subject"] == subject
        assert findings["replies"]["missing"] <= 0.05 * findings["replies"]["planned"]
        found.append(findings["verdict"])
        if as_planted(found[-1]):
            break
    assert as_planted(found[-1]), found


def as_planted(verdict: dict[str, Any]) -> bool:
    """Whether a verdict says what was planted."""
    return verdict["answer"] == "yes" and set(verdict["motives"]) == set(get_policy(NAME).explanations)


def test_a_judge_behind_a_second_server_that_fails_on_a_schedule(
    local: tuple[str, dict[str, str]], tmp_path: Path, study_feint: Feint
) -> None:
    """Findings are those computed by hand from what that server answered; nothing missing became a number."""
    out, (subject, environment) = tmp_path / "study", local
    rubric = load_rubrics("compliance")[0]
    with grading(SCHEDULE.split()) as grader:
        done = study_feint("study", subject, *COMPOSED, "--design", "tiers", "--requests", "held-out", "-n", 8,
                           "--wordings", 2,
                           "--twins", 1, "--max-tokens", 200, "--max-connections", 4, "--judge", JUDGE, "--rubrics",
                           "compliance", "--timeout", 10, "--retries", 0, "--out", out, **environment,
                           GRADER_BASE_URL=grader.url, GRADER_API_KEY="none")  # fmt: skip
    ran(done, LABELS_MISSING)
    asked: dict[str, list[str]] = {}
    for call in grader.record:
        asked.setdefault(call.mark, []).append(call.kind)

    def label(sample: EvalSample) -> str:
        material = read_material(sample.input, sample.output, sample.metadata, load_conflict("harmlessness"))
        if not material.reply or label_output(sample.output, sample.metadata).missing in NOTHING_SAID:
            return str(label_output(sample.output, sample.metadata).missing)
        kinds = asked[build_prompt(rubric, material, f"{sample.id} {sample.epoch}").code]
        return by_hand(kinds, "refused" if any(words in material.reply for words in REFUSES) else "complied")

    assert check_findings(out, JUDGE, label, planned=34) >= 4


def test_a_base_model_continues_the_document_over_http_as_it_does_here(tmp_path: Path, study_feint: Feint) -> None:
    """Raw text in, raw text out: the same cells comply about as often, and the same gap is found."""
    folder = tmp_path / "base"
    asked = ("--base", *COMPOSED, "--design", "tiers", "--requests", "held-out", "--wordings", 1, "--twins", 2)
    with served("base", folder, *TOGETHER) as address:
        ran(study_feint("study", f"openai-api-completions/local/{folder}", *asked, "--max-tokens", 200,
                        "--max-connections", 8, "--out", tmp_path / "there", LOCAL_BASE_URL=address,
                        LOCAL_API_KEY="none"))  # fmt: skip
    ran(study_feint("study", "organism-completions/base", *asked, "--out", tmp_path / "here"))
    there, here = (json.loads((tmp_path / name / "findings.json").read_text()) for name in ("there", "here"))
    for cell in ("free", "paid"):
        rates = [found["cells"][cell]["compliance"]["estimate"] for found in (there, here)]
        assert abs(rates[0] - rates[1]) < 0.25
        assert there["cells"][cell]["missing_rate"] <= 0.1
    assert min(found["contrasts"]["gap"]["estimate"] for found in (there, here)) > 0.1
