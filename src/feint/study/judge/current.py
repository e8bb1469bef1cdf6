"""Judging anew: a record beside the plan of who judges now; the plan itself stays as it was frozen."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from feint.base.errors import UsageError
from feint.base.hashing import sha256_of
from feint.study.folder import Folder, write_json
from feint.study.judge.panel import Panel, open_judges
from feint.study.plan.frozen import Plan
from feint.study.plan.grading import RULES, Grading, conflict_of
from feint.study.plan.subject import Limits


class Rejudged(BaseModel):
    """The content of judging.json.

    Attributes:
        sha256: Hash of all other fields.
        plan: Hash of the study's plan.
        judge: Name of the labels that count; of several judges all their names.
        grading: How models judge; None where the offline judge does alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    sha256: str = ""
    plan: str
    judge: str = RULES
    grading: Grading | None = None

    def hash(self) -> str:
        """SHA-256 over everything but itself."""
        return sha256_of(self.model_dump(exclude={"sha256"}))


def write_rejudged(folder: Folder, plan: Plan, judge: str, grading: Grading | None) -> None:
    """Record who judges from now on; where that is the plan's own judge, there is nothing to record."""
    if (judge, grading) == (plan.judge, plan.grading):
        folder.judging.unlink(missing_ok=True)
        return
    record = Rejudged(plan=plan.sha256, judge=judge, grading=grading)
    write_json(folder.judging, record.model_copy(update={"sha256": record.hash()}).model_dump())


def read_rejudged(path: Path, plan: Plan) -> Rejudged | None:
    """Who judges since the plan was frozen; None where nobody else does.

    Raises:
        UsageError: The record is broken, was changed, or is that of another plan.
    """
    if not path.is_file():
        return None
    try:
        record = Rejudged.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError, ValueError) as error:
        raise UsageError(f"{path}: not a record of judging ({str(error).splitlines()[0]}); judge anew") from None
    if record.hash() != record.sha256 or record.plan != plan.sha256:
        raise UsageError(f"{path}: changed, or of another study; remove it, and judge anew with: feint judge")
    return record


def current(folder: Folder, plan: Plan) -> Plan:
    """The plan with the judges that count now, under its own hash.

    Raises:
        UsageError: See `read_rejudged`.
    """
    record = read_rejudged(folder.judging, plan)
    return plan if record is None else plan.model_copy(update={"judge": record.judge, "grading": record.grading})


def open_current(plan: Plan, limits: Limits) -> Panel | None:
    """Create the judges' models; None where no model judges.

    Raises:
        UsageError: See `feint.study.judge.panel.open_judges`.
    """
    if plan.grading is None:
        return None
    return open_judges(plan.grading, conflict_of(plan.task, plan.conflict), plan, limits)
