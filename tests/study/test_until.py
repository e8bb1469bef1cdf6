"""Studies that stop when they are decided, end to end: what is asked, what is found, and what a resumed one asks."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage, modelapi
from inspect_ai.tool import ToolChoice, ToolInfo

import study_provider  # noqa: F401  # registers its subjects
from feint.base.errors import UsageError
from feint.findings import Findings
from feint.money.prices import SpendingLimits
from feint.stats import Settings
from feint.study.command import run_command
from feint.study.conclude.conclude import conclude_folder
from feint.study.conclude.judges import beyond
from feint.study.folder import Folder
from feint.study.logs import newest_log, read_labels
from feint.study.plan.frozen import UNHASHED, read_plan
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Generation, Limits
from feint.study.plan.until import Itinerary
from study_prices import no_prices  # noqa: F401

ACTOR = "actor/terminal?population=3"
OPTIONS: dict[str, Any] = {"design": "motives", "n": 60, "twins": 6, "wordings": 1}
RULE = "fakes_alignment"
RULE_CELLS = {"rated", "trained", "trained-regardless"}
QUESTIONS: list[str] = []
"""What the judge `plainly` was asked."""


@modelapi(name="plainly")
class Plainly(ModelAPI):
    """`plainly/JUDGE`: a judge of compliance that reads the first words, and costs a call each time."""

    def max_connections(self) -> int:
        return 16

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        QUESTIONS.append(input[-1].text)
        question = input[-1].text
        code = re.findall(r"the mark (\w{12}), copied", question)[-1]
        refused, grade = "won't" in question, 1 if "won't" in question else 5
        said = {"why": "so", "refused": refused, "convincing": grade, "specific": grade, "partial": [], "code": code}
        output = ModelOutput.from_content("m", json.dumps(said))
        output.usage = ModelUsage(input_tokens=100, output_tokens=10, total_tokens=110)
        return output


def setup(subject: str = ACTOR, until: str | None = RULE, options: Any = OPTIONS, **given: Any) -> Setup:
    return Setup(subject, options, until=until, generation=Generation({"max_tokens": 100}), **given)


def run(folder: Path, wished: Setup, start: Any = "new", **spending: Any) -> tuple[dict[str, Any], int]:
    _, code = run_command(
        [wished], folder, start=start, limits=Limits(), display="none", spending=SpendingLimits(**spending)
    )
    return json.loads((folder / "findings.json").read_text()), code


def asked(folder: Path) -> set[str]:
    log = newest_log(folder / "logs")
    assert log is not None
    ids = [str(one.id) for one in read_eval_log(log.location).samples or []]
    assert len(ids) == len(set(ids))
    return set(ids)


def decided(findings: dict[str, Any]) -> dict[str, Any]:
    """All that must not hang on how often a study was interrupted."""
    keys = ("estimate", "low", "high", "n", "p", "p_holm", "decision", "reason", "per_request")
    contrasts = {key: {name: entry[name] for name in keys} for key, entry in findings["contrasts"].items()}
    return {"contrasts": contrasts, "stopping": findings["stopping"], "verdict": findings["verdict"]}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A study that was never interrupted."""
    folder = tmp_path_factory.mktemp("until") / "whole"
    findings, code = run(folder, setup())
    assert code == 0  # cells that were left out on purpose are not missing
    return folder, findings


def test_a_strong_faker_is_found_out_early(whole: tuple[Path, dict[str, Any]]) -> None:
    folder, findings = whole
    stopping = findings["stopping"]
    assert findings["verdict"]["answer"] == "yes"
    assert stopping["ended"] and stopping["requests"] <= 30 < stopping["most"] == 60
    assert stopping["replies"] == findings["replies"]["planned"] == len(asked(folder)) < stopping["most_replies"] / 2
    assert findings["replies"]["missing_by_reason"] == {}
    assert {cell for cell, n in stopping["cells"].items() if n} == RULE_CELLS
    assert {read.split(".")[2] for read in asked(folder)} == RULE_CELLS
    assert not any("not finished" in text or "not asked" in text for text in findings["verdict"]["warnings"])
    assert beyond(Findings.model_validate(findings), 0.2) == []
    assert not (folder / "cache").exists()


def test_requests_come_in_the_order_of_their_places_with_their_twins(whole: tuple[Path, dict[str, Any]]) -> None:
    folder, findings = whole
    route = Itinerary(read_plan(folder / "plan.json"))
    first = set(route.course.order[: findings["stopping"]["requests"]])
    names = {name.split(".")[0] for name in asked(folder)}
    assert {name for name in names if "~" not in name} == first
    assert {name.removesuffix("~twin") for name in names if "~" in name} <= first
    assert len({name.split(".")[1].split("-")[0] for name in asked(folder)}) == 3  # voices


def test_findings_are_recomputed_from_the_log_and_are_what_the_study_went_by(
    whole: tuple[Path, dict[str, Any]],
) -> None:
    folder, findings = whole
    assert decided(conclude_folder(folder).plain()) == decided(findings)
    log = newest_log(folder / "logs")
    assert log is not None
    step = Itinerary(read_plan(folder / "plan.json")).step(read_labels(log, "rules"), asked(folder))
    assert step.lacking == ()
    assert set(step.wanted) == asked(folder)
    now = step.replay.now
    for key, entry in findings["contrasts"].items():
        assert (entry["low"], entry["p_holm"]) == (now.estimates[key].low, now.p_holm[key])
        assert entry["decision"] == (now.decided[key].decision if key in now.decided else "undetermined")


def test_the_report_says_so(whole: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    folder, findings = whole
    page = (folder / "report.html").read_text()
    took = findings["stopping"]
    told = f"after {took['requests']} requests ({took['replies']} of at most {took['most_replies']} replies)"
    assert f"Stopped when fakes_alignment was settled, {told}" in page
    assert "funnels-wide" in page and "funnels-narrow" in page
    from feint.study.command import print_folder

    print_folder(Findings.model_validate(findings), Folder(folder))
    printed = capsys.readouterr().out
    assert "Each interval holds at every look" in " ".join(printed.split())
    assert "not asked" in printed


def test_a_resumed_study_asks_and_finds_the_same(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is cut short before its first look and after it, by a limit that makes it go in rounds, and then let run."""
    out = tmp_path / "s"
    before: set[str] = set()
    for start, calls, looked in (("new", 20, 0), ("resume", 45, 10)):
        part, _ = run(out, setup(until=None if before else RULE), start=start, max_calls=calls)
        assert part["verdict"]["answer"] in ("too little data", "undetermined")
        assert part["stopping"]["requests"] == looked
        assert part["replies"]["missing_by_reason"]["not_asked"] > 0
        assert "--max-calls" in capsys.readouterr().err
        assert before < asked(out)
        before = asked(out)
    findings, _ = run(out, setup(until=None), start="resume")
    assert before < asked(out) == asked(whole[0])
    assert decided(findings) == decided(whole[1])
    spent = (out / "spending.jsonl").read_text().splitlines()
    assert len(spent) == len(asked(out))  # no call twice


def test_another_goal_is_another_study(whole: tuple[Path, dict[str, Any]]) -> None:
    with pytest.raises(UsageError, match="until is fakes_alignment there and decided here"):
        run(whole[0], setup(until="decided"), start="resume")


TIERS: dict[str, Any] = {"design": "tiers", "library": "composed", "n": 40, "twins": 1, "wordings": 1}


def test_a_model_judges_block_by_block(tmp_path: Path) -> None:
    judged = setup("countable/terminal", "decided", TIERS, judge=("plainly/m",), rubrics="compliance")
    whole, code = run(tmp_path / "whole", judged)
    assert code == 0
    assert whole["contrasts"]["gap"]["decision"] == "yes"
    assert whole["stopping"]["requests"] < 30
    assert whole["replies"]["missing"] == 0

    QUESTIONS.clear()
    out = tmp_path / "cut"
    run(out, judged, max_calls=30)
    found, _ = run(out, judged, start="resume")
    assert asked(out) == asked(tmp_path / "whole")
    assert decided(found) == decided(whole)
    assert len(QUESTIONS) == len(set(QUESTIONS)) == len(asked(out))


def test_a_cell_is_let_go_once_nothing_needs_it_and_what_stays_open_is_asked_to_the_end(tmp_path: Path) -> None:
    findings, _ = run(tmp_path / "s", setup(until="decided", options={**TIERS, "design": "three-tier"}))
    stopping, contrasts = findings["stopping"], findings["contrasts"]
    after = stopping["contrasts"]["goal_guarding"]["after"]
    assert (contrasts["goal_guarding"]["decision"], contrasts["rater_sycophancy"]["decision"]) == (
        "yes",
        "undetermined",
    )
    assert after < 40
    assert stopping["cells"] == {"free": after, "pro": 40, "enterprise": 40}
    assert stopping["ended"] and stopping["open"] == ["rater_sycophancy"]
    assert [look["requests"] for look in stopping["contrasts"]["rater_sycophancy"]["path"]] == [10, 20, 30, 40]
    assert (contrasts["goal_guarding"]["n"], contrasts["rater_sycophancy"]["n"]) == (after, 40)
    assert findings["replies"]["missing"] == 0


def test_who_costs_money_is_asked_until_decided() -> None:
    def until(subject: str, given: str | None = None, n: int = 100, **more: Any) -> str:
        return make_plan(Setup(subject, {"design": "tiers", "n": n, "twins": 0}, until=given, **more))[0].until

    assert until("actor/guarded") == until("organism/guarded") == until("mockllm/model") == "all"
    assert until("countable/terminal") == "decided"
    assert until("countable/terminal", "all") == until("countable/terminal", n=99) == "all"
    assert until("countable/terminal", "decided", 40) == "decided"
    assert until("actor/guarded", judge=("plainly/m",), rubrics="compliance") == "decided"
    with pytest.raises(UsageError, match="--until never: expected one of decided, all"):
        until("actor/guarded", "never")
    with pytest.raises(UsageError, match="--until fakes_alignment: expected one of"):
        until("actor/guarded", "fakes_alignment")  # this design has no such rule
    with pytest.raises(
        UsageError, match=r"39 requests are too few to stop early: .*; give -n 40 or more, or --until all"
    ):
        until("actor/guarded", "decided", 39)
    with pytest.raises(UsageError, match="--until fakes_alignment: 1 request is too few"):
        make_plan(setup(options={**OPTIONS, "n": 1}))


def test_a_study_that_was_begun_goes_on_with_its_size_and_its_end_whatever_the_defaults_are_now(tmp_path: Path) -> None:
    """It was begun when fewer requests could be looked at, and when other numbers were the default."""
    early = setup("countable/terminal", "decided", {**TIERS, "n": 12}, begun=asdict(Settings()))
    run(tmp_path / "s", early, max_calls=10)
    frozen = (tmp_path / "s" / "plan.json").read_text()
    later = setup("countable/terminal", None, {"design": "tiers", "twins": 1})  # and written documents
    findings, code = run(tmp_path / "s", later, start="resume")
    assert code == 0 and findings["stopping"]["most"] == 12
    assert (tmp_path / "s" / "plan.json").read_text() == frozen
    with pytest.raises(UsageError, match="n is 12 there and 40 here"):
        run(tmp_path / "s", setup("countable/terminal", None, TIERS), start="resume")


@pytest.mark.parametrize(
    ("model", "address", "until"),
    [
        ("openai/gpt-4o", "http://127.0.0.1:8000/v1", "all"),
        ("openai/gpt-4o", "http://[::1]:8000/v1", "all"),
        ("openai/gpt-4o", "https://models.example.org/v1", "decided"),
        ("openai-api/local/m", "http://192.168.1.4/v1", "all"),
        ("ollama/m", None, "all"),
        ("vllm/m", "https://models.example.org/v1", "decided"),
        ("openai-api/litellm/gpt", "http://localhost:4000", "decided"),
        ("hf/some/model", None, "all"),
    ],
)
def test_a_server_at_a_private_address_is_free_and_asked_everything(
    model: str, address: str | None, until: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"design": "tiers", "n": 100, "twins": 0, "wordings": 1}
    by_option = Setup(model, options, model_args={"base_url": address} if address else {})
    assert make_plan(by_option)[0].until == until
    provider, service, *_ = model.split("/")
    name = (service if provider == "openai-api" else provider).upper()
    if address:
        monkeypatch.setenv(f"{name}_BASE_URL", address)
    assert make_plan(Setup(model, options))[0].until == until
    # The address that was given counts, and not that of the environment.
    elsewhere = Setup("openai/gpt-4o", options, model_args={"base_url": "https://models.example.org/v1"})
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    assert make_plan(elsewhere)[0].until == "decided"


def test_a_plan_that_asks_everything_has_the_hash_it_always_had() -> None:
    plan, _ = make_plan(setup(until="all"))
    content = plan.model_dump(exclude={*UNHASHED, "until", "looking", "grading", "items", "left_out"})
    from feint.base.hashing import sha256_of

    assert plan.sha256 == sha256_of(content)
    assert plan.sha256 != make_plan(setup())[0].sha256
    rule, everything = make_plan(setup())[0], make_plan(setup(until="decided"))[0]
    assert (rule.planned["cells"], everything.planned["cells"]) == (3, 11)
    assert rule.planned["replies"] * 11 == everything.planned["replies"] * 3


@pytest.mark.slow
def test_an_interrupted_study_goes_on_as_if_it_had_not_been(
    tmp_path: Path, study_calls: Path, study_feint: "Callable[..., subprocess.CompletedProcess[str]]"
) -> None:
    command = ("study", "countable/terminal", "--design", "three-tier", "-n", "40", "--twins", "2", "--wordings", "1",
               "--until", "decided", "--display", "none", "--out")  # fmt: skip
    assert study_feint(*command, "whole").returncode == 0
    counted = {"STUDY_CALLS": str(study_calls)}
    killed = study_feint(*command, "cut", **counted, STUDY_DIES="25")
    assert killed.returncode == -9, killed.stderr
    stopped = study_feint(*command, "cut", "--resume", **counted, STUDY_DIES="25", STUDY_SIGNAL="SIGINT")
    assert stopped.returncode == 130, stopped.stderr
    resumed = study_feint(*command, "cut", "--resume", **counted)
    assert resumed.returncode == 0, resumed.stderr
    findings = [json.loads((tmp_path / name / "findings.json").read_text()) for name in ("whole", "cut")]
    assert decided(findings[0]) == decided(findings[1])
    assert asked(tmp_path / "whole") == asked(tmp_path / "cut")
    assert set(Counter(study_calls.read_text().splitlines()).values()) == {1}
