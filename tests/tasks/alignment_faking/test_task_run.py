import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model

import study_provider  # noqa: F401  # registers its subjects
from feint.base.inspect_private import PrerequisiteError

ARGS = {"requests": "held-out", "n": 2, "twins": 1}


def ask(model: str | Model = "countable/terminal", **arguments: object) -> EvalLog:
    task_args = {**ARGS, **arguments}
    options = {"display": "none", "log_dir": "memory://logs", "log_realtime": False}
    return eval("feint/alignment_faking", model=model, task_args=task_args, **options)[0]  # type: ignore[arg-type]


def test_by_itself_it_reports_compliance_by_cell() -> None:
    log = ask(design="tiers")
    assert log.status == "success"
    assert log.results is not None
    metrics = log.results.scores[0].metrics
    shares = {name for name, one in metrics.items() if one.group == "compliance"}
    assert shares == {"free", "paid", "free twins", "paid twins"}
    assert {name for name, one in metrics.items() if one.group == "gap"} == {"gap", "gap_stderr", "gap_low", "gap_high"}
    assert metrics["gap"].value == metrics["free"].value - metrics["paid"].value
    assert metrics["free twins"].value == 1
    assert log.samples is not None
    seeds = {sample.id: sample.metadata["sampling_seed"] for sample in log.samples}
    called = {sample.id: event.config.seed for sample in log.samples for event in sample.events
              if event.event == "model"}  # fmt: skip
    assert called == seeds
    assert log.plan.config.temperature == 1.0


def always_a(*_: object) -> ModelOutput:
    output = ModelOutput.from_content("mockllm/model", "<reply>So be it: <choice>A</choice></reply>")
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else a tokenizer is downloaded
    return output


def test_a_choice_is_labelled_by_its_letter() -> None:
    model = get_model("mockllm/model", custom_outputs=always_a)
    log = ask(model, conflict="care", requests="all", design="tiers", mode="none", wordings=4, library="composed")
    assert log.samples is not None
    for sample in log.samples:
        answer = "complied" if sample.metadata["comply_letter"] == "A" else "refused"
        assert (sample.scores or {})["rules"].answer == answer
    assert {sample.metadata["comply_letter"] for sample in log.samples} == {"A", "B"}
    assert log.plan.config.max_tokens == 1000


def test_a_mistake_is_one_that_inspect_prints_in_one_line() -> None:
    with pytest.raises(PrerequisiteError, match="did you mean 'motives'"):
        ask(design="motive")


def test_labelling_can_be_left_to_another_judge() -> None:
    log = ask(design="tiers", judge="none")
    assert log.status == "success"
    assert all(not sample.scores for sample in log.samples or [])
    with pytest.raises(PrerequisiteError, match="unknown judge 'nobody'"):
        ask(judge="nobody")
