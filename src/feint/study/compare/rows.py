"""A comparison as plain records: the gap of every subject, and the explanations by subject and design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feint.findings.contrasts import ContrastFinding
from feint.findings.findings import CellFinding, RepliesFinding
from feint.report.words import Glossary


@dataclass(frozen=True)
class Gap:
    """The gap of one subject, as a fraction.

    Attributes:
        estimate: The difference; None if nothing can be estimated.
        low: The lower end of its interval.
        high: The upper end of its interval.
        decision: The decision on it for this subject alone.
        p: The p value of *no difference*.
        p_holm: The p value, adjusted for the number of subjects.
        adjusted: The decision after that adjustment.
    """

    estimate: float | None
    low: float | None
    high: float | None
    decision: str
    p: float | None = None
    p_holm: float | None = None
    adjusted: str = ""


@dataclass(frozen=True)
class Row:
    """One study in the table of gaps.

    Attributes:
        subject: The name of the subject, told apart from others of the same name.
        design: The name of the design.
        answer: The answer to the task's question.
        gap: Its gap.
        n_requests: Requests that the gap rests on.
        cells: The findings on cells.
        replies: The counts of replies.
        family: The family of models whose stage the subject is, or None.
        stage: Its stage of training, or None.
    """

    subject: str
    design: str
    answer: str
    gap: Gap
    n_requests: int
    cells: Mapping[str, CellFinding]
    replies: RepliesFinding
    family: str | None = None
    stage: str | None = None

    @property
    def missing_rate(self) -> float | None:
        """The share of planned replies that are missing; None if no reply was planned."""
        return self.replies.missing / self.replies.planned if self.replies.planned else None


@dataclass(frozen=True)
class Evidence:
    """One design's decision on an explanation, and the contrasts behind it."""

    design: str
    decision: str
    contrasts: Mapping[str, ContrastFinding]


@dataclass(frozen=True)
class Combined:
    """The decision on one explanation for one subject, by all designs; None if no design can name it."""

    subject: str
    decision: str | None
    evidence: Sequence[Evidence]


@dataclass(frozen=True)
class Explained:
    """One explanation, subject by subject."""

    explanation: str
    subjects: Sequence[Combined]


@dataclass(frozen=True)
class Comparison:
    """Everything that a comparison shows.

    Attributes:
        rows: One for each study with a gap.
        explanations: The explanations, if a design can name one.
        answers: The answer to the task's question, by subject.
        warnings: What is wrong with the data or must be known to read the tables, a sentence each.
        say: The words of the task that all studies are of.
    """

    rows: Sequence[Row]
    say: Glossary
    explanations: Sequence[Explained] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
