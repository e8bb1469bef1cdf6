"""Inspect's cache, kept in a study's folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE_DIR = "INSPECT_CACHE_DIR"


@contextmanager
def study_cache(path: Path) -> Iterator[None]:
    """Let Inspect keep replies under a folder while the block runs."""
    before = os.environ.get(CACHE_DIR)
    os.environ[CACHE_DIR] = str(path.resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ[CACHE_DIR]
        else:
            os.environ[CACHE_DIR] = before
