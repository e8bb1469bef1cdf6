"""What judges will take who read the replies of a log, from these replies and the judges' prompts."""

from collections.abc import Hashable, Sequence

from inspect_ai.log import EvalSample

from feint.judges.graded.prompt import build_prompt
from feint.money.budget import Cost
from feint.money.prices import tokens
from feint.study.judge.judging import request_of
from feint.study.judge.panel import Panel, key_of, to_judge
from feint.study.plan.loads import answer_tokens, judge_load, times_asked


def labels_left(samples: Sequence[EvalSample], panel: Panel) -> tuple[dict[Hashable, list[Hashable]], Cost, Cost]:
    """The labels that models still have to give.

    Args:
        samples: Of a complete log.
        panel: The judges.

    Returns:
        By request in one wording, as `judging.ask_all` tells a gate, its labels that are lacking, in the
        order of the log; what all of them are expected to take; and what they take at most.
    """
    models, votes = panel.grading.models, panel.grading.votes
    wanted = {name: set(keys) for name, keys in to_judge(samples, panel.grading).items() if name in models}
    labels: dict[Hashable, list[Hashable]] = {}
    expected, most = Cost(), Cost()
    for sample in samples:
        key = key_of(sample)
        asking = [name for name, keys in wanted.items() if key in keys]
        labels.setdefault(request_of(sample), []).extend((key, name) for name in asking)
        takes = questions(sample, panel) if asking else (0, 0, 0)
        for load in (judge_load(models[name], *takes, votes) for name in asking):
            expected, most = expected + load.need(), most + load.most()
    return labels, expected, most


def questions(sample: EvalSample, panel: Panel) -> tuple[int, int, int]:
    """Tokens in, tokens out and calls of one judge that is asked about a reply or a run."""
    brief = panel.brief(sample)
    read = written = calls = 0
    for rubric in brief.asked:
        prompt, times = build_prompt(rubric, brief.material, str(sample.id)), times_asked(rubric, panel.grading.votes)
        read += times * tokens(len(prompt.system) + len(prompt.user))
        written += times * answer_tokens(rubric)
        calls += times
    return read, written, calls
