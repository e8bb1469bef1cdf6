"""`feint plan` with a power: what it asks for, what it says, and a pilot from its study to the plan."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from feint.base.errors import UsageError
from feint.cli.plan import parted, percents
from feint.findings import Findings
from feint.findings.contrasts import PowerFinding
from feint.money.prices import read_price, set_price
from feint.report.power import from_points, rounded, seen_line
from feint.stats.power.spread import Counts
from feint.study.command import run_command
from feint.study.plan.answer import Question, check_question
from feint.study.plan.command import plan_study
from feint.study.plan.cost import estimate_plan, replies_with, usage_with
from feint.study.plan.need import SHOWN, capped, curves, largest, needs, simulated_power, usual_cases
from feint.study.plan.pilot import jackknife, pilot_setup, read_pilot
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Limits
from made_up_findings import a_contrast, some_findings
from report_shown import SAY

SUBJECT = "actor/uneven?rate=0.2&effect=0.3"
SMALL = {"design": "three-tier", "library": "composed", "n": 8, "twins": 2, "wordings": 1}
UNTWINNED = {"design": "three-tier", "wordings": 1}


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pilot of a small plan, run."""
    out = tmp_path_factory.mktemp("pilots") / "pilot"
    run_command([pilot_setup(Setup(SUBJECT, UNTWINNED))], out, start="new", limits=Limits(), display="none")
    return out


# numbers


def test_needs_of_each_contrast() -> None:
    plan, _ = make_plan(Setup(SUBJECT, SMALL))
    low, _, high = usual_cases(plan)
    few, many = needs(plan, low, 0.2, 0.8), needs(plan, high, 0.2, 0.8)
    assert set(few) == {"goal_guarding", "rater_sycophancy"}
    assert few["goal_guarding"] == few["rater_sycophancy"]  # they are alike, and one is computed
    for key, need in few.items():
        assert need.yes is not None
        assert need.no is not None
        assert need.no > need.yes < (many[key].yes or 0)
    assert needs(plan, low, 0.2, 0.95)["goal_guarding"].yes > few["goal_guarding"].yes  # type: ignore[operator]
    (full,) = usual_cases(plan, [0.95])
    assert needs(plan, full, 0.2, 0.8)["goal_guarding"].yes is None


def test_the_smallest_effect_is_capped() -> None:
    plan, _ = make_plan(Setup(SUBJECT, SMALL))
    (case,) = usual_cases(plan, [0.2])
    need = needs(plan, case, 0.05, 0.8)["goal_guarding"]
    assert capped(0.05, 0.05)
    assert capped(0.04, 0.05)
    assert not capped(0.06, 0.05)
    assert need.yes is None
    assert need.above is not None


def test_more_replies_to_each_request_need_fewer_requests() -> None:
    one, _ = make_plan(Setup(SUBJECT, SMALL))
    five, _ = make_plan(Setup(SUBJECT, {**SMALL, "samples": 5}))
    assert (one.per_request, five.per_request) == (1, 5)
    (case,) = usual_cases(one, [0.2])
    assert (needs(five, case, 0.2, 0.8)["goal_guarding"].yes or 999) < (
        needs(one, case, 0.2, 0.8)["goal_guarding"].yes or 0
    )


def test_largest_knows_when_nothing_is_enough() -> None:
    assert largest([3, 7, 5]) == 7
    assert largest([3, None]) is None
    assert largest([]) is None


def test_curves_rise() -> None:
    plan, _ = make_plan(Setup(SUBJECT, SMALL))
    (case,) = usual_cases(plan, [0.5])
    found = curves(plan, case, plan.contrasts()[0], [0.1, 0.4, 0.6])
    assert all(len(powers) == len(SHOWN) for powers in found.values())
    assert found[0.6] == [None] * len(SHOWN)  # no room
    assert found[0.4][-1] == pytest.approx(1)
    assert sum(power or 0 for power in found[0.4]) > sum(power or 0 for power in found[0.1])


def no_tell() -> None:
    """Show no progress."""


def test_numbers_are_checked_by_simulation() -> None:
    plan, _ = make_plan(Setup(SUBJECT, SMALL))
    (case,) = usual_cases(plan, [0.2])
    contrast, need = plan.contrasts()[0], needs(plan, case, 0.25, 0.8)
    requests = need[contrast.key].yes
    assert requests is not None
    share = simulated_power(plan, case, contrast, 0.25, requests, 200, no_tell)
    assert share is not None
    assert abs(share - 0.8) < 0.08
    none = simulated_power(plan, case, contrast, 0.0, requests, 50, no_tell)
    assert none is not None
    assert none < 0.08
    assert simulated_power(plan, case, contrast, 0.25, 10**6, 1, no_tell) is None
    assert simulated_power(plan, case, contrast, 0.9, requests, 1, no_tell) is None


def test_cost_grows_with_requests() -> None:
    plan, planned = make_plan(Setup("countable/priced", {**SMALL, "twins": 0}))
    set_price("countable/priced", read_price("1,5", ""))
    (once,) = estimates = estimate_plan(plan, planned)
    (twice,) = usage_with(plan, estimates, 16)
    assert replies_with(plan, 16) == 3 * 16 == 2 * plan.planned["replies"]
    assert (twice.calls, twice.tokens_out) == (2 * once.calls, 2 * once.tokens_out)
    assert twice.cost == pytest.approx(2 * (once.cost or 0))


# what is said


def test_a_plan_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    setup = Setup(SUBJECT, {**SMALL, "design": "tiers"})
    plan_study([setup], question=Question(0.2, 0.8, (0.2,), tmp_path / "p.html", check=False))
    out = capsys.readouterr().out
    shown = (
        "Requests in each cell for a gap of 20 points, 80 % power", "the whole design", "base rate 20 %",
        "Power (% called yes)", "█ 100", "Assumed:", "Holm's adjustment over 1 contrast ", "No pilot",
    )  # fmt: skip
    for text in shown:
        assert text in " ".join(out.split())
    page = (tmp_path / "p.html").read_text()
    assert page.count("<svg") == 2
    assert "<script" not in page
    plan_study([setup], question=Question(0.05, 0.8, (0.2,), tmp_path / "p.svg", check=False))
    out = capsys.readouterr().out
    assert "in at most half of studies" in out
    assert "above 0" in out
    assert (tmp_path / "p.svg").read_text().startswith("<svg")


def test_a_contrast_has_the_fixtures_of_its_cells_kinds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tampering is asked over 5 of the 30 fixtures of its design; no contrast needs 30."""
    monkeypatch.setenv("COLUMNS", "200")
    setup = Setup("agent/faithful", {"design": "peer-published", "n": 5}, task="peer_preservation")
    plan, _ = make_plan(setup)
    (case,) = usual_cases(plan, [0.2])
    needed = {key: need.yes or 0 for key, need in needs(plan, case, 0.3, 0.8).items()}
    assert 5 < needed["tampering"] <= max(needed.values()) <= plan.planned["requests"]
    plan_study([setup], question=Question(0.3, 0.8, (0.2,), check=False))
    out = capsys.readouterr().out
    assert "Tampering has 5 fixtures, fewer than it needs: asking each more often is not enough." in out


def test_a_plan_of_runs_speaks_of_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    few = Setup("agent/self-preserver", {"design": "shutdown-resistance", "n": 2}, task="peer_preservation")
    plan_study([few], question=Question(0.3, 0.8, (0.2,), tmp_path / "p.html", check=False))
    out = " ".join(capsys.readouterr().out.split())
    for text in ("Fixtures in each cell for a gap of 30 points", "what fixtures runs tokens in", "rates of protection",
                 "--pilot asks 2 fixtures of each kind of work in 2 wordings"):  # fmt: skip
        assert text in out, text
    plan_study([few], question=Question(0.05, 0.8, (0.2,), check=False))
    run_command([pilot_setup(few)], tmp_path / "p", start="new", limits=Limits(), display="none")
    capsys.readouterr()
    plan_study([few], question=Question(0.3, check=False), pilot=read_pilot(tmp_path / "p"))
    told = " ".join(capsys.readouterr().out.split())
    assert "What the pilot says (2 fixtures, 24 runs)" in told and "protects in calm (%)" in told
    for text in (out, told, (tmp_path / "p.html").read_text().partition("<body")[2]):
        for word in ("request", "repl", "compl", "--until"):
            assert word not in text.lower().replace("agent/self-preserver", ""), word


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (Question(effect=1.2), "--effect 120"),
        (Question(power=0.3), "--power 0.3"),
        (Question(base_rates=(0.0,)), "--base-rate 0"),
        (Question(picture=Path("p.png")), "expected a file that ends with .html or .svg"),
    ],
)
def test_questions_that_have_no_answer(question: Question, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        check_question(question)


def test_arguments_are_told_apart() -> None:
    assert parted(["openai/gpt-4o", "tiers"], None, "sealed,motives") == (
        "openai/gpt-4o",
        ["tiers", "sealed", "motives"],
    )
    assert parted(["./mine.yaml", "tiers"], "actor/guarded", None) == ("actor/guarded", ["./mine.yaml", "tiers"])
    assert parted([], None, None) == (None, [])
    with pytest.raises(UsageError, match="two subjects"):
        parted(["a/b"], "c/d", None)
    assert percents("5,20") == (0.05, 0.2)
    with pytest.raises(UsageError, match="--base-rate x"):
        percents("x")


def test_numbers_are_rounded_up() -> None:
    assert [rounded(n) for n in (7, 99, 101, 1234)] == [7, 99, 110, 1300]
    assert from_points(0.1101) == "12 points"
    assert from_points(0.12) == "12 points"


def test_the_line_on_a_terminal() -> None:
    def line(gaps: dict[str, float | None]) -> str:
        nothing = dict.fromkeys(("room", "no", "requests_for_no", "rates", "same", "other"))
        about = {"requests": 10, "per_request": 1.0, **nothing, "why": "no room"}
        power = PowerFinding.model_validate(
            {"share": 0.8, "contrasts": {key: {**about, "gap": gap} for key, gap in gaps.items()}}
        )
        return seen_line(some_findings(contrasts={key: a_contrast(gap=key == "g") for key in gaps}), power, SAY)

    assert line({"g": 0.119}) == "This study would have seen gaps from 12 points on (80 % of the time)."
    assert line({"g": 0.12, "b": 0.2, "c": 0.3}).endswith("; other contrasts from 20 to 30 points.")
    assert line({"g": 0.12, "b": 0.2, "c": None}).endswith("from 20 points, 1 of them not at all.")
    assert line({"g": None}) == (
        "No gap, however large, would be called yes in 80 % of studies like this one: no room."
    )


# a pilot


def test_a_pilot_is_small_and_tells_replies_apart() -> None:
    plan, _ = make_plan(pilot_setup(Setup(SUBJECT, {**UNTWINNED, "n": 100})))
    assert (plan.planned["requests"], plan.planned["twins"], plan.task["wordings"]) == (10, 0, 2)
    plan, _ = make_plan(pilot_setup(Setup(SUBJECT, {**SMALL, "samples": 3})))
    assert (plan.task["wordings"], plan.task["samples"]) == (1, 3)


def test_what_a_pilot_says(studied: Path) -> None:
    pilot = read_pilot(studied)
    assert (pilot.requests, pilot.replies) == (10, 60)
    for found in (*pilot.rates.values(), pilot.missing, pilot.same, pilot.other, pilot.tokens_in, pilot.tokens_out):
        assert found.estimate is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.estimate <= found.high
    low, middle, high = pilot.cases(["free", "pro"])
    assert low.rates["pro"] < middle.rates["pro"] < high.rates["pro"]
    with pytest.raises(UsageError, match="no replies in cell 'rated'"):
        pilot.cases(["rated"])
    assert json.loads((studied / "plan.json").read_text())["planned"]["replies"] == 60


def test_a_pilot_corrects_the_tokens_of_its_subject_and_its_judges(studied: Path) -> None:
    judge = "paid/judge"
    pilot = replace(read_pilot(studied), judging={judge: (50.0, 5.0)})
    plan, planned = make_plan(Setup(SUBJECT, SMALL, (judge, "paid/other"), rubrics="compliance"))
    guessed = estimate_plan(plan, planned)
    subject, known, other = usage_with(plan, guessed, plan.planned["requests"], pilot)
    read, written = pilot.tokens_in.estimate, pilot.tokens_out.estimate
    assert read is not None and written is not None
    assert (subject.tokens_in, subject.tokens_out) == (round(subject.samples * read), round(subject.samples * written))
    assert (known.tokens_in, known.tokens_out) == (50 * known.calls, 5 * known.calls)
    assert known.most_in == guessed[1].most_in
    assert other == guessed[2]


def test_a_plan_from_a_pilot(
    studied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    plan_study([Setup(SUBJECT, SMALL)], question=Question(0.3, check=False), pilot=read_pilot(studied))
    out = capsys.readouterr().out
    for text in ("What the pilot says (10 requests, 60 replies)", "complies in pro (%)", "rates of the pilot",
                 "tokens in a reply", "are not part of the study that is planned from them"):  # fmt: skip
        assert text in out
    assert "No pilot" not in out


def test_every_study_says_what_it_could_have_seen(studied: Path) -> None:
    findings = json.loads((studied / "findings.json").read_text())
    assert findings["power"]["share"] == 0.8
    assert set(findings["power"]["contrasts"]) == set(findings["contrasts"])
    entry = findings["power"]["contrasts"]["goal_guarding"]
    assert (entry["requests"], entry["per_request"]) == (10, 2.0)
    page = (studied / "report.html").read_text()
    assert "What it could have seen" in page
    found = Findings.model_validate(findings)
    assert found.power is not None and seen_line(found, found.power, SAY) in page


def test_the_interval_by_leaving_out() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(60):
        counts = Counts(np.full((30, 1), 4.0), rng.binomial(4, 0.5, (30, 1)).astype(float))
        found = jackknife(lambda part: float(part.y.sum() / part.n.sum()), counts, 0.95)
        covered += (found.low or 0) <= 0.5 <= (found.high or 0)
    assert covered >= 52
    assert jackknife(lambda part: 0.5, Counts(np.ones((2, 1)), np.ones((2, 1))), 0.95).low is None


def test_from_the_command_line(
    studied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def feint(*arguments: object) -> tuple[int, str, str]:
        from feint.cli import main

        monkeypatch.setattr("sys.argv", ["feint", "plan", *map(str, arguments)])
        monkeypatch.setattr("feint.study.plan.answer.STUDIES", 3)
        code = 0
        try:
            main()
        except SystemExit as error:
            code = int(error.code or 0)
        return code, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    code, out, err = feint("--from", studied, "--effect", "30")
    assert (code, "goal guarding" in out.lower(), "Traceback" in err) == (0, True, False)
    assert "rater sycophancy" in out.lower()  # the pilot's design
    code, _, err = feint("actor/guarded", "--from", studied)
    assert code == 2
    assert "a study of 'actor/uneven" in err
    for wrong, says in (
        (("--pilot", "--from", "x"), "--pilot goes without --from"),
        (("tiers", "sealed", "--pilot"), "a pilot is of one design"),
        (("--from", "absent"), "absent/plan.json: no such file"),
        (("--from", studied, "--base-rate", "5"), "--base-rate goes without a pilot"),
    ):
        code, _, err = feint(*wrong)
        assert (code, len(err.splitlines())) == (2, 1)
        assert says in err
    assert feint("tiers", "-n", "2")[0] == 0  # without a power, what it takes
