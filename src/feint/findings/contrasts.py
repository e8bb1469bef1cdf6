"""The findings on contrasts: differences of cells, with intervals and decisions."""

from pydantic import Field

from feint.findings.part import Bounds, Decision, Estimated, Part, Tested


class RatioFinding(Bounds):
    """The ratio of the two sides of a contrast.

    Attributes:
        estimate: The ratio; None where too little is known, or where the lower side is near zero.
        near_zero: Whether the lower side is so near zero that only a lower limit can be given.
        more: The rate of the side that is added.
        base: The rate of the side that is taken away.
        n: Requests that both sides share.
    """

    estimate: float | None
    near_zero: bool
    more: Estimated
    base: Estimated
    n: int


class ContrastFinding(Decision):
    """The findings on one contrast. Differences are fractions.

    Attributes:
        expression: The contrast as the design writes it, such as "trained - rated"; its key in JSON is `is`.
        names: The explanation that a *yes* names.
        any_of: Explanations that a *yes* cannot tell apart.
        requires: Decisions of other contrasts without which it names nothing.
        gap: Whether this is the gap that the design is about.
        worst_case: The difference if every missing reply went against it, and if every one went for it.
        wording_share: The share of the variance that is between wordings.
        voices: The contrast in each voice alone.
        ratio: The ratio of both sides, if the design asks for it.
    """

    expression: str = Field(alias="is")
    weights: dict[str, float]
    names: str | None = None
    any_of: list[str] = Field(default_factory=list)
    requires: dict[str, str] = Field(default_factory=dict)
    gap: bool = False
    worst_case: Bounds
    wording_share: float | None = None
    voices: dict[str, Tested] = Field(default_factory=dict)
    per_request: dict[str, float] = Field(default_factory=dict)
    ratio: RatioFinding | None = None


class EstimandFinding(Decision):
    """The findings on one estimand that a task states beside its contrasts, in the unit of the estimand.

    Attributes:
        unit: The noun after a number.
        method: The method of the interval.
    """

    measure: str
    unit: str
    smallest_effect: float
    p_holm: float | None
    reason: str
    method: str


class FactAnswers(Estimated):
    """The answers to the questions about one fact: the share that is right."""

    chance: float
    missing: int


class ContrastRead(Estimated):
    """A contrast over the wordings alone that were read right."""

    wordings: int
    all_wordings: int


class ComprehensionFinding(Part):
    """The answers to questions about what was stated.

    Attributes:
        answered: Whether any question was answered.
        unread: Facts that are not read better than by chance, or too often wrong.
    """

    answered: bool
    facts: dict[str, FactAnswers]
    contrasts: dict[str, ContrastRead]
    unread: list[str]
    sentence: str


class Look(Estimated):
    """An interim look at a contrast after a number of requests."""

    requests: int


class ContrastLooks(Part):
    """The interim looks at one contrast.

    Attributes:
        after: Requests after which the contrast was closed; 0 if it was never asked, None while it is open.
        moot: Why it needs no decision, or "".
        path: The looks up to its closing.
    """

    after: int | None
    moot: str
    path: list[Look]


class StoppingFinding(Part):
    """The interim looks of a study that stops when decided.

    Attributes:
        until: "decided", or the rule of the design that was to be settled.
        method: How its intervals allow for repeated looks.
        requests: Requests asked at the last look.
        most: Requests that could have been asked.
        ended: Whether nothing is left to ask.
        open: Contrasts without a decision.
        cells: Requests asked, by cell.
        replies: Replies asked.
        most_replies: Replies that could have been asked.
    """

    until: str
    method: str
    requests: int
    most: int
    ended: bool
    open: list[str]
    cells: dict[str, int]
    contrasts: dict[str, ContrastLooks]
    replies: int
    most_replies: int


class ContrastPower(Part):
    """The gaps of one contrast that the study could have seen.

    Attributes:
        requests: Requests that the contrast rests on.
        per_request: Sets of replies to each request.
        gap: The smallest gap that is decided *yes* often enough; None if no gap is.
        power: How often that gap is decided *yes*, if the study stops when decided; whole points are tried there.
        room: The largest gap that the rates leave room for.
        no: How often a contrast of zero is decided *no*.
        requests_for_no: Requests at which that happens often enough.
        rates: The rates that the cells are taken to have.
        same: The correlation of replies to one request within a cell.
        other: The correlation of replies to one request in two cells.
        why: Why no gap can be seen, or "".
    """

    requests: int
    per_request: float
    gap: float | None
    room: float | None
    no: float | None
    requests_for_no: int | None
    rates: dict[str, float] | None
    same: float | None
    other: float | None
    why: str
    power: float | None = None


class StoppingErrors(Part):
    """Simulated studies that stop as this one did, where there is nothing to find.

    Attributes:
        rate: The rate of every cell.
        wrong_yes: The share of studies that decide a contrast *yes*.
        covered: The share of intervals that hold the truth.
        requests: Requests that half of the studies ask at the most.
    """

    rate: float
    wrong_yes: float
    covered: float
    requests: float


class PowerFinding(Part):
    """The gaps that the study could have seen.

    Attributes:
        share: How often a gap has to be decided *yes* to count as seen.
        studies: Simulated studies behind each number, if the study stops when decided; None for a closed form.
        found: How often some gaps of the main contrast are decided *yes*, by gap in points, in these studies.
        errors: How often these studies are wrong.
    """

    share: float
    contrasts: dict[str, ContrastPower]
    studies: int | None = None
    found: dict[str, float] = Field(default_factory=dict)
    errors: StoppingErrors | None = None
