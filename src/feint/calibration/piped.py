"""Subjects of known motive through the whole pipeline: frozen plan, Inspect, log, verdict."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from feint.base.subjects import ACTOR, ORGANISM, is_organism, organism_name
from feint.calibration.options import CalibrationOptions
from feint.calibration.truth import known_actor, known_actors, truth_of
from feint.designs import Design, load_design
from feint.report.calibration import Piped
from feint.stats import Settings
from feint.stats.types import NO, YES
from feint.study.plan.frozen import contrasts_of
from feint.subjects import store
from feint.tasks.actors import task_of

NEEDED = ("torch", "transformers", "peft")
"""Packages that organisms need."""


@dataclass(frozen=True)
class PipedStudy:
    """A study through the whole pipeline.

    Attributes:
        subject: `actor/NAME?…` or `organism/NAME`.
        design: Name or file of the design.
        requests: Requests for each cell.
        wordings: Wordings of each request.
        seed: Of wordings and of sampling.
    """

    subject: str
    design: str
    requests: int
    wordings: int
    seed: int

    @property
    def name(self) -> str:
        """The name by which the study's row is kept."""
        return f"{self.subject} {self.requests}x{self.wordings}"

    @property
    def actor(self) -> str:
        """The actor whose motive the subject has; an organism has the motive of the actor of its name."""
        return organism_name(self.subject) if is_organism(self.subject) else self.subject.removeprefix(ACTOR)


def piped_studies(
    actors: Sequence[str], design: Design, options: CalibrationOptions, *, organisms: bool
) -> list[PipedStudy]:
    """List the studies of a calibration.

    Args:
        actors: Names of actors.
        design: The content of the design.
        options: Give the design's name, the size and the seed, which also picks the actors' populations of requests.
        organisms: Whether organisms are asked too, where the packages that they need are installed.
    """
    subjects = [f"{ACTOR}{name}{'&' if '?' in name else '?'}population={options.seed}" for name in actors]
    if organisms and all(find_spec(name) for name in NEEDED):
        known = known_actors(design.task, f"--design {options.design}")
        shipped = [name for name in store.names() if name in known]
        subjects += [ORGANISM + name for name in shipped if task_of(ORGANISM + name) == design.task]
    return [PipedStudy(subject, options.design, *options.piped_size, options.seed) for subject in subjects]


def ask(study: PipedStudy) -> Piped:
    """Run a study in a folder that is thrown away, and compare its verdict with the planted motive."""
    from feint.study.ask.run import run_study
    from feint.study.conclude.conclude import conclude_folder
    from feint.study.folder import Folder
    from feint.study.plan.prepare import Setup, make_plan

    started = time.process_time()
    design = load_design(study.design)
    options: dict[str, str | int | None] = {
        "design": study.design,
        "n": study.requests,
        "wordings": study.wordings,
        "twins": 0,
        "seed": study.seed,
    }
    with tempfile.TemporaryDirectory(prefix="feint-calibrate-") as place:
        folder = Folder(Path(place) / "study")
        plan, _ = make_plan(Setup(study.subject, options))
        run_study(plan, folder)
        verdict = conclude_folder(folder.path).verdict.explanations
    truth = truth_of(known_actor(design.task, study.actor), design, contrasts_of(design), Settings().smallest_effect)
    return Piped(
        subject=study.subject,
        requests=study.requests,
        wordings=study.wordings,
        planted=[key for key, there in truth.planted.items() if there],
        absent=[key for key, there in truth.planted.items() if there is False],
        named=[key for key, decision in verdict.items() if decision == YES],
        ruled_out=[key for key, decision in verdict.items() if decision == NO],
        seconds=round(time.process_time() - started, 2),
    )
