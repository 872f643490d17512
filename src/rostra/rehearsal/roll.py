"""Who was on stage and who spoke, as the events inside the chunks tell it."""

from __future__ import annotations

from rostra.media import events
from rostra.media.boxes import MalformedMedia


class Roll:
    """Remembers everyone named, in the order first heard of."""

    def __init__(self) -> None:
        self._seen: events.Snapshot | None = None
        self._names: dict[str, str] = {}
        self._spoken: dict[str, None] = {}
        self.count = 0
        """Events read."""
        self.malformed = 0

    def take(self, messages: tuple[bytes, ...]) -> None:
        """Read the ``emsg`` boxes of one chunk; one that cannot be read is counted and left out."""
        for message in messages:
            try:
                event = events.parse(message)
            except MalformedMedia:
                self.malformed += 1
                continue
            self.count += 1
            self._seen = events.apply(self._seen, event)
            self._names.update({person.id: person.name for person in self._seen.speakers})
            self._spoken.update(dict.fromkeys(self._seen.speaking))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._names.values())

    @property
    def spoken(self) -> tuple[str, ...]:
        """The names of those who spoke."""
        return tuple(self._names.get(each, each) for each in self._spoken)

    @property
    def speaking(self) -> tuple[str, ...]:
        """The names of those who speak now."""
        return tuple(self._names.get(each, each) for each in self._seen.speaking) if self._seen else ()

    @property
    def listeners(self) -> int:
        """How many listen now, as the stage last heard."""
        return self._seen.listeners if self._seen else 0
