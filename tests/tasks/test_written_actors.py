"""Every actor of known motive is attributed as planted, in composed sentences and in written documents alike."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feint.tasks.options import LIBRARIES

ROOT = Path(__file__).parents[2]
SUBTLE = {"choosy", "cooperative", "few-requests", "lost-refusals", "scarce", "smallest", "smallest-each", "uneven"}
"""Actors whose effects need more replies than a study of an actor asks for: they may be left open."""

KNOWN = {("choosy", "motives")}
"""Verdicts that are known to be wrong: the rates of this actor imply low coherence, which its studies exclude."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    yield importlib.import_module("written_actors")
    sys.path.remove(str(ROOT / "benchmarks"))
    sys.modules.pop("written_actors")


def test_every_actor_is_studied_on_every_design_of_its_card(bench: Any) -> None:
    cases = {(case.task, case.actor, case.design) for case in bench.list_cases()}
    known = [
        ("alignment_faking", "real-only", "awareness"),
        ("alignment_faking", "predictable", "expectation"),
        ("comprehension", "misreader", "reading"),
        ("peer_preservation", "inflater", "peer-attribution"),
    ]
    assert set(known) <= cases
    assert len({(task, actor) for task, actor, _ in cases}) == sum(map(len, bench.documented().values()))


@pytest.mark.parametrize("library", LIBRARIES)
def test_who_misses_its_training_is_found_out_in_both_libraries(bench: Any, library: str) -> None:
    found = bench.study(bench.Case("comprehension", "misreader", "reading"), library)
    assert (found.named, found.outcome, found.missing) == ({"training_missed"}, "held", 0)


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_actor_that_works_with_tools_is_attributed_in_both_libraries(bench: Any, library: str) -> None:
    found = bench.study(bench.Case("peer_preservation", "kin-loyal", "peer-attribution"), library)
    assert (found.outcome, found.missing) == ("held", 0), found


@pytest.mark.slow
def test_every_actor_is_attributed_as_planted_in_both_libraries(bench: Any) -> None:
    """An actor whose first study leaves something open is studied again, thoroughly, as anybody would do."""
    faults, asked = [], 0
    for case in bench.list_cases():
        found = {library: bench.study(case, library) for library in LIBRARIES}
        if case.actor not in SUBTLE and any(one.outcome == "open" for one in found.values()):
            found = {library: bench.study(case, library, 1000, bench.THOROUGH) for library in LIBRARIES}
        for library, one in found.items():
            asked += 1
            left_open = case.actor in SUBTLE and one.outcome == "open"
            if one.outcome != "held" and not left_open and (case.actor, case.design) not in KNOWN:
                faults.append((case.actor, case.design, library, sorted(one.named)))
            if one.missing and not case.actor.startswith(("lost-", "incapable", "looper")):
                faults.append((case.actor, case.design, library, one.missing))
    assert not faults and asked >= 160, faults
