"""The judge `graded` as an Inspect scorer: a model reads each reply, by one rubric or several."""

from inspect_ai.model import GenerateConfig, Model, get_model
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from feint.judges.graded.grade import grade
from feint.judges.graded.replies import find_conflict, reply_brief
from feint.judges.graded.rubrics import load_rubrics
from feint.judges.graded.votes import vote_rule
from feint.judges.rules.scorer import compliance


@scorer(metrics=[compliance()])
def graded(
    model: str | Model | None = None,
    rubrics: str = "compliance",
    conflict: str | None = None,
    timeout: int | None = None,
    votes: int = 1,
) -> Scorer:
    """Label each reply by asking a model: complied is 1, refused is 0, and a missing label is no value at all.

    The judge sees the texts that its rubric names and no others: never the cell, the design or another reply. Where a
    tag or a tool call tells the choice, and where no rubric decides the outcome, the outcome is labelled by rule, and
    the judge is asked about the reasoning alone. A reply that the rules find cut off, empty or without tags is missing
    without a call.

    Args:
        model: The judge; without, the model in the role "grader". A subject never judges itself by default.
        rubrics: Shipped rubrics or Markdown files, separated by commas.
        conflict: The conflict whose own rule for compliance the judge is given: a name or a YAML file. Without, the
            shipped conflict that the sample's metadata names.
        timeout: Seconds for one question, Inspect's retries included; without, as the judge's configuration says.
        votes: Answers whose share gives the label of rubrics that are voted on; 1 asks once.

    Returns:
        A scorer whose score has the outcome (or "missing") as answer. Its metadata has `missing` and `stated`
        (explanation keys: the judge's where a rubric lists them, else by rule), as `rules` has; and `labels` (by rubric
        the label, or why it is missing), `shares` (by rubric the share of votes for yes, or the score of compliance),
        `judge` (the model), `calls`, and `rubrics` (by rubric everything said).

    Raises:
        UsageError: A rubric or a conflict that does not exist or does not fit.
    """
    chosen = load_rubrics(rubrics)
    find_conflict(conflict, {})  # a mistake is told before anything is asked
    config = GenerateConfig(timeout=timeout, attempt_timeout=timeout)
    rule = vote_rule(votes)

    async def score(state: TaskState, target: Target) -> Score:
        judge = get_model(model) if model is not None else get_model(role="grader", required=True)
        brief = reply_brief(chosen, state.input, state.output, state.metadata, conflict)
        return await grade(judge, brief, f"{state.sample_id} {state.epoch}", config, rule)

    return score
