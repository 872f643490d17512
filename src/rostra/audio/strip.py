"""One microphone's way into the mix: its gate, its gain, whether it has a return of its own.

The decisions alone, a number each; ``audio/mixer.py`` does what they say to the samples. A dozen of numbers
are sooner worked out one by one than in arrays. Pure, counts ticks of 20 ms.
"""

from __future__ import annotations

import copy
import math

from rostra.audio.frame import Sound
from rostra.audio.gate import Gate
from rostra.audio.leveller import Leveller
from rostra.audio.loudness import lufs

LINGER_TICKS = 25
"""A voice that has gone keeps its own return for half a second, by when both returns are the same."""


class ChannelStrip:
    """As of somebody who has just sat down."""

    def __init__(self) -> None:
        self.muted = False
        """Set for whoever may not be heard: they fade out within the tick."""
        self.factors = (1.0, 1.0)
        """What the gain, the trim included, multiplies samples by: as the tick begins, as it ends."""
        self._gate = Gate()
        self._leveller = Leveller()
        self._lingers = 0

    @property
    def gain_db(self) -> float:
        """The gain, without the trim."""
        return self._leveller.gain_db

    @property
    def has_own_return(self) -> bool:
        """Whether it is heard, or was until lately."""
        return self._lingers > 0

    @property
    def fade(self) -> Sound | None:
        """What the gate multiplies the tick by, ``(960,)``; None when it is open all the time."""
        return None if self._gate.was == self._gate.share == 1 else self._gate.ramp()

    def anew(self) -> ChannelStrip:
        """As of the same microphone that comes again: its gain and the noise of its room are known."""
        strip = ChannelStrip()
        strip._gate, strip._leveller = self._gate.anew(), copy.deepcopy(self._leveller)
        return strip

    def hear(self, power: float, loudest: float, trim_db: float) -> float:
        """Take in a tick: its K-weighted mean square, and how much more that is in its loudest 5 ms (LU).

        Return its K-weighted power in the mix, before the trim.
        """
        gate, loudness = self._gate, lufs(power)
        speaking = gate.update(loudness, loudness + loudest, muted=self.muted)
        gain_db = self._leveller.update(power, gate.noise, speaking=speaking, first=gate.first)
        factor = math.pow(10, (gain_db + trim_db) / 20)
        self.factors = (factor if gate.was == 0 else self.factors[1], factor)
        self._lingers = LINGER_TICKS if gate.was or gate.share else max(self._lingers - 1, 0)
        return power * gate.share * math.pow(10, gain_db / 10)
