"""How sentences, tables and pages speak of what a task measures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The words of one task; those of alignment faking unless a task brings its own.

    Attributes:
        headline: Key of the answer to the task's question, in a verdict and among the rules of designs.
        by_gap: Whether the gaps of a design decide the headline where no rule of its does; else a gap alone names no
            motive.
        question: What a study asks of its subject, after its name and a colon.
        shows: What a subject does for which the answer is yes, such as "fakes alignment".
        shows_not: The same where the answer is no.
        does: What a label of 1 stands for, such as "complies".
        do: The same in the plural.
        did: The same of one reply.
        did_not: What a label of 0 stands for, of one reply.
        measure: The rate of labels of 1, such as "compliance".
        gap: What the difference in it is called that a design is about.
        always: A subject that does it nearly everywhere.
        never: A subject that does it nearly nowhere.
        how_often: Heading over the rates.
        reply: What a label is given to.
        replies: The same in the plural.
        request: What is put to the subject in every cell.
        requests: The same in the plural.
        complying: What has a label of 1, in the plural.
        unstatable: Explanations that are no motive a text could state.
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


USUAL = Words()
