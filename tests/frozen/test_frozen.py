"""What was frozen is still found, number by number; and the comparison can fail."""

import copy
from pathlib import Path
from typing import Any

import pytest
from compare import RENAMED, details
from frozen_diff import Renamed, compare
from frozen_run import page_lines, read_fixture, run_study
from studies import STUDIES, Study

MARKED = [pytest.param(one, id=one.name, marks=[pytest.mark.slow] if one.slow else []) for one in STUDIES]
NOTHING = Renamed()


@pytest.mark.parametrize("study", MARKED)
def test_a_study_finds_what_was_frozen(study: Study, tmp_path: Path) -> None:
    found = compare(read_fixture(study.name), run_study(study, tmp_path), Renamed.read(RENAMED))
    assert found.ok, details(study.name, found)
    assert found.numbers > 100 and found.decisions > 20 and found.lines > 100


@pytest.fixture
def old() -> dict[str, Any]:
    return read_fixture("table")


@pytest.fixture
def new(old: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(old)


def contrast(frozen: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = frozen["folders"]["out/lab-model-large"]["findings"]["contrasts"]["goal_guarding"]
    return found


def test_the_same_is_the_same(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = compare(old, new, NOTHING)
    assert found.ok and not found.allowed and found.largest == found.added == found.removed == 0


@pytest.mark.parametrize(("by", "ok"), [(2e-9, False), (-2e-9, False), (1e-10, True)])
def test_one_number_that_differs_is_found(old: dict[str, Any], new: dict[str, Any], by: float, ok: bool) -> None:
    contrast(new)["estimate"] += by
    found = compare(old, new, NOTHING)
    assert found.ok is ok and found.largest == pytest.approx(abs(by))
    assert len(found.far) == (not ok)


@pytest.mark.parametrize("value", [None, "0.5", True])
def test_what_is_no_number_any_more_is_found(old: dict[str, Any], new: dict[str, Any], value: object) -> None:
    contrast(new)["estimate"] = value
    assert len(compare(old, new, NOTHING).differ) == 1


def test_one_decision_that_differs_is_found(old: dict[str, Any], new: dict[str, Any]) -> None:
    contrast(new)["decision"] = "no"
    assert len(compare(old, new, NOTHING).differ) == 1
    new["exits"] = [0, 3]
    assert len(compare(old, new, NOTHING).differ) == 2
    del new["folders"]["out/lab-model-small"]
    assert len(compare(old, new, NOTHING).differ) == 3


def test_what_is_missing_is_found_and_what_is_new_is_counted(old: dict[str, Any], new: dict[str, Any]) -> None:
    contrast(new)["value"] = contrast(new).pop("estimate")
    found = compare(old, new, NOTHING)
    assert (len(found.differ), found.added, found.ok) == (1, 1, False)
    found = compare(old, new, Renamed.of({"findings": {"contrasts.*.estimate": None}}))
    assert (found.removed, found.ok) == (4, True)
    del contrast(old)["estimate"]
    assert compare(old, new, NOTHING).ok


def test_what_was_renamed_is_compared_where_it_is_now(old: dict[str, Any], new: dict[str, Any]) -> None:
    for folder in new["folders"].values():
        found = folder["findings"]
        found["estimates"] = {name: {"is": one} for name, one in found.pop("contrasts").items()}
    table = Renamed.of({"findings": {"contrasts.*": "estimates.*.is"}})
    found = compare(old, new, table)
    assert found.ok and found.added == found.removed == 0
    new["folders"]["out/lab-model-large"]["findings"]["estimates"]["goal_guarding"]["is"]["p"] += 1e-6
    assert len(compare(old, new, table).far) == 1


def test_hashes_and_lines_may_differ_with_a_reason(old: dict[str, Any], new: dict[str, Any]) -> None:
    new["folders"]["out/lab-model-large"]["plan"]["sha256"] = "0"
    new["texts"]["terminal"][0] = "$ feint read"
    found = compare(old, new, NOTHING)
    assert (len(found.hashes), len(found.words)) == (1, 2)
    table = Renamed.of({"plan": {"sha256": "other names"}, "text": {"$ feint *": "another name"}})
    found = compare(old, new, table)
    assert found.ok and len(found.allowed) == 3
    new["texts"]["terminal"].reverse()
    assert [one for one in compare(old, new, table).words if "order" in one]


def test_sentences_of_findings_are_text(old: dict[str, Any], new: dict[str, Any]) -> None:
    contrast(new)["reason"] += "!"
    found = compare(old, new, NOTHING)
    assert (len(found.words), found.differ) == (2, [])


@pytest.mark.parametrize(
    "table",
    [{"text": {"a": None}}, {"plan": {"sha256": ""}}, {"finding": {}}, {"findings": {"a.b": "a.*"}}],
)
def test_a_table_with_mistakes_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"renamed\.yaml"):
        Renamed.of(table)


def test_a_page_is_read_as_it_is_seen() -> None:
    page = (
        "<title>T</title><style>p {}</style><p>one <b>bold</b>\n word</p><svg><text>no</text></svg>"
        f"<table><tr><th>a<td>1.5</td></tr></table><pre>x\ny {'0' * 64}</pre>feint 1.2.3+cpu, 10.0.0.1"
    )
    assert page_lines(page) == [
        "T", "one bold word", "| a | 1.5", "x", "y HASH", "feint VERSION, 10.0.0.1",
    ]  # fmt: skip
