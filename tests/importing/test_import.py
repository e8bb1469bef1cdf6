"""From files to studies: what is written is a study like any other."""

import json
from pathlib import Path

import pytest
from inspect_ai import score
from inspect_ai.log import read_eval_log
from recorded import table_rows, vlaf_row, vlaf_rows, write_csv, write_jsonl

from feint.base.errors import UsageError
from feint.judges.rules.scorer import action
from feint.study.compare.page import render_comparison
from feint.study.compare.studies import compare_folders
from feint.study.conclude.conclude import conclude_folder
from feint.study.importing.files import import_command, import_files
from feint.study.plan.frozen import read_plan


@pytest.fixture
def vlaf(tmp_path: Path) -> Path:
    rows = vlaf_rows("vllm:m-7b", 1, 1) + vlaf_rows("vllm:m-7b-sft", 6, 0) + vlaf_rows("openai:x", 3, 3)
    import_files([write_jsonl(tmp_path / "care.jsonl", rows)], "vlaf", tmp_path / "out")
    return tmp_path / "out"


def test_each_subject_gets_a_study(vlaf: Path) -> None:
    assert sorted(path.name for path in vlaf.iterdir()) == ["m-7b", "m-7b-sft", "x"]
    folder = vlaf / "m-7b-sft"
    assert {path.name for path in folder.iterdir()} == {"plan.json", "logs", "findings.json", "report.html"}
    findings = json.loads((folder / "findings.json").read_text("utf-8"))
    assert findings["replies"] == {"planned": 24, "scored": 24, "missing": 0, "missing_by_reason": {}, "cut_off": 0}
    assert findings["cells"]["free"]["compliance"]["estimate"] == 1
    assert findings["cells"]["paid"]["compliance"]["estimate"] == 0
    assert findings["contrasts"]["gap"]["names"] is None
    assert findings["verdict"]["motives"] == []
    plan = read_plan(folder / "plan.json")
    assert plan.task == {"imported": "vlaf"}
    assert len(plan.hashes["care.jsonl"]) == 64


def test_findings_are_recomputed_from_the_logs_alone(vlaf: Path) -> None:
    folder = vlaf / "m-7b"
    before = (folder / "findings.json").read_bytes()
    (folder / "findings.json").unlink()
    conclude_folder(folder)
    assert (folder / "findings.json").read_bytes() == before


def test_logs_are_inspects_and_can_be_scored_again(vlaf: Path) -> None:
    log = read_eval_log(next((vlaf / "x" / "logs").glob("*.eval")).as_posix())
    assert (log.status, log.eval.model, len(log.samples or [])) == ("success", "none/x", 24)
    assert log.eval.metadata is not None
    assert (log.eval.metadata["imported"], log.eval.metadata["model"]) == (True, "openai:x")
    sample = (log.samples or [])[0]
    assert sample.output.stop_reason == "unknown"
    assert sample.messages[-1].text == sample.output.completion
    again = score(log, action(), action="overwrite", display="none")
    values = [[(one.scores or {})["action"].value for one in every.samples or []] for every in (log, again)]
    assert values[0] == values[1]


def test_a_table_brings_reasoning_labels_and_missing_replies(tmp_path: Path) -> None:
    rows = [{**row, "label": "1", "reasoning": "I must help."} for row in table_rows(requests=6)]
    rows[0] |= {"reply": "", "label": ""}
    [folder] = import_files([write_csv(tmp_path / "t.csv", rows)], "table", tmp_path / "out")
    assert folder.name == "lab-model"
    log = read_eval_log(next((folder / "logs").glob("*.eval")).as_posix())
    first, second = (log.samples or [])[:2]
    assert first.scores is not None
    assert second.scores is not None
    assert first.scores["rules"].value != first.scores["rules"].value
    assert first.scores["rules"].metadata is not None
    assert first.scores["rules"].metadata["missing"] == "empty"
    assert first.scores["label"].answer == "missing"
    assert second.scores["label"].value == 1.0
    findings = json.loads((folder / "findings.json").read_text("utf-8"))
    assert findings["replies"]["missing_by_reason"] == {"empty": 1}
    assert findings["contrasts"]["gap"]["estimate"] > 0.8


def test_nothing_is_written_when_something_is_wrong(tmp_path: Path) -> None:
    good = write_jsonl(tmp_path / "a.jsonl", vlaf_rows("m", 1, 1))
    bad = write_jsonl(tmp_path / "b.jsonl", [{**vlaf_row("n", True, 0, "a"), "sample": None}])
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="line 1: 'sample' is None"):
        import_files([good, bad], "vlaf", out)
    assert not out.exists()
    out.mkdir()
    (out / "note.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        import_files([good], "vlaf", out)


def test_cells_that_share_no_request_are_told(tmp_path: Path) -> None:
    rows = table_rows()
    for row in rows:
        row["request"] += ".0" if row["cell"] == "free" else ""
    with pytest.raises(UsageError, match=r"cells of lab/model share no request \(such as 'r0.0' in cell 'free', 'r0'"):
        import_files([write_csv(tmp_path / "t.csv", rows)], None, tmp_path / "out")
    rows = [{**row, "sample": row["sample"] + (5 if row["cell"] == "free" else 0)} for row in table_rows()]
    with pytest.raises(UsageError, match="share requests, but no number of a sample"):
        import_files([write_csv(tmp_path / "t.csv", rows)], None, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_faults_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*table_rows("whole"), *(row for row in table_rows("half") if row["cell"] == "free")]
    import_command([write_csv(tmp_path / "t.csv", rows)], None, tmp_path / "out")
    said = capsys.readouterr().out
    assert "! set aside: half has no reply in cell 'paid' (only 8 in cell 'free')" in said
    assert "! whole: 100% of the replies in cell 'free' are the same text" in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["whole"]


def test_formats_are_told_by_content(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", table_rows())
    release = write_jsonl(tmp_path / "r.jsonl", vlaf_rows("m", 1, 1))
    with pytest.raises(UsageError, match=r"t.csv looks like table and .*r.jsonl looks like vlaf"):
        import_files([table, release], None, tmp_path / "out")
    assert len(import_files([release], None, tmp_path / "out")) == 1


def test_copies_are_named_in_the_comparison(tmp_path: Path) -> None:
    rows = vlaf_rows("m-7b", 5, 1)
    copies = [{**row, "subject": "m-13b"} for row in rows]
    import_files([write_jsonl(tmp_path / "x.jsonl", rows + copies)], "vlaf", tmp_path / "out")
    found = compare_folders([tmp_path / "out"])
    [told] = [text for text in found.warnings if "identical replies" in text]
    assert "m-7b and m-13b have identical replies, all 24" in told and "they are counted once, as m-13b" in told
    assert [row.subject for row in found.rows] == ["m-13b"]
    again = compare_folders([tmp_path / "out" / "m-7b", tmp_path / "out" / "m-7b"])
    assert [text for text in again.warnings if "m-7b again; they are counted once, as m-7b" in text]


def test_a_second_judge_of_the_same_replies_is_a_row(tmp_path: Path) -> None:
    rows = [
        {**row, "one": str(int(row["cell"] == "free")), "two": str(int(row["request"] == "r1"))} for row in table_rows()
    ]
    table = write_csv(tmp_path / "t.csv", rows)
    for judge in ("one", "two"):
        import_files([table], None, tmp_path / judge, {"complied": judge})
    import_files([table], None, tmp_path / "copy", {"complied": "two"})
    found = compare_folders([tmp_path / name for name in ("one", "two", "copy")])
    assert {row.subject: row.gap.estimate for row in found.rows} == {"lab/model (one)": 1, "lab/model (two)": 0}
    assert set(found.answers) == {"lab/model (one)", "lab/model (two)"}
    assert len([text for text in found.warnings if "holds the replies of" in text]) == 1


def test_studies_of_one_subject_in_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for place, requests in (("a/x/s", 3), ("b/x/s", 4), ("c/y/s", 5)):
        table = write_csv(tmp_path / f"{requests}.csv", table_rows(requests=requests))
        import_files([table], None, tmp_path / place)
    found = compare_folders([tmp_path / place / "lab-model" for place in ("a/x/s", "b/x/s", "c/y/s")])
    names = sorted(row.subject.partition(" ")[2] for row in found.rows)
    assert names == ["(a/x/s/lab-model)", "(b/x/s/lab-model)", "(y/s/lab-model)"]


def test_compare_sets_stages_side_by_side(vlaf: Path) -> None:
    found = compare_folders([vlaf])
    by_subject = {row.subject: row for row in found.rows}
    assert by_subject["m-7b-sft"].gap.estimate == 1
    assert (by_subject["m-7b-sft"].family, by_subject["m-7b-sft"].stage) == ("m-7b", "sft")
    assert by_subject["x"].family is None
    assert "Intervals and decisions are for each subject alone" in found.warnings[-1]
    page = render_comparison(found)
    assert "m-7b-sft" in page


def test_compare_refuses_what_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        compare_folders([tmp_path / "absent"])
    with pytest.raises(UsageError, match="neither the folder of a study nor one that holds such"):
        compare_folders([tmp_path])
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(UsageError, match="no findings yet; run `feint report"):
        compare_folders([tmp_path])
    (tmp_path / "findings.json").write_text("{}")
    with pytest.raises(UsageError, match="no key 'version'"):
        compare_folders([tmp_path])


@pytest.mark.transcripts
@pytest.mark.slow
def test_the_whole_release_imports_and_compares(release: list[Path], tmp_path: Path) -> None:
    import_files(release, "vlaf", tmp_path / "out")
    found = compare_folders([tmp_path / "out"])
    assert len(found.rows) == 16  # two of the 17 are copies
    assert any("olmo2-13b-instruct and olmo2-7b-instruct have identical replies" in text for text in found.warnings)
    assert max(row.missing_rate or 0 for row in found.rows) <= 0.20
    assert [row.stage for row in found.rows if row.family == "olmo2-32b"] == ["base", "dpo", "instruct", "sft"]
