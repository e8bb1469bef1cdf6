"""From the user's options to a plan: defaults by kind of subject, and hashes of the prompts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from feint.base.errors import UsageError
from feint.base.hashing import sha256_of
from feint.money.places import set_address
from feint.stats import Settings
from feint.study.plan.frozen import ALL, Plan
from feint.study.plan.grading import RULES, check_names, make_grading
from feint.study.plan.realism import ROLE, make_realism, prompts_read
from feint.study.plan.subject import Generation, check_subject, hide, settle_generation, weights_hash
from feint.study.plan.until import FEWEST, LOOKS, needed_cells, settle_until
from feint.tasks.plans import Plans
from feint.tasks.registry import task_for
from feint.tasks.task import Task


@dataclass(frozen=True)
class Setup:
    """The user's options; the default of a choice is used for None.

    Attributes:
        subject: Inspect's name of the model.
        options: Arguments of the task by name.
        judge: The judge: "rules", or models; several vote.
        model_args: Arguments of the model.
        quiz: True to ask comprehension questions too.
        belief: True to ask forced choices about what the subject believes of its situations, too.
        realism: The model that reads prompts for realism; None for none.
        realism_prompts: Prompts of each voice in each cell that it reads.
        rubrics: The rubrics of model judges, separated by commas.
        votes: Number of answers to rubrics that are voted on.
        until: The end of asking: "all", "decided" or a rule of the design.
        task: The task; None leaves it to the design.
        generation: Parameters of generation.
        size: A preset of the numbers of items, wordings and samples; numbers among `options` win.
        begun: The numbers that decide in a study that was begun already. Such a study keeps them, and may go on by a
            rule that no new study may choose; None for a new study.
    """

    subject: str
    options: Mapping[str, str | int | None] = field(default_factory=dict)
    judge: tuple[str, ...] = (RULES,)
    model_args: Mapping[str, Any] = field(default_factory=dict)
    quiz: bool = False
    belief: bool = False
    realism: str | None = None
    realism_prompts: int | None = None
    rubrics: str | None = None
    votes: int | None = None
    until: str | None = None
    task: str | None = None
    generation: Generation = field(default_factory=Generation)
    size: str | None = None
    begun: Mapping[str, float | int] | None = None

    @property
    def chosen_task(self) -> Task:
        """Choose the task."""
        design = self.options.get("design")
        return task_for(self.task, None if design is None else str(design))


def make_plan(setup: Setup) -> tuple[Plan, Plans]:
    """Settle every choice and freeze the plan.

    Returns:
        The plan, and every sample that it plans.

    Raises:
        UsageError: An option does not fit.
    """
    task = setup.chosen_task
    set_address(setup.subject, setup.model_args.get("base_url"))
    check_names(setup.judge)
    check_subject(setup.subject, task)
    # Tasks that were written before there were presets take two arguments.
    options = task.settle(setup.options, setup.subject, *((setup.size,) if setup.size else ()))
    task.check(setup.subject, options)
    plans = task.plan(options)
    if RULES in setup.judge:
        task.check_judge(plans)
    grading = make_grading(
        setup.judge, setup.rubrics, setup.votes, task.conflict(plans), task.mode(options), task=task.name
    )
    reading = make_realism(setup.realism, setup.realism_prompts)
    models = [setup.subject, *(grading.models.values() if grading else ())]
    least, requests = FEWEST if setup.begun is None else 2, counts(plans)["requests"]
    until = settle_until(setup.until, models, plans.design, requests, task.stops_early, least)
    items = task.items(plans)
    plans = plans.within(needed_cells(plans.design, until)) if task.stops_early else plans
    plan = Plan(
        subject=setup.subject,
        model_args=hide(setup.subject, setup.model_args),
        design=plans.design.model_dump(by_alias=True, mode="json"),
        conflict=task.about(plans),
        task=options.model_dump(),
        generate=settle_generation(setup.generation, task.reply_limit(setup.subject, options)),
        left_out=setup.generation.left_out,
        judge=grading.judge if grading else task.judging.labels,
        grading=grading,
        realism=reading,
        until=until,
        looking=LOOKS if until != ALL else {},
        items=items,
        planned=counts(plans)
        | (count_questions(task, plans) if setup.quiz else {})
        | (count_beliefs(task, plans) if setup.belief else {})
        | ({ROLE: len(prompts_read(plans, reading.each))} if reading else {}),
        hashes=hashes(plans) | task.hashes(plans) | weights_hash(setup.subject),
        settings=asdict(Settings()) if setup.begun is None else dict(setup.begun),
    )
    return plan.frozen(), plans


def count_questions(task: Task, plans: Plans) -> dict[str, int]:
    """Count the comprehension questions, of which there have to be some.

    Raises:
        UsageError: The task has none, or the cells of the design state the same facts.
    """
    count = task.count_questions(plans)
    if count is None:
        raise UsageError(f"--quiz: the task '{task.name}' has no comprehension questions; leave --quiz out")
    if not count:
        raise UsageError(f"--quiz: the cells of design '{plans.design.name}' state the same facts; leave --quiz out")
    return {"quiz": count}


def count_beliefs(task: Task, plans: Plans) -> dict[str, int]:
    """Count the forced choices.

    Raises:
        UsageError: The task asks none.
    """
    count = task.count_beliefs(plans)
    if count is None:
        raise UsageError(f"--belief: the task '{task.name}' has no forced choice to ask; leave --belief out")
    return {"belief": count}


def counts(planned: Plans) -> dict[str, int]:
    """Count the cells, items, twins, wordings and replies."""
    asks = planned.asks
    twins = {ask.request.id for ask in asks if ask.request.twin}
    return {
        "cells": len(planned.cells or planned.design.cells),
        "requests": len({ask.request.id for ask in asks} - twins),
        "twins": len(twins),
        "wordings": len({str(ask.wording) for ask in asks}),
        "replies": len(asks),
    }


def hashes(planned: Plans) -> dict[str, str]:
    """Hash the design, the texts of requests, and every prompt with its id."""
    requests = {ask.request.id: ask.request.model_dump(mode="json") for ask in planned.asks}
    prompts = {}
    for ask in planned.asks:
        told = planned.situation(ask)
        prompts[ask.id] = (told.system, told.user)
    return {"design": planned.design.sha256, "requests": sha256_of(requests), "prompts": sha256_of(prompts)}
