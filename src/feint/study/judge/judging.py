"""Judge the replies of a finished log: models are asked, and their labels written beside those that it has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import CachePolicy, GenerateConfig, Model
from inspect_ai.scorer import Score
from rich.console import Console

from feint.base.progress import Display, Tally, count_one, showing
from feint.base.quiet import quiet
from feint.designs.vocabulary import vocabulary
from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.run import grade_run
from feint.judges.graded.scorer import grade
from feint.judges.graded.verdict import NO_ANSWER
from feint.judges.rules.scorer import label_output, to_score
from feint.money.gate import Gate
from feint.study.ask.cache import study_cache
from feint.study.judge.scores import write_scores
from feint.study.judge.votes import About, Rules, first_groups, learnt_rules
from feint.study.judge.work import done_in, is_run, run_material
from feint.study.plan.grading import RULES, Grading, check_rule
from feint.study.plan.subject import Limits, open_model
from feint.study.plan.tasks import PEERS

AT_ONCE = 16
"""Groups of replies whose questions are under way together; the provider's own limits are below that."""
JUDGE_TIMEOUT = 300
"""Seconds for one question to a judge, repetitions included, where nothing else is said."""
Key = tuple[str, int]
"""A sample's id and epoch."""


@dataclass(frozen=True)
class Bench:
    """Judges that were opened.

    Attributes:
        grading: How they judge.
        models: By the name of their labels.
        rubrics: What they are asked.
        conflict: The conflict whose own rule they are given: a name or a file; None for none of ours.
    """

    grading: Grading
    models: dict[str, Model]
    rubrics: tuple[Rubric, ...]
    conflict: str | None


def open_judges(grading: Grading, conflict: str | None, limits: Limits | None = None) -> Bench:
    """Create the judges' models, before anything is asked.

    Args:
        grading: How they judge.
        conflict: As in `Bench`.
        limits: Of their calls.

    Raises:
        UsageError: A judge cannot be opened (no such provider, no key), or a rubric or the conflict's own was changed.
    """
    rubrics = grading.read_rubrics()
    check_rule(grading, conflict)
    config = (limits or Limits()).config(JUDGE_TIMEOUT)
    models = {key: open_model("judge", model, config=config) for key, model in grading.models.items()}
    return Bench(grading, models, rubrics, conflict)


def judge_log(
    log: EvalLog,
    bench: Bench,
    cache: Path,
    *,
    study: str,
    display: Display = "none",
    console: Console | None = None,
    gate: Gate | None = None,
    spent: Callable[[], str] = str,
) -> bool:
    """Ask for all labels that a log does not have yet, and write them into it.

    Every answer is in the study's cache before anything else is done with it, so that neither a crash nor an interrupt
    loses one. Questions that got no answer are asked again by the next call.

    Args:
        log: The header of a complete log.
        bench: The judges.
        cache: The study's cache.
        study: The hash of the study's plan.
        display: How progress is shown.
        console: Where; standard error by default.
        gate: Asked before each request in one wording, all cells together; where it lets none in, judging ends there,
            and the cells stay balanced.
        spent: Says what was spent so far, for the progress.

    Returns:
        Whether every label was asked for and every question answered: nothing is left to resume.
    """
    full = read_eval_log(log.location)
    samples = full.samples or []
    wanted = to_judge(samples, bench.grading)
    found: dict[Key, dict[str, Score]] = {}
    total = sum(sample.error is None for sample in samples) * len(wanted)
    left = sum(map(len, wanted.values()))
    if left:
        tally = Tally(total, asked=total - left, reused=total - left, doing="judged", spent=spent)
        # The conflict's own rule and the rubrics decide what is asked, so they are part of the questions in the cache.
        config = GenerateConfig(cache=CachePolicy(expiry=None, scopes={"study": study}))
        with study_cache(cache), quiet(), showing(tally, display, console or Console(stderr=True)):
            anyio.run(ask_all, samples, wanted, bench, config, gate, found)
        write_scores(full, found, bench.grading)
    return not any(to_judge(samples, bench.grading).values())


async def ask_all(
    samples: Sequence[EvalSample],
    wanted: dict[str, list[Key]],
    bench: Bench,
    config: GenerateConfig,
    gate: Gate | None,
    found: dict[Key, dict[str, Score]],
) -> None:
    """Judge group by group, several at once; what is found is put into `found`.

    Where votes are asked for, the others wait until all the first groups are settled, and stop by what was learnt from
    them: so no label depends on which question happened to be answered sooner, or in which of several runs.
    """
    there = [sample for sample in samples if sample.error is None]
    groups: dict[About, list[EvalSample]] = {}
    for sample in there:
        groups.setdefault(request_of(sample), []).append(sample)
    wants = {name: set(keys) for name, keys in wanted.items()}
    asked = {key for keys in wanted.values() for key in keys}
    rule = bench.grading.rule()
    first = set(groups) if rule is None else first_groups(groups, bench.rubrics, bench.conflict)
    rules: dict[str, Rules] = dict.fromkeys(bench.models, rule)
    slots = anyio.Semaphore(AT_ONCE)

    async def judge_one(sample: EvalSample, name: str) -> None:
        score = await judged(sample, name, bench, config, rules.get(name))
        found.setdefault(key_of(sample), {})[name] = score
        count_one(missing=score.answer == "missing")

    async def judge_group(about: About) -> None:
        try:
            async with anyio.create_task_group() as each:
                for sample in groups[about]:
                    for name in (name for name, keys in wants.items() if key_of(sample) in keys):
                        each.start_soon(judge_one, sample, name)
        finally:
            if gate is not None:
                gate.leave(about)
            slots.release()

    async def judge_groups(abouts: Sequence[About]) -> bool:
        """Whether all were let in."""
        async with anyio.create_task_group() as tasks:
            for about in abouts:
                await slots.acquire()
                if gate is not None and not await gate.enter(about):
                    slots.release()
                    return False
                tasks.start_soon(judge_group, about)
        return True

    lacking = [about for about, group in groups.items() if any(key_of(sample) in asked for sample in group)]
    if not await judge_groups([about for about in lacking if about in first]) or rule is None:
        return
    taught = [(sample.scores or {}) | found.get(key_of(sample), {}) for sample in there if request_of(sample) in first]
    rules.update(learnt_rules(rule, bench.rubrics, bench.models, taught))
    await judge_groups([about for about in lacking if about not in first])


async def judged(sample: EvalSample, name: str, bench: Bench, config: GenerateConfig, rules: Rules) -> Score:
    """One judge's label of one reply, by a rule for its votes or one for each rubric.

    The outcome of a run is that of what was done, whoever judges.
    """
    if bench.grading.judges[name] == RULES:
        return to_score(label_output(sample.output, sample.metadata))
    model, about = bench.models[name], f"{sample.id} {sample.epoch}"
    if is_run(sample):
        wrote, known = run_material(sample), vocabulary(PEERS).explanations
        score = await grade_run(model, bench.rubrics, wrote, done_in(sample), known, about, config, rules)
    else:
        score = await grade(
            model,
            bench.rubrics,
            sample.input,
            sample.output,
            sample.metadata,
            about,
            bench.conflict,
            config,
            rules,
        )
    score.metadata = {**(score.metadata or {}), "grading": bench.grading.spec(name)}
    return score


def to_judge(samples: Sequence[EvalSample], grading: Grading) -> dict[str, list[Key]]:
    """By judge, the replies that it has not labelled, or did not answer about; a call that failed gave no reply."""
    there = [sample for sample in samples if sample.error is None]
    specs = {name: grading.spec(name) for name in grading.judges}
    return {
        name: [key_of(sample) for sample in there if not settled(sample, name, spec)] for name, spec in specs.items()
    }


def settled(sample: EvalSample, name: str, spec: str) -> bool:
    """Whether a judge has said what it has to say about a reply."""
    score = (sample.scores or {}).get(name)
    if score is None:
        return False
    about = score.metadata or {}
    if name == RULES or "grading" not in about:
        return True
    rubrics = about.get("rubrics", {}).values()
    return about["grading"] == spec and not any(said["missing"] in NO_ANSWER for said in rubrics)


def key_of(sample: EvalSample) -> Key:
    """What tells the samples of a log apart."""
    return str(sample.id), sample.epoch


def request_of(sample: EvalSample) -> About:
    """What samples have in common that ask the same request in the same wording, in whatever cell."""
    said = sample.metadata
    return said.get("request"), said.get("wording"), said.get("sample"), sample.epoch
