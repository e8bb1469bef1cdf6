"""Judging anew on a budget: requests are judged in all cells or in none, and the rest is judged later."""

import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log

import study_provider  # noqa: F401  # registers its subjects
from feint.base.errors import UsageError
from feint.cli import main
from feint.money.budget import Ledger
from feint.money.prices import SpendingLimits
from feint.study.command import INTERRUPTED, LABELS_MISSING, run_command
from feint.study.folder import Folder
from feint.study.importing.files import import_files
from feint.study.judge.command import judge_command
from feint.study.logs import newest_log
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Limits
from feint.tasks.alignment_faking.spec import RUBRICS
from grader_server import Grader, grading
from study_prices import no_prices  # noqa: F401

# A proxy of litellm on this machine passes calls on to others, which may send a bill: its judge is not free.
MODEL, OTHER, SUBJECT = "openai-api/litellm/m", "openai-api/other/m", "countable/tagged"
TIERS: dict[str, Any] = {
    "design": "tiers",
    "library": "composed",
    "conflict": "harmlessness",
    "requests": "held-out",
    "n": 6,
    "twins": 1,
    "wordings": 2,
}
REPLIES, CELLS = 26, 2
PRICE = "10,100"
SUBJECT_CALL = 300 * 10e-6 + 30 * 100e-6
FAST = Limits(timeout=60, retries=0)
PRICED = f"{MODEL}=2,8"


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Grader]:
    with grading() as serving:
        for name in ("LITELLM", "OTHER"):
            monkeypatch.setenv(f"{name}_BASE_URL", serving.url)
            monkeypatch.setenv(f"{name}_API_KEY", "none")
        yield serving


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that the rules have judged, and whose subject was paid."""
    out = tmp_path_factory.mktemp("budget") / "asked"
    spending = SpendingLimits(prices=(PRICE,))
    run_command([Setup(SUBJECT, TIERS)], out, start="new", limits=FAST, display="none", spending=spending)
    return out


@pytest.fixture
def folder(asked: Path, tmp_path: Path) -> Path:
    """A copy, to judge."""
    return Path(shutil.copytree(asked, tmp_path / "s"))


def judge(folder: Path, budget: str | None = None, max_calls: int | None = None, prices: tuple[str, ...] = (),
          judges: tuple[str, ...] = (MODEL,), rubrics: str = "compliance", display: str = "none") -> int:  # fmt: skip
    spending = SpendingLimits(budget, max_calls, prices)
    return judge_command(folder, judges, rubrics=rubrics, limits=FAST, display=display, spending=spending)


def labelled(folder: Path, name: str = MODEL) -> Counter[tuple[Any, ...]]:
    """By request in one wording, how many of its cells have a label by a judge."""
    log = newest_log(folder / "logs")
    assert log is not None
    samples = [one for one in read_eval_log(log.location).samples or [] if name in (one.scores or {})]
    return Counter(tuple(one.metadata[key] for key in ("request", "wording", "sample")) for one in samples)


def missing(folder: Path) -> dict[str, int]:
    return dict(json.loads((folder / "findings.json").read_text())["replies"]["missing_by_reason"])


def calls(folder: Path) -> Counter[str]:
    return Counter(model for model, _ in Ledger(Folder(folder).spending).read())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def set_usage(monkeypatch: pytest.MonkeyPatch, read: int, written: int) -> None:
    """Let the grader's answers take so many tokens."""
    import grader_server

    plain = grader_server.completion

    def completion(text: str, finish: str = "stop") -> dict[str, Any]:
        usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
        return {**plain(text, finish), "usage": usage}

    monkeypatch.setattr(grader_server, "completion", completion)


# An answer takes a third of what it is thought to take, or many times what it is thought to take at most.
@pytest.mark.parametrize(("read", "written"), [(300, 40), (90_000, 9_000)])
def test_judging_stops_within_one_request(
    folder: Path, grader: Grader, monkeypatch: Any, capsys: Any, read: int, written: int
) -> None:
    set_usage(monkeypatch, read, written)
    call = read * 2e-6 + written * 8e-6
    budget = REPLIES * SUBJECT_CALL + 13 * call
    assert judge(folder, f"{budget}usd", prices=(PRICED,), display="plain") == LABELS_MISSING
    told = " ".join(capsys.readouterr().err.split())
    assert len(grader.record) == 12
    assert calls(folder) == {SUBJECT: REPLIES, MODEL: 12}
    assert set(labelled(folder).values()) == {CELLS}
    assert missing(folder) == {"not_judged": REPLIES - 12}
    assert re.search(rf"judged 6 of {REPLIES}, 0 missing, \d\.\d\d of {budget:,.2f} USD", told)
    assert "are spent, and not all replies were judged; the same feint judge command with a larger --budget" in told
    assert (folder / "cache").is_dir()

    assert judge(folder, f"{budget + call * 10}", prices=(PRICED,)) in (0, LABELS_MISSING)
    assert calls(folder)[MODEL] == 22
    assert set(labelled(folder).values()) == {CELLS}
    capsys.readouterr()
    assert judge(folder, prices=(PRICED,)) == 0
    assert "stopped" not in capsys.readouterr().err
    assert missing(folder) == {}
    assert calls(folder)[MODEL] == len(grader.record) == len(set(grader.questions)) == REPLIES
    assert not (folder / "cache").exists()


def test_calls_can_be_limited_without_a_price(folder: Path, grader: Grader, capsys: Any) -> None:
    judge(folder, max_calls=REPLIES + 21)
    assert calls(folder)[MODEL] == 20
    assert set(labelled(folder).values()) == {CELLS}
    assert missing(folder) == {"not_judged": 6}
    told = capsys.readouterr().err
    assert "46 of 47 calls are made" in told
    assert "with a larger --max-calls goes on" in told
    before = contents(folder)
    with pytest.raises(UsageError, match=r"--max-calls 47: 46 are made for the study already, and .* takes about 2"):
        judge(folder, max_calls=REPLIES + 21)
    assert contents(folder) == before
    judge(folder, max_calls=2 * REPLIES)
    assert missing(folder) == {}
    assert len(grader.record) == len(set(grader.questions)) == REPLIES


def test_nothing_is_asked_or_written_without_a_price_or_for_too_little(folder: Path, grader: Grader) -> None:
    before = contents(folder)
    spent = REPLIES * SUBJECT_CALL
    for given, says in (
        ({"budget": "5"}, rf"--budget: the price of '{MODEL}' is unknown; give it with --price {MODEL}=IN,OUT"),
        ({"budget": "5", "prices": ("1,2",)}, rf"the price of '{MODEL}' is unknown"),
        ({"prices": ("openai-api/litelm/m=1,2",)}, rf"unknown model in --price.*did you mean '{MODEL}'"),
        ({"prices": (f"{MODEL}=much",)}, "expected IN,OUT"),
        ({"budget": "much", "prices": (PRICED,)}, "--budget much"),
        ({"budget": "0.1", "prices": (PRICED,)}, "--budget 0.1: 0.16 USD are spent on the study already, and judging"),
        ({"budget": f"{spent + 0.002}", "prices": (PRICED,)}, r"one request in all its cells takes about 0\.0\d+ USD"),
        ({"max_calls": REPLIES + 7, "rubrics": ",".join(RUBRICS)}, "--max-calls 33: .* takes about 8; give more"),
        ({"max_calls": REPLIES + 1}, "--max-calls 27: 26 are made for the study already, and .* takes about 2; give"),
    ):
        with pytest.raises(UsageError, match=says):
            judge(folder, **given)
    assert contents(folder) == before
    assert not grader.record


def test_what_the_subject_took_needs_a_price_unless_it_is_known(tmp_path: Path, grader: Grader) -> None:
    few = {**TIERS, "n": 2, "twins": 0, "wordings": 1}
    run_command([Setup(SUBJECT, few)], tmp_path / "s", start="new", limits=FAST, display="none")
    with pytest.raises(UsageError, match=rf"the price of '{SUBJECT}' is unknown"):
        judge(tmp_path / "s", "5", prices=(PRICED,))
    assert judge(tmp_path / "s", "5", prices=(PRICED, PRICE)) == 0
    assert calls(tmp_path / "s") == {SUBJECT: 4, MODEL: 4}


def test_several_judges_are_asked_about_the_same_requests(folder: Path, grader: Grader) -> None:
    judge(folder, max_calls=REPLIES + 23, judges=("rules", MODEL, OTHER))
    assert calls(folder) == {SUBJECT: REPLIES, MODEL: 10, OTHER: 10}
    assert labelled(folder, MODEL) == labelled(folder, OTHER)
    assert set(labelled(folder, MODEL).values()) == {CELLS}
    judge(folder, judges=("rules", MODEL, OTHER))
    assert calls(folder) == {SUBJECT: REPLIES, MODEL: REPLIES, OTHER: REPLIES}


def test_answers_of_a_run_that_died_are_not_paid_again(folder: Path, grader: Grader, monkeypatch: Any) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("feint.study.judge.judging.write_scores", die)
        with pytest.raises(SystemExit) as ended:
            judge(folder, max_calls=REPLIES + 12)
    assert ended.value.code == INTERRUPTED
    assert calls(folder)[MODEL] == 12
    assert not labelled(folder)
    judge(folder, max_calls=REPLIES + 19)
    assert calls(folder)[MODEL] == len(grader.record) == len(set(grader.questions)) == 18
    assert set(labelled(folder).values()) == {CELLS}
    assert missing(folder) == {"not_judged": 8}


def test_an_imported_study(tmp_path: Path, grader: Grader, monkeypatch: Any) -> None:
    reply = "Here is what you asked for. First take the list and then sort it by name."
    rows = [f"lab/model,{cell},r{number},{reply}" for number in range(6) for cell in ("free", "paid")]
    (tmp_path / "t.csv").write_text("\n".join(["subject,cell,request,reply", *rows]) + "\n")
    [folder] = import_files([tmp_path / "t.csv"], "table", tmp_path / "out")
    before = contents(folder)
    for given, says in (
        ({"budget": "1"}, rf"the price of '{MODEL}' is unknown"),
        ({"budget": "1", "prices": ("1,2",)}, "the study's subject was imported; give MODEL=1,2"),
        ({"budget": "1", "prices": ("lab/model=1,2",)}, "unknown model in --price 'lab/model'"),
        ({"budget": "0.001", "prices": (PRICED,)}, r"--budget 0\.001: judging one request in all its cells takes ab"),
    ):
        with pytest.raises(UsageError, match=says):
            judge(folder, rubrics="disbelief", **given)
    assert contents(folder) == before
    assert not grader.record
    set_usage(monkeypatch, 300, 40)
    budget = 7.5 * (300 * 2e-6 + 40 * 8e-6)
    judge(folder, str(budget), prices=(PRICED,), rubrics="disbelief")
    assert calls(folder) == {MODEL: 6}
    assert list(labelled(folder).values()) == [CELLS] * 3
    judge(folder, "1", prices=(PRICED,), rubrics="disbelief")
    assert calls(folder) == {MODEL: 12}
    assert list(labelled(folder).values()) == [CELLS] * 6


def test_the_command_line(folder: Path, grader: Grader, monkeypatch: Any, capsys: Any) -> None:
    given = ("judge", folder, "--judge", MODEL, "--rubrics", "compliance", "--price", PRICED, "--display", "plain")
    limits = ("--budget", "1usd", "--max-calls", REPLIES + 24)  # one of them finds out if the judge is there
    monkeypatch.setattr(sys, "argv", ["feint", *map(str, (*given, *limits))])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert calls(folder)[MODEL] == 23
    told = capsys.readouterr().err
    assert re.search(rf"judged 6 of {REPLIES}, 0 missing, 0\.1\d of 1\.00 USD, \d\d of 50 calls", told)
    assert "49 of 50 calls are made, and not all replies were judged; the same feint judge command" in told
