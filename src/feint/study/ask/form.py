"""Try the form in which replies are asked for on a few samples, before the whole study is paid for.

A model that cannot write the tags that it is asked for, or that never comes to an end, gives replies without a label.
A handful of calls shows that. If most of them go wrong, other forms of the same study are tried on the same samples,
and the form that the model can follow is proposed.
"""

import tempfile
from collections import Counter
from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass, field

import inspect_ai
from inspect_ai import task_with
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalSample
from inspect_ai.model import CachePolicy
from rich.console import Console

from feint.base.data import checked
from feint.base.errors import UsageError
from feint.base.numbers import percent
from feint.base.progress import Display
from feint.base.vocabulary import all_flags
from feint.money.budget import Budget
from feint.money.prices import usd
from feint.report.words import glossary
from feint.study.ask.gates import Gates, most_cells
from feint.study.ask.paid import Paid
from feint.study.ask.probe import RETRIES, complaint, probed, speaking
from feint.study.ask.watch import watch_of
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.subject import Limits

TRIED, OTHERS = 10, 5
"""Samples of a trial of the study's own form, whose replies are the study's own; and of any other form."""
LEAST = 3
"""Answered calls without which nothing is said about a form."""
LONGER = 4
"""Replies that were cut off are tried at so many times the limit."""
COOLER = 0.3
"""The lower temperature that is tried last."""
SECONDS = 300
"""Seconds for one call of a trial, where the user sets no --timeout."""


@dataclass(frozen=True)
class Form:
    """A form of a study: other values of the task's options and of generation; empty for the plan's own."""

    options: Mapping[str, object] = field(default_factory=dict)
    generate: Mapping[str, int | float] = field(default_factory=dict)

    @property
    def flags(self) -> dict[str, str]:
        """The flags of the command line that ask in this form, with their values.

        >>> Form({"mode": "none"}, {"max_tokens": 800}).flags
        {'--reasoning': 'none', '--max-tokens': '800'}
        """
        names = {option: flag.name or option for option, flag in all_flags().items()}
        found = {f"--{names[option]}": str(value) for option, value in self.options.items()}
        return found | {f"--{name.replace('_', '-')}": f"{value:g}" for name, value in self.generate.items()}


@dataclass(frozen=True)
class Trial:
    """The outcome of a trial: for each reply, the reason for a missing label, or None.

    >>> Trial(Form(), (None, "no_reply_tag", "unclear")).labelled
    1
    """

    form: Form
    missing: tuple[str | None, ...]

    @property
    def labelled(self) -> int:
        """Count the replies with a label."""
        return self.missing.count(None)

    @property
    def share(self) -> float:
        """The share of replies with a label; 0 without replies."""
        return self.labelled / len(self.missing) if self.missing else 0.0

    def lacks(self, reasons: frozenset[str], most: float) -> bool:
        """Tell if these reasons leave a larger share of the replies without a label than `most`."""
        return sum(reason in reasons for reason in self.missing) > most * len(self.missing)


class FormError(UsageError):
    """The subject does not reply in the form asked for, and another form is proposed.

    Attributes:
        flags: The flags that ask in the proposed form, with their values.
    """

    def __init__(self, message: str, flags: Mapping[str, str]) -> None:
        super().__init__(message)
        self.flags = dict(flags)


def try_form(plan: Plan, limits: Limits, budget: Budget, paid: Paid, *, display: Display, console: Console) -> None:
    """Try the form of a study, and other forms if too few replies have a label for reasons of form.

    Replies in the study's own form are kept in the cache of `paid`, and the study does not ask for them again.

    Raises:
        FormError: Another form is better.
        UsageError: The subject does not answer, or follows no form that was tried.
    """
    task = task_of(plan)
    if not task.unfollowed or not probed(plan.subject):
        return
    trials, most = FormTrials(plan, limits, budget, paid, display, console), plan.read_settings().max_missing
    watch = watch_of(trials.model)
    before = watch.answers
    own = trials.ask(Form(), TRIED)
    # The reply of the probe came from the cache.
    if watch.stopped or (watch.answers == before and watch.reason):
        raise UsageError(f"{complaint(watch, trials.model, watch.reason, limits)} ({spent(budget)})")
    if trials.short and display != "none":
        console.print(f"note: the form of replies is tried on {len(own.missing)}, since {trials.short}", soft_wrap=True)
    if len(own.missing) < LEAST or not own.lacks(task.unfollowed, most):
        return
    best = trials.best(own, most)
    counted = glossary(task.name).reasons(Counter(filter(None, own.missing)))
    said = (
        f"subject '{plan.subject}' does not reply in the form asked for: of {len(own.missing)} trial replies, "
        f"{own.labelled} can be labelled ({counted})"
    )
    if best is None:
        others = f"no other form is found, since {trials.short}" if trials.short else "no other form does better"
        raise UsageError(
            f"{said}, and {others} ({spent(budget)}); choose another subject, or add --form as-asked "
            "to ask all the same"
        )
    flags = " ".join(f"{name} {value}" for name, value in best.form.flags.items())
    count = len(best.missing)
    few = f"in a trial so small that it fits shares from {percent(least_share(best.labelled, count))} % on"
    raise FormError(f"{said}; {few} ({spent(budget)}), with {flags}, {best.labelled} of {count} can", best.form.flags)


def least_share(labelled: int, replies: int) -> float:
    """Return the smallest share of labelled replies that a trial leaves plausible: the one-sided bound of 95 %.

    Clopper and Pearson (1934).

    >>> round(least_share(5, 5), 2), least_share(0, 5)
    (0.55, 0.0)
    """
    from scipy.stats import beta

    return float(beta.ppf(0.05, labelled, replies - labelled + 1)) if labelled else 0.0


def spent(budget: Budget) -> str:
    """Say what was asked and spent so far.

    >>> spent(Budget({"a/b": None}))
    '0 calls were made'
    """
    calls = "1 call was" if budget.calls == 1 else f"{budget.calls:,} calls were"
    known = any(price is not None and (price.input or price.output) for price in budget.prices.values())
    return f"{calls} made" + (f", for {usd(budget.spent)}" if known else "")


class FormTrials:
    """Trials of one study in several forms."""

    def __init__(
        self, plan: Plan, limits: Limits, budget: Budget, paid: Paid, display: Display, console: Console
    ) -> None:
        self.plan, self.limits, self.budget, self.paid = plan, limits, budget, paid
        self.task = task_of(plan)
        self.display, self.console = display, console
        self.model = paid.open(plan, limits)
        self.short = ""
        self.options = checked(self.task.options, dict(plan.task), "options")

    def best(self, own: Trial, most: float) -> Trial | None:
        """Try other forms, and return the best; None if no form is better than the plan's own.

        Greater changes are tried only while no more than a share `most` of the replies lacks a label in none of them:
        first the task's own forms, then longer replies, then a lower temperature.
        """
        others = [Form(options) for options in self.task.forms(self.options)]
        found = [self.ask(form, OTHERS) for form in others]
        limit, heat = self.plan.generate.get("max_tokens"), self.plan.generate.get("temperature")
        cut = sum(reason in ("truncated", "cut_off") for reason in own.missing) * 2 >= len(own.missing)
        if cut and isinstance(limit, int) and self.choose(found, most) is None:
            found.append(self.ask(Form(generate={"max_tokens": LONGER * limit}), OTHERS))
        if isinstance(heat, int | float) and heat > COOLER and self.choose(found, most) is None:
            form = max(found, key=lambda one: one.share, default=own).form
            found.append(self.ask(Form(form.options, {**form.generate, "temperature": COOLER}), OTHERS))
        return self.choose(found, most) or self.choose(found, 1 - own.share, better=True)

    def choose(self, found: list[Trial], most: float, *, better: bool = False) -> Trial | None:
        """Return the trial in which most replies have a label, if a share of at most `most` (or less) has none."""
        enough = [one for one in found if len(one.missing) >= LEAST]
        best = max(enough, key=lambda one: one.share, default=None)
        if best is None or 1 - best.share > most + 1e-9 or (better and 1 - best.share >= most - 1e-9):
            return None
        return best

    def room(self, wanted: int) -> int:
        """Return how many samples the limits of spending leave room for, beside one item of the study in all cells."""
        if not self.budget.limited:
            return wanted
        gates = Gates(self.budget, self.plan)
        item = (gates.one("asking")[0] + gates.one("judging")[0]).times(most_cells(self.plan))
        one = gates.one("asking")[1]
        return next((n for n in range(wanted, 0, -1) if not self.budget.lacking(one.times(n) + item)), 0)

    def ask(self, form: Form, wanted: int) -> Trial:
        """Ask some samples in a form: of different items, in the cells in turn; none where limits leave too little."""
        if (count := self.room(wanted)) < wanted:
            limit = "--budget" if self.budget.max_calls is None else f"--max-calls {self.budget.max_calls}"
            self.short = f"{limit} leaves no room for more"
        if count < LEAST:
            return Trial(form, ())
        task = self.task.inspect_task({**self.plan.task, **form.options}, scored=self.plan.grading is None)
        task_with(task, dataset=MemoryDataset(spread(list(task.dataset), count)))
        settings = {
            "max_retries": RETRIES,
            **self.limits.given(SECONDS),
            **self.plan.generate,
            **self.limit(form),
            **form.generate,
        }
        settings.pop("batch", None)  # a batch takes hours
        with (
            speaking(self.budget, self.paid, watch_of(self.model), self.display, self.console),
            tempfile.TemporaryDirectory() as logs,
        ):
            # A separate context, as in `Running.ask`.
            (log,) = copy_context().run(
                inspect_ai.eval,
                task,
                model=self.model,
                log_dir=logs,
                display="none",
                score_display=False,
                fail_on_error=False,
                log_realtime=False,
                cache=CachePolicy(expiry=None, scopes={"plan": self.plan.sha256}),
                **settings,
            )
            samples = list(log.samples or ())  # the log is read now, and its folder is temporary
        if log.status == "cancelled":
            raise KeyboardInterrupt
        replied = [one for one in samples if one.error is None and one.output.error is None]
        return Trial(form, tuple(self.reason(sample) for sample in replied))

    def limit(self, form: Form) -> dict[str, int]:
        """Return the task's limit of a reply in a form, where the plan has the task's limit too."""
        options = self.options.model_copy(update=dict(form.options))
        usual, other = (self.task.reply_limit(self.plan.subject, one) for one in (self.options, options))
        return {"max_tokens": other} if self.plan.generate.get("max_tokens") == usual else {}

    def reason(self, sample: EvalSample) -> str | None:
        """Return the reason why the rules give a sample no label; None if they give one."""
        relabel = self.task.judging.relabel
        score = relabel(sample) if relabel else (sample.scores or {}).get(self.task.judging.labels)
        if score is None or score.answer != "missing":
            return None
        return str((score.metadata or {}).get("missing") or "unclear")


def spread(samples: list[Sample], count: int) -> list[Sample]:
    """Choose samples of different items, in the cells in turn, from the beginning of a plan."""
    items: dict[object, list[Sample]] = {}
    for sample in samples:
        items.setdefault((sample.metadata or {}).get("request"), []).append(sample)
    groups = list(items.values())
    taken = (group[place % len(group)] for place, group in enumerate(groups[:count]))
    return list(taken)
