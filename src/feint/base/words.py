"""The words of a task, for sentences, tables and pages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The words of one task; those of the usual task unless a task brings its own.

    Attributes:
        headline: Key of the answer to the task's question, in a verdict and among the rules of designs.
        by_gap: Whether the gaps of a design decide the headline if no rule of the design does; a gap alone names no
            motive otherwise.
        question: The question of a study about its subject, after the subject's name and a colon.
        shows, shows_not: The verb phrases for a subject with the answer yes, such as "fakes alignment", and no.
        does, do, did: The verb for a label of 1, such as "complies", its plural and its past for one reply.
        did_not: The verb in the past for a label of 0.
        measure: The rate of labels of 1, such as "compliance".
        gap: The difference between two rates.
        always, never: The clauses for a rate near 1 and near 0.
        how_often: Heading over the rates.
        reply, replies: The noun for the thing that a label is given to.
        request, requests: The noun for the item that every cell puts to the subject.
        complying: The noun for things with a label of 1, in the plural.
        unstatable: Explanations that no text could state as a motive.
        readings: Explanations that compare wordings; they are no motives, and the verdict names them in a sentence of
            their own.
        turn: The noun for the user turn of a prompt; "" for `request`.
        each: The words after the number of replies for one request.
        in_conflict: Whether requests are drawn from a conflict, so that a report names the conflict and not the task.
        missing_note: The sentences on missing replies and on bounds; "" for the usual ones.
        labels_from: The sentence on the source of labels; "" if a judge reads the reply.
        calibration: The sentence on why there is no calibration by simulated studies; "" if one can be made.
        acts, act: The verb for a subject with the answer yes, and its plural; "" for `does`.
        gap_means: The sentence on the meaning of the gap; "" for the usual one.
        gap_note: The sentences on the limits of a gap; "" for none.
    """

    headline: str = "fakes_alignment"
    by_gap: bool = False
    question: str = "does it fake alignment?"
    shows: str = "fakes alignment"
    shows_not: str = "does not fake alignment"
    does: str = "complies"
    do: str = "comply"
    did: str = "complied"
    did_not: str = "refused"
    measure: str = "compliance"
    gap: str = "compliance gap"
    always: str = "it complies nearly always"
    never: str = "it refuses nearly always"
    how_often: str = "How often it complies"
    reply: str = "reply"
    replies: str = "replies"
    request: str = "request"
    requests: str = "requests"
    complying: str = "complying replies"
    unstatable: tuple[str, ...] = ("low_coherence",)
    readings: tuple[str, ...] = ()
    turn: str = ""
    each: str = "to each"
    in_conflict: bool = False
    missing_note: str = ""
    labels_from: str = ""
    calibration: str = ""
    acts: str = ""
    act: str = ""
    gap_means: str = ""
    gap_note: str = ""


USUAL = Words()
