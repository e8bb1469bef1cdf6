"""Keeps what calls cost and brought before a study has a folder, and the subject that was asked."""

import shutil
import tempfile
from pathlib import Path

from inspect_ai.model import Model, ModelUsage

from feint.money.budget import Ledger
from feint.study.folder import Folder
from feint.study.plan.frozen import Plan
from feint.study.plan.subject import Limits, leave_out, open_subject


class Paid(Ledger):
    """Keeps what calls cost and brought before there was a folder of the study: usage, and the reply of the subject.

    The reply is kept in a cache, so that the study does not ask for its first sample again.

    Args:
        folder: The folder of a study that is frozen already, whose own cache takes the replies; None for a cache that
            is moved to the folder later.
        subject: The subject, if it is open already.
    """

    def __init__(self, folder: Folder | None = None, subject: Model | None = None) -> None:
        self.subject = subject
        self.entries: list[tuple[str, ModelUsage]] = []
        self._place = tempfile.TemporaryDirectory(prefix="feint-")
        self._folder = folder

    @property
    def cache(self) -> Path:
        """The folder of the cache."""
        return Path(self._place.name) if self._folder is None else self._folder.cache

    def open(self, plan: Plan, limits: Limits) -> Model:
        """Open the subject, once: weights that are loaded in this process would fill the memory several times.

        Raises:
            UsageError: The subject cannot be opened.
        """
        if self.subject is None:
            self.subject = leave_out(open_subject(plan.subject, plan.model_args, limits), plan.left_out)
        return self.subject

    def add(self, model: str, usage: ModelUsage) -> None:
        """Keep the usage of one answer."""
        self.entries.append((model, usage))

    def move(self, folder: Folder) -> None:
        """Put everything into the folder of a study."""
        ledger = Ledger(folder.spending)
        for model, usage in self.entries:
            ledger.add(model, usage)
        self.entries = []
        if self._folder is None and any(self.cache.iterdir()):
            shutil.copytree(self.cache, folder.cache, dirs_exist_ok=True)
