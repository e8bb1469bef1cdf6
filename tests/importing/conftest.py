"""Where the released transcripts lie, if they are there."""

import os
from pathlib import Path

import pytest

RELEASE = Path(os.environ.get("FEINT_VLAF", Path(__file__).parents[3] / "shared" / "data" / "vlaf"))
"""Folder with care.jsonl.gz and fairness.jsonl.gz; tests that need them skip where it is absent."""


@pytest.fixture(scope="session")
def release() -> list[Path]:
    files = [RELEASE / name for name in ("care.jsonl.gz", "fairness.jsonl.gz")]
    if not all(path.is_file() for path in files):
        pytest.skip("the released transcripts are not here; set FEINT_VLAF to their folder")
    return files
