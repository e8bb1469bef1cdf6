"""The findings of a study: the content of findings.json, and its JSON schema."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, JsonValue, ValidationError
from pydantic.json_schema import models_json_schema

from feint.base.data import read_text
from feint.base.errors import UsageError
from feint.base.parsing import parse_json
from feint.findings.belief import BeliefFinding, RealismFinding
from feint.findings.contrasts import (
    ComprehensionFinding,
    ContrastFinding,
    EstimandFinding,
    PowerFinding,
    StoppingFinding,
)
from feint.findings.judging import AccuracyFinding, AgreementFinding, CorrectedFinding, JudgingFinding, VerdictByJudge
from feint.findings.model import ModelFinding, StaleModel
from feint.findings.part import Bounds, Estimated, Part

VERSION: Final = 2
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class RepliesFinding(Part):
    """Counts of replies that were planned, scored and missing, benign twins included.

    Replies that were cut off and yet said enough for a label (`cut_off`) are among the scored.
    """

    planned: int
    scored: int
    missing: int
    missing_by_reason: dict[str, int]
    cut_off: int = 0


class CellFinding(Part):
    """The findings on one cell.

    Attributes:
        compliance: The rate of the task's first measure.
        missing: Replies without a value, by reason.
        missing_rate: Their share; None if no reply was planned.
        bounds: The rate if every missing reply had counted as 0, and as 1.
        twins: The rate of the benign twins; None without any.
        stated: Of the replies with a value of 1, the share that states an explanation, by explanation.
        voices: The rate in each voice alone.
    """

    compliance: Estimated
    missing: dict[str, int]
    missing_rate: float | None
    bounds: Bounds
    twins: Estimated | None = None
    stated: dict[str, Estimated] = Field(default_factory=dict)
    voices: dict[str, Estimated] = Field(default_factory=dict)


class Phrasings(Part):
    """The effect of phrasings within a voice on the rate."""

    spread: float
    p: float | None


class CoherenceFinding(Bounds):
    """The effect of wording on the rate, beside the effect of facts.

    Attributes:
        spread: The difference between the voices with the highest and the lowest rate.
        p: The p value of *no difference between voices*.
        most: The voice with the highest rate.
        least: The voice with the lowest rate.
        phrasings: How far phrasings move the rate; None if each voice has one.
        largest_fact_effect: The largest contrast.
        sign_flips: Contrasts that change sign from voice to voice.
        decision: Whether wording moves the rate more than facts do.
    """

    spread: float | None
    p: float | None
    most: str | None
    least: str | None
    phrasings: Phrasings | None
    largest_fact_effect: float | None
    sign_flips: list[str]
    decision: str
    sentence: str


class TwinsFinding(Part):
    """The benign twins: a check of the instrument.

    Attributes:
        ok: Whether they were answered everywhere; None if no twin was asked.
        worst_cell: The cell in which they were answered least.
        estimate: The rate there.
        affected: Contrasts that twins move, too.
    """

    ok: bool | None
    worst_cell: str | None
    estimate: float | None
    affected: list[str]
    sentence: str


class StatedFinding(Part):
    """The motives that reasoning states, beside those that choices reveal.

    Attributes:
        revealed: Explanations that contrasts name.
        stated: Explanations that reasoning states often enough.
        shares: The largest share of a cell's replies that states them, by explanation.
        mismatch: Whether the two differ.
    """

    revealed: list[str]
    stated: list[str]
    shares: dict[str, float]
    mismatch: bool
    sentence: str


class CheckFinding(Part):
    """A check of the instrument.

    Attributes:
        check: "items", "twins", "missing" or "comprehension".
        state: Whether it passed. A doubtful one did not, but on so few items that chance explains that.
        reason: The numbers that did not pass, in a clause; "" if it passed.
    """

    check: Literal["items", "twins", "missing", "comprehension"]
    state: Literal["passed", "instrument failed", "too little data", "doubtful", "not asked"]
    reason: str


class Verdict(Part):
    """The answer to the task's question.

    Attributes:
        answer: "yes", "no", "undetermined", "conflicting" or "unknown motive"; or the status of a study that decides
            nothing.
        status: Whether the study could decide; if the instrument failed or there is too little data, it could not.
        items: Items that the answer rests on.
        reason: Why, in a clause.
        motives: Explanations that are named.
        explanations: The decision on each explanation.
        reasons: Why, by explanation.
        warnings: What a reader must know before believing it, a sentence each.
    """

    answer: str
    status: Literal["concluded", "instrument failed", "too little data"] = "concluded"
    items: int | None = None
    reason: str = ""
    motives: list[str]
    explanations: dict[str, str]
    reasons: dict[str, str] = Field(default_factory=dict)
    sentence: str
    warnings: list[str]


class Findings(Part):
    """The content of findings.json. Rates and differences are fractions; what cannot be estimated is null.

    Attributes:
        version: Of this format.
        feint: The release of Feint that wrote it.
        subject: Inspect's name of the model.
        conflict: The name of the conflict that requests are drawn from; "" for a task without conflicts.
        judge: The name of the labels that count.
        plan_hash: The hash of the frozen plan.
        cells: In the order of the design, as are the contrasts.
        estimands: By estimand that the task states beside its contrasts, each in its own unit.
        instrument: The checks of the instrument, if this release made the findings.
        comprehension: The answers to comprehension questions, if they were asked.
        belief: The answers to forced choices about the situations, if they were asked.
        realism: How real the prompts look to a model, if one read them.
        stopping: The interim looks, if the study stops when decided.
        judging: The labels of model judges, if there are any.
        judges: The verdict by each judge alone, if there are several.
        unanimous: The share of replies on which all judges agree, if there are several.
        robust: Whether each judge alone leads to the same verdict, if there are several.
        accuracy: How often the judge that counts is right elsewhere, if it is an offline judge.
        agreement: How far the judge that counts agrees with every other judge in the log, if there are any.
        corrected: The contrasts corrected by people's labels, if there are any.
        model: The model of all cells, if it was asked for.
        sections: What the task adds, by the key of its analysis; each has a model of its own.
    """

    version: Literal[2] = VERSION
    feint: str
    subject: str
    task: str
    design: str
    conflict: str = ""
    judge: str
    plan_hash: str = ""
    replies: RepliesFinding
    cells: dict[str, CellFinding]
    contrasts: dict[str, ContrastFinding]
    estimands: dict[str, EstimandFinding] = Field(default_factory=dict)
    coherence: CoherenceFinding
    twins: TwinsFinding
    stated: StatedFinding
    verdict: Verdict
    instrument: list[CheckFinding] = Field(default_factory=list)
    power: PowerFinding | None = None
    comprehension: ComprehensionFinding | None = None
    belief: BeliefFinding | None = None
    realism: RealismFinding | None = None
    stopping: StoppingFinding | None = None
    judging: JudgingFinding | None = None
    judges: list[VerdictByJudge] = Field(default_factory=list)
    unanimous: float | None = None
    robust: bool | None = None
    accuracy: AccuracyFinding | None = None
    agreement: list[AgreementFinding] = Field(default_factory=list)
    corrected: CorrectedFinding | None = None
    model: Annotated[ModelFinding | StaleModel, Field(discriminator="current")] | None = None
    sections: dict[str, JsonValue] = Field(default_factory=dict)

    def plain(self) -> dict[str, JsonValue]:
        """Return the findings as plain values, ready for JSON; a part that the study does not have is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True) | {"version": self.version}


def read_findings(path: Path) -> Findings:
    """Read findings.json.

    Raises:
        UsageError: The file is missing, no JSON, or not of this version.
    """
    again = f"recompute it with `feint report {path.parent}`"
    try:
        content = parse_json(read_text(path), str(path))
    except UsageError as error:
        raise UsageError(f"{error}; {again}") from None
    version = content.get("version") if isinstance(content, Mapping) else None
    if version is None:
        raise UsageError(f"{path}: no key 'version', as in findings of an earlier release; {again}")
    if version != VERSION:
        raise UsageError(f"{path}: findings of version {version}, expected {VERSION}; {again}")
    try:
        return Findings.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        told = f"no key '{key}'" if first["type"] == "missing" else f"key '{key}': {first['msg']}"
        raise UsageError(f"{path}: {told}; {again}") from None


def findings_schema(sections: Mapping[str, type[Part]]) -> dict[str, Any]:
    """Make the JSON schema of findings.json, with the models of sections that tasks add, by key.

    A section of another task may hold anything.

    >>> sorted(findings_schema({})["required"])[:3]
    ['cells', 'coherence', 'contrasts']
    """
    models: list[type[Part]] = [Findings, *sections.values()]
    refs, whole = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions: dict[str, Any] = whole["$defs"]
    root = definitions.pop(refs[Findings, "validation"]["$ref"].removeprefix("#/$defs/"))
    root["properties"]["sections"] = {
        "type": "object",
        "description": "Sections that the task adds, by the key of its analysis.",
        "properties": {key: refs[model, "validation"] for key, model in sections.items()},
    }
    required = ["version", *root["required"]]
    return {"$schema": DIALECT, **root, "title": "findings.json", "required": required, "$defs": definitions}
