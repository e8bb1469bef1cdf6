"""Subjects of known motive through the whole pipeline: frozen plan, Inspect, log, verdict."""

import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from feint.base.subjects import ACTOR, ORGANISM, is_organism, organism_name
from feint.calibration.options import CalibrationOptions, Job
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


def piped_studies(design: Design, options: CalibrationOptions) -> list[Job]:
    """List the real studies of a calibration.

    The seed also picks the actors' populations of requests. Organisms are asked only where the packages that they need
    are installed.
    """
    subjects = [f"{ACTOR}{name}{'&' if '?' in name else '?'}population={options.seed}" for name in options.piped]
    if options.organisms and all(find_spec(name) for name in NEEDED):
        known = known_actors(design.task, f"--design {options.design}")
        shipped = [name for name in store.names() if name in known]
        subjects += [ORGANISM + name for name in shipped if task_of(ORGANISM + name) == design.task]
    return [Job(options.design, subject, *options.piped_size, 1, options.seed) for subject in subjects]


def ask(study: Job) -> Piped:
    """Run a study in a folder that is thrown away, and compare its verdict with the planted motive.

    An organism has the motive of the actor of its name.
    """
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
    subject = study.subject
    actor = known_actor(design.task, organism_name(subject) if is_organism(subject) else subject.removeprefix(ACTOR))
    truth = truth_of(actor, design, contrasts_of(design), Settings().smallest_effect)
    return Piped(
        subject=subject,
        requests=study.requests,
        wordings=study.wordings,
        planted=[key for key, there in truth.planted.items() if there],
        absent=[key for key, there in truth.planted.items() if there is False],
        named=[key for key, decision in verdict.items() if decision == YES],
        ruled_out=[key for key, decision in verdict.items() if decision == NO],
        seconds=round(time.process_time() - started, 2),
    )
