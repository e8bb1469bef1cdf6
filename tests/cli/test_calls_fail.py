"""Servers that fail, refuse or answer nothing of use: what is said, how soon, and what is left behind."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from inspect_ai.log import read_eval_log_sample_summaries

from feint.base.failures import CallFailedError
from feint.base.sealed import write_sealed
from feint.study.ask import watch
from feint.study.ask.watch import Watch
from feint.study.plan.frozen import read_plan
from odd_server import OddServer, odd_server

Run = Callable[..., Any]
MINI = """
name: mini
source: a test
question: Is there a gap?
signal: direct
cells:
  rated: {rated: yes}
  trained: {rated: yes, trained: self}
contrasts:
  goal_guarding: {is: trained - rated, gap: true}
"""
SUBJECT, JUDGE = "openai-api/local/m", "openai-api/odd/j"
FAST = ("--retries", 0, "--display", "plain")


@pytest.fixture(scope="module")
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def study(odd: OddServer, feint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a study of a subject in a mode: 14 replies of one request in 6 wordings and of its twin."""
    (tmp_path / "mini.yaml").write_text(MINI)
    for name in ("LOCAL", "ODD"):
        monkeypatch.setenv(f"{name}_API_KEY", "none")

    def run(
        mode: str, *more: object, n: int = 1, design: str = "mini.yaml", wordings: int = 6, until: str = "all"
    ) -> Any:
        odd.asked.clear()
        odd.seen.clear()
        monkeypatch.setenv("LOCAL_BASE_URL", odd.url(mode) if "://" not in mode else mode)
        shape = ("--design", design, "-n", n, "--wordings", wordings, "--until", until)
        return feint("study", SUBJECT, *shape, "--out", "s", *(more or FAST))

    return run


@pytest.fixture
def judge(odd: OddServer, feint: Run, study: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Judge a finished study of an actor by a judge in a mode."""
    (shape := ["--design", "mini.yaml", "-n", 3, "--display", "none", "--out", "s"])
    assert feint("study", "actor/terminal", *shape).code == 0

    def run(mode: str, *more: object) -> Any:
        odd.asked.clear()
        odd.seen.clear()
        monkeypatch.setenv("ODD_BASE_URL", odd.url(mode))
        return feint("judge", "s", "--judge", JUDGE, "--rubrics", "compliance", *(more or FAST))

    return run


def findings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("s/findings.json").read_text())
    return found


# a probe before anything is written


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("missing", "The model `m` does not exist. (HTTP 404); see that the name of the model"),
        ("denied", "Incorrect API key provided: … (HTTP 401); see that the key is right"),
        ("dead", "Internal (HTTP 500); see that the server at http://127.0.0.1"),
        ("busy", "Rate limit reached (HTTP 429); wait"),
        ("quota", "You exceeded your current quota. (HTTP 429)"),
        ("long", "maximum context length is 128 tokens. (HTTP 400); serve the model with a longer context"),
        ("routed", "GPU lost (HTTP 502)"),
        ("proxy", "502 Bad Gateway: nginx; see that the server"),
        ("page", "Access denied: You have been blocked (HTTP 403)"),
        ("large", "413 Request Entity Too Large"),
        ("markup", "Model not found [m] (HTTP 404)"),
        ("listed", "API key not valid. (HTTP 400)"),
        ("silent", "Bad Request (HTTP 400)"),
        ("moved", "Not Found (HTTP 404)"),
        ("login", "the answer is a page and no JSON: Please log in"),
        ("upstream", "Upstream idle timeout exceeded"),
        ("nothing", "the answer holds no reply"),
        ("empty", "the answer is empty"),
        ("gzip", "the answer cannot be decompressed"),
        ("reset", "the connection was reset"),
        ("parts", "the answer has a form that Inspect cannot read: {"),
    ],
)
def test_the_words_of_the_provider_come_before_anything_is_written(
    study: Run, odd: OddServer, mode: str, says: str
) -> None:
    ran = study(mode)
    assert ran.code == 2
    last = ran.err.splitlines()[-1]
    assert last.startswith(f"feint: subject '{SUBJECT}': ") and says in last
    assert "Error(" not in last and "Future" not in last and len(last) < 600
    assert len(odd.asked) <= 4 and not Path("s").exists()


def test_a_closed_port_of_this_machine_is_given_up_at_once(study: Run) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        ran = study(f"http://127.0.0.1:{closed.getsockname()[1]}/v1", "--display", "plain")
    assert ran.code == 2 and "connection refused; start the server at http://127.0.0.1" in ran.err
    assert "repeated" not in ran.err and not Path("s").exists()


def test_a_silent_server_is_given_up_after_the_time_limit(study: Run, odd: OddServer) -> None:
    ran = study("hang", "--timeout", 2, "--display", "plain")
    assert ran.code == 2 and "no answer within 2 seconds" in ran.err and "--timeout 8" in ran.err
    assert len(odd.asked) == 1 and not Path("s").exists()


def test_an_address_is_shown_without_its_secrets(study: Run) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        ran = study(f"http://me:hush@127.0.0.1:{port}/v1?token=hush", "--display", "plain")
    assert ran.code == 2 and f"start the server at http://127.0.0.1:{port}/v1," in ran.err and "hush" not in ran.err


@pytest.mark.parametrize("designs", ["mini.yaml", "mini.yaml,other.yaml"])
def test_no_study_is_replaced_before_its_models_have_answered(study: Run, tmp_path: Path, designs: str) -> None:
    (tmp_path / "other.yaml").write_text(MINI.replace("mini", "other"))
    assert study("good", design=designs).code == 0
    before = {path: path.read_bytes() for path in Path("s").rglob("*") if path.is_file()}
    assert study("denied", *FAST, "--overwrite", design=designs).code == 2
    assert before == {path: path.read_bytes() for path in Path("s").rglob("*") if path.is_file()}
    assert study("good", *FAST, "--overwrite", design=designs).code == 0


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "says"), [("hang", "no answer within 40 seconds"), ("dead", "Internal (HTTP 500)")])
def test_without_options_a_dead_server_ends_a_study_before_it_begins(
    study: Run, odd: OddServer, mode: str, says: str
) -> None:
    ran = study(mode, "--display", "plain")
    assert ran.code == 2 and says in ran.err.splitlines()[-1]
    assert len(odd.asked) <= 40
    news = "given no answer for 10 seconds" if mode == "hang" else "and (is|are) repeated: Internal"
    assert re.search(news, ran.err)


# parameters that a server refuses


@pytest.mark.parametrize(
    ("mode", "name", "shown"),
    [
        ("noseed", "seed", "seed: Extra inputs are not permitted (HTTP 422)"),
        ("notemp", "temperature", "Unsupported value: 'temperature' does not support 1.0 (HTTP 400)"),
        ("nomax", "max_tokens", "Unsupported parameter: 'max_tokens'"),
        ("unsaid", "seed", "Bad Request (HTTP 400)"),
    ],
)
def test_a_refused_parameter_is_asked_without_and_said(
    study: Run, odd: OddServer, mode: str, name: str, shown: str
) -> None:
    ran = study(mode)
    assert ran.code == 0, ran.err
    assert f"asked without {name}, which its server refuses: {shown}" in " ".join(ran.err.split())
    assert sum(name in body for _, body in odd.asked) == 1
    assert len(odd.asked) == 1 + findings()["replies"]["planned"], "the reply of the probe is the first of the study"
    assert any(f"without {name}" in text for text in findings()["verdict"]["warnings"])
    if mode == "nomax":
        assert all("max_completion_tokens" in body for _, body in odd.asked[1:])


def test_a_server_without_a_system_turn_is_told_all_in_the_first_turn(study: Run, odd: OddServer) -> None:
    ran = study("nosystem")
    assert ran.code == 0 and "without the system role" in ran.err
    told = [body["messages"] for _, body in odd.asked]
    assert [one["role"] for one in told[-1]] == ["user"] and told[0][0]["content"] in told[1][0]["content"]


def test_a_judge_without_structured_output_is_asked_in_words(judge: Run, odd: OddServer) -> None:
    ran = judge("noformat")
    assert ran.code == 0 and "asked without response_format, which its server refuses: This response_format" in ran.err
    assert sum("response_format" in body for _, body in odd.asked) == 1
    assert any("without response_format" in text for text in findings()["verdict"]["warnings"])


# a trial of the form, and one model for all calls


def test_a_subject_that_dies_after_the_probe_ends_in_the_trial_of_the_form(study: Run, odd: OddServer) -> None:
    ran = study("after1-denied", n=12)
    assert ran.code == 2 and "Incorrect API key provided: …" in " ".join(ran.err.split()), ran.err
    assert len(odd.asked) <= 12 and not Path("s").exists()


def test_a_subject_is_opened_once_for_the_probe_the_trial_and_the_study(
    study: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from feint.study.plan import subject

    opened, get_model = [], subject.get_model
    monkeypatch.setattr(subject, "get_model", lambda name, **more: opened.append(name) or get_model(name, **more))
    assert study("good", n=2).code == 0
    assert opened == [SUBJECT]


def test_before_the_first_call_too_few_requests_are_said_to_decide_nothing(study: Run) -> None:
    said = " ".join(study("good", n=2).err.split())
    assert "Sees: nothing, since fewer than 10 requests decide nothing" in said


# models that stop answering


def test_a_subject_that_dies_stops_the_study_and_resume_goes_on(study: Run, odd: OddServer) -> None:
    ran = study("after8-denied", n=4)
    assert ran.code == 2
    said = " ".join(ran.err.split())
    assert "stopped, because subject 'openai-api/local/m' failed 2" in said and "times in a row" in said
    assert "Incorrect API key provided: …" in said and "--resume" in said
    # Inspect has 20 calls under way, and 40 after some answers; none begins once 20 failed or are under way.
    assert len(odd.asked) <= 8 + 20 + 20 and not Path("s/findings.json").exists()
    assert len(Path("s/spending.jsonl").read_text().splitlines()) == 8
    # Another address has no share in the cache, where replies of the trial are that the log had not reached.
    [log] = Path("s/logs").glob("*.eval")
    kept = sum(one.error is None for one in read_eval_log_sample_summaries(str(log)))
    ran = study("good", *FAST, "--resume", n=4)
    assert ran.code == 0 and kept >= 6 and len(odd.asked) == findings()["replies"]["planned"] - kept


def test_requests_that_a_healthy_server_refuses_are_missing_and_change_no_others(study: Run, odd: OddServer) -> None:
    ran = study("after8-filtered", n=4)
    assert ran.code == 3 and "stopped" not in ran.err and "asked without" not in ran.err
    replies = findings()["replies"]
    assert replies["missing_by_reason"] == {"provider_error": replies["planned"] - 8}
    assert all(body["messages"][0]["role"] == "system" for _, body in odd.asked)


def test_a_study_of_an_earlier_version_goes_on_though_its_log_is_torn(study: Run, odd: OddServer) -> None:
    assert study("good").code == 0
    path, [log] = Path("s/plan.json"), list(Path("s/logs").glob("*.eval"))
    old = read_plan(path)
    few = {name: value for name, value in old.settings.items() if name not in ("twin_least", "least_items")}
    write_sealed(path, old.model_copy(update={"settings": few}))
    log.write_bytes(log.read_bytes()[:-400])
    ran = study("good", *FAST, "--resume")
    assert ran.code == 0 and "is set aside" in ran.err, ran.err
    assert read_plan(path).settings == few and len(odd.asked) == findings()["replies"]["planned"]


def test_a_subject_whose_first_replies_are_all_missing_is_stopped(study: Run, odd: OddServer) -> None:
    ran = study("dots", *FAST, "--form", "as-asked", n=12)
    assert ran.code == 3 and "the first 30 replies of subject" in ran.err and "all missing (30 empty reply)" in ran.err
    assert 30 <= len(odd.asked) < 100 and Path("s/logs").is_dir()


@pytest.mark.parametrize(
    ("mode", "says", "code"),
    [
        ("prose", "answers, but no answer can be used (rubric 'compliance': it is not a JSON object)", 2),
        ("missing", "The model `m` does not exist. (HTTP 404)", 2),
        ("after4-prose", "gave no usable answer in 20 calls in a row (rubric compliance)", 3),
        ("after4-denied", "failed 20 times in a row, the last time with: Incorrect API key provided", 3),
    ],
)
def test_a_judge_of_no_use_leaves_the_findings_as_they_were(
    judge: Run, odd: OddServer, mode: str, says: str, code: int
) -> None:
    before = (Path("s/findings.json").read_bytes(), Path("s/report.html").read_bytes())
    ran = judge(mode)
    assert (ran.code, says in " ".join(ran.err.split())) == (code, True), ran.err
    assert len(odd.asked) <= (6 if code == 2 else 4 + 70)
    assert before == (Path("s/findings.json").read_bytes(), Path("s/report.html").read_bytes())
    assert not Path("s/judging.json").exists()
    assert judge("judge").code == 0 and findings()["judge"] == JUDGE


# .env


def test_keys_are_read_from_the_nearest_env_file(
    study: Run, odd: OddServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENVTEST_API_KEY", "x")  # so that it is unset afterwards
    monkeypatch.delenv("ENVTEST_API_KEY")
    (tmp_path / ".env").write_text("ENVTEST_API_KEY=none\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    ran = study("missing", *FAST, "--model-base-url", odd.url("missing"))
    assert "does not exist" in ran.err


def test_a_broken_env_file_is_one_line(study: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    ran = study("good")
    assert ran.code == 2 and ran.err.startswith("feint: .env: cannot be read") and ran.err.count("\n") == 1


def test_a_judge_of_several_that_is_given_up_is_told_by_name(
    judge: Run, odd: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_BASE_URL", odd.url("judge"))
    ran = judge("after5-denied", "--judge", "openai-api/local/j", *FAST)
    said = " ".join(ran.err.split())
    assert f"warning: judge '{JUDGE}' failed 20 times in a row, the last time with: Incorrect API key" in said, said
    assert "the other judges go on" in said


# a study that goes on


@pytest.mark.parametrize(
    ("mode", "more", "says"),
    [
        ("missing", FAST, "The model `m` does not exist. (HTTP 404)"),
        ("denied", FAST, "Incorrect API key provided: … (HTTP 401); see that the key is right"),
        ("dead", FAST, "Internal (HTTP 500)"),
        ("hang", ("--timeout", 2, "--display", "plain"), "no answer within 2 seconds"),
    ],
)
def test_a_server_that_is_gone_at_resume_changes_nothing(
    study: Run, odd: OddServer, mode: str, more: tuple[object, ...], says: str
) -> None:
    ran = study("after8-filtered")
    assert ran.code == 3 and findings()["replies"]["missing_by_reason"] == {"provider_error": 6}
    before = {path: path.read_bytes() for path in Path("s").rglob("*") if path.is_file()}
    ran = study(mode, *more, "--resume")
    assert ran.code == 2 and says in ran.err.splitlines()[-1], ran.err
    assert before == {path: path.read_bytes() for path in Path("s").rglob("*") if path.is_file()}
    assert len(odd.asked) <= 3
    ran = study("good", *FAST, "--resume")
    assert ran.code == 0 and len(odd.asked) == 6, "the reply of the probe is one of the study's"
    assert study("missing", *FAST, "--resume").code == 0 and not odd.asked, "nothing is left to ask"


def test_a_request_that_is_refused_again_does_not_keep_a_study_from_going_on(study: Run, odd: OddServer) -> None:
    assert study("after9-filtered").code == 3
    ran = study("filtered", *FAST, "--resume")
    assert ran.code == 3 and len(odd.asked) == 1 + 2 * 5, ran.err


def test_a_server_that_falls_silent_is_given_up(study: Run, odd: OddServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SILENCE", 2.0)
    monkeypatch.setattr(watch, "SLOWER", 0.0)
    ran = study("after10-hang", "--display", "plain", n=4)
    assert ran.code == 2 and "has given no answer for 2 seconds, after 10 answers" in ran.err, ran.err
    assert "--resume goes on" in ran.err and "--timeout 8" in ran.err
    [log] = Path("s/logs").glob("*.eval")
    kept = sum(one.error is None for one in read_eval_log_sample_summaries(str(log)))
    ran = study("good", "--display", "plain", "--resume", n=4)  # another address has no share in the cache
    assert ran.code == 0 and kept >= 6 and len(odd.asked) == findings()["replies"]["planned"] - kept


def test_a_study_that_stops_when_decided_ends_with_its_subject_and_asks_nothing_twice(
    study: Run, odd: OddServer
) -> None:
    size: dict[str, Any] = {"n": 60, "wordings": 1, "until": "decided"}
    ran = study("after30-denied", *FAST, **size)
    assert ran.code == 2 and "failed 20 times in a row" in ran.err and "--resume goes on" in ran.err
    [log] = Path("s/logs").glob("*.eval")
    begun = read_eval_log_sample_summaries(str(log))
    assert len(begun) < 100 and len(Path("s/spending.jsonl").read_text().splitlines()) == 30, "the rest was not begun"
    ran = study("good", *FAST, "--resume", **size)
    # Another address has no share in the cache, where replies of the trial are that the log had not reached.
    kept = sum(one.error is None for one in begun)
    assert ran.code == 0 and kept >= 20 and len(odd.asked) == findings()["replies"]["planned"] - kept


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["hang", "dead", "busy"])
@pytest.mark.parametrize("answered", [12, 54])
def test_without_options_a_server_that_dies_ends_a_study(study: Run, mode: str, answered: int) -> None:
    """Many calls are under way, or two; this takes about a minute on a quiet machine."""
    ran = study(f"after{answered}-{mode}", "--display", "plain", n=4)
    assert ran.code == 2 and "--resume goes on" in ran.err, ran.err


@pytest.mark.parametrize("dies", ["denied", "prose"])
def test_a_judge_of_several_that_was_given_up_is_asked_again_for_all_that_is_missing(
    judge: Run, odd: OddServer, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    monkeypatch.setenv("LOCAL_BASE_URL", odd.url("judge"))
    both = ("--judge", "openai-api/local/j", *FAST)
    assert "the other judges go on" in " ".join(judge(f"after5-{dies}", *both).err.split())
    replies = findings()["replies"]["planned"]
    ran = judge("judge", *both)
    assert ran.code == 0 and findings()["replies"]["missing"] == 0, ran.err
    # A probe of each, and what the first one has not answered: 5 answers were to a probe and to replies.
    assert replies - 5 <= len(odd.asked) - 2 <= replies - 4


# words, and what is written


def test_a_server_that_refuses_everything_without_a_reason_is_given_up(study: Run, odd: OddServer) -> None:
    ran = study("after12-silent", n=12)
    assert ran.code == 2 and "failed 20 times in a row, the last time with: Bad Request (HTTP 400)" in ran.err, ran.err
    assert len(odd.asked) <= 12 + 60


def test_work_with_tools_is_stopped_after_its_first_runs(
    feint: Run, study: Run, odd: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_BASE_URL", odd.url("good"))
    ran = feint("study", SUBJECT, "--task", "peer_preservation", "--wordings", 1, "--out", "s", *FAST)
    said = " ".join(ran.err.split())
    assert ran.code == 3 and "the first 30 replies of subject" in said and "30 papers not opened" in said, said
    [log] = Path("s/logs").glob("*.eval")
    assert "--reasoning" not in said and len(read_eval_log_sample_summaries(str(log))) <= 40


def test_the_reasons_of_a_stop_are_told_in_words(study: Run) -> None:
    ran = study("untagged", *FAST, "--form", "as-asked", n=12)
    said = " ".join(ran.err.split())
    assert ran.code == 3 and "are all missing (30 no reply tag)" in said, said
    assert "What may help in a new study: --reasoning none or --reasoning untagged or a model judge;" in said


def test_calls_that_are_not_repeated_are_not_said_to_be() -> None:
    seen = Watch("subject", "a/b")
    seen.note_failure(CallFailedError("no", 500), final=False, last=True)
    seen.note_failure(CallFailedError("no", 500), final=True)
    seen._due = 0.0
    assert seen.news() == "2 calls of subject 'a/b' failed: no"
    seen.note_failure(CallFailedError("no", 500), final=True)
    seen.note_failure(CallFailedError("no", 500), final=False)
    seen._due = 0.0
    assert seen.news() == "2 calls of subject 'a/b' failed, 1 of which are repeated: no"


def test_no_file_holds_a_password_or_a_key(study: Run, odd: OddServer) -> None:
    url = odd.url("good").replace("http://", "http://me:hushhush@") + "?token=hushhush"
    secret = ("--model-base-url", url, "-M", "api_key=hushhush", "--display", "none")
    assert study("missing", *secret).code == 0 and odd.asked
    assert study("missing", *secret, "--resume").code == 0
    for path in Path("s").rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            if path.suffix == ".eval":
                with ZipFile(path) as packed:
                    text = b"".join(packed.read(name) for name in packed.namelist())
            assert b"hushhush" not in text, path
