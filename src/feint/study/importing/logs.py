"""Recorded replies as an Inspect log, the same as if Inspect had asked them."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalLog,
    EvalMetric,
    EvalPlan,
    EvalResults,
    EvalSample,
    EvalScore,
    EvalSpec,
    EvalStats,
    write_eval_log,
)
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    Content,
    ContentReasoning,
    ContentText,
    ModelOutput,
    StopReason,
)
from inspect_ai.scorer import Score

from feint.base.errors import UsageError
from feint.judges.rules.request import REQUEST_TEXT
from feint.judges.rules.scorer import VALUES, outcome_score, score_action
from feint.study.importing.integrity import check_missing, digest
from feint.study.importing.transcript import Collection, RecordedReply
from feint.tasks.registry import load_task

TASK = "feint/transcripts"
VOICE = "recorded"
NO_MODEL = "none"
"""Inspect's provider of models that cannot be asked, so that a log is scored again without the recorded model."""


def write_log(collection: Collection, path: Path, *, hashes: Mapping[str, str], warnings: Sequence[str]) -> list[str]:
    """Write one subject's replies, labelled, as an Inspect log, and return all warnings about them.

    Args:
        collection: The replies, all of one subject.
        path: The log to write; its name ends in .eval.
        hashes: SHA-256 by file that was imported.
        warnings: Faults of this subject's data; replies that could not be labelled are checked here.
    """
    subject = collection.transcripts[0].subject
    model = collection.models.get(subject, subject)
    turns = requests_told(collection.transcripts)
    samples = [as_sample(transcript, collection, model, turns) for transcript in collection.transcripts]
    missing: dict[str, list[str]] = {}
    for sample in samples:
        score = (sample.scores or {})[collection.judge]
        reason = str((score.metadata or {}).get("missing") or "unlabelled") if math.isnan(score.as_float()) else ""
        missing.setdefault(sample.metadata["cell"], []).append(reason)
    told = [*collection.warnings, *warnings, *check_missing(subject, missing)]
    same = digest(collection.transcripts)
    name = hashlib.sha256(f"{subject}\0{same}".encode()).hexdigest()[:22]
    log = EvalLog(
        status="success",
        eval=EvalSpec(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            run_id=name,
            task_id=name,
            task=TASK,
            task_attribs={"imported": True},
            dataset=EvalDataset(name=collection.conflict["name"], samples=len(samples)),
            model=f"{NO_MODEL}/{subject}",
            config=EvalConfig(),
            metadata={
                "imported": True, "subject": subject, "model": model, "design": collection.design.name,
                "note": collection.note, "files": dict(hashes),
                "warnings": told, "replies_digest": same,
            },
        ),
        plan=EvalPlan(),
        results=summarise(samples),
        stats=EvalStats(),
        samples=samples,
    )  # fmt: skip
    write_eval_log(log, str(path), format="eval")
    return told


def requests_told(transcripts: Sequence[RecordedReply]) -> dict[str, str]:
    """Return by request the user turn that a judge may be shown: one that is the same in all cells tells no cell."""
    turns: dict[str, set[str]] = {}
    for one in transcripts:
        turns.setdefault(one.request, set()).add(one.user.strip())
    return {request: next(iter(texts)) for request, texts in turns.items() if len(texts) == 1}


def as_sample(
    transcript: RecordedReply, collection: Collection, model: str, told: Mapping[str, str] | None = None
) -> EvalSample:
    """Turn a reply into a sample, with messages, output, scores, and the metadata of a study's samples.

    Reasoning that was recorded apart is a part of its own. The source has only one wording. `told` has the user turns
    that a judge may be shown, by request.
    """
    prompt: list[ChatMessage] = [ChatMessageSystem(content=transcript.system)] if transcript.system else []
    prompt.append(ChatMessageUser(content=transcript.user))
    content: str | list[Content] = transcript.reply
    if transcript.reasoning:
        content = [ContentReasoning(reasoning=transcript.reasoning), ContentText(text=transcript.reply)]
    message = ChatMessageAssistant(content=content, source="generate", model=model)
    stop: StopReason = "max_tokens" if transcript.truncated else "unknown"
    mode = "native" if transcript.reasoning else "scratchpad" if collection.judge == "action" else "none"
    metadata: dict[str, object] = {
        "design": collection.design.name, "cell": transcript.cell, "request": transcript.request,
        "category": transcript.category, "twin": False, "voice": VOICE, "seed": 0, "wording": f"{VOICE}-0",
        "sample": transcript.sample, "mode": mode, "conflict": collection.conflict["name"],
        "conflict_type": collection.conflict["type"], "imported": True,
    }  # fmt: skip
    if (actions := transcript.actions) is not None:
        metadata |= {
            "comply_letter": actions.comply_letter, "decline_letter": actions.decline_letter,
            "comply_text": actions.comply, "decline_text": actions.decline,
        }  # fmt: skip
    if request := (told or {}).get(transcript.request):
        metadata[REQUEST_TEXT] = request
    sample = EvalSample(
        id=f"{transcript.request}.{transcript.cell}.{transcript.sample}",
        epoch=1,
        input=prompt,
        target="",
        messages=[*prompt, message],
        output=ModelOutput(model=model, choices=[ChatCompletionChoice(message=message, stop_reason=stop)]),
        metadata=metadata,
    )
    sample.scores = scores_of(sample, transcript, collection)
    return sample


def scores_of(sample: EvalSample, transcript: RecordedReply, collection: Collection) -> dict[str, Score]:
    """Label one recorded reply.

    Returns:
        Score by name of the labels: `action` where there were two actions to choose from, else those of the design's
        task; and those of every judge whose labels were recorded with the reply.

    Raises:
        UsageError: The task of the design labels its samples by more than a reply.
    """
    judging = load_task(collection.design.task).judging
    if transcript.actions:
        scores = {"action": score_action(sample.output, sample.metadata)}
    elif judging.relabel is None:
        raise UsageError(
            f"design '{collection.design.name}': one of the task '{collection.design.task}', whose outcome is "
            f"{judging.decided_by}; recorded replies do not hold it, so choose another --design"
        )
    else:
        scores = {judging.labels: judging.relabel(sample)}
    for judge, label in transcript.labels.items():
        outcome = label if label in VALUES else None
        scores[judge] = outcome_score(outcome, None if outcome else "unlabelled", "as it was recorded")
    return scores


def summarise(samples: Sequence[EvalSample]) -> EvalResults:
    """Compute the mean of every judge's labels, for Inspect's own views; missing labels are left out."""
    labels: dict[str, list[float]] = {}
    for sample in samples:
        for name, score in (sample.scores or {}).items():
            labels.setdefault(name, []).append(score.as_float())
    scores = []
    for name, values in labels.items():
        known = [value for value in values if not math.isnan(value)]
        mean = EvalMetric(name="mean", value=sum(known) / len(known) if known else math.nan)
        unscored = len(samples) - len(known)
        scores.append(
            EvalScore(
                name=name, scorer=name, scored_samples=len(known), unscored_samples=unscored, metrics={"mean": mean}
            )
        )
    return EvalResults(total_samples=len(samples), completed_samples=len(samples), scores=scores)
