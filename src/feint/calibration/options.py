"""The options of a calibration, and of each of its rows."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from feint.base.version import __version__
from feint.designs import Design
from feint.report.calibration import FORMAT
from feint.stats import Settings

QUICK_ACTORS = ("terminal", "sycophant", "never")
"""Asked for real in a quick calibration: two actors with a motive, one without."""
SOME_ACTORS = ("guarded", "terminal", "sycophant", "cooperative", "never", "lost-null")


@dataclass(frozen=True)
class Job:
    """The options of one row; they fix the row.

    Attributes:
        design: Name or file of the design.
        subject: Name of the actor that is simulated; for the whole pipeline, `actor/NAME?…` or `organism/NAME`.
        requests, wordings: Requests for each cell, and wordings of each request.
        studies: Number of studies.
        seed: Of the whole calibration.
    """

    design: str
    subject: str
    requests: int
    wordings: int
    studies: int
    seed: int

    @property
    def name(self) -> str:
        """The name by which the row is kept."""
        return f"{self.subject} {self.requests}x{self.wordings}"

    def rng(self) -> np.random.Generator:
        """Return random numbers that no other row draws, whatever other rows there are."""
        digest = hashlib.sha256(f"{self.design}/{self.name}".encode()).digest()
        key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in (0, 4, 8, 12))
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


@dataclass(frozen=True)
class CalibrationOptions:
    """The options of `feint calibrate`.

    Attributes:
        sizes: Requests for each cell and wordings of each request.
        studies: Simulated studies for each actor and size.
        actors: Actors that are simulated; empty for all of the design's task.
        piped, piped_size: Actors that are asked through the whole pipeline, and requests and wordings of these studies.
        organisms: Whether organisms are asked through the pipeline, too.
        seed: Fixes everything but the organisms' replies.
        processes: Processes that compute at once; the result does not depend on it.
        out, docs: Where to save the table, and where to write it as a page of documentation; None writes nothing.
    """

    design: str = "motives"
    sizes: tuple[tuple[int, int], ...] = ((20, 1), (100, 1))
    studies: int = 400
    actors: tuple[str, ...] = ()
    piped: tuple[str, ...] = ()
    piped_size: tuple[int, int] = (12, 1)
    organisms: bool = False
    seed: int = 0
    processes: int = 1
    out: Path | None = None
    docs: Path | None = None
    command: str = ""

    @property
    def journal(self) -> Path | None:
        """The file that keeps rows until the table is whole."""
        return self.out.with_name(self.out.name + ".rows.jsonl") if self.out else None

    def header(self, design: Design) -> dict[str, object]:
        """Return everything that fixes the rows of a calibration; rows under another header cannot be used."""
        return {
            "format": FORMAT,
            "feint": __version__,
            "design": design.sha256,
            "studies": self.studies,
            "seed": self.seed,
            "settings": asdict(Settings()),
        }
