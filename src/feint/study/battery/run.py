"""Run a battery: one study after the other, of one budget, in one process. A task that fails stops no other."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from inspect_ai.model import Model
from rich.console import Console

from feint.base.errors import UsageError
from feint.base.progress import Display
from feint.base.writing import write_json
from feint.findings import Findings
from feint.findings.battery import FILE, BatteryFindings
from feint.money.budget import Budget
from feint.money.prices import SpendingLimits, own_prices
from feint.study.ask.again import probe_again
from feint.study.ask.form import try_form
from feint.study.ask.gates import lacking_room, open_budget, register_prices
from feint.study.ask.paid import Paid
from feint.study.ask.probe import probe_models
from feint.study.ask.run import run_study
from feint.study.ask.watch import watch_of
from feint.study.battery.card import make_card, write_card
from feint.study.battery.order import Order, check_folder
from feint.study.battery.parts import Part, in_a_battery, plan_parts
from feint.study.battery.preview import preview
from feint.study.battery.show import print_card
from feint.study.command import INTERRUPTED, LABELS_MISSING, conclude_part, name_place, told_on
from feint.study.conclude.conclude import conclude_folder
from feint.study.conclude.correct import People
from feint.study.folder import Folder, Start, holding
from feint.study.logs import newest_log
from feint.study.parts import freeze
from feint.study.plan.frozen import Plan
from feint.study.plan.subject import Limits


@dataclass
class Battery:
    """A battery that is being run.

    Attributes:
        order: What the user wants.
        out: The folder.
        parts: By task, the plan, its samples and the folder of the study.
        failed: By task, why it failed.
        waiting: By task, why it is not begun.
        limits: Limits of calls.
        budget: The budget of all tasks.
        display: The kind of display.
        console: Where progress and mistakes are told.
        people: Reads the labels that people gave.
    """

    order: Order
    out: Path
    parts: dict[str, Part]
    failed: dict[str, str]
    limits: Limits
    budget: Budget
    display: Display
    console: Console
    people: People | None = None
    waiting: dict[str, str] = field(default_factory=dict)

    @property
    def every(self) -> list[Part]:
        """The parts in the order in which they are asked."""
        return list(self.parts.values())

    def card(self) -> BatteryFindings:
        """Make the card from what the folders hold."""
        subjects = {task: plan.subject for task, (plan, _, _) in self.parts.items()}
        return make_card(self.order, self.out, subjects, self.failed, self.waiting)

    def ask_models(self, start: Start, paid: Paid) -> None:
        """Ask the subject and the judges once; a battery that goes on asks for a reply that it lacks.

        Raises:
            UsageError: A model does not answer.
        """
        given = (self.limits, self.budget, paid)
        if start != "resume":
            found = probe_models(self.every, *given, display=self.display, console=self.console)
            self.parts = dict(zip(self.parts, found, strict=True))
            return
        first = self.every[0][2]
        with first.held():
            try:
                probe_again(self.every, *given, display=self.display, console=self.console)
            finally:
                paid.move(first)

    def run(self, paid: Paid, *, form: bool) -> int:
        """Ask every task in turn, and write the card after each; return the exit code."""
        code = LABELS_MISSING if self.failed else 0
        shared = self.every[0][0]
        for task, (plan, planned, folder) in self.parts.items():
            self.budget.forget()
            new = newest_log(folder.logs) is None
            if new and (lacking := lacking_room(self.budget, plan, planned)):
                self.waiting[task] = lacking
                self.console.print(f"{task}: not begun; {lacking}", soft_wrap=True)
                continue
            same = (plan.subject, plan.model_args) == (shared.subject, shared.model_args)
            own = Paid(folder, usable(paid) if same else None)
            try:
                if form and new:
                    with folder.held():
                        try_form(
                            plan, self.limits, self.budget, own, display=self.display, console=self.console
                        )  # fmt: skip
                code = max(code, self.ask(task, plan, folder, own))
            except KeyboardInterrupt:
                self.console.print(f"feint: stopped; {self.out} goes on where it was with --resume", soft_wrap=True)
                raise SystemExit(INTERRUPTED) from None
            except Exception as error:
                name_place(error, folder.path)
                self.failed[task], code = in_a_battery(error, task), LABELS_MISSING
                self.console.print(f"feint: {task}: failed: {self.failed[task]}", soft_wrap=True)
                own.move(folder)
            paid.subject = own.subject if same and paid.subject is None else paid.subject
            write_card(self.out, self.card())
        return code

    def ask(self, task: str, plan: Plan, folder: Folder, paid: Paid) -> int:
        """Ask one task and conclude; return its exit code."""
        log = run_study(
            plan, folder, start="resume", budget=self.budget, limits=self.limits, display=self.display,
            console=self.console, paid=paid,
        )  # fmt: skip

        def show(folder: Folder, people: People | None) -> Findings:
            found = conclude_folder(folder.path, people)
            counts = found.replies
            missing = f", {counts.missing:,} missing" if counts.missing else ""
            console = Console(markup=False, highlight=False)
            console.print(f"{task}: {counts.planned:,} replies{missing}; report: {folder.report}", soft_wrap=True)
            return found

        return conclude_part(plan, folder, self.budget, self.people, self.console, log, show=show)


def usable(paid: Paid) -> Model | None:
    """Return the subject that is open, unless it was given up: then the next task opens it anew."""
    subject = paid.subject
    return None if subject is None or watch_of(subject).stopped else subject


@own_prices()
def battery_command(
    order: Order,
    out: Path,
    *,
    start: Start,
    limits: Limits,
    display: str | None,
    spending: SpendingLimits,
    people: People | None = None,
    probe: bool | Literal["form"] = False,
    dry: bool = False,
) -> int:
    """Run a battery, and print the card; with `dry`, print only the size and the cost.

    Returns:
        The exit code: 0, or `LABELS_MISSING` if a task failed or lacks too many labels.

    Raises:
        UsageError: No task can be asked, a model does not answer, or the folder does not fit; nothing is written then.
    """
    begun = None if dry else check_folder(out, start, order.subject)
    if not order.setups:
        raise UsageError(next(iter(order.failed.values()), "no task can be asked"))
    register_prices(list(order.setups.values()), spending.prices)
    parts, failed = plan_parts(order, out, "new" if dry else start)
    budget = open_budget(list(parts.values()), spending, "new" if dry else start)
    error, chosen = told_on(display)
    preview(order, parts, failed, budget, Console(markup=False, highlight=False) if dry else error)
    if dry:
        return 0
    battery = Battery(order, out, parts, failed, limits, budget, chosen, error, people)
    paid = Paid()
    with ExitStack() as held:
        if begun is not None:
            held.enter_context(holding(out, shared=False))
            freeze(battery.every, start, limits, paid)
        if probe:
            battery.ask_models(start, paid)
        if begun is None:
            out.mkdir(parents=True, exist_ok=True)
            held.enter_context(holding(out, shared=False))
            write_json(out / FILE, battery.card().plain())
            freeze(battery.every, start, limits, paid)
            paid.move(battery.every[0][2])
        code = battery.run(paid, form=probe == "form")
        card = battery.card()
        write_card(out, card)
    print_card(card, out)
    return code
