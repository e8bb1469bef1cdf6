"""Inspect's settings for a process, given to one study at a time: its cache and its list of prices."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from feint.money.prices import registered

CACHE_DIR = "INSPECT_CACHE_DIR"
_ALONE = Lock()
"""Held by the study that asks; Inspect runs one evaluation at a time and has one cache folder for a process."""


@contextmanager
def study_cache(path: Path) -> Iterator[None]:
    """Let Inspect keep replies under a folder while the block runs; a study in another thread waits for its turn.

    Args:
        path: The study's own cache.
    """
    with _ALONE, registered():
        before = os.environ.get(CACHE_DIR)
        os.environ[CACHE_DIR] = str(path.resolve())
        try:
            yield
        finally:
            if before is None:
                del os.environ[CACHE_DIR]
            else:
                os.environ[CACHE_DIR] = before
