"""Labels of recorded replies, as Inspect scores: the rule's, and another judge's where a table brings one."""

from inspect_ai.scorer import Score

from feint.judges import label_reply
from feint.judges.rules.action import read_action
from feint.judges.rules.action_scorer import VALUES, action_score
from feint.study.importing.transcript import Transcript

GIVEN = "label"
"""Name of the score that holds what another judge said."""


def score_transcript(transcript: Transcript) -> dict[str, Score]:
    """Label one reply.

    Args:
        transcript: The reply and what it was asked.

    Returns:
        Score by name of the judge: `action` where there were two actions to choose from, else `rules`; and `label`
        where another judge spoke. A missing label has the value NaN and its reason in the metadata.
    """
    scores = {"action": chosen_action(transcript)} if transcript.actions else {"rules": compliance(transcript)}
    if transcript.label is not None:
        outcome = transcript.label if transcript.label in VALUES else None
        scores[GIVEN] = action_score(outcome, None if outcome else "unlabelled", "as the table says")
    return scores


def chosen_action(transcript: Transcript) -> Score:
    """Which of the two actions the reply chose."""
    assert transcript.actions is not None
    read = read_action(
        transcript.reply, transcript.actions, reasoning=transcript.reasoning, truncated=transcript.truncated
    )
    return action_score(read.outcome, read.missing, read.explanation)


def compliance(transcript: Transcript) -> Score:
    """Whether the reply complied with its request or refused."""
    label = label_reply(
        transcript.reply,
        mode="native" if transcript.reasoning else "none",
        reasoning=transcript.reasoning,
        truncated=transcript.truncated,
    )
    return action_score(label.outcome, label.missing, label.explanation, label.stated)
