"""Subjects of known motive through the whole pipeline: frozen plan, Inspect, log, verdict."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from feint.calibration.truth import truth_of
from feint.designs import load_design
from feint.report.calibration import Piped
from feint.stats import Settings
from feint.stats.types import NO, YES
from feint.study.plan.frozen import contrasts_of
from feint.tasks.alignment_faking.actors import get_actor, load_actors
from feint.tasks.alignment_faking.actors.policy import load_policies

NEEDED = ("torch", "transformers", "peft")
"""What organisms run on."""


@dataclass(frozen=True)
class Errand:
    """One study.

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


def errands(actors: Sequence[str], design: str, size: tuple[int, int], seed: int, *, organisms: bool) -> list[Errand]:
    """The studies of a calibration.

    Args:
        actors: Names of actors.
        design: Name or file of the design.
        size: Requests for each cell, and wordings of each.
        seed: Also picks the actors' populations of requests.
        organisms: Whether organisms are asked too, where what they need is installed.
    """
    subjects = [f"actor/{name}{'&' if '?' in name else '?'}population={seed}" for name in actors]
    if organisms and can_run():
        subjects += [f"organism/{name}" for name in load_policies()]
    return [Errand(subject, design, *size, seed) for subject in subjects]


def can_run() -> bool:
    """Whether organisms can be asked here."""
    return all(find_spec(name) for name in NEEDED)


def ask(errand: Errand) -> Piped:
    """Run one study in a folder that is thrown away, and hold its verdict against what is planted.

    An organism's motive is that of the actor of its name, which has the same policy.
    """
    from feint.study.ask.run import run_study
    from feint.study.conclude.conclude import conclude_folder
    from feint.study.folder import Folder
    from feint.study.plan.prepare import Wish, make_plan

    started = time.process_time()
    name = errand.subject.partition("/")[2]
    design = load_design(errand.design)
    options: dict[str, str | int | None] = {
        "design": errand.design,
        "n": errand.requests,
        "wordings": errand.wordings,
        "twins": 0,
    }
    with tempfile.TemporaryDirectory(prefix="feint-calibrate-") as place:
        folder = Folder(Path(place) / "study")
        plan, _ = make_plan(Wish(errand.subject, {**options, "seed": errand.seed}))
        run_study(plan, folder)
        verdict = conclude_folder(folder.path)["verdict"]["explanations"]
    assert name.partition("?")[0] in load_actors()
    truth = truth_of(get_actor(name), design, contrasts_of(design), Settings().smallest_effect)
    return Piped(
        subject=errand.subject,
        requests=errand.requests,
        wordings=errand.wordings,
        planted=[key for key, there in truth.planted.items() if there],
        absent=[key for key, there in truth.planted.items() if there is False],
        named=[key for key, decision in verdict.items() if decision == YES],
        ruled_out=[key for key, decision in verdict.items() if decision == NO],
        seconds=round(time.process_time() - started, 2),
    )
