"""From what was asked for to a plan: defaults by kind of subject, and what the prompts hash to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from feint.base.errors import UsageError
from feint.base.hashing import sha256_of
from feint.base.subjects import is_organism
from feint.judges.rules.scorer import check_judge
from feint.situations import load_conflict
from feint.study.folder import Folder
from feint.study.plan.frozen import ALL, Plan, default_settings, design_content, read_plan
from feint.study.plan.generation import NOTHING_SET, Generation, settle_generation
from feint.study.plan.grading import RULES, check_names, make_grading
from feint.study.plan.prepare_work import CONFLICT, TURN_TOKENS, work_options, worlds_hash
from feint.study.plan.subject import check_form, check_subject, weights_hash
from feint.study.plan.tasks import FAKING, PEERS, Job, job_for
from feint.study.plan.until import LOOKS, needed_cells, settle_until
from feint.tasks.alignment_faking import MAX_TOKENS, Options, plan_asks
from feint.tasks.comprehension import count_questions
from feint.tasks.planned import Plans

REPLIES_PER_CELL = {"organism": 200, "other": 100}
ORGANISM_TWINS = 20
MOST_WORDINGS = 12
MOST_REQUESTS = 120
ORGANISM_MAX_TOKENS = 256


@dataclass(frozen=True)
class Wish:
    """What a user asked for; None leaves a choice to the defaults.

    Attributes:
        subject: Inspect's name of the model.
        options: Arguments of the task by name.
        judge: Who labels the replies: "rules", or models; several vote.
        temperature: Of sampling.
        max_tokens: Reply limit.
        model_args: Arguments the model is created with.
        quiz: Whether comprehension questions are asked too.
        rubrics: What model judges are asked, separated by commas.
        votes: How many answers make the label of rubrics that are voted on.
        until: What ends asking: "all", "decided" or a rule of the design.
        task: The task; None leaves it to the design.
        generation: Further parameters of generation, which win over `temperature` and `max_tokens`.
    """

    subject: str
    options: Mapping[str, str | int | None] = field(default_factory=dict)
    judge: tuple[str, ...] = (RULES,)
    temperature: float = 1.0
    max_tokens: int | None = None
    model_args: Mapping[str, Any] = field(default_factory=dict)
    quiz: bool = False
    rubrics: str | None = None
    votes: int | None = None
    until: str | None = None
    task: str | None = None
    generation: Generation = NOTHING_SET

    @property
    def job(self) -> Job:
        """The task.

        Raises:
            UsageError: See `feint.study.plan.tasks.job_for`.
        """
        design = self.options.get("design")
        return job_for(self.task, None if design is None else str(design))


def make_plan(wish: Wish) -> tuple[Plan, Plans]:
    """Settle every choice and freeze the plan.

    Returns:
        The plan, and the asks it plans.

    Raises:
        UsageError: Whatever a study cannot be run with.
    """
    check_names(wish.judge)
    check_subject(wish.subject, wish.job)
    if wish.max_tokens is not None and wish.max_tokens < 1:
        raise UsageError(f"--max-tokens {wish.max_tokens}: expected 1 or more")
    if wish.job.in_turns:
        return plan_work(wish)
    options = settle(wish)
    check_form(wish.subject, options)
    limit = wish.max_tokens or default_max_tokens(wish, options)
    generate = settle_generation(wish.generation, wish.temperature, limit)
    planned = plan_asks(options)
    if RULES in wish.judge:
        check_judge(planned.conflict)
    grading = make_grading(wish.judge, wish.rubrics, wish.votes, planned.conflict, options.mode)
    until = settle_until(
        wish.until,
        [wish.subject, *(grading.models.values() if grading else ())],
        planned.design,
        counts(planned)["requests"],
    )
    planned = planned.within(needed_cells(planned.design, until))
    questions = count_questions(planned) if wish.quiz else 0
    if wish.quiz and not questions:
        raise UsageError(f"--quiz: the cells of design '{planned.design.name}' state the same facts; leave --quiz out")
    plan = Plan(
        subject=wish.subject,
        model_args=dict(wish.model_args),
        design=design_content(planned.design),
        conflict={key: getattr(planned.conflict, key) for key in ("name", "type", "objective", "value")},
        task=asdict(options),
        generate=generate,
        left_out=wish.generation.left_out,
        judge=grading.judge if grading else RULES,
        grading=grading,
        until=until,
        looking=LOOKS if until != ALL else {},
        settings=default_settings(),
        planned=counts(planned) | ({"quiz": questions} if wish.quiz else {}),
        hashes=hashes(planned) | weights_hash(wish.subject),
    )
    return plan.frozen(), planned


def plan_work(wish: Wish) -> tuple[Plan, Plans]:
    """The plan of a task whose samples are runs of many turns."""
    options = work_options(wish.options)
    if wish.quiz:
        raise UsageError(f"--quiz: an option of the task '{FAKING}'; leave it out")
    grading = make_grading(wish.judge, wish.rubrics, wish.votes, None, task=wish.job.name)
    planned = wish.job.plan(options)
    until = settle_until(wish.until, [wish.subject], planned.design, counts(planned)["requests"])
    plan = Plan(
        subject=wish.subject,
        model_args=dict(wish.model_args),
        design=design_content(planned.design),
        conflict=dict(CONFLICT),
        task=asdict(options),
        generate=settle_generation(wish.generation, wish.temperature, wish.max_tokens or TURN_TOKENS),
        left_out=wish.generation.left_out,
        judge=grading.judge if grading else wish.job.labels,
        grading=grading,
        until=until,
        settings=default_settings(),
        planned=counts(planned),
        hashes=hashes(planned) | worlds_hash(planned) | weights_hash(wish.subject),
    )
    return plan.frozen(), planned


def as_before(made: tuple[Plan, Plans], wish: Wish, folder: Folder) -> tuple[Plan, Plans]:
    """The plan of a study that goes on: until when it asks, unless that is said again, is what it was begun with.

    Args:
        made: The plan by what was asked for.
        wish: What was asked for.
        folder: Where the study lies.
    """
    if wish.until is not None or not folder.plan.is_file():
        return made
    until = read_plan(folder.plan).until
    return made if until == made[0].until else make_plan(replace(wish, until=until))


def settle(wish: Wish) -> Options:
    """Fill in what was left to the defaults.

    Organisms were trained on part of the requests and of the phrases, so they are asked the rest of both, in several
    wordings because they cost nothing. Other subjects are asked at most `MOST_REQUESTS` of a conflict's own requests.
    Wordings are chosen so that each cell gets about `REPLIES_PER_CELL`.
    """
    known = {option.name for option in fields(Options)}
    given = {name: value for name, value in wish.options.items() if value is not None}
    foreign = sorted(set(given) - known)
    if foreign:
        raise UsageError(
            f"--{foreign[0]}: an option of the task '{PEERS}', which design '{given.get('design')}' is not"
        )
    organism = is_organism(wish.subject)
    if organism:
        items = load_conflict(str(given.get("conflict", Options.conflict))).items
        held_out = any(item.held_out for item in items)
        asked = "held-out" if held_out else "all"
        given = {"requests": asked, "phrases": "held-out", "twins": ORGANISM_TWINS, **given}
    elif given.get("requests", "all") == "all":
        given = {"n": MOST_REQUESTS, **given}
    options = Options(**given)  # type: ignore[arg-type]  # the values come typed from the command line
    if "wordings" in given:
        return options
    requests = len({ask.request.id for ask in plan_asks(options).asks if not ask.request.twin})
    wanted = REPLIES_PER_CELL["organism" if organism else "other"]
    wordings = max(1, min(MOST_WORDINGS, -(-wanted // (requests * max(options.samples, 1)))))
    return Options(**{**asdict(options), "wordings": wordings})


def default_max_tokens(wish: Wish, options: Options) -> int:
    """Enough for the reasoning mode; organisms write little and would only run on."""
    return ORGANISM_MAX_TOKENS if is_organism(wish.subject) else MAX_TOKENS[options.mode]


def counts(planned: Plans) -> dict[str, int]:
    """How much is asked."""
    asks = planned.asks
    requests = {ask.request.id for ask in asks}
    twins = {ask.request.id for ask in asks if ask.request.twin}
    return {
        "cells": len(planned.cells or planned.design.cells),
        "requests": len(requests - twins),
        "twins": len(twins),
        "wordings": len({str(ask.wording) for ask in asks}),
        "replies": len(asks),
    }


def hashes(planned: Plans) -> dict[str, str]:
    """Hashes of the design, of the texts that are asked, and of every prompt under its id."""
    requests = {ask.request.id: ask.request.model_dump(mode="json") for ask in planned.asks}
    prompts = {}
    for ask in planned.asks:
        told = planned.situation(ask)
        prompts[ask.id] = (told.system, told.user)
    return {"design": planned.design.sha256, "requests": sha256_of(requests), "prompts": sha256_of(prompts)}
