"""Judge the replies of a finished log: ask models, and write their labels as Inspect scores beside those of the log."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
from inspect_ai.log import EvalLog, EvalMetric, EvalSample, EvalScore, write_eval_log
from inspect_ai.model import CachePolicy, GenerateConfig
from inspect_ai.scorer import SampleScore, Score
from rich.console import Console

from feint.base.inspect_private import quiet
from feint.base.progress import Display, Progress, count_one, showing
from feint.judges.graded.answer import NEITHER
from feint.judges.graded.grade import Rules
from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.votes import Population, VoteRule, vote_rule
from feint.judges.rules.scorer import compliance
from feint.money.gate import Gate
from feint.situations import number
from feint.study.ask.watch import news_of
from feint.study.folder import study_cache
from feint.study.judge.panel import GIVEN_UP, JudgePanel, Key, key_of, to_judge
from feint.study.logs import read_log
from feint.study.plan.grading import RULES, Grading

FIRST = 100
"""Number of voted replies that teach the population, as in `benchmarks/votes.py`."""
FEWEST = 30
"""Least number of labels by vote from which a population is learnt."""
About = tuple[Any, ...]
"""A request in one wording, in whatever cell."""
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

    A gate is asked before each request in one wording, all cells together. If it refuses a request, judging ends, and
    the cells stay balanced. `study` is the hash of the study's plan; progress shows the amount `spent` so far.

    Returns:
        True if every question about every label was answered, so that nothing is left to resume.
    """
    full = read_log(log)
    samples = full.samples or []
    wanted = to_judge(samples, panel.grading)
    found: dict[Key, dict[str, Score]] = {}
    total = sum(sample.error is None for sample in samples) * len(wanted)
    left = sum(map(len, wanted.values()))
    if left:
        progress = Progress(total, asked=total - left, reused=total - left, doing="judged", spent=spent)
        # The conflict's own rule and the rubrics decide what is asked, so they are part of the questions in the cache.
        config = GenerateConfig(cache=CachePolicy(expiry=None, scopes={"study": study}))
        news, going = news_of(panel.watches.values()), [one for one in panel.watches.values() if not one.stopped]
        console = console or Console(stderr=True)
        with study_cache(cache), quiet(), showing(progress, display, console, news):
            anyio.run(ask_all, samples, wanted, panel, config, gate, found)
        write_scores(full, usable(found, panel), panel.grading)
        if not panel.given_up():
            for watch in going:
                if watch.stopped:
                    console.print(f"warning: {watch.stopped}; the other judges go on", markup=False, soft_wrap=True)
        if any(watch.useless for watch in panel.watches.values()):
            shutil.rmtree(cache, ignore_errors=True)  # a judge that was mended would be given its old answers
    return not any(to_judge(samples, panel.grading).values())


def usable(found: Mapping[Key, Mapping[str, Score]], panel: JudgePanel) -> dict[Key, dict[str, Score]]:
    """Sort out the answers of judges that were given up: the next run asks again for all that is missing.

    If no judge is left, their missing labels are left out. If others go on, such labels count as missing, and are
    marked.
    """
    out = {name for name, watch in panel.watches.items() if watch.stopped}
    none_left = bool(panel.given_up())
    labels: dict[Key, dict[str, Score]] = {}
    for key, by_judge in found.items():
        kept = labels.setdefault(key, {})
        for name, score in by_judge.items():
            if name in out and lacking(score):
                score.metadata = {**(score.metadata or {}), GIVEN_UP: True}
            if not (none_left and name in out and score.answer == "missing"):
                kept[name] = score
    return labels


def lacking(score: Score) -> bool:
    """Tell if a judge was asked for something of a label, and gave nothing that can be used."""
    said = (score.metadata or {}).get("rubrics", {}).values()
    return any(one["calls"] and not one["label"] and one["missing"] != NEITHER for one in said)


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
    rule = vote_rule(panel.grading.votes)
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
                    for name, keys in wants.items():
                        if key_of(sample) in keys:
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
                if panel.given_up() or (gate is not None and not await gate.enter(about)):
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


def write_scores(log: EvalLog, found: Mapping[Key, Mapping[str, Score]], grading: Grading) -> None:
    """Add labels to a log with its samples, in one step: a reader finds all of them in the log, or none.

    `found` has the labels by name, by sample; a label replaces an earlier label of the same name.
    """
    samples = log.samples or []
    for sample in samples:
        sample.scores = {**(sample.scores or {}), **found.get(key_of(sample), {})}
    if log.results is not None:
        others = [score for score in log.results.scores if score.name not in grading.judges]
        log.results.scores = [*others, *(result_of(samples, name, grading) for name in grading.judges)]
    write_eval_log(log)


def result_of(samples: Iterable[EvalSample], name: str, grading: Grading) -> EvalScore:
    """Make the entry of a judge in the log's header: compliance by cell, as Inspect shows it for any scorer."""
    scores = [
        SampleScore(score=sample.scores[name], sample_id=sample.id, sample_metadata=sample.metadata)
        for sample in samples
        if sample.scores and name in sample.scores
    ]
    known = [score for score in scores if score.score.answer != "missing"]
    shares: Any = compliance()(known)  # type: ignore[arg-type]  # a metric of samples' scores
    model = grading.judges[name]
    return EvalScore(
        name=name,
        scorer=RULES if model == RULES else "feint/graded",
        scored_samples=len(known),
        unscored_samples=len(scores) - len(known),
        params={} if model == RULES else {"model": model, "rubrics": list(grading.rubrics), "votes": grading.votes},
        metrics={cell: EvalMetric(name=cell, value=share) for cell, share in shares.items()},
    )


def first_groups(groups: Mapping[About, Sequence[EvalSample]], panel: JudgePanel) -> set[About]:
    """Draw the groups whose votes teach the population, until they hold `FIRST` replies to vote on.

    Labels that are already in the log make no difference: every run that judges a log has the same first groups.
    `groups` are all replies of a log, in its order; replies of a group are judged together.
    """
    first: set[About] = set()
    held = 0
    # Drawn by hash: a log is in the order of its requests' names, and the first kinds of requests may be unlike others.
    for about in sorted(groups, key=lambda about: number("first", *about)):
        if held >= FIRST:
            break
        first.add(about)
        held += sum(any(rubric.votes for rubric in panel.brief(sample).asked) for sample in groups[about])
    return first


def learnt_rules(
    rule: VoteRule, rubrics: Iterable[Rubric], judges: Iterable[str], replies: Sequence[Mapping[str, Score]]
) -> dict[str, dict[str, VoteRule]]:
    """Make by judge and rubric the rule that has learnt from the judge's votes on the first replies of a log.

    Replies without a label, or without votes, teach nothing. The rule of the first votes stays if there are fewer than
    `FEWEST` labels.
    """
    voted = [rubric.name for rubric in rubrics if rubric.votes]
    rules: dict[str, dict[str, VoteRule]] = {}
    for judge in judges:
        about = [(labels[judge].metadata or {}).get("rubrics", {}) for labels in replies if judge in labels]
        rules[judge] = dict.fromkeys(voted, rule)
        for name in voted:
            said = [one.get(name, {}) for one in about]
            votes = [one["votes"] for one in said if one.get("label") is not None and one.get("votes")]
            if len(votes) >= FEWEST:
                yes, asked = [one[0] for one in votes], [one[1] for one in votes]
                rules[judge][name] = replace(rule, population=Population.learnt(yes, asked, rule.population))
    return rules
