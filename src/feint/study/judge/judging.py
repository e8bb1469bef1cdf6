"""Judge the replies of a finished log: ask models, and write their labels beside the labels of the log."""

from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import CachePolicy, GenerateConfig
from inspect_ai.scorer import Score
from rich.console import Console

from feint.base.inspect_private import quiet
from feint.base.progress import Display, Progress, count_one, showing
from feint.judges.graded.grade import Rules
from feint.money.gate import Gate
from feint.study.ask.cache import study_cache
from feint.study.judge.panel import JudgePanel, Key, key_of, to_judge
from feint.study.judge.scores import write_scores
from feint.study.judge.votes import About, first_groups, learnt_rules

AT_ONCE = 16
"""Groups of replies whose questions are under way together; the provider's own limits are lower."""


def judge_log(
    log: EvalLog,
    panel: JudgePanel,
    cache: Path,
    *,
    study: str,
    display: Display = "none",
    console: Console | None = None,
    gate: Gate | None = None,
    spent: Callable[[], str] = str,
) -> bool:
    """Ask for all labels that a log does not have yet, and write them into it.

    Every answer is written to the study's cache first, so that neither a crash nor an interrupt loses an answer.
    Questions without an answer are asked again by the next call.

    Args:
        log: The header of a complete log.
        panel: The judges.
        cache: The study's cache.
        study: The hash of the study's plan.
        display: The way in which progress is shown.
        console: The place where progress is shown; standard error by default.
        gate: Asked before each request in one wording, all cells together. If it refuses a request, judging ends,
            and the cells stay balanced.
        spent: Returns the amount spent so far, for the progress.

    Returns:
        True if every question about every label was answered, so that nothing is left to resume.
    """
    full = read_eval_log(log.location)
    samples = full.samples or []
    wanted = to_judge(samples, panel.grading)
    found: dict[Key, dict[str, Score]] = {}
    total = sum(sample.error is None for sample in samples) * len(wanted)
    left = sum(map(len, wanted.values()))
    if left:
        progress = Progress(total, asked=total - left, reused=total - left, doing="judged", spent=spent)
        # The conflict's own rule and the rubrics decide what is asked, so they are part of the questions in the cache.
        config = GenerateConfig(cache=CachePolicy(expiry=None, scopes={"study": study}))
        with study_cache(cache), quiet(), showing(progress, display, console or Console(stderr=True)):
            anyio.run(ask_all, samples, wanted, panel, config, gate, found)
        write_scores(full, found, panel.grading)
    return not any(to_judge(samples, panel.grading).values())


async def ask_all(
    samples: Sequence[EvalSample],
    wanted: dict[str, list[Key]],
    panel: JudgePanel,
    config: GenerateConfig,
    gate: Gate | None,
    found: dict[Key, dict[str, Score]],
) -> None:
    """Judge group by group, several at once, and put the labels into `found`.

    Where votes are asked for, the other groups wait until all first groups are settled, and use the population learnt
    from them. So no label depends on the order of answers or on the run that asks.
    """
    there = [sample for sample in samples if sample.error is None]
    groups: dict[About, list[EvalSample]] = {}
    for sample in there:
        groups.setdefault(request_of(sample), []).append(sample)
    wants = {name: set(keys) for name, keys in wanted.items()}
    asked = {key for keys in wanted.values() for key in keys}
    rule = panel.grading.rule()
    first = set(groups) if rule is None else first_groups(groups, panel)
    rules: dict[str, Rules] = dict.fromkeys(panel.models, rule)
    slots = anyio.Semaphore(AT_ONCE)

    async def judge_one(sample: EvalSample, name: str) -> None:
        score = await panel.judge(sample, name, config, rules.get(name))
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
        """Return True if the gate let all groups in."""
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
    rules.update(learnt_rules(rule, panel.rubrics, panel.models, taught))
    await judge_groups([about for about in lacking if about not in first])


def request_of(sample: EvalSample) -> About:
    """Return the request of a sample in its wording: samples of all cells that share it are judged together."""
    said = sample.metadata
    return said.get("request"), said.get("wording"), said.get("sample"), sample.epoch
