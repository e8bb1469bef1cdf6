"""Runs `feint judge DIR`: judges a finished study anew, without asking the subject."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from inspect_ai.log import EvalLog

from feint.base.errors import IncompleteError, UsageError
from feint.judges.rules.scorer import check_judge
from feint.money.account import opened
from feint.money.budget import Ledger
from feint.money.prices import SpendingLimits, own_prices
from feint.situations import load_conflict
from feint.study.ask.paid import Paid
from feint.study.ask.probe import probe_judges
from feint.study.command import INTERRUPTED, NO_LIMIT, conclude_part, told_on
from feint.study.conclude.correct import People
from feint.study.folder import Folder
from feint.study.judge.budget import judging_budget, judging_gate
from feint.study.judge.judging import judge_log
from feint.study.judge.panel import open_judges, write_rejudged
from feint.study.logs import newest_log, read_summaries
from feint.study.plan.frozen import IMPORTED, Plan, read_plan, task_of, write_refused
from feint.study.plan.grading import DECIDING, RULES, Grading, check_names, conflict_of, make_grading, named_apart
from feint.study.plan.subject import Limits


class Wanted(TypedDict, total=False):
    """The manner of judging.

    Attributes:
        rubrics: Rubrics, separated by commas.
        votes: Answers to each rubric that is voted on.
    """

    rubrics: str | None
    votes: int | None


@own_prices()
def judge_command(
    path: Path,
    judges: Sequence[str],
    *,
    limits: Limits | None = None,
    display: str | None = None,
    people: People | None = None,
    spending: SpendingLimits = NO_LIMIT,
    probe: bool = False,
    **wanted: Unpack[Wanted],
) -> int:
    """Judge a finished study by other judges or rubrics; all earlier labels stay in its log.

    Judges are "rules", or models, of which several vote. Limits of spending hold for the whole study; `people` reads
    the labels that people gave; `probe` asks each judge a made-up question first. Judges that answer nothing usable
    replace no other judge.

    Returns:
        The exit code: 0, or `feint.study.command.LABELS_MISSING`.

    Raises:
        UsageError: The study is not finished, a judge cannot be opened, does not answer or cannot label it, or what
            may be spent cannot be read or is too little; nothing is written then.
        IncompleteError: All judges were given up. The labels that they gave are kept, and the findings stay.
    """
    folder = Folder(path)
    plan = read_plan(folder.plan)
    log = finished_log(folder)
    # A study's labels have the model's name; labels by other rubrics or votes need another name.
    grading = named_apart(wanted_grading(plan, judges, **wanted), gradings_in(log))
    panel = open_judges(grading, plan, limits)
    error, chosen = told_on(display)
    ledger = Ledger(folder.spending)
    budget = judging_budget(plan, list(grading.models.values()), ledger, spending)
    gate, paid = judging_gate(budget, log, panel), Paid()
    if probe:
        probe_judges(panel, limits or Limits(), budget, paid, display=chosen, console=error)
    with folder.held(), opened(budget, ledger):
        paid.move(folder)
        # The labels of the task itself are in the log already, where no rule gives them again.
        done = not grading.models and panel.judging.relabel is None
        try:
            done = done or judge_log(
                log, panel, folder.cache, study=plan.sha256, display=chosen, console=error, gate=gate, spent=budget.text
            )
        except KeyboardInterrupt:
            error.print(f"feint: stopped; the same command goes on where it was in {path}", soft_wrap=True)
            raise SystemExit(INTERRUPTED) from None
        finally:
            write_refused(folder.plan, {watch.key: watch.left_out for watch in panel.watches.values()})
        if why := panel.given_up():
            raise IncompleteError(
                f"{path}: judging stopped, because {why}; the findings stay as they were, and the same command goes on"
            )
        write_rejudged(folder, plan, grading.judge, grading if grading.models else None)
        if done:
            folder.drop_cache()
    if gate is not None and gate.stopped:
        budget.stops = {"judging": gate.stopped}
    return conclude_part(plan, folder, budget, people, error, goes_on="the same feint judge command")


def finished_log(folder: Folder) -> EvalLog:
    """Return the header of a study's newest log, before anything is asked.

    Raises:
        UsageError: Another process writes into the folder, or replies are still to be asked.
    """
    with folder.held():
        log = newest_log(folder.logs)
    if log is None or log.status != "success":
        raise UsageError(
            f"{folder.path}: not all replies are in; go on with: feint study … --out {folder.path} --resume"
        )
    return log


def gradings_in(log: EvalLog) -> dict[str, set[str]]:
    """Return the hashes of the gradings under which each judge of a log labelled, by the name of its labels."""
    found: dict[str, set[str]] = {}
    for summary in read_summaries(log):
        for name, score in (summary.scores or {}).items():
            found.setdefault(name, set()).add(str((score.metadata or {}).get("grading", "")))
    return found


def wanted_grading(plan: Plan, judges: Sequence[str], rubrics: str | None = None, votes: int | None = None) -> Grading:
    """Settle how the judges judge, if all of them can label this study."""
    named = conflict_of(plan.task, plan.conflict)
    check_names(judges)
    task, conflict = task_of(plan), None if named is None else load_conflict(named)
    if RULES in judges and conflict is not None:
        check_judge(conflict)
    mode = str(plan.task.get("mode", "scratchpad"))
    if IMPORTED in plan.task and rubrics is None and any(judge != RULES for judge in judges):
        rubrics = DECIDING.get(plan.conflict["type"])
    made = make_grading(judges, rubrics, votes, conflict, mode, task.name)
    return made or Grading(judges={task.judging.labels: RULES}, rubrics={})
