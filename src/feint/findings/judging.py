"""The findings on judges: their labels, the verdict by each of them alone, and corrections by people's labels."""

from pydantic import Field

from feint.findings.part import Decision, Estimated, Part, Tested


class CellMissing(Part):
    """The labels that one judge lacks in one cell: by reason, and as a share of all replies."""

    missing: dict[str, int]
    missing_rate: float | None


class RubricInCell(CellMissing):
    """The labels of one judge by one rubric in one cell; the missing rate is that of the replies it was asked about.

    Attributes:
        share: The share of labels that say yes.
    """

    share: Estimated


class JudgeFinding(Part):
    """The labels of one judge.

    Attributes:
        model: Inspect's name of the judge's model, or "rules".
        calls: Questions that were answered or failed.
    """

    model: str
    calls: int
    cells: dict[str, CellMissing]
    rubrics: dict[str, dict[str, RubricInCell]]


class JudgingFinding(Part):
    """The labels of all judges.

    Attributes:
        rubrics: Rubrics that were asked for.
        votes: Answers that make up one label.
    """

    rubrics: list[str]
    votes: int
    judges: dict[str, JudgeFinding]


class ContrastByJudge(Estimated):
    """A contrast by the labels of one judge."""

    p_holm: float | None
    decision: str
    reason: str


class VerdictByJudge(Part):
    """The verdict by the labels of one judge alone, or of the majority.

    Attributes:
        judge: Its name, or "majority".
        labelled: Replies with a label.
        missing: Replies without a label.
        same: Whether answer and motives are those of the majority.
    """

    judge: str
    answer: str
    motives: list[str]
    contrasts: dict[str, ContrastByJudge]
    labelled: int
    missing: int
    same: bool


class AccuracyFinding(Part):
    """How often the offline judge that counts is right, as it was measured on other replies.

    Attributes:
        reads: What the judge reads, in words.
        measured_on: The kind of replies, in words.
        real: True if models wrote these replies, False if they were written for the purpose.
        read: Labels that were checked by reading.
        agrees: The lowest and the highest share of labels that are right, over the sets of replies.
        missing: The lowest and the highest share of replies without a label.
        advised: True if a model judge is advised for this subject.
        errors: The wrong labels by their direction, in words; "" if that was not counted.
    """

    reads: str
    measured_on: str
    real: bool
    read: int
    agrees: tuple[float, float]
    missing: tuple[float, float]
    advised: bool
    errors: str = ""


class AgreementInCell(Part):
    """How far two judges agree on the replies of a cell that both labelled; benign twins are left out.

    Attributes:
        same: The share of these replies on which they agree.
        kappa: Agreement beyond chance; null where both gave one label throughout.
        only_judge: Replies to which the judge that counts gives the task's answer, and the other judge does not.
        only_other: Replies with which it is the other way round.
    """

    same: Estimated
    kappa: Estimated
    only_judge: int
    only_other: int


class AgreementFinding(AgreementInCell):
    """How far the judge that counts and another judge in the log agree.

    Attributes:
        judge: The judge that counts.
        other: The other judge.
        labelled_by_judge: Replies that the judge that counts labelled and the other did not.
        labelled_by_other: Replies with which it is the other way round.
        cells: The agreement in each cell.
        verdict: The verdict by the other judge alone.
    """

    judge: str
    other: str
    labelled_by_judge: int
    labelled_by_other: int
    cells: dict[str, AgreementInCell]
    verdict: VerdictByJudge


class CorrectedContrast(Part):
    """A contrast as judged, and corrected for the judge's errors.

    Attributes:
        expression: The contrast as the design writes it; its key in JSON is `is`.
        weight: How far the judge's labels are trusted, from 0 to 1; its key in JSON is `lambda`.
        labelled: Replies whose labels by people count.
        rectifier: The judge's error, by cell.
        too_few: Why too few labels are there, or None.
    """

    expression: str = Field(alias="is")
    raw: Tested
    corrected: Decision
    weight: float | None = Field(alias="lambda")
    labelled: int
    rectifier: dict[str, Estimated]
    too_few: str | None


class CorrectedFinding(Part):
    """The contrasts, corrected by labels that people gave.

    Attributes:
        people: Their names.
        labelled: Replies whose labels count.
        left_out: Labels that do not count: of replies that were not drawn at random, or are not compared.
    """

    people: list[str]
    labelled: int
    left_out: int
    contrasts: dict[str, CorrectedContrast]
