"""Judging anew: a record beside the plan names the judges that count now; the plan itself stays frozen."""

from pathlib import Path

from feint.base.sealed import Sealed, read_sealed, write_sealed
from feint.study.folder import Folder
from feint.study.judge.panel import JudgePanel, open_judges
from feint.study.plan.frozen import Plan
from feint.study.plan.grading import RULES, Grading, conflict_of
from feint.study.plan.subject import Limits


class Rejudged(Sealed):
    """The content of judging.json.

    Attributes:
        plan: Hash of the study's plan.
        judge: Name of the labels that count; for several judges, all their names.
        grading: Judging by models; None if only the offline judge labels replies.
    """

    plan: str
    judge: str = RULES
    grading: Grading | None = None


def write_rejudged(folder: Folder, plan: Plan, judge: str, grading: Grading | None) -> None:
    """Record the judges that count from now on; the plan's own judge needs no record."""
    if (judge, grading) == (plan.judge, plan.grading):
        folder.judging.unlink(missing_ok=True)
        return
    write_sealed(folder.judging, Rejudged(plan=plan.sha256, judge=judge, grading=grading))


def read_rejudged(path: Path, plan: Plan) -> Rejudged | None:
    """Read the judges that count since the plan was frozen; None if they are those of the plan.

    Raises:
        UsageError: The record is broken, was changed, or is that of another plan.
    """
    if not path.is_file():
        return None
    return read_sealed(
        Rejudged,
        path,
        kind="a record of judging",
        remedy="judge anew",
        changed="changed, or of another study; remove it, and judge anew with: feint judge",
        of={"plan": plan.sha256},
    )


def current(folder: Folder, plan: Plan) -> Plan:
    """Return the plan with the judges that count now, under its own hash.

    Raises:
        UsageError: See `read_rejudged`.
    """
    record = read_rejudged(folder.judging, plan)
    return plan if record is None else plan.model_copy(update={"judge": record.judge, "grading": record.grading})


def open_current(plan: Plan, limits: Limits) -> JudgePanel | None:
    """Create the judges' models, or return None if no model judges.

    Raises:
        UsageError: See `feint.study.judge.panel.open_judges`.
    """
    if plan.grading is None:
        return None
    return open_judges(plan.grading, conflict_of(plan.task, plan.conflict), plan, limits)
