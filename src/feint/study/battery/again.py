"""Recompute a battery from its folders: the findings of every task, and the card."""

from pathlib import Path

from feint.findings.battery import read_battery
from feint.study.battery.card import make_card, write_card
from feint.study.battery.order import Order, study_folder
from feint.study.battery.show import print_card
from feint.study.conclude.conclude import conclude_folder
from feint.study.conclude.correct import People


def report_battery(out: Path, people: People | None = None, *, model: bool = False) -> None:
    """Recompute the findings of every task of a battery, and the card.

    Raises:
        UsageError: The folder is no battery's, or a study cannot be read.
    """
    old = read_battery(out)
    failed = {task: one.reason for task, one in old.studies.items() if one.state == "failed"}
    waiting = {task: one.reason for task, one in old.studies.items() if one.state == "waiting"}
    for task in old.studies:
        if task not in failed and task not in waiting:
            conclude_folder(study_folder(out, task).path, people, model=model)
    order = Order(old.subject, old.size, list(old.studies), {}, failed)
    card = make_card(order, out, {task: one.subject for task, one in old.studies.items()}, failed, waiting)
    write_card(out, card)
    print_card(card, out)
