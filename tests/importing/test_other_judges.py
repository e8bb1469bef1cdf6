"""The labels of another judge in an import: kept beside the rule's, and compared with them."""

import copy
from pathlib import Path

import pytest
from recorded import vlaf_rows, write_jsonl

from feint.findings.findings import read_findings
from feint.study.conclude.conclude import conclude_folder
from feint.study.importing.files import import_files


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tiers of 12 replies: in the free tier the grader sees no choice in two, and another choice in one."""
    rows = vlaf_rows("lab:m", 5, 2)
    for row in rows:
        row["grader"] = "complied" if row["response"].startswith("<OUTPUT>a") else "refused"
    free = [row for row in rows if row["is_free_tier"] and row["grader"] == "complied"]
    free[0]["grader"], free[1]["grader"], free[2]["grader"] = None, None, "refused"
    folder = tmp_path_factory.mktemp("other")
    import_files([write_jsonl(folder / "care.jsonl", rows)], "vlaf", folder / "out")
    return folder / "out" / "m"


def test_agreement_is_counted_over_what_both_labelled_in_each_cell(study: Path) -> None:
    (found,) = read_findings(study / "findings.json").agreement
    assert (found.judge, found.other) == ("action", "grader")
    assert (found.same.n, found.labelled_by_judge, found.labelled_by_other) == (22, 2, 0)
    assert found.same.estimate == pytest.approx(21 / 22)
    free, paid = found.cells["free"], found.cells["paid"]
    assert (free.same.n, free.only_judge, free.only_other) == (10, 1, 0)
    assert (paid.same.estimate, paid.kappa.estimate, paid.only_judge) == (1, 1, 0)
    assert free.same.low is not None and free.same.high is not None and free.same.low < 0.9 < free.same.high
    # Cohen: observed .9, by chance .8 * .7 + .2 * .3
    assert free.kappa.estimate == pytest.approx((0.9 - 0.62) / 0.38)


def test_the_gap_by_the_other_judge_alone_stands_beside(study: Path) -> None:
    (found,) = read_findings(study / "findings.json").agreement
    assert (found.verdict.labelled, found.verdict.missing) == (22, 2)
    by_rule = read_findings(study / "findings.json").contrasts["gap"].estimate
    assert found.verdict.contrasts["gap"].estimate != by_rule


def test_the_page_and_the_terminal_tell_the_agreement(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from feint.study.command import report_command

    report_command(study)
    assert "Agreement of action with grader" in capsys.readouterr().out
    page = (study / "report.html").read_text("utf-8")
    assert "Agreement of judges" in page and "<bdi>grader</bdi>" in page


def test_without_another_judge_there_is_no_agreement(tmp_path: Path) -> None:
    rows = copy.deepcopy(vlaf_rows("lab:m", 5, 2))
    (found,) = import_files([write_jsonl(tmp_path / "care.jsonl", rows)], "vlaf", tmp_path / "out").values()
    assert found.agreement == []
    assert "agreement" not in conclude_folder(tmp_path / "out" / "m").plain()
