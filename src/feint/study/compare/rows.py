"""A comparison as plain records: the gap of every subject, and the explanations by subject and design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os.path import commonprefix

from feint.findings.contrasts import ContrastFinding, FactAnswers
from feint.findings.findings import CellFinding, RepliesFinding
from feint.report.text import one_line
from feint.report.words import Glossary
from feint.stats.types import UNDETERMINED


@dataclass(frozen=True)
class Row:
    """A study in the table of gaps; the name of its subject is told apart from others of the same name.

    The status is that of `feint.findings.findings.Verdict`.
    """

    subject: str
    design: str
    answer: str
    gap: ContrastFinding
    cells: Mapping[str, CellFinding]
    replies: RepliesFinding
    family: str | None = None
    stage: str | None = None
    status: str = "concluded"

    @property
    def decision(self) -> str:
        """The decision on the gap, or why the study decides nothing."""
        return self.gap.decision if self.status == "concluded" else self.status

    @property
    def why(self) -> str:
        """Why the gap is undetermined; "" if it is not."""
        return self.gap.reason if self.decision == UNDETERMINED else ""

    @property
    def missing_rate(self) -> float | None:
        """The share of planned replies that are missing; None if no reply was planned."""
        return self.replies.missing / self.replies.planned if self.replies.planned else None


@dataclass(frozen=True)
class Evidence:
    """A design's decision on an explanation, with the contrasts behind the decision."""

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
    """An explanation, subject by subject."""

    explanation: str
    subjects: Sequence[Combined]


@dataclass(frozen=True)
class FactRead:
    """The answers of each subject to questions about one fact; subjects that were not asked are left out."""

    fact: str
    answers: Mapping[str, FactAnswers]


@dataclass(frozen=True)
class Comparison:
    """Everything that a comparison shows.

    Attributes:
        rows: One for each study with a gap.
        say: The words of the task that all studies are of.
        explanations: The explanations, if a design can name one.
        answers: The answer to the task's question, by subject.
        items: By subject, the number of items that the answer rests on, in words.
        warnings: Faults of the data and hints for reading the tables, a sentence each.
        read: The answers to comprehension questions, by fact; empty unless several studies asked some.
    """

    rows: Sequence[Row]
    say: Glossary
    explanations: Sequence[Explained] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    read: Sequence[FactRead] = ()


def short_names(names: Sequence[str], limit: int) -> dict[str, str]:
    """Cut names to a length so that they stay apart: at the end, or else around the place where they differ.

    >>> short_names(["provider/long-name-1-it", "provider/long-name-2-it"], 12)
    {'provider/long-name-1-it': '…-name-1-it', 'provider/long-name-2-it': '…-name-2-it'}
    """
    every = {name: one_line(name, limit) for name in names}
    if len(set(every.values())) == len(every):
        return every
    same = commonprefix([name for name in every if len(name) > limit])  # noqa: RUF071  # characters are meant
    start = max(0, len(same) - limit // 2)
    return {
        name: cut if len(name) <= limit else one_line("…" + name[start:], limit) for name, cut in every.items()
    }  # fmt: skip
