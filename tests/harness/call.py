"""One speaker's call in virtual time: a voice, an Opus encoder with in-band FEC, a network, a playout.

Nothing waits. The stage's clock is the measure of all; a speaker's own may run faster or slower.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from rostra.audio.frame import Sound, silence
from rostra.audio.libopus import ffi, lib
from rostra.audio.playout import Playout
from rostra.audio.rtp import Rtp
from rostra.core.samples import SAMPLE_RATE, TICK

MS = SAMPLE_RATE // 1000
_VOIP = 2048
_SET_BITRATE, _SET_INBAND_FEC, _SET_LOSS, _SET_DTX, _SET_SIGNAL = 4002, 4012, 4014, 4016, 4024
_VOICE = 3001


class Encoder:
    """A browser's Opus encoder: mono speech with copies of what came before."""

    def __init__(
        self,
        *,
        bit_rate: int = 32_000,
        fec: bool = True,
        loss: int = 10,
        dtx: bool = False,
        channels: int = 1,
    ) -> None:
        error = ffi.new("int *")
        self._channels = channels
        self._encoder = ffi.gc(
            lib.opus_encoder_create(SAMPLE_RATE, channels, _VOIP, error), lib.opus_encoder_destroy
        )
        wishes = {
            _SET_BITRATE: bit_rate,
            _SET_INBAND_FEC: int(fec),
            _SET_LOSS: loss,
            _SET_DTX: int(dtx),
            _SET_SIGNAL: _VOICE,
        }
        for request, value in wishes.items():
            lib.opus_encoder_ctl(self._encoder, request, ffi.cast("int32_t", value))
        self._packet = ffi.new("unsigned char[1500]")

    def encode(self, sound: Sound) -> bytes:
        """Encode one packet; channels interleaved."""
        pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
        size = lib.opus_encode(
            self._encoder,
            ffi.cast("int16_t *", ffi.from_buffer(pcm)),
            len(pcm) // self._channels,
            self._packet,
            1500,
        )
        assert size > 0
        return bytes(ffi.buffer(self._packet, size))


def tone(hertz: float, seconds: float, *, amplitude: float = 0.25) -> Sound:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave: Sound = (amplitude * np.sin(2 * np.pi * hertz * at)).astype(np.float32)
    return wave


def syllables(seconds: float, *, hertz: float = 120) -> Sound:
    """Something that an encoder takes for speech: a voice of many overtones that rises, falls and pauses."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    turns = np.cumsum(hertz * (1 + 0.1 * np.sin(2 * np.pi * 1.3 * at))) / SAMPLE_RATE
    voice = sum(np.sin(2 * np.pi * overtone * turns) / overtone for overtone in range(1, 25))
    loudness = np.clip(0.6 + 0.6 * np.sin(2 * np.pi * 3.1 * at), 0, 1)
    spoken: Sound = (0.15 * voice * loudness).astype(np.float32)
    return spoken


def packets_of(sound: Sound, encoder: Encoder | None = None, *, samples: int = TICK) -> list[bytes]:
    """Encode whole packets of ``samples``."""
    encoder = encoder or Encoder()
    return [
        encoder.encode(sound[start : start + samples])
        for start in range(0, len(sound) - samples + 1, samples)
    ]


@dataclass
class Call:
    """``network`` says after how many samples a packet sent at a time arrives, or None: never."""

    network: Callable[[int], float | None] = lambda _: 40 * MS
    ppm: float = 0.0
    """How much faster the speaker's clock runs."""
    samples: int = TICK
    sequence: int = 65_500
    timestamp: int = 2**32 - 48_000
    """Both soon wrap around."""
    source: int = 1
    payload_type: int = 111
    playout: Playout = field(default_factory=Playout)
    now: int = 10_000_000
    heard: list[Sound] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    """After each tick, samples that sound waits."""
    in_pairs: bool = False
    """Whether the mixer takes two ticks when the second is due, and reads the network then."""
    _first_of_pair: bool = False
    _sent: int = 0
    _began: int | None = None
    _on_the_way: list[tuple[float, int, Rtp]] = field(default_factory=list)

    def say(self, payload: bytes | None) -> None:
        """Send the next packet when its time comes; None: nothing is sent for that time (DTX)."""
        if self._began is None:
            self._began = self.now
        at = self._began + (self._sent + 1) * self.samples / (1 + self.ppm * 1e-6)
        if payload is not None:
            rtp = Rtp(
                self.payload_type,
                self.sequence % 2**16,
                (self.timestamp + self._sent * self.samples) % 2**32,
                self.source,
                payload,
            )
            self.sequence += 1
            takes = self.network(round(at))
            if takes is not None:
                heapq.heappush(self._on_the_way, (at + takes, self.sequence, rtp))
        self._sent += 1

    @property
    def sent_until(self) -> float:
        """The time at which all that was said will have been sent."""
        began = self.now if self._began is None else self._began
        return began + self._sent * self.samples / (1 + self.ppm * 1e-6)

    def tick(self) -> Sound:
        """Let 20 ms pass; return what is heard, of a pair the second tick, and nothing in its first 20 ms."""
        self.now += TICK
        self._first_of_pair = self.in_pairs and not self._first_of_pair
        if self._first_of_pair:
            return silence(0)
        while self._on_the_way and self._on_the_way[0][0] <= self.now:
            at, _, rtp = heapq.heappop(self._on_the_way)
            self.playout.push(rtp, int(at))
        for due in range(self.now - self.in_pairs * TICK, self.now + 1, TICK):
            self.heard.append(silence())
            self.playout.pop_into(self.heard[-1], due)
            self.delays.append(self.playout.delay)
        return self.heard[-1]

    def talk(self, payloads: Sequence[bytes | None]) -> Sound:
        """Say all of it in its time and listen meanwhile; return what was heard."""
        start = len(self.heard)
        for payload in payloads:
            self.say(payload)
            while self.now + TICK <= self.sent_until:
                self.tick()
        return np.concatenate(self.heard[start:])


def rough(
    seed: int = 7, *, loss: float = 0.05, jitter_ms: float = 50, delay_ms: float = 60
) -> Callable[[int], float | None]:
    """A network that loses packets and is up to ``jitter_ms`` faster or slower, as netem is."""
    chance = random.Random(seed)

    def takes(_: int) -> float | None:
        if chance.random() < loss:
            return None
        return max(0.0, delay_ms + chance.uniform(-jitter_ms, jitter_ms)) * MS

    return takes


def longest_gap_ms(sound: Sound, *, floor: float = 0.02, grain_ms: int = 5) -> int:
    """The longest stretch in which nothing is to be heard."""
    grain = grain_ms * MS
    whole = sound[: len(sound) // grain * grain].reshape(-1, grain)
    quiet = np.abs(whole).max(axis=1) < floor
    longest = run = 0
    for each in quiet.tolist():
        run = run + 1 if each else 0
        longest = max(longest, run)
    return longest * grain_ms


def purity(sound: Sound, hertz: float) -> float:
    """Share of the power that lies within 5 % of a tone; 0 where there is no sound."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    at = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    whole = spectrum.sum()
    return float(spectrum[np.abs(at - hertz) < 0.05 * hertz].sum() / whole) if whole else 0.0
