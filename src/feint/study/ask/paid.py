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
    """

    def __init__(self) -> None:
        self.subject: Model | None = None
        self.entries: list[tuple[str, ModelUsage]] = []
        self._place = tempfile.TemporaryDirectory(prefix="feint-")

    @property
    def cache(self) -> Path:
        """The folder of the cache."""
        return Path(self._place.name)

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
        if any(self.cache.iterdir()):
            shutil.copytree(self.cache, folder.cache, dirs_exist_ok=True)
