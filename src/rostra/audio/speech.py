"""One unbroken line of sound from packets that may be missing.

A packet that is missing while later ones are here is lost: the next one may hold a copy of it, else it is
made up, and time goes on. One that is missing with nothing after it is late: sound is made up and time
waits for it, so that the delay grows by just as much; if it turns out to have been lost, what was made up
stands in its place. After a tenth of a second of making up there is nothing to go on with, and the line
ends, as it does when a speaker's encoder says that nobody speaks (DTX). Pure.
"""

from __future__ import annotations

from typing import Final

from rostra.audio.frame import Sound
from rostra.audio.opus import OpusDecoder, remembers
from rostra.audio.shelf import Shelf, Waiting
from rostra.core.samples import TICK

MOST_MADE_UP: Final = 6 * TICK
"""Samples in a row: 120 ms."""
_PAUSE_BYTES: Final = 2
"""A packet this small says that silence follows (RFC 6716, section 3.1; libopus' DTX)."""
_SMOOTHING: Final = 1 / 64


class Speech:
    """Made around a shelf. :meth:`begin` somewhere, then take :meth:`more` until there is none."""

    def __init__(self, shelf: Shelf) -> None:
        self.position: int | None = None
        """Timestamp of the sample that comes next; all before has been played. None: nothing has."""
        self.loss = 0.0
        """Share of packets that were missing, of about the last second's."""
        self.made_up = 0
        """Samples made up so far."""
        self.recovered = 0
        """Samples that came from a later packet's copy."""
        self.dried_up = 0
        """Times that the line ended though the speaker had not paused."""
        self._shelf = shelf
        self._decoder = OpusDecoder()
        self._sequence = 0
        self._unit = TICK
        self._pausing = False
        self._run = 0
        """Samples made up in a row."""
        self._held = 0
        """Those of them for which time stood still."""

    @property
    def ready(self) -> bool:
        """Whether the next packet is here."""
        return self.position is not None and self._shelf.has(self.position)

    @property
    def awaits(self) -> bool:
        """Whether the next sample is still on its way, as far as anybody can know."""
        return not self._pausing and not len(self._shelf) and self._run < MOST_MADE_UP

    def forget(self) -> None:
        """Another stream begins."""
        self.position = None
        self._decoder.reset()
        self._end()

    def begin(self, first: Waiting) -> None:
        """Go on with ``first``, which is on the shelf."""
        self.position = first.timestamp
        self._sequence = first.sequence - 1
        self._end()

    def more(self) -> Sound | None:
        """Return the next 2.5 to 120 ms, in an array that holds until the next call, or None at the end."""
        if self.position is None:
            return None
        packet = self._shelf.take(self.position)
        if packet is not None:
            return self._say(packet)
        first = self._shelf.first()
        return self._wait() if first is None else self._bridge(first)

    def _say(self, packet: Waiting) -> Sound:
        self.position = packet.timestamp + packet.samples
        self._sequence = packet.sequence
        self._unit = packet.samples
        self._pausing = len(packet.payload) <= _PAUSE_BYTES
        self._run = self._held = 0
        self.loss -= self.loss * _SMOOTHING
        return self._decoder.decode(packet.payload, packet.samples)

    def _wait(self) -> Sound | None:
        if self._pausing:
            return None
        sound = self._make_up(min(self._unit, TICK))
        self._held += 0 if sound is None else len(sound)
        return sound

    def _bridge(self, first: Waiting) -> Sound | None:
        """``first`` is the next packet that is here."""
        if first.sequence == self._sequence + 1 or self.position is None:
            return None
        covered = min(self._held, first.timestamp - self.position)
        self.position += covered
        self._held -= covered
        gap = first.timestamp - self.position
        if covered:
            self.loss += (1 - self.loss) * _SMOOTHING
        if gap <= 0:
            return self.more()
        samples = min(gap, self._unit)
        if samples == gap and remembers(first.payload):
            self.recovered += samples
            self._run = 0
            sound: Sound | None = self._decoder.recover(first.payload, samples)
        else:
            sound = self._make_up(samples)
        if sound is not None:
            self.loss += (1 - self.loss) * _SMOOTHING
            self.position += samples
        return sound

    def _make_up(self, samples: int) -> Sound | None:
        if self._run >= MOST_MADE_UP:
            self.dried_up += 1
            return None
        self._run += samples
        self.made_up += samples
        return self._decoder.conceal(samples)

    def _end(self) -> None:
        self._pausing = False
        self._run = self._held = 0
