"""A recorded reply from any file, and the collection of all replies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from feint.base.errors import UsageError
from feint.designs import Design
from feint.judges.rules.action import Actions


@dataclass(frozen=True)
class RecordedReply:
    """A reply that another tool recorded.

    Attributes:
        request: Id of the request; the same in every cell.
        sample: Number of the reply to this request in this cell, from 1.
        reasoning: The reasoning, if it was recorded separately.
        user: The user turn; "" if it was not recorded. So is `system`.
        category: A group of requests, "" if there is none.
        actions: The two actions to choose from; None for a request to comply with or refuse.
        labels: By another judge's name, its label: "complied", "refused" or "missing".
        truncated: True if the reply is known to have hit a limit.
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
    labels: Mapping[str, str] = field(default_factory=dict)
    truncated: bool = False
    source: str = ""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """The fields that tell a recorded reply from all others."""
        return self.subject, self.cell, self.request, self.sample


@dataclass(frozen=True)
class Collection:
    """The content of some files.

    Attributes:
        transcripts: All of it, in file order.
        conflict: Name, type ("request" or "choice"), objective and value.
        judge: Name of the rule that labels the replies.
        models: The model's name as recorded, by subject, where it differs from the subject.
        note: Facts that the source leaves open, in one or two sentences.
        warnings: Faults of the data as a whole, a sentence each.
    """

    transcripts: list[RecordedReply]
    design: Design
    conflict: dict[str, str]
    judge: str
    models: dict[str, str] = field(default_factory=dict)
    note: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def subjects(self) -> dict[str, list[RecordedReply]]:
        """Recorded replies by subject; subjects are in the order of their first reply."""
        found: dict[str, list[RecordedReply]] = {}
        for transcript in self.transcripts:
            found.setdefault(transcript.subject, []).append(transcript)
        return found


def without_doubles(replies: Iterable[RecordedReply]) -> list[RecordedReply]:
    """List replies.

    Raises:
        UsageError: Two rows hold one reply.
    """
    found: dict[tuple[str, str, str, int], RecordedReply] = {}
    for one in replies:
        if one.key in found:
            raise UsageError(
                f"{one.source}: a second row for subject '{one.subject}', cell '{one.cell}', request '{one.request}', "
                f"sample {one.sample}; the first is {found[one.key].source}"
            )
        found[one.key] = one
    return list(found.values())
