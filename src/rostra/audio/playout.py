"""One speaker's packets in, a tick of sound every 20 ms out: the schedule between network and mixer.

A sample is played when it is older than its timestamp by a delay: the slowest packet's but a few, a tick
for the mixer's own rhythm, and one more while packets are lost, so that the next one is here whose copy
stands in. Too little is made up for at once, by saying periods of the pitch twice or by waiting; too much
goes away period by period. A clock that drifts is followed sample by sample. A mixer that stood still finds
all that was said meanwhile: the time it missed is not held against the network. Pure; times in samples of
the stage's clock. One thread.
"""

from __future__ import annotations

from typing import Final

from rostra.audio.delay import DelayTarget
from rostra.audio.drift import Drift
from rostra.audio.frame import Sound
from rostra.audio.line import Line
from rostra.audio.measures import Measures
from rostra.audio.opus import samples_in
from rostra.audio.order import Fate, Order
from rostra.audio.reception import Reception
from rostra.audio.rtp import Rtp
from rostra.audio.shelf import Shelf, Waiting
from rostra.audio.speech import Speech
from rostra.core.samples import SAMPLE_RATE, TICK

_STOOD_STILL: Final = 3 * TICK
"""A mixer that is this late did not run: what is read then says nothing of the network."""
_CREEP: Final = 1
"""Samples by which a tick may be later than the last one's grid says, without having been late."""
_LOSSY, _CLEAN = 0.02, 0.005
"""Shares of packets missing at which a tick more is waited for, and no more."""
_EARLY: Final = 120
"""So much less than the wanted delay is borne for a while, anything more is made up for at once."""
_LATE: Final = TICK + 240
"""So much more goes away by periods, anything less by the slow way of a drifting clock."""
_FAR_TOO_LATE: Final = SAMPLE_RATE // 10
"""So much more goes away by a period in every tick, less by one in five."""
_REST_TICKS: Final = 5
_HOPELESS: Final = SAMPLE_RATE // 2
"""So much more is left out at once."""
_TRIM_PPM: Final = 500.0
_STEADY_PPM: Final = 4.0
"""A drift that is not worth following."""
_MS: Final = SAMPLE_RATE // 1000


class Playout:
    """One speaker's."""

    def __init__(self) -> None:
        self.reception = Reception()
        self.late = 0
        """Packets that came after their time."""
        self.refused = 0
        """Packets that were no Opus."""
        self.delay = 0
        """Samples that the last tick's sound had waited here, had it come the fastest way; 0 for silence."""
        self._order = Order()
        self._delay = DelayTarget()
        self._drift = Drift()
        self._shelf = Shelf()
        self._speech = Speech(self._shelf)
        self._line = Line(self._speech)
        self._time: int | None = None
        """When the last tick was due."""
        self._flowing = self._lossy = self._shrinking = False
        self._rest = 0
        self._received_before = self._lost_before = 0
        """Packets of earlier sources."""

    @property
    def source(self) -> int | None:
        """The source (SSRC) that is heard now."""
        return self._order.source

    @property
    def runs_dry(self) -> bool:
        """Whether a speaker who speaks has no whole tick left and the next is still on its way."""
        return self._flowing and len(self._line) < TICK and self._speech.awaits

    @property
    def missed(self) -> int:
        """Times that a speaker who spoke was not to be heard."""
        return self._speech.dried_up

    def push(self, packet: Rtp, now: int) -> None:
        """Take in a packet that came at ``now``. What cannot be used is counted and dropped."""
        samples = samples_in(packet.payload)
        if not samples:
            self.refused += 1
            return
        place = self._order.place(packet, now)
        if place.fate is Fate.IGNORE:
            return
        if place.fate is Fate.BEGINS_ANEW:
            self._begin_anew(place.sequence)
        transit = now - place.timestamp
        self.reception.count(place.sequence, transit)
        if self._time is None or now - self._time < _STOOD_STILL or not self._delay.known:
            self._delay.observe(transit)
            self._drift.observe(now, transit)
        if self._speech.position is not None and place.timestamp < self._speech.position:
            self.late += 1
            return
        self._shelf.put(Waiting(place.timestamp, place.sequence, samples, packet.payload))

    def pop_into(self, row: Sound, now: int, *, catching_up: bool = False) -> None:
        """Fill ``row`` (960 samples) with the tick that is due at ``now``; silence when there is none.

        A mixer that is ``catching_up`` plays, one after the other, ticks that were due earlier.
        """
        time = self._time = self._due(now, catching_up)
        if not self._flowing and not self._begin(time):
            row[:] = 0
            self.delay = 0
            return
        if not catching_up:
            self._adjust(time)
        self.delay = max(0, time - self._line.begins - self._delay.fastest)
        if not self._line.give(row):
            self.trim()

    def trim(self) -> None:
        """Go on with the newest: what was said before is for nobody any more."""
        self._flowing = False
        self._line.clear()

    def measures(self) -> Measures:
        """Return how the sound arrives; counts are since the beginning."""
        return Measures(
            packets_received=self._received_before + self.reception.received,
            packets_lost=self._lost_before + self.reception.lost,
            packets_late=self.late,
            recovered_ms=self._speech.recovered // _MS,
            concealed_ms=self._speech.made_up // _MS,
            jitter_ms=self._delay.jitter // _MS,
            delay_ms=self.delay // _MS,
            drift_ppm=round(self._drift.ppm),
        )

    def _due(self, now: int, catching_up: bool) -> int:
        """When the tick is due: the mixer may be late; its grid is 20 ms, and is found again if it moves."""
        if self._time is None:
            return now
        if catching_up:
            return min(now, self._time + TICK)
        due = min(now, self._time + TICK + _CREEP)
        return due if now - due < TICK else now

    def _wanted(self) -> int:
        """The delay that is wanted, as a transit."""
        if self._speech.loss > _LOSSY:
            self._lossy = True
        elif self._speech.loss < _CLEAN:
            self._lossy = False
        return self._delay.slowest + (2 * TICK if self._lossy else TICK)

    def _begin(self, time: int) -> bool:
        """Begin with the first packet that has waited long enough; leave out those that waited too long."""
        wanted = self._wanted()
        self._shelf.drop_before(time - wanted - TICK)
        first = self._shelf.first()
        if first is None or time - first.timestamp < wanted:
            return False
        self._speech.begin(first)
        self._flowing, self._shrinking = True, False
        self._line.begin()
        return True

    def _begin_anew(self, sequence: int) -> None:
        self._received_before += self.reception.received
        self._lost_before += self.reception.lost
        self.reception = Reception(sequence)
        self._delay.reset()
        self._drift.reset()
        self._shelf.clear()
        self._speech.forget()
        self.trim()

    def _adjust(self, time: int) -> None:
        """Bring the delay nearer to the one that is wanted: up to a tick and 2.5 ms more are as good."""
        excess = time - self._line.begins - self._wanted() - _EARLY
        self._rest = max(0, self._rest - 1)
        if excess < -_EARLY:
            self._line.lengthen()
        elif excess > _HOPELESS:
            self.trim()
            self._begin(time)
        elif self._is_too_late(excess) and (self._rest == 0 or excess > _FAR_TOO_LATE):
            self._rest = _REST_TICKS if self._line.shorten() else 0
        self._line.follow(self._drift_ppm(excess))

    def _is_too_late(self, excess: int) -> bool:
        """Once it is too much, the delay is brought down to the middle of what is borne."""
        self._shrinking = excess > (TICK // 2 if self._shrinking else _LATE)
        return self._shrinking

    def _drift_ppm(self, excess: int) -> float:
        """What to follow: the speaker's clock, and what is a little too much or too little."""
        ppm = self._drift.ppm if abs(self._drift.ppm) > _STEADY_PPM else 0.0
        if excess > TICK - _EARLY:
            return ppm + _TRIM_PPM
        if excess < -_EARLY // 2:
            return ppm - _TRIM_PPM
        return ppm
