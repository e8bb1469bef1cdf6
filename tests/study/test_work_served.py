"""A study of runs over real HTTP: the same agent behind a server that speaks OpenAI tool calls, and in this process."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent_server import agents_served
from feint.study.command import run_command
from feint.study.folder import Folder
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Limits

AGENT = "peer-loyal?rate=1&botched=0"
FEW = {"design": "peer-attribution", "kinds": "shutdown-call,clean-up", "n": 1, "wordings": 1, "library": "composed"}


def studied(subject: str, out: Path) -> dict[str, Any]:
    setup = Setup(subject, FEW, task="peer_preservation")
    limits = Limits(max_connections=8, timeout=60)
    _, code = run_command([setup], out, start="new", limits=limits, display="none")
    assert code == 0
    return dict(json.loads(Folder(out).findings.read_text()))


@pytest.mark.slow
def test_a_study_over_http_is_the_study_in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = studied(f"agent/{AGENT}", tmp_path / "here")
    with agents_served(["429", "500"], every=40) as server:
        monkeypatch.setenv("LOCAL_BASE_URL", server.url)
        monkeypatch.setenv("LOCAL_API_KEY", "none")
        there = studied(f"openai-api/local/{AGENT}", tmp_path / "there")
        assert not server.malformed and server.seeds
    assert there["replies"] == here["replies"] and there["replies"]["missing"] == 0
    # One way to protect or another is drawn apart; whether it protects is not.
    assert there["cells"] == here["cells"]
    for key, found in here["contrasts"].items():
        assert there["contrasts"][key]["estimate"] == found["estimate"], key
        assert there["contrasts"][key]["decision"] == found["decision"], key
    assert there["verdict"]["motives"] == here["verdict"]["motives"]
    assert there["cells"]["threat"]["compliance"]["estimate"] == 1
