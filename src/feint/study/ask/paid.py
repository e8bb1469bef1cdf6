"""Keeps what calls cost and brought before a study has a folder."""

import shutil
import tempfile
from pathlib import Path

from inspect_ai.model import ModelUsage

from feint.money.budget import Ledger
from feint.study.folder import Folder


class Paid(Ledger):
    """Keeps what calls cost and brought before there was a folder of the study: usage, and the reply of the subject.

    The reply is kept in a cache, so that the study does not ask for its first sample again.
    """

    def __init__(self) -> None:
        self.entries: list[tuple[str, ModelUsage]] = []
        self._place = tempfile.TemporaryDirectory(prefix="feint-")

    @property
    def cache(self) -> Path:
        """The folder of the cache."""
        return Path(self._place.name)

    def add(self, model: str, usage: ModelUsage) -> None:
        """Keep the usage of one answer."""
        self.entries.append((model, usage))

    def move(self, folder: Folder) -> None:
        """Put everything into the folder of a study."""
        ledger = Ledger(folder.spending)
        for model, usage in self.entries:
            ledger.add(model, usage)
        self.entries = []
        if any(self.cache.iterdir()):
            shutil.copytree(self.cache, folder.cache, dirs_exist_ok=True)
