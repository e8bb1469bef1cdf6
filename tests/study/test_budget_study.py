"""Studies that stop when their budget is empty: what was asked is whole, and the rest is asked later."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage, modelapi
from inspect_ai.tool import ToolChoice, ToolInfo

import study_provider  # noqa: F401  # registers its subjects
from feint.base.errors import UsageError
from feint.money.budget import Budget, Ledger
from feint.money.prices import SpendingLimits
from feint.study.ask.gates import Gates, lacking_room
from feint.study.command import run_command
from feint.study.folder import Folder
from feint.study.logs import newest_log
from feint.study.plan.cost import estimate_plan
from feint.study.plan.frozen import read_plan
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Generation, Limits
from study_prices import no_prices  # noqa: F401
from study_small import SMALL, SMALL_OPTIONS

SUBJECT, CELLS = "countable/terminal", 11
PRICE = "10,100"
CALL = 300 * 10e-6 + 30 * 100e-6
"""What one of the subject's replies costs."""
TIERS: dict[str, Any] = {**SMALL, "design": "tiers"}


@modelapi(name="paid")
class Paid(ModelAPI):
    """`paid/IN-OUT`: a judge of compliance whose answers take so many tokens."""

    def max_connections(self) -> int:
        return 16

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        question = input[-1].text
        code = re.findall(r"the mark (\w{12}), copied", question)[-1]
        refused, grade = "won't" in question, 1 if "won't" in question else 5
        said = {"why": "so", "refused": refused, "convincing": grade, "specific": grade, "partial": [], "code": code}
        output = ModelOutput.from_content("m", json.dumps(said))
        read, written = map(int, self.model_name.split("-"))
        output.usage = ModelUsage(input_tokens=read, output_tokens=written, total_tokens=read + written)
        return output


def setup(options: Any = SMALL, subject: str = SUBJECT, **given: Any) -> Setup:
    return Setup(subject, options, generation=Generation({"max_tokens": 30}), until="all", **given)


def run(folder: Path, *setups: Setup, start: Any = "new", budget: str | None = None, max_calls: int | None = None,
        prices: tuple[str, ...] = (PRICE,), display: str = "none") -> list[Path]:  # fmt: skip
    spending = SpendingLimits(budget, max_calls, prices)
    asked = setups or (setup(),)
    return run_command(asked, folder, start=start, limits=Limits(), display=display, spending=spending)[0]


def found(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "findings.json").read_text()))


def asked(folder: Path) -> Counter[tuple[Any, ...]]:
    """How many cells each request was asked in, in each wording."""
    log = newest_log(folder / "logs")
    assert log is not None
    samples = read_eval_log(log.location).samples or []
    return Counter(tuple(one.metadata[key] for key in ("request", "wording", "sample")) for one in samples)


def calls(folder: Path) -> int:
    return len(list(Ledger(Folder(folder).spending).read()))


def test_a_budget_below_the_cost(tmp_path: Path, capsys: Any, monkeypatch: Any, study_calls: Path) -> None:
    monkeypatch.setenv("STUDY_CALLS", str(study_calls))
    out, small = tmp_path / "s", setup({**SMALL, "n": 3, "twins": 1, "wordings": 2})
    replies = CELLS * (3 * 2 + 1)
    run(out, small, budget="0.2usd", display="plain")
    told = capsys.readouterr().err
    assert set(asked(out).values()) == {CELLS}
    assert abs(0.2 - CALL * calls(out)) < CALL * CELLS
    assert len(asked(out)) == 3
    assert found(out)["replies"]["planned"] == replies
    assert found(out)["replies"]["missing_by_reason"] == {"not_asked": replies - 3 * CELLS}
    assert ", 0.20 of 0.20 USD" in told
    assert f"0.20 of 0.20 USD are spent, and 33 of {replies} replies were asked for; --resume" in told

    frozen = read_plan(out / "plan.json").sha256
    run(out, small, start="resume", budget="0.4")
    assert set(asked(out).values()) == {CELLS}
    assert len(asked(out)) == int(0.4 / CALL) // CELLS
    capsys.readouterr()
    run(out, small, start="resume")
    assert "stopped" not in capsys.readouterr().err
    assert found(out)["replies"]["missing"] == 0
    assert set(Counter(study_calls.read_text().splitlines()).values()) == {1}
    assert calls(out) == replies
    assert frozen == read_plan(out / "plan.json").sha256 == make_plan(small)[0].sha256


def test_what_is_cut_short_is_the_beginning_of_the_whole(tmp_path: Path) -> None:
    """A study with all replies, and one that was stopped, agree on every reply that both have."""
    run(tmp_path / "all", setup(TIERS))
    run(tmp_path / "part", setup(TIERS), budget=f"{CALL * 25}")
    some, every = asked(tmp_path / "part"), asked(tmp_path / "all")
    assert len(some) == 12
    assert set(some) < set(every)
    _, planned = make_plan(setup(TIERS))
    first = list(dict.fromkeys((ask.request.id, str(ask.wording), ask.sample) for ask in planned.asks))[:12]
    assert set(some) == set(first)


def test_calls_can_be_limited_without_a_price(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "s"
    run(out, setup(TIERS), max_calls=21, prices=())
    assert set(asked(out).values()) == {2}
    assert calls(out) == 20
    assert "20 of 21 calls are made, and 20 of 40 replies were asked for" in capsys.readouterr().err


def test_what_earlier_runs_spent_counts(tmp_path: Path) -> None:
    out = tmp_path / "s"
    run(out, setup(TIERS), max_calls=20)
    run(out, setup(TIERS), start="resume", budget=f"{CALL * 20}")
    assert calls(out) == 20
    run(out, setup(TIERS), start="resume", budget=f"{CALL * 30}")
    assert calls(out) == 30


def test_the_cache_stays_while_a_study_is_stopped(tmp_path: Path) -> None:
    """Replies that a run paid for before it died may lie there, with no room for one more request."""
    out = tmp_path / "s"
    run(out, setup(TIERS), max_calls=12)
    run(out, setup(TIERS), start="resume", max_calls=12)
    assert (out / "cache").is_dir()
    run(out, setup(TIERS), start="resume")
    assert not (out / "cache").exists()
    assert calls(out) == 40


def test_nothing_is_asked_without_a_price_or_for_too_little(tmp_path: Path) -> None:
    out = tmp_path / "s"
    with pytest.raises(UsageError, match=r"--budget: the price of 'countable/terminal' is unknown.*--price"):
        run(out, budget="5", prices=())
    judged = setup(judge=("paid/1-1",), rubrics="compliance")
    with pytest.raises(UsageError, match=r"the price of 'paid/1-1' is unknown"):
        run(out, judged, budget="5")
    with pytest.raises(UsageError, match=r"--budget 0.01: one request in all 11 cells takes about 0\.\d+ USD"):
        run(out, budget="0.01")
    with pytest.raises(UsageError, match=r"--max-calls 10: one request in all 11 cells takes 11"):
        run(out, max_calls=10)
    with pytest.raises(UsageError, match="--budget much"):
        run(out, budget="much")
    assert not out.exists()


def test_a_fixture_is_asked_in_the_cells_of_its_kind() -> None:
    published = Setup("agent/faithful", {"design": "peer-published", "n": 1, "wordings": 1}, task="peer_preservation")
    plan, planned = make_plan(published)
    cells = max(Counter(ask.request.id for ask in planned.asks).values())
    takes = cells * -(-sum(one.calls for one in estimate_plan(plan, planned)) // plan.planned["replies"])
    assert cells < plan.planned["cells"]
    assert lacking_room(Budget({}, max_calls=takes), plan, planned) == ""
    lacking = lacking_room(Budget({}, max_calls=takes - 1), plan, planned)
    assert f"one fixture in all its {cells} cells takes {takes}; give more" in lacking
    judged, _ = make_plan(replace(published, judge=("paid/1-1",)))
    gates = Gates(Budget({}, max_calls=takes), judged)
    assert gates.judging().expected == gates.one("judging")[0].times(cells)


def test_calls_that_fail_are_asked_again_within_the_budget(tmp_path: Path) -> None:
    """Retries go to the end of Inspect's queue, behind samples that wait for them to end."""
    out = tmp_path / "s"
    run(out, setup(TIERS, "countable/flaky"), budget=f"{CALL * 21}")
    replies = found(out)["replies"]
    assert replies["missing_by_reason"]["not_asked"] > 0
    assert abs(21 * CALL - CALL * calls(out)) < 2 * 2 * CALL


# The a-priori estimate of a judge's answer is far from either.
@pytest.mark.parametrize("judge", ["paid/100-10", "paid/8000-500"])
def test_judges_are_paid_from_the_same_budget(tmp_path: Path, judge: str) -> None:
    out = tmp_path / "s"
    read, written = map(int, judge.removeprefix("paid/").split("-"))
    judging = read * 2e-6 + written * 8e-6
    budget = 32 * (CALL + judging)
    judged = setup({**TIERS, "n": 12, "wordings": 6}, judge=(judge,), rubrics="compliance")
    run(out, judged, budget=str(budget), prices=(PRICE, f"{judge}=2,8"))
    spent = Counter(model for model, _ in Ledger(Folder(out).spending).read())
    assert spent[SUBJECT] * CALL + spent[judge] * judging == pytest.approx(budget, abs=2 * (CALL + judging))
    assert spent[judge] == spent[SUBJECT]
    assert set(asked(out).values()) == {2}
    replies = found(out)["replies"]
    assert set(replies["missing_by_reason"]) == {"not_asked"}
    assert replies["scored"] == spent[SUBJECT]


def test_a_provider_that_reports_no_usage_is_charged_by_length(tmp_path: Path) -> None:
    out = tmp_path / "s"
    run(out, setup(TIERS, "countable/silent"), budget="0.1")
    entries = list(Ledger(Folder(out).spending).read())
    spent = sum(10e-6 * usage.input_tokens + 100e-6 * usage.output_tokens for _, usage in entries)
    assert 0 < len(entries) == sum(asked(out).values()) < 40
    assert abs(spent - 0.1) < 2 * max(10e-6 * usage.input_tokens + 100e-6 * usage.output_tokens for _, usage in entries)


def test_the_report_says_why_it_is_short(tmp_path: Path) -> None:
    run(tmp_path / "s", setup(TIERS), max_calls=12)
    warnings = found(tmp_path / "s")["verdict"]["warnings"]
    assert "12 of 40 replies are in" in warnings[0]
    assert "stopped by --max-calls" in warnings[1]


def test_questions_come_after_replies_where_money_may_not_last(tmp_path: Path) -> None:
    out = tmp_path / "s"
    quiz = setup({**TIERS, "n": 2, "twins": 0, "wordings": 1}, quiz=True)
    run(out, quiz, max_calls=10)
    log = newest_log(out / "quiz")
    assert log is not None
    kept = read_eval_log(log.location).samples or []
    assert set(asked(out).values()) == {2}
    assert sum(asked(out).values()) == 4
    assert Counter(one.metadata["wording"] + one.metadata["fact"] for one in kept).most_common()[-1][1] == 2
    assert calls(out) == 4 + len(kept) <= 10


def test_several_designs_have_one_budget(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "both"
    setups = [setup({**SMALL, "design": name}) for name in ("tiers", "motives")]
    begun = run(out, *setups, max_calls=20)
    assert begun == [out / "tiers"]
    assert "motives, which is not begun" in capsys.readouterr().err
    assert run(out, *setups, start="resume", max_calls=55) == [out / "tiers", out / "motives"]
    assert calls(out / "tiers") == 40
    assert calls(out / "motives") == 11


def test_a_plan_counts_the_calls_that_its_study_then_makes(tmp_path: Path) -> None:
    judged = setup({**TIERS, "n": 2, "twins": 0}, judge=("paid/1-1",), rubrics="compliance", quiz=True)
    estimates = estimate_plan(*make_plan(judged))
    run(tmp_path / "s", judged, prices=())
    made = Counter(model for model, _ in Ledger(Folder(tmp_path / "s").spending).read())
    assert {one.model: one.calls for one in estimates} == made


@pytest.mark.slow
def test_what_a_killed_run_spent_counts(tmp_path: Path, study_calls: Path, study_feint: Any) -> None:
    out = tmp_path / "killed"
    command = ("study", SUBJECT, "--design", "tiers", *SMALL_OPTIONS, "--price", PRICE, "--until", "all", "--out", out)
    killed = study_feint(*command, "--budget", "1", STUDY_CALLS=str(study_calls), STUDY_DIES="22")
    assert killed.returncode == -9, killed.stderr
    assert calls(out) == 22
    stopped = study_feint(*command, "--resume", "--budget", f"{CALL * 31}", STUDY_CALLS=str(study_calls))
    assert stopped.returncode == 0, stopped.stderr
    assert "stopped at --budget: 0.18 of 0.19 USD are spent, and 30 of 40 replies" in stopped.stderr
    assert calls(out) == 30
    assert set(Counter(study_calls.read_text().splitlines()).values()) == {1}
    assert set(asked(out).values()) == {2}
