"""Votes in two phases: the first hundred replies by the population assumed, the others by what these taught."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.votes import Population, VoteRule
from feint.situations import number
from feint.study.judge.panel import Panel

FIRST = 100
"""Replies with something to vote on from whose votes the population is learnt, as in `benchmarks/votes.py`."""
FEWEST = 30
"""Labels by vote below which nothing is learnt."""
About = tuple[Any, ...]
"""A request in one wording, in whatever cell."""


def first_groups(groups: Mapping[About, Sequence[EvalSample]], panel: Panel) -> set[About]:
    """The groups from whose votes the population is learnt: drawn until they hold `FIRST` replies to vote on.

    What has labels already counts like what has none, so a log that is judged in several runs has the same first
    groups in each.

    Args:
        groups: All replies of a log, in its order, by what is judged together.
        panel: The judges.
    """
    first: set[About] = set()
    held = 0
    # Drawn by hash: a log is in the order of its requests' names, and the first kinds of requests may be unlike others.
    for about in sorted(groups, key=lambda about: number("first", *about)):
        if held >= FIRST:
            break
        first.add(about)
        held += sum(is_voted_on(sample, panel) for sample in groups[about])
    return first


def is_voted_on(sample: EvalSample, panel: Panel) -> bool:
    """Say whether a sample holds a text that a rubric with votes reads."""
    return any(rubric.votes for rubric in panel.brief(sample).asked)


def learnt_rules(
    rule: VoteRule, rubrics: Iterable[Rubric], judges: Iterable[str], replies: Sequence[Mapping[str, Score]]
) -> dict[str, dict[str, VoteRule]]:
    """By judge and rubric, the rule that has learnt from a judge's votes how often it says yes.

    Args:
        rule: What the votes were cast by; where there are fewer than `FEWEST` labels, it stays.
        rubrics: What is asked.
        judges: The names of their labels.
        replies: The labels of the first replies, by judge, in the log's order.
    """
    voted = [rubric.name for rubric in rubrics if rubric.votes]
    scores = {judge: [labels[judge] for labels in replies if judge in labels] for judge in judges}
    return {judge: {name: learnt_rule(rule, given, name) for name in voted} for judge, given in scores.items()}


def learnt_rule(rule: VoteRule, scores: Iterable[Score], rubric: str) -> VoteRule:
    """The rule after these labels; replies without a label, or without votes, teach nothing."""
    said = [(score.metadata or {}).get("rubrics", {}).get(rubric, {}) for score in scores]
    votes = [one["votes"] for one in said if one.get("label") is not None and one.get("votes")]
    if len(votes) < FEWEST:
        return rule
    yes, asked = [one[0] for one in votes], [one[1] for one in votes]
    return replace(rule, population=Population.learnt(yes, asked, rule.population))
