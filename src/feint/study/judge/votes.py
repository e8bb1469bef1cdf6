"""Votes in two phases: the first hundred replies by an assumed population, the others by the learnt population."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from feint.judges.graded.rubrics import Rubric
from feint.judges.graded.votes import Population, VoteRule
from feint.situations import number
from feint.study.judge.panel import JudgePanel

FIRST = 100
"""Number of voted replies that teach the population, as in `benchmarks/votes.py`."""
FEWEST = 30
"""Least number of labels by vote from which a population is learnt."""
About = tuple[Any, ...]
"""A request in one wording, in whatever cell."""


def first_groups(groups: Mapping[About, Sequence[EvalSample]], panel: JudgePanel) -> set[About]:
    """Draw the groups whose votes teach the population, until they hold `FIRST` replies to vote on.

    Labels that are already in the log make no difference: every run that judges a log has the same first groups.

    Args:
        groups: All replies of a log, in its order; replies of a group are judged together.
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


def is_voted_on(sample: EvalSample, panel: JudgePanel) -> bool:
    """Say whether a sample holds a text that a rubric with votes reads."""
    return any(rubric.votes for rubric in panel.brief(sample).asked)


def learnt_rules(
    rule: VoteRule, rubrics: Iterable[Rubric], judges: Iterable[str], replies: Sequence[Mapping[str, Score]]
) -> dict[str, dict[str, VoteRule]]:
    """Make by judge and rubric the rule that has learnt from the judge's votes.

    Args:
        rule: The rule of the first votes; it stays if there are fewer than `FEWEST` labels.
        rubrics: The rubrics that are asked.
        judges: The names of their labels.
        replies: The labels of the first replies, by judge, in the log's order.
    """
    voted = [rubric.name for rubric in rubrics if rubric.votes]
    scores = {judge: [labels[judge] for labels in replies if judge in labels] for judge in judges}
    return {judge: {name: learnt_rule(rule, given, name) for name in voted} for judge, given in scores.items()}


def learnt_rule(rule: VoteRule, scores: Iterable[Score], rubric: str) -> VoteRule:
    """Return the rule after these labels; replies without a label, or without votes, teach nothing."""
    said = [(score.metadata or {}).get("rubrics", {}).get(rubric, {}) for score in scores]
    votes = [one["votes"] for one in said if one.get("label") is not None and one.get("votes")]
    if len(votes) < FEWEST:
        return rule
    yes, asked = [one[0] for one in votes], [one[1] for one in votes]
    return replace(rule, population=Population.learnt(yes, asked, rule.population))
