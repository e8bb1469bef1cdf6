"""Judges, rubrics and votes, frozen in a study's plan or in the record of judging anew."""

from collections.abc import Collection, Mapping, Sequence
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field

from feint.base.errors import UsageError, unknown
from feint.base.hashing import sha256_of
from feint.base.vocabulary import vocabularies, vocabulary
from feint.judges.graded.rubrics import OUTCOME_RULES, Frame, Rubric, frame_text, load_rubrics
from feint.situations import Conflict, load_conflict
from feint.tasks.registry import load_task

RULES = "rules"
"""The offline judge."""
DECIDING = {"request": "compliance", "choice": "choice"}
"""By the type of a conflict, the rubric that decides an imported reply; a judge is asked no other by default."""
PANEL = " + "
"""Stands between the judges of a study that has several."""


class Grading(BaseModel):
    """Judges, rubrics and votes of a study.

    Attributes:
        judges: The model by the name of its labels in a log; "rules" is the offline judge.
        rubrics: Hash of all texts of a rubric, by its name or file.
        votes: Number of answers to rubrics that are voted on; 1 asks once.
        conflict_rule: Hash of the conflict's own rule for compliance; "" if it has no rule.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    judges: dict[str, str]
    rubrics: dict[str, str]
    votes: int = Field(default=1, ge=1)
    conflict_rule: str = ""

    @property
    def judge(self) -> str:
        """Return the names of all judges as one name."""
        return PANEL.join(self.judges)

    @property
    def models(self) -> dict[str, str]:
        """Return the judges that are models, by the name of their labels."""
        return {key: model for key, model in self.judges.items() if model != RULES}

    def read_rubrics(self) -> tuple[Rubric, ...]:
        """Return the frozen rubrics, unless one was changed since.

        Raises:
            UsageError: A rubric was changed since.
        """
        for name, frozen in self.rubrics.items():
            if rubric_hash(load_rubrics([name])[0]) != frozen:
                raise UsageError(
                    f"rubric '{name}': changed after the study was planned; restore it, or judge anew with: feint judge"
                )
        return load_rubrics(self.rubrics) if self.rubrics else ()

    def spec(self, key: str) -> str:
        """Identify a judge's labels: the same model may also have judged by other rubrics or votes."""
        content = self.model_dump(exclude={"judges"}) if self.judges[key] != RULES else {}
        return sha256_of({"model": self.judges[key], **content})[:12]


def make_grading(
    judges: Sequence[str],
    rubrics: str | None,
    votes: int | None,
    conflict: Conflict | None,
    mode: str = "scratchpad",
    task: str | None = None,
) -> Grading | None:
    """Make the grading from the user's options.

    Rubrics are shipped ones or Markdown files, separated by commas; None uses the defaults, which depend on the place
    where the subject reasons (`mode`). Without `votes`, a judge is asked once. The conflict is None if it is unknown.

    Returns:
        The grading; None if "rules" judges alone.

    Raises:
        UsageError: A judge is unknown, named twice, or cannot label this conflict; options without a model; a rubric
            of another task.
    """
    check_names(judges)
    if not judges or list(judges) == [RULES]:
        for option, value in (("--rubrics", rubrics), ("--votes", votes)):
            if value is not None:
                raise UsageError(f"{option}: the offline judge 'rules' takes none; name a model with --judge")
        return None
    if votes is not None and votes < 1:
        raise UsageError(f"--votes {votes}: expected 1 or more")
    usual = load_task(task).judging.rubrics(mode)
    names = [name.strip() for name in (rubrics.split(",") if rubrics else usual) if name.strip()]
    if len(set(names)) < len(names):
        raise UsageError(f"--rubrics {rubrics}: a rubric stands twice; name each once")
    chosen = load_rubrics(names)
    if votes is not None and votes > 1 and not any(rubric.votes for rubric in chosen):
        voted = [rubric.name for rubric in load_rubrics(usual) if rubric.votes]
        remedy = f"add {voted[0]}" if voted else "leave it out, or add one of yours with 'votes: true'"
        raise UsageError(f"--votes {votes}: none of the rubrics {', '.join(names)} is voted on; {remedy}")
    check_fits(judges, chosen, load_task(task).name)
    decided = any(rubric.rule in OUTCOME_RULES for rubric in chosen)
    if conflict is not None and not conflict.by_rule and not decided:
        raise UsageError(
            f"--rubrics {rubrics}: no rubric decides who complies, which conflict '{conflict.name}' needs; "
            "add compliance"
        )
    text = conflict.rubric if conflict is not None else ""
    return Grading(
        judges={judge: judge for judge in judges},
        rubrics={name: rubric_hash(rubric) for name, rubric in zip(names, chosen, strict=True)},
        votes=votes or 1,
        conflict_rule=sha256_of(text) if text else "",
    )


def check_fits(judges: Sequence[str], rubrics: Sequence[Rubric], task: str) -> None:
    """Refuse rubrics that list the motives of another task, and judges that would decide the outcome of runs.

    Raises:
        UsageError: A rubric lists the motives of another task; or a judge would decide the outcome of runs.
    """
    judging, replies = load_task(task).judging, load_task(task).words.replies
    own = set(vocabulary(task).explanations)
    others = {key for name in vocabularies() for key in vocabulary(name).explanations} - own
    for rubric in rubrics:
        if rubric.reads == "prompt":
            raise UsageError(f"rubric '{rubric.name}': reads prompts and no replies; ask it with --realism MODEL")
        listed = {option for key in rubric.of_type("keys", "quoted") for option in rubric.answer[key].of}
        if rubric.rule == "listed" and listed & others and not listed & own:
            raise UsageError(
                f"rubric '{rubric.name}': its motives are not those of the task '{task}'; take {judging.motives}"
            )
        if rubric.rule in OUTCOME_RULES and judging.relabel is None:
            raise UsageError(
                f"rubric '{rubric.name}': decides who complies, and {replies} of '{task}' are labelled by "
                f"{judging.decided_by}; leave it out"
            )
    if RULES in judges and judging.relabel is None:
        raise UsageError(
            f"--judge {RULES}: the outcome of {replies} of '{task}' is always {judging.decided_by}; name models alone"
        )


def check_names(judges: Sequence[str]) -> None:
    """Refuse names that cannot be those of judges, and names that are given twice.

    Raises:
        UsageError: A name cannot be a judge's, or is given twice.
    """
    for judge in judges:
        if judge != RULES and "/" not in judge:
            known = unknown("judge", judge, [RULES])
            raise UsageError(f"{known}, and any Inspect model: provider/name")
        if PANEL in judge:
            raise UsageError(f"judge '{judge}': a name cannot hold '{PANEL}'; give --judge once for each judge")
        if list(judges).count(judge) > 1:
            raise UsageError(f"--judge: '{judge}' is named twice")


def rubric_hash(rubric: Rubric) -> str:
    """Hash (SHA-256) everything that a rubric puts into a question, and the texts around it."""
    around = [frame_text(name) for name in get_args(Frame)]
    return sha256_of({"rubric": rubric.model_dump(mode="json"), "around": around})


def named_apart(grading: Grading, taken: Mapping[str, Collection[str]]) -> Grading:
    """Rename judges whose names other labels of a log have, by a part of their spec's hash.

    A judge keeps its name if the log has no labels of that name, or has them by the same rubrics and votes. `taken` has
    the spec of the labels in the log, by name (see `Grading.spec`).
    """
    judges = {}
    for key, model in grading.judges.items():
        spec = grading.spec(key)
        free = model == RULES or taken.get(key, {spec}) == {spec}
        judges[key if free else f"{key}#{spec[:6]}"] = model
    return grading.model_copy(update={"judges": judges})


def conflict_of(task: Mapping[str, object], conflict: Mapping[str, str]) -> str | None:
    """Return the name or file of a study's conflict; None for an import whose conflict is unknown."""
    name = str(task.get("conflict", conflict["name"]))
    try:
        load_conflict(name)
    except UsageError:
        if "conflict" in task:
            raise
        return None
    return name


def check_rule(grading: Grading, conflict: str | None) -> None:
    """Refuse a conflict whose own rule was changed after the judges were planned.

    Raises:
        UsageError: The rule was changed.
    """
    rule = load_conflict(conflict).rubric if conflict is not None else ""
    if (sha256_of(rule) if rule else "") != grading.conflict_rule and grading.models:
        raise UsageError(
            f"conflict '{conflict}': its rubric changed after the judges were planned; restore it, or judge anew with: "
            "feint judge"
        )
