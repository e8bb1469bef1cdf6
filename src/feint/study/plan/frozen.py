"""The plan: everything that decides about asking and judging, frozen and hashed before the first reply."""

import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from feint.base.errors import UsageError
from feint.base.hashing import sha256_of
from feint.base.sealed import Sealed, read_sealed, write_sealed
from feint.base.version import __version__
from feint.designs import Design
from feint.situations.quiz import asked_facts
from feint.stats import Contrast, Settings
from feint.study.plan.grading import RULES, Grading
from feint.study.plan.realism import Realism
from feint.tasks.registry import load_task
from feint.tasks.task import Task

ALL, DECIDED = "all", "decided"
"""Until when a study asks, where that is no rule of its design."""
BESIDE = {"quiz": "comprehension questions", "belief": "forced choices"}
"""Questions about situations that may be asked beside a study, by name of their folder and of the task's method."""
Items = Mapping[str, Mapping[str, str]]
"""By item, its `kind` and `stratum`."""
UNHASHED = {"sha256", "noted", "refused"}
"""Keys of a plan that tell no two studies apart."""
LOG = "log"
"""Among the hashes of a plan, that of the log that the study was made of, if `inspect eval` wrote it."""
IMPORTED, JUDGES = "imported", "judges"
"""Among the arguments of a study that another tool recorded: the format of the import, and the models that the import
named as judges."""
NOTED = ("inspect_ai", "torch", "transformers")


class Plan(Sealed):
    """The content of plan.json.

    Attributes:
        subject: Inspect's name of the model.
        model_args: Arguments of the model.
        design: The design's full content, so that a later change of its file changes no finding.
        conflict: Name, type, objective and value of the conflict between which the subject chooses.
        task: Arguments of the Inspect task.
        generate: Temperature, reply limit and other parameters of generation, under Inspect's names.
        left_out: Parameters of generation that no request carries, for servers that reject them.
        judge: Name of the labels that count in the log; for several judges, all their names.
        grading: Judging by models; None if only the offline judge labels replies.
        realism: The reading of prompts for realism; None if no model reads them.
        until: The end of asking: "all" (everything planned was asked), "decided" (every contrast is), or the name of a
            rule of the design (it is settled).
        looking: The settings of interim looks, if asking may end early; see `feint.study.plan.until.LOOKS`.
        settings: The numbers that decide, see `feint.stats.Settings`.
        items: `kind` and `stratum` of each item, if cells ask some kinds of item only; otherwise empty.
        planned: Counts, such as `replies`; the most if asking may end early.
        hashes: Hashes of long content: requests, prompts, weights.
        noted: Versions and the like, which change no reply.
        refused: By model, the parameters that its server refused, with its words; requests are sent without them. They
            are found out by asking, and are no part of the hash. A judge has the key "judge NAME", since a subject of
            the same name may be asked otherwise.
    """

    subject: str
    model_args: dict[str, Any] = Field(default_factory=dict)
    design: dict[str, Any]
    conflict: dict[str, str]
    task: dict[str, str | int] = Field(default_factory=dict)
    generate: dict[str, Any] = Field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    judge: str = RULES
    grading: Grading | None = None
    realism: Realism | None = None
    until: str = ALL
    looking: dict[str, str | int] = Field(default_factory=dict)
    settings: dict[str, float | int]
    items: dict[str, dict[str, str]] = Field(default_factory=dict)
    planned: dict[str, int]
    hashes: dict[str, str] = Field(default_factory=dict)
    noted: dict[str, str] = Field(default_factory=dict)
    refused: dict[str, dict[str, str]] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out a reading that there is not: a plan without one is written as it was before there were any."""
        found: dict[str, Any] = dump(self)
        if found.get("realism") is None:
            found.pop("realism", None)
        return found

    def hash(self) -> str:
        """Hash (SHA-256) the canonical JSON of everything but `sha256`, `noted` and `refused`.

        Absent values are left out, so that keys added in later versions change no hash of an earlier plan.
        """
        absent = {"grading"} if self.grading is None else set()
        absent |= {"until", "looking"} if self.until == ALL else set()
        absent |= set() if self.items else {"items"}
        absent |= set() if self.left_out else {"left_out"}
        return sha256_of(self.model_dump(exclude={*UNHASHED, *absent}))

    def frozen(self) -> "Plan":
        """Return this plan with its hash and the installed versions."""
        noted = {"python": platform.python_version(), "feint": __version__}
        for package in NOTED:
            with suppress(PackageNotFoundError):
                noted[package] = version(package)
        return self.model_copy(update={"sha256": self.hash(), "noted": noted})

    def refused_by(self, role: str, model: str) -> dict[str, str]:
        """Return the parameters that the server of a model in a role refused, with its words.

        Plans of earlier versions name judges as subjects.
        """
        old = self.refused.get(model, {}) if role == "subject" or model != self.subject else {}
        return old if role == "subject" else self.refused.get(f"{role} {model}", old)

    def read_design(self) -> Design:
        """Return the frozen design."""
        return Design.model_validate(self.design)

    def read_settings(self) -> Settings:
        """Return the numbers that decide."""
        return Settings(**self.settings)  # type: ignore[arg-type]  # frozen from the same fields

    def contrasts(self) -> list[Contrast]:
        """Return the design's contrasts as inference takes them."""
        return contrasts_of(self.read_design(), self.items)

    @property
    def per_request(self) -> int:
        """Return the replies to each item in each cell."""
        return int(self.task["wordings"]) * int(self.task["samples"])

    def cells_asked(self) -> dict[str, int]:
        """Count the cells in which each item is asked; empty where every cell asks every item."""
        design = self.read_design()
        cells = Counter(kind for cell in design.cells for kind in design.kinds_of(cell))
        return {name: cells[about["kind"]] for name, about in self.items.items()}

    def strata(self) -> dict[str, str] | None:
        """Name the stratum of each item that the study fixes; None where it fixes none."""
        return {name: about["stratum"] for name, about in self.items.items()} or None

    def compared_facts(self) -> dict[str, list[str]]:
        """Return, by contrast, the facts in which its cells differ."""
        design = self.read_design()
        return {
            key: list(asked_facts([design.cells[cell] for cell in spec.weights], design.task))
            for key, spec in design.contrasts.items()
        }


def contrasts_of(design: Design, items: Items | None = None) -> list[Contrast]:
    """Return a design's contrasts as inference takes them; `items` are those of `Plan.items`."""
    return [
        Contrast(
            key=key,
            weights=spec.weights,
            expression=spec.expression,
            names=spec.names,
            any_of=spec.any_of,
            requires=dict(spec.requires),
            gap=spec.gap,
            words=spec.words,
            ratio=spec.ratio,
            among=asked_in_all(design, spec.weights, items or {}),
        )
        for key, spec in design.contrasts.items()
    ]


def asked_in_all(design: Design, cells: Iterable[str], items: Items) -> frozenset[str] | None:
    """Name the items that are asked in all of the given cells; None if every item is."""
    kinds = [set(design.kinds_of(cell)) for cell in cells]
    if not any(kinds):
        return None
    shared = set.intersection(*kinds)
    return frozenset(name for name, about in items.items() if about["kind"] in shared)


def task_of(plan: Plan) -> Task:
    """Load the task of a plan."""
    return load_task(plan.read_design().task)


def goes_on(plan: Plan) -> str:
    """Say how a study is finished."""
    return (
        "finish the log with inspect eval-retry, and report it again" if LOG in plan.hashes else "go on with --resume"
    )


def read_plan(path: Path) -> Plan:
    """Read and check plan.json.

    Raises:
        UsageError: The file is missing, broken, or was changed after it was frozen.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file; expected the folder of a study")
    return read_sealed(
        Plan,
        path,
        kind="a plan",
        remedy="restore it, or start anew",
        changed="changed after it was frozen (its hash differs); restore it, or start a new study",
    )


def write_refused(path: Path, refused: Mapping[str, Mapping[str, str]]) -> None:
    """Add to a plan the parameters that servers refused; see `Plan.refused`. Nothing is written if nothing is new."""
    plan = read_plan(path)
    found = {**plan.refused, **{
        model: {**plan.refused.get(model, {}), **names} for model, names in refused.items() if names
    }}  # fmt: skip
    if found != plan.refused:
        write_sealed(path, plan.model_copy(update={"refused": found}))


def first_difference(old: Any, new: Any, where: str = "") -> str:
    """Write the first key in which two plans differ, with both values, in one line."""
    if isinstance(old, Plan):
        return first_difference(old.model_dump(exclude=UNHASHED), new.model_dump(exclude=UNHASHED)) or "nothing"
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        found = (first_difference(old.get(key), new.get(key), f"{where}.{key}" if where else str(key)) for key in keys)
        return next((text for text in found if text), "")
    if old == new:
        return ""
    texts = ["absent" if value is None else str(value) or "''" for value in (old, new)]
    there, here = (text if len(text) <= 16 else text[:15] + "…" for text in texts)
    return f"{where} is {there} there and {here} here"
