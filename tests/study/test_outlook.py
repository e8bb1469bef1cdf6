"""The lines before the first call of a study: what it asks, what that costs, what it can see, when it ends and why."""

import re
from pathlib import Path
from typing import Any

import pytest

import study_provider  # noqa: F401  # registers its subjects
from feint.money.budget import Budget
from feint.money.places import is_local, is_private
from feint.money.prices import read_price, set_price
from feint.study.command import run_command
from feint.study.plan.command import plan_study
from feint.study.plan.need import usual_cases
from feint.study.plan.outlook import outlook, sees, share_finding, span
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Limits
from study_prices import no_prices  # noqa: F401

TIERS: dict[str, Any] = {"design": "tiers", "library": "composed", "n": 100, "twins": 2, "wordings": 1}


def lines(subject: str, until: str | None = None, options: Any = TIERS, **more: Any) -> list[str]:
    return outlook(*make_plan(Setup(subject, options, until=until, **more)), until)


def test_a_study_that_costs_money_says_so_and_why_it_stops_early() -> None:
    set_price("countable/terminal", read_price("1,5", ""))
    asks, costs, seen, stops = lines("countable/terminal")
    assert asks == "Asks: 100 requests once in 2 cells, and 2 benign twins: at most 204 replies of countable/terminal"
    assert re.fullmatch(
        r"Costs: about [\d.]+ USD, at most [\d.]+ USD: [\d,]+ in and [\d,]+ out tokens, estimated", costs
    )
    assert re.fullmatch(r"Sees: a gap from \d+ points on in gap, in 80 % of studies at a base rate of 20 %", seen)
    assert stops.startswith(
        "Stops: once every contrast is decided (--until decided), since calls cost money; looked at"
    )
    assert lines("countable/terminal", "all")[-1] == "Stops: once all is asked (--until all)"


def test_an_unknown_price_is_named_and_few_requests_are_asked_whole() -> None:
    _, costs, _, stops = lines("countable/terminal", options={**TIERS, "n": 48})
    assert costs.endswith("out tokens; the price of countable/terminal is unknown (--price IN,OUT)")
    assert stops.endswith("since there are fewer than 100 requests; --until decided stops earlier and sees less")
    assert lines("countable/terminal", options={**TIERS, "n": 20})[-1].endswith(
        "since there are fewer than 100 requests"
    )


def test_a_server_of_ones_own_costs_nothing() -> None:
    _, costs, _, stops = lines("openai/gpt-4o", model_args={"base_url": "http://127.0.0.1:8000/v1"})
    assert costs.startswith("Costs: nothing, since openai/gpt-4o runs on your own machines (--price IN,OUT where")
    assert stops == "Stops: once all is asked, since calls cost nothing"
    assert lines("actor/guarded")[1].startswith("Costs: nothing; about ")


def test_work_with_tools_speaks_of_its_own_words() -> None:
    given = Setup("agent/faithful", {"n": 1, "wordings": 1}, task="peer_preservation")
    asks, _, seen, stops = outlook(*make_plan(given), None)
    assert asks.startswith("Asks: 6 fixtures once in 16 cells: ") and "runs of agent/faithful" in asks
    assert seen == "Sees: nothing, since fewer than 10 fixtures decide nothing"
    whole = outlook(*make_plan(Setup("agent/faithful", {}, task="peer_preservation")), None)
    assert whole[2].startswith("Sees: a gap from ") and "points on in threat" in whole[2]
    assert stops == "Stops: once all is asked, since the few fixtures of this design are asked whole"


@pytest.mark.parametrize("until", ["all", "decided"])
def test_the_gap_that_is_named_is_found_by_four_simulated_studies_of_five(until: str) -> None:
    plan, _ = make_plan(Setup("actor/guarded", {**TIERS, "wordings": 2}, until=until))
    (case,) = usual_cases(plan, [0.2])
    gap = sees(plan, case)["gap"]
    assert gap is not None
    share = share_finding(plan, case, plan.contrasts()[0], gap)
    assert share is not None and abs(share - 0.8) < 0.07


def test_a_rule_sees_only_the_contrasts_that_it_needs() -> None:
    plan, _ = make_plan(Setup("actor/guarded", {**TIERS, "design": "motives"}, until="fakes_alignment"))
    assert set(sees(plan, usual_cases(plan, [0.2])[0])) == {"goal_guarding", "contingency"}
    assert span([0.101, 0.14, None]) == "from 11 to 14 points on, 1 of them none"


def test_the_lines_come_before_the_first_call_and_not_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = [Setup("actor/guarded", {**TIERS, "n": 4})]
    run_command(small, tmp_path / "s", start="new", limits=Limits(), display="plain")
    told = capsys.readouterr().err
    assert (
        0
        <= told.index("Asks: 4 requests once in 2 cells")
        < told.index("Stops: once all is asked")
        < told.index("asked 1")
    )
    run_command(small, tmp_path / "s", start="resume", limits=Limits(), display="plain")
    assert "Asks:" not in capsys.readouterr().err
    run_command(small, tmp_path / "silent", start="new", limits=Limits(), display="none")
    assert capsys.readouterr().err == ""


def test_a_plan_shows_the_power_that_the_default_is_made_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    plan_study([Setup("countable/terminal")], ["1,5"])
    told = re.search(r"Simulated: (\d+) % of 1,000 studies .* a gap of 15 points", capsys.readouterr().out)
    assert told is not None and int(told[1]) >= 80


@pytest.mark.parametrize(
    ("addresses", "private"),
    [
        ("http://LOCALHOST:1/v1 http://127.8.9.1 10.0.0.1:80/v1 http://172.31.0.1 http://192.168.7.7/v1", True),
        ("http://[::1]:8/ http://[fd12::1]/v1 http://[::ffff:10.0.0.1]/ https://user@10.0.0.1/v1", True),
        ("http://box.local:8000 http://host.docker.internal:8000 http://gpu-box:8000/v1", True),
        ("http://172.32.0.1 http://192.169.0.1 http://[2001:db8::1]/ http://8.8.8.8 http://[broken", False),
        ("https://localhost.example.org https://10.0.0.1.nip.io https://api.openai.com/v1 https://", False),
    ],
)
def test_private_addresses(addresses: str, private: bool) -> None:
    for address in addresses.split():
        assert is_private(address) is private, address


def test_local_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "hf/m",
        "vllm/m",
        "vllm-completions/m",
        "llama-cpp-python/m",
        "ollama/m",
        "sglang/m",
        "transformers/m",
    ):
        assert is_local(name), name
    assert not is_local("openai/gpt-4o") and not is_local("openai-api/local/m")
    monkeypatch.setenv("LOCAL_BASE_URL", "http://10.1.2.3/v1")
    monkeypatch.setenv("OLLAMA_BASE_URL", "https://ollama.example.org/v1")
    assert is_local("openai-api/local/m") and not is_local("ollama/m")
    monkeypatch.setenv("INSPECT_EVAL_MODEL_BASE_URL", "http://localhost:8000/v1")
    assert is_local("openai/gpt-4o") and not is_local("litellm-proxy/gpt-4o")


def test_a_limit_of_spending_is_part_of_the_outlook() -> None:
    given = make_plan(Setup("actor/guarded", TIERS, until="all"))
    whole = outlook(*given, "all", Budget({"actor/guarded": None}, max_calls=1000))
    assert whole == outlook(*given, "all")
    _, _, limits, seen, _ = outlook(*given, "all", Budget({"actor/guarded": None}, max_calls=102))
    assert limits.startswith("Limits: --max-calls 102 ends asking after about 50 of 100 requests; a larger --max-calls")
    assert seen != whole[2] and seen.startswith("Sees: a gap from ")
