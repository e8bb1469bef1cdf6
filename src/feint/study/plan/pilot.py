"""A study as a pilot of another: its rates, spread, lost replies and tokens, with intervals; and measured options."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from inspect_ai.log import EvalSampleSummary, read_eval_log_samples
from scipy import special

from feint.base.errors import UsageError
from feint.money.budget import Ledger
from feint.money.usage import mean_usage
from feint.stats.cells import compliance_rate
from feint.stats.intervals import jackknife_error
from feint.stats.power.spread import Counts, Spread, estimate_spread
from feint.stats.table import read_table
from feint.stats.types import Estimate, Floats, Settings
from feint.study.folder import Folder
from feint.study.judge.panel import current
from feint.study.logs import newest_log, outvoted, read_summaries, tables_of
from feint.study.plan.frozen import ALL, Plan, read_plan, task_of
from feint.study.plan.need import Case
from feint.study.plan.prepare import Setup, make_plan


@dataclass(frozen=True)
class Pilot:
    """The results of a pilot. Estimates are fractions or tokens, with an interval where possible.

    Attributes:
        plan: The pilot's plan.
        path: The pilot's folder.
        requests: Requests that were asked.
        replies: Replies that were asked.
        rates: Compliance by cell.
        counts: Scored and complying replies by request and cell, the cells in the order of the design.
        spread: The similarity of the replies to one request.
        same: Correlation of replies to one request within a cell.
        other: Correlation of replies to one request between cells.
        missing: Share of replies without a label.
        tokens_in: Tokens in a prompt; without estimate if the provider did not say.
        tokens_out: Tokens in a reply.
        judging: Mean tokens in and out of a call, by judge model.
    """

    plan: Plan
    path: Path
    requests: int
    replies: int
    rates: Mapping[str, Estimate]
    counts: Counts
    spread: Spread
    same: Estimate
    other: Estimate
    missing: Estimate
    tokens_in: Estimate
    tokens_out: Estimate
    judging: Mapping[str, tuple[float, float]]

    def cases(self, cells: Sequence[str]) -> list[Case]:
        """Return the cases to plan for: the rates as estimated, and all rates at the ends of their intervals.

        The ends show how much the plan depends on a small pilot (Browne 1995).

        Raises:
            UsageError: The pilot did not ask in a cell of the design that is planned.
        """
        words = task_of(self.plan).words
        for cell in cells:
            if cell not in self.rates or self.rates[cell].estimate is None:
                raise UsageError(
                    f"--from {self.path}: it has no {words.replies} in cell '{cell}'; give a study of this design"
                )
        lost = float(self.missing.estimate or 0.0)
        middle = dict(zip(self.plan.read_design().cells, self.counts.rates(), strict=True))
        low, high = (
            {cell: min(max(float(getattr(self.rates[cell], end) or 0.0), 0.002), 0.998) for cell in cells}
            for end in ("low", "high")
        )
        return [
            Case("rates at lower ends", low, self.spread, lost),
            Case("rates of the pilot", {cell: float(middle[cell]) for cell in cells}, self.spread, lost),
            Case("rates at upper ends", high, self.spread, lost),
        ]


def pilot_setup(setup: Setup) -> Setup:
    """Choose a small study like the one that is wanted."""
    _, plans = make_plan(setup)
    options = setup.chosen_task.pilot(setup.options, plans.options)
    return replace(setup, options=options, until=ALL, belief=False, realism=None, realism_prompts=None)


def read_pilot(path: Path) -> Pilot:
    """Read a study's folder as a pilot.

    Raises:
        UsageError: The folder is not a study, or holds no replies.
    """
    folder = Folder(path)
    plan = current(folder, read_plan(folder.plan))
    log = newest_log(folder.logs)
    if log is None:
        raise UsageError(f"--from {folder.logs}: no logs; run the study first")
    summaries = read_summaries(log)
    table = outvoted(
        tables_of(summaries, plan.judge, log.location, pending=plan.grading is not None, task=task_of(plan))
    )
    cells, settings = list(plan.read_design().cells), plan.read_settings()
    replies, _ = read_table(table, cells)
    if not len(replies.value):
        raise UsageError(f"--from {path}: no {task_of(plan).words.replies} yet; go on with feint study --resume")
    rates = {
        cell: compliance_rate(replies.value[here], replies.request[here], settings)
        for place, cell in enumerate(cells)
        for here in [replies.cell == place]
    }
    lost = np.isnan(replies.value).astype(float)
    counts = Counts(*replies.sums(cells))
    other = jackknife(lambda part: estimate_spread(part, settings.assumed_icc).other, counts, settings.level)
    same = Estimate()
    if (counts.n >= 2).any():  # one reply to each request in a cell says nothing of how alike two are
        same = jackknife(lambda part: estimate_spread(part, settings.assumed_icc).same, counts, settings.level)
    return Pilot(
        plan=plan,
        path=path,
        requests=len(counts.n),
        replies=len(lost),
        rates=rates,
        counts=counts,
        spread=estimate_spread(counts, settings.assumed_icc),
        same=same,
        other=other,
        missing=compliance_rate(lost, replies.request, settings),
        tokens_in=tokens_of(summaries, plan.subject, "input_tokens", settings),
        tokens_out=tokens_of(summaries, plan.subject, "output_tokens", settings),
        judging=mean_usage(Ledger(folder.spending)),
    )


def jackknife(statistic: Callable[[Counts], float], counts: Counts, level: float) -> Estimate:
    """Estimate with Tukey's (1958) interval: Student's, on the pseudo-values of leaving out one item each."""
    requests, whole = len(counts.n), statistic(counts)
    if requests < 3:
        return Estimate(whole, n=requests)
    left = np.array([statistic(counts.without(request)) for request in range(requests)])
    half = float(special.stdtrit(requests - 1, 0.5 + level / 2)) * jackknife_error(left)
    return Estimate(whole, max(whole - half, 0.0), min(whole + half, 1.0), requests)


def tokens_of(summaries: Sequence[EvalSampleSummary], model: str, side: str, settings: Settings) -> Estimate:
    """Return the mean tokens of a sample by the provider's count, with Student's interval; empty without a count."""
    usages: list[Any] = [(summary.model_usage or {}).get(model) for summary in summaries]
    found: Floats = np.array([getattr(usage, side) for usage in usages if usage is not None], dtype=float)
    if not len(found) or not found.any():
        return Estimate()
    mean = float(found.mean())
    if len(found) < 2:
        return Estimate(mean, n=1)
    error = found.std(ddof=1) / np.sqrt(len(found))
    half = float(special.stdtrit(len(found) - 1, 0.5 + settings.level / 2) * error)
    return Estimate(mean, mean - half, mean + half, len(found))


def find_thresholds(path: Path, least: int) -> str:
    """Find the options of a next study that a finished study measures, each by a median of `least` scores or more.

    Raises:
        UsageError: The task has no such options, the log is not complete, or there are too few scores.
    """
    folder = Folder(path)
    plan = read_plan(folder.plan)
    log = newest_log(folder.logs)
    if log is None or log.status != "success":
        raise UsageError(f"{folder.logs}: not all runs are in; go on with --resume")
    samples = read_eval_log_samples(log.location, exclude_fields={"events", "messages", "attachments"})
    return task_of(plan).measured_options(samples, least)
