"""Runs `feint judge DIR`: judges a finished study anew, without asking the subject."""

from collections.abc import Sequence
from pathlib import Path

from feint.base.errors import UsageError
from feint.judges.rules.scorer import check_judge
from feint.money.account import opened
from feint.money.budget import Ledger
from feint.money.prices import SpendingLimits, own_prices
from feint.study.command import INTERRUPTED, NO_LIMIT, conclude_part, told_on
from feint.study.conclude.correct import People
from feint.study.folder import Folder
from feint.study.judge.budget import judging_budget, judging_gate
from feint.study.judge.current import write_rejudged
from feint.study.judge.judging import judge_log
from feint.study.judge.panel import open_judges
from feint.study.judge.scores import specs_in
from feint.study.logs import newest_log, read_summaries
from feint.study.plan.frozen import Plan, read_plan, task_of
from feint.study.plan.grading import RULES, Grading, check_names, conflict_named, conflict_of, make_grading, named_apart
from feint.study.plan.subject import Limits


@own_prices()
def judge_command(
    path: Path,
    judges: Sequence[str],
    *,
    rubrics: str | None = None,
    votes: int | None = None,
    limits: Limits | None = None,
    display: str | None = None,
    people: People | None = None,
    spending: SpendingLimits = NO_LIMIT,
) -> int:
    """Judge a finished study by other judges or rubrics; all earlier labels stay in its log.

    Args:
        path: The study's folder.
        judges: The judges: "rules", or models; several vote.
        rubrics: The rubrics of models, separated by commas.
        votes: Number of answers to rubrics that are voted on.
        limits: The limits of calls.
        display: The way in which progress is shown.
        people: Reads the labels that people gave.
        spending: The limits, for the whole study, and the prices of the user.

    Returns:
        The exit code: 0, or `feint.study.command.LABELS_MISSING`.

    Raises:
        UsageError: The study is not finished, a judge cannot be opened or cannot label it, or what may be spent
            cannot be read or is too little; nothing is written then.
    """
    folder = Folder(path)
    plan = read_plan(folder.plan)
    log = newest_log(folder.logs)
    if log is None or log.status != "success":
        raise UsageError(f"{path}: not all replies are in; go on with: feint study … --out {path} --resume")
    conflict = conflict_of(plan.task, plan.conflict)
    wanted = wanted_grading(plan, judges, rubrics, votes, conflict)
    # A study's labels have the model's name; labels by other rubrics or votes need another name.
    grading = named_apart(wanted, specs_in(read_summaries(log)))
    panel = open_judges(grading, conflict, plan, limits)
    error, chosen = told_on(display)
    ledger = Ledger(folder.spending)
    budget = judging_budget(plan, list(grading.models.values()), ledger, spending)
    gate = judging_gate(budget, log, panel)
    with folder.held(), opened(budget, ledger):
        write_rejudged(folder, plan, grading.judge, grading if grading.models else None)
        # The labels of the task itself are in the log already, where no rule gives them again.
        done = not grading.models and panel.judging.relabel is None
        try:
            done = done or judge_log(
                log, panel, folder.cache, study=plan.sha256, display=chosen, console=error, gate=gate, spent=budget.text
            )
        except KeyboardInterrupt:
            error.print(f"feint: stopped; the same command goes on where it was in {path}", soft_wrap=True)
            raise SystemExit(INTERRUPTED) from None
        if done:
            folder.drop_cache()
    if gate is not None and gate.stopped:
        budget.stops = {"judging": gate.stopped}
    return conclude_part(plan, folder, budget, people, error, goes_on="the same feint judge command")


def wanted_grading(
    plan: Plan, judges: Sequence[str], rubrics: str | None, votes: int | None, conflict: str | None
) -> Grading:
    """Settle how the judges judge.

    Raises:
        UsageError: A judge cannot label this study.
    """
    check_names(judges)
    task = task_of(plan)
    known = conflict_named(conflict) if conflict is not None else None
    if RULES in judges and known is not None:
        check_judge(known)
    mode = str(plan.task.get("mode", "scratchpad"))
    made = make_grading(judges, rubrics, votes, known, mode, task.name)
    return made or Grading(judges={task.judging.labels: RULES}, rubrics={})
