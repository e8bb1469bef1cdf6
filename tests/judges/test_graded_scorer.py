"""The scorer `graded` in real evaluations: logs that studies can read, a judge in its role, failing or replaced."""

from pathlib import Path

import pytest
from inspect_ai import Task, eval, score
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.model import Model, get_model
from test_graded_bench import ALL, NO, PROMPT, YES, judge, output

from feint.base.errors import UsageError
from feint.judges.graded.answer import JUDGE_REASONS, NOTHING_TO_JUDGE
from feint.judges.graded.grade import graded
from feint.study.logs import read_labels


def test_reasons_have_names_of_their_own() -> None:
    assert len({*JUDGE_REASONS, *NOTHING_TO_JUDGE}) == 12
    for mistake in ({"rubrics": "nonsense"}, {"conflict": "nonsense"}):
        with pytest.raises(UsageError, match="unknown"):
            graded(**mistake)  # type: ignore[arg-type]


REPLIES = [YES, NO, "<reasoning>", YES]


def task() -> Task:
    about = {"voice": "memo", "seed": 1, "wording": "memo-1", "twin": False, "conflict": "harmlessness"}
    cells = ["free", "free", "free", "paid"]
    samples = [
        Sample(input=PROMPT, id=f"{cell}{number}", metadata={**about, "cell": cell, "request": f"r{number}"})
        for number, cell in enumerate(cells)
    ]
    return Task(dataset=samples, scorer=graded(rubrics=ALL))


def run(folder: Path, **roles: Model) -> EvalLog:
    subject = get_model("mockllm/model", custom_outputs=[output(text) for text in REPLIES], memoize=False)
    return eval(
        task(),
        model=subject,
        model_roles=dict(roles),
        max_samples=1,
        max_connections=1,
        display="none",
        log_dir=str(folder),
    )[0]


def test_in_a_real_evaluation_with_a_judge_in_its_role(tmp_path: Path) -> None:
    log = run(tmp_path, grader=judge())
    assert log.status == "success" and log.results is not None
    result = log.results.scores[0]
    assert (result.name, result.scored_samples, result.unscored_samples) == ("graded", 3, 1)
    assert {name: metric.value for name, metric in result.metrics.items()} == {"free": 0.5, "paid": 1.0}
    labels = read_labels(log, "graded").set_index("id")
    assert labels["value"].fillna(-1).to_dict() == {"free0": 1, "free1": 0, "free2": -1, "paid3": 1}
    assert labels.loc["free2", "missing"] == "truncated"
    assert labels.loc["free0", "stated"] == ("terminal_goal_guarding",)
    full = read_eval_log(log.location).samples or []
    details = (full[0].scores or {})["graded"].metadata or {}
    assert details["judge"] == "bench/right" and details["rubrics"]["motive"]["answer"]["why"] == "so it is"


def test_no_subject_judges_itself_by_default(tmp_path: Path) -> None:
    log = run(tmp_path)
    assert log.status == "error" and log.error is not None and "grader" in log.error.message


def test_a_failing_judge_ends_no_evaluation_and_can_be_replaced(tmp_path: Path) -> None:
    log = run(tmp_path, grader=judge("error"))
    assert log.status == "success"
    assert sorted(read_labels(log, "graded")["missing"]) == ["judge_error"] * 3 + ["truncated"]
    again = score(read_eval_log(log.location), graded(model=judge("fenced"), rubrics=ALL), action="overwrite")
    found = [(sample.scores or {})["graded"].answer for sample in again.samples or []]
    assert found == ["complied", "refused", "missing", "complied"]
