"""What happens once and is told once: reactions of a second, lines of captions, on their way to the tape.

Bounded: of reactions the newest second counts, captions beyond :data:`MOST_WAITING` are refused.
Filled as messages come, emptied into each chunk. Decides where a caption stands; the bytes are
``media/events.py``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from rostra.bus.messages import AudienceNote
from rostra.bus.messages import Caption as CaptionAsked
from rostra.core.errors import TooManyRequests
from rostra.core.ids import draw
from rostra.core.samples import SAMPLE_RATE
from rostra.media.events import MAX_CAPTIONS, MAX_REACTIONS, Caption
from rostra.media.webvtt import spelled

MOST_WAITING = 16
MOST_LANGUAGES = 16
"""Whose last line is remembered; of more, those that were written in lately."""
OLDEST_SAMPLES = 60 * SAMPLE_RATE
"""So far back may a line be put; players show it when it comes."""
SHORTEST_MS, LONGEST_MS = 500, 20_000
_LEAST_READ_MS, _MOST_READ_MS, _READ_MS = 1_500, 7_000, 65
"""Reading takes so long at least and at most, and so long a character."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What one chunk tells besides the scene."""

    reactions: dict[str, int] | None = None
    captions: tuple[Caption, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.reactions or self.captions)


NOTHING = Moment()


@dataclass(slots=True)
class Moments:
    """Waiting for the next chunk."""

    _reactions: dict[str, int] | None = None
    _captions: deque[Caption] = field(default_factory=deque)
    _placed: dict[str, int] = field(default_factory=dict)
    """Where the last line of each language stands, the one written in longest ago first."""

    def __bool__(self) -> bool:
        return bool(self._reactions or self._captions)

    def note(self, note: AudienceNote) -> None:
        """Take in the reactions of a second."""
        if note.reactions:
            self._reactions = dict(note.reactions[:MAX_REACTIONS])

    def caption(self, asked: CaptionAsked, *, now_sample: int) -> Caption:
        """Take in a line; TooManyRequests when too many wait. ``now_sample`` is where the tape is."""
        if len(self._captions) >= MOST_WAITING:
            raise TooManyRequests("Too many captions at once. Please wait a moment.")
        language = spelled(asked.lang)
        after = self._placed.pop(language, 0)
        placed = place(asked, now_sample=now_sample, after=after)
        self._placed[language] = placed.at
        if len(self._placed) > MOST_LANGUAGES:
            del self._placed[next(iter(self._placed))]
        self._captions.append(placed)
        return placed

    def take(self) -> Moment:
        """Hand over what the next chunk tells."""
        if self._reactions is None and not self._captions:
            return NOTHING
        captions = tuple(self._captions.popleft() for _ in range(min(MAX_CAPTIONS, len(self._captions))))
        reactions, self._reactions = self._reactions, None
        return Moment(reactions, captions)


def place(asked: CaptionAsked, *, now_sample: int, after: int = 0) -> Caption:
    """Say where on the tape a line stands: never ahead of it, at most a minute back.

    Without a place of its own it does not stand before the one written before it, which is at ``after``.
    """
    ago = asked.ago_ms * SAMPLE_RATE // 1000
    wanted = asked.at if asked.at is not None else max(after, now_sample - ago)
    at = max(0, now_sample - OLDEST_SAMPLES, min(wanted, now_sample))
    reading_ms = min(_MOST_READ_MS, max(_LEAST_READ_MS, _READ_MS * len(asked.text)))
    duration_ms = min(LONGEST_MS, max(SHORTEST_MS, asked.duration_ms)) if asked.duration_ms else reading_ms
    return Caption(
        id=draw(8),
        at=at,
        samples=duration_ms * SAMPLE_RATE // 1000,
        text=asked.text,
        lang=spelled(asked.lang),
    )
