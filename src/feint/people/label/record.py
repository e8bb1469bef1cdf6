"""The state that a person's lines lead to: the valid labels, and the reply to show next."""

from collections.abc import Iterable

from feint.base.errors import UsageError
from feint.people.label.events import Draw, Line, PersonLabel, Skip, Undo


class Record:
    """The events of a person, replayed."""

    def __init__(self, events: Iterable[Line] = (), source: str = "labels") -> None:
        """Replay events.

        Args:
            events: In the order of the file.
            source: The file, for messages.

        Raises:
            UsageError: See `add`.
        """
        self.draw: Draw | None = None
        self.standing: list[PersonLabel | Skip] = []
        """Labels and skips that were not taken back, in order."""
        self.retracted: dict[str, PersonLabel] = {}
        """By reply, the label that was taken back last."""
        self.source = source
        for event in events:
            self.add(event)

    def add(self, event: Line) -> None:
        """Add an event.

        Raises:
            UsageError: The event takes back a label that is not there.
        """
        if isinstance(event, Draw):
            self.draw = event
        elif isinstance(event, PersonLabel | Skip):
            self.standing.append(event)
        elif isinstance(event, Undo):
            place = next((i for i in reversed(range(len(self.standing))) if self.standing[i].id == event.id), None)
            if place is None:
                raise UsageError(
                    f"{self.source}: takes back a label of '{event.id}' that is not there; restore the file"
                )
            gone = self.standing.pop(place)
            if isinstance(gone, PersonLabel):
                self.retracted[gone.id] = gone

    @property
    def queue(self) -> list[str]:
        """The replies to label, in order."""
        return [reply.id for reply in self.draw.replies] if self.draw else []

    def labels(self) -> dict[str, PersonLabel]:
        """Return the last valid label of each reply."""
        return {event.id: event for event in self.standing if isinstance(event, PersonLabel)}

    def skipped(self) -> list[str]:
        """List the replies that were skipped and have no label yet; replies skipped longest ago come first."""
        labels = self.labels()
        last = {event.id: place for place, event in enumerate(self.standing) if isinstance(event, Skip)}
        return sorted((id for id in last if id not in labels), key=last.__getitem__)

    def current(self) -> str | None:
        """Return the reply to show: the first untouched reply, then skipped replies; None when all have labels."""
        done = {event.id for event in self.standing}
        fresh = (id for id in self.queue if id not in done)
        drawn = set(self.queue)
        return next(fresh, None) or next((id for id in self.skipped() if id in drawn), None)

    def last(self) -> PersonLabel | Skip | None:
        """Return the act that undo takes back: the last act on a reply of the draw."""
        drawn = set(self.queue)
        return next((event for event in reversed(self.standing) if event.id in drawn), None)
