"""Encode what speakers are sent back: Opus, a packet per tick of 20 ms or per two, once for all who hear the
same, and for nobody else.

Opus' low-delay mode: without the 4 ms of delay that its others need to switch between their ways of coding
(RFC 6716 section 2), and cheaper. Whoever begins to speak changes from the packets of the common mix to ones
of their own: an encoder that has just heard the same few ticks goes on where the common one is, so their
decoder meets no break; the way back is the same, since a voice lingers on its own mix after it has gone.
Where all have mixes of their own nobody takes the common one, and whoever takes it again finds an encoder
that was begun in the same way. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from rostra.audio.frame import Sound
from rostra.audio.mixer import Mix
from rostra.audio.opus_encoder import LOW_DELAY, OpusEncoder, OpusSettings
from rostra.audio.opus_joiner import OpusJoiner

_BIT_RATE: Final = 48_000
_SETTINGS: Final = OpusSettings(LOW_DELAY, complexity=0, constrained=False)
"""Voices come out better than with 32 kbit/s at complexity 1, for less work: ``make bench-codecs``.

The other overshoots: it takes nearly as many bits.
"""
_WARM_TICKS = 2
"""Ticks of the common mix that a new encoder hears before its first packet."""
_COMMON: Final = -1
"""In the place of a seat: for all who are silent."""


def return_encoder() -> OpusEncoder:
    """Make the encoder of one mix."""
    return OpusEncoder(_SETTINGS, _BIT_RATE)


class Returns:
    """The encoders of one stage."""

    def __init__(self) -> None:
        self._encoders: dict[int, OpusEncoder] = {}
        """By seat, of those that made a packet of the last tick."""
        self._past: deque[Sound] = deque(maxlen=_WARM_TICKS)
        self._joiner = OpusJoiner()

    def encode(self, mixes: Sequence[Mix], seats: Iterable[int]) -> dict[int, bytes]:
        """Return one packet for each of ``seats``, with a frame of each mix; many may share it.

        Call for every tick, in its turn. Each encoder makes all its frames in a row.
        """
        hears = {seat: tuple(seat if seat in mix.own else _COMMON for mix in mixes) for seat in seats}
        ways = set(hears.values())
        wanted = [{way[number] for way in ways} for number in range(len(mixes))]
        frames: list[dict[int, bytes]] = [{} for _ in mixes]
        for each in self._encoders.keys() | set().union(*wanted):
            for number, mix in enumerate(mixes):
                if each in wanted[number]:
                    encoder = self._encoder_of(each, mixes[:number])
                    frames[number][each] = encoder.encode(mix.own.get(each, mix.common))
                else:
                    self._encoders.pop(each, None)
        self._past.extend(mix.common.copy() for mix in mixes)
        packets = {way: self._joiner.join([frames[at][each] for at, each in enumerate(way)]) for way in ways}
        return {seat: packets[way] for seat, way in hears.items()}

    def _encoder_of(self, mix: int, since: Sequence[Mix]) -> OpusEncoder:
        """The encoder of a mix, after the ticks ``since`` those that are in the past."""
        encoder = self._encoders.get(mix)
        if encoder is None:
            encoder = self._encoders[mix] = return_encoder()
            for tick in (*self._past, *(each.common for each in since))[-_WARM_TICKS:]:
                encoder.encode(tick)
        return encoder
