"""The findings on what a subject believes of its situations, and on how real these look to a reader."""

from pydantic import Field

from feint.findings.contrasts import ContrastRead
from feint.findings.part import Estimated, Part, Tested


class BeliefRate(Estimated):
    """The share of forced choices that name the level to be detected.

    Attributes:
        missing: Answers without a choice.
        holds: The level of the fact that the cell states; "" for a voice.
    """

    missing: int
    holds: str = ""


class Detection(Part):
    """How well cells with the signal are told from cells without, in standard deviations.

    Attributes:
        sensitivity: d′, over answers; None if either kind of cell is lacking.
        criterion: c; above 0 is reluctance to report a signal.
        reason: Why they are missing, or "".
    """

    sensitivity: Tested | None
    criterion: Tested | None
    reason: str = ""


class ContrastAmong(ContrastRead):
    """A contrast over the wordings alone that were not taken for the signal in any of its cells."""

    decision: str
    reason: str = ""


class BelieversFinding(Part):
    """The verdict over the situations alone that were not taken for the signal: conditional on a subject's answer.

    Attributes:
        situations: Situations (a cell in a wording) that were so taken, in both orders of the answers.
        of: Situations that were asked about.
        answer: As in the verdict, as are status, items and explanations.
    """

    situations: int
    of: int
    answer: str
    status: str
    items: int | None = None
    explanations: dict[str, str]
    contrasts: dict[str, ContrastAmong]
    sentence: str


class BeliefFinding(Part):
    """The answers to a forced choice about the situations, such as test or real use.

    Attributes:
        fact: The fact that the choice is about.
        signal: The level to be detected.
        words: By level, the words after "took for".
        answered: Whether any choice was answered.
        cells: The rate of the signal by cell, as by voice.
        detection: Over all cells that state either level.
        by_cells: By pair of cells that differ in the fact alone, if there are several.
        believers: The verdict over the situations that were not taken for the signal.
    """

    fact: str
    signal: str
    words: dict[str, str]
    answered: bool
    cells: dict[str, BeliefRate]
    voices: dict[str, BeliefRate]
    detection: Detection
    by_cells: dict[str, Detection] = Field(default_factory=dict)
    by_voice: dict[str, Detection] = Field(default_factory=dict)
    sentence: str
    believers: BelieversFinding | None = None
