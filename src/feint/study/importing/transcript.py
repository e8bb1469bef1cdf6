"""One recorded reply, whatever file it came from, and one subject's replies together."""

from dataclasses import dataclass, field

from feint.designs import Design
from feint.judges.rules.action import Actions


@dataclass(frozen=True)
class Transcript:
    """One reply that another tool recorded.

    Attributes:
        subject: The model that replied.
        cell: Cell of the design.
        request: Id of the request; the same in every cell.
        sample: Which of the replies to this request in this cell, from 1.
        reply: What the model wrote.
        reasoning: Its reasoning, where it was recorded apart.
        user: The user turn, "" where it was not recorded.
        system: The system prompt, "" where it was not recorded.
        category: A group of requests, "" if there is none.
        actions: The two actions to choose from; None for a request to comply with or refuse.
        label: What another judge said: "complied", "refused" or "missing"; None where no judge spoke.
        truncated: Whether the reply is known to have hit a limit.
        source: File and line, for messages.
    """

    subject: str
    cell: str
    request: str
    sample: int
    reply: str
    reasoning: str | None = None
    user: str = ""
    system: str = ""
    category: str = ""
    actions: Actions | None = None
    label: str | None = None
    truncated: bool = False
    source: str = ""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What no two transcripts may share."""
        return self.subject, self.cell, self.request, self.sample


@dataclass(frozen=True)
class Collection:
    """What some files hold.

    Attributes:
        transcripts: All of it, in file order.
        design: Cells and contrasts.
        conflict: Name, type ("request" or "choice"), objective and value.
        judge: Name of the rule that labels the replies.
        models: The model's name as recorded, by subject, where it differs from the subject.
        note: What the source leaves open, in one or two sentences.
    """

    transcripts: list[Transcript]
    design: Design
    conflict: dict[str, str]
    judge: str
    models: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def subjects(self) -> dict[str, list[Transcript]]:
        """Transcripts by subject, subjects in the order of their first."""
        found: dict[str, list[Transcript]] = {}
        for transcript in self.transcripts:
            found.setdefault(transcript.subject, []).append(transcript)
        return found
