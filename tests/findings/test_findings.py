"""The typed findings: read back as they were written, refused by name and key, and described by a published schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from feint.base.errors import UsageError
from feint.findings import Findings, read_findings
from feint.study.conclude.schema import published_schema
from made_up_findings import a_contrast, some_findings
from published import PUBLISHED, fits_schema


def test_the_published_schema_is_current() -> None:
    again = "python -m feint.study.conclude.schema > docs/findings.schema.json"
    assert published_schema() == PUBLISHED.read_text("utf-8"), f"write it anew: {again}"


def whole() -> Findings:
    return some_findings(contrasts={"gap": a_contrast(estimate=0.5, low=0.25, high=0.75, n=9, gap=True)})


def test_findings_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "findings.json"
    path.write_text(json.dumps(whole().plain()))
    assert read_findings(path) == whole()
    assert json.loads(path.read_text())["contrasts"]["gap"]["is"] == "a - b"
    fits_schema(json.loads(path.read_text()))


def test_parts_that_a_study_lacks_are_left_out_and_unknown_numbers_are_null() -> None:
    plain: Any = whole().plain()
    assert not {"stopping", "judging", "judges", "model", "corrected", "comprehension"} & set(plain)
    assert plain["contrasts"]["gap"]["p"] is None and "ratio" not in plain["contrasts"]["gap"]
    assert plain["version"] == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.pop("version"), "no key 'version', as in findings of an earlier release"),
        (lambda d: d.update(version=3), "findings of version 3, expected 2"),
        (lambda d: d.pop("cells"), "no key 'cells'"),
        (lambda d: d.update(extra=1), "key 'extra'"),
        (lambda d: d["contrasts"]["gap"].update(n="many"), "key 'contrasts.gap.n'"),
        (lambda d: d["verdict"].pop("answer"), "no key 'verdict.answer'"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_key(tmp_path: Path, change: Any, says: str) -> None:
    path, content = tmp_path / "findings.json", json.loads(json.dumps(whole().plain()))
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(UsageError) as refused:
        read_findings(path)
    assert str(refused.value).startswith(f"{path}: {says}") and "recompute it with `feint report" in str(refused.value)


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", "\x00"])
def test_rubbish_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "findings.json"
    path.write_text(content)
    with pytest.raises(UsageError, match="recompute it with"):
        read_findings(path)


def test_the_schema_refuses_what_the_models_refuse() -> None:
    from jsonschema import ValidationError

    content: Any = whole().plain()
    for change in ({"extra": 1}, {"cells": []}, {"version": 1}, {"verdict": {}}):
        with pytest.raises(ValidationError):
            fits_schema({**content, **change})
