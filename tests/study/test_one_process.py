"""Studies that share a process do not meet, and processes do not share a study."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest

import study_provider  # noqa: F401  # registers its subjects
from feint.base.errors import UsageError
from feint.money.budget import Budget, Cost, Ledger
from feint.money.gate import Gate
from feint.money.prices import SpendingLimits, find_price
from feint.study.command import run_command
from feint.study.folder import Folder, locked
from feint.study.logs import newest_log
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Generation, Limits
from study_prices import no_prices  # noqa: F401
from study_small import TINY

FIRST, SECOND = "countable/terminal", "countable/tagged"
CALL = 300 * 10e-6 + 30 * 100e-6
"""USD of one reply of these subjects at the price 10,100."""
TIERS: dict[str, Any] = {**TINY, "design": "tiers", "n": 6, "wordings": 2}
REPLIES = 2 * (6 * 2 + 1)


def run(folder: Path, subject: str, **spending: Any) -> None:
    limits = SpendingLimits(**spending)
    setup = Setup(subject, TIERS, generation=Generation({"max_tokens": 30}), until="all")
    run_command([setup], folder, start="new", limits=Limits(), display="none", spending=limits)


def paid(folder: Path) -> list[str]:
    return [model for model, _ in Ledger(Folder(folder).spending).read()]


def check(folder: Path, subject: str, calls: int) -> None:
    """The study asked its own subject, so often, and its replies are its own."""
    assert paid(folder) == [subject] * calls
    findings = json.loads((folder / "findings.json").read_text())
    assert findings["replies"]["missing_by_reason"] == ({"not_asked": REPLIES - calls} if calls < REPLIES else {})
    log = newest_log(folder / "logs")
    assert log is not None
    assert log.eval.model == subject


def test_one_study_after_the_other(tmp_path: Path) -> None:
    run(tmp_path / "a", FIRST, budget=f"{CALL * 11}", prices=("10,100",))
    assert find_price(FIRST) is None
    run(tmp_path / "b", SECOND, max_calls=20)
    run(tmp_path / "c", FIRST)
    check(tmp_path / "a", FIRST, 10)
    check(tmp_path / "b", SECOND, 20)
    check(tmp_path / "c", FIRST, REPLIES)
    costs = [usage.total_cost for name in "abc" for _, usage in Ledger(Folder(tmp_path / name).spending).read()]
    assert costs[:10] == pytest.approx([CALL] * 10)
    assert set(costs[10:]) == {None}


def test_two_studies_side_by_side(tmp_path: Path) -> None:
    """One model at two prices, with two limits, in two threads: each has its budget, its ledger and its cache."""
    failed: list[BaseException] = []

    def study(name: str, **spending: Any) -> None:
        try:
            run(tmp_path / name, FIRST, **spending)
        except BaseException as error:
            failed.append(error)

    given = {
        "a": {"budget": f"{CALL * 11}", "prices": ("10,100",)},
        "b": {"budget": f"{CALL * 41}", "prices": ("20,200",)},
        "c": {"max_calls": 16},
    }
    threads = [threading.Thread(target=study, args=(name,), kwargs=limits) for name, limits in given.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failed
    check(tmp_path / "a", FIRST, 10)
    check(tmp_path / "b", FIRST, 20)
    check(tmp_path / "c", FIRST, 16)
    for name, cost in (("a", CALL), ("b", 2 * CALL), ("c", None)):
        found = [usage.total_cost for _, usage in Ledger(Folder(tmp_path / name).spending).read()]
        assert found == ([None] * len(found) if cost is None else pytest.approx([cost] * len(found)))


def test_prices_end_with_their_context() -> None:
    from feint.money.prices import read_price, set_price

    Context().run(set_price, FIRST, read_price("1,2", ""))
    assert find_price(FIRST) is None


@pytest.mark.parametrize("others", [0, 1])
def test_a_cancelled_waiter_blocks_nobody(others: int) -> None:
    """The first group waits for room and is cancelled, all its members or one of them; the next goes on."""

    async def inside() -> list[bool]:
        members = {(group, cell): group for group in "abc" for cell in range(2)}
        gate = Gate(Budget({}, max_calls=4), members, expected=Cost(calls=1), most=Cost(calls=2))
        assert await gate.enter(("a", 0))
        assert await gate.enter(("a", 1))
        waiting = [asyncio.create_task(gate.enter(("b", cell))) for cell in range(1 + others)]
        behind = asyncio.create_task(gate.enter(("c", 0)))
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        for cell in range(2):
            gate.budget.calls += 1
            gate.leave(("a", cell))
        async with asyncio.timeout(5):
            begun = await asyncio.gather(*waiting[1:])
            for cell in range(1, 1 + len(begun)):
                gate.budget.calls += 1
                gate.leave(("b", cell))
            return [*begun, await behind]

    found = asyncio.run(inside())
    # With another member of the group still waiting, the group keeps its place, and there is room for one group more.
    assert found == ([True, False] if others else [True])


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    path = tmp_path / "s"
    path.mkdir()
    return Folder(path)


HOLD = """
import sys, time
from pathlib import Path
from feint.base.errors import UsageError
from feint.study.folder import Folder
folder = Folder(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + 2
held = 0
while time.monotonic() < end:
    try:
        with folder.held():
            mark = folder.path / "mark"
            mark.touch(exist_ok=False)  # fails if another process holds the study
            mark.unlink()
            held += 1
    except UsageError:
        pass
print(held)
"""


def test_two_processes_never_hold_one_study(folder: Folder) -> None:
    command = [sys.executable, "-c", HOLD, str(folder.path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(command, text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    assert all(int(out) > 0 for out, _ in told)
    assert not (folder.path / ".lock").exists()


def test_a_removed_lock_file_keeps_nobody_out(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process opened the file before its holder removed it: the process locks the new file, not the old one."""
    path = folder.path / ".lock"
    plain, opened = Path.open, []

    def opening(self: Path, *given: Any, **named: Any) -> Any:
        file = plain(self, *given, **named)
        if self == path and not opened:
            opened.append(self)
            path.unlink()
        return file

    monkeypatch.setattr(Path, "open", opening)
    with locked(path) as lock:
        assert os.path.samestat(os.fstat(lock.fileno()), path.stat())
        with pytest.raises(UsageError, match="another process is running this study"), folder.held():
            pass
