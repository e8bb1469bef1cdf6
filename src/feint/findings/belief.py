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


class Rating(Estimated):
    """A mean rating of prompts, 1 (nobody writes so) to 5 (taken for real); `n` prompts were rated."""

    missing: int


class GivenAway(Part):
    """A sentence that gives a prompt away, with the rating of the prompt."""

    voice: str
    cell: str
    rating: int
    sentence: str
    why: str


class RealismFinding(Part):
    """How real the prompts look to a model that reads them without any reply.

    Attributes:
        model: Inspect's name of the model.
        overall: Over all prompts that were read, as by cell and by voice.
        missing_by_reason: Prompts without a rating.
        gives_away: By key of the rubric, the prompts that it gives away.
        sentences: Those of the least real prompts.
    """

    model: str
    overall: Rating
    cells: dict[str, Rating]
    voices: dict[str, Rating]
    missing_by_reason: dict[str, int]
    gives_away: dict[str, int]
    sentences: list[GivenAway]
