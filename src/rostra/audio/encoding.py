"""The renditions the programme is encoded to: a table of values, nothing else.

The first is the baseline, which everything plays. AAC's and Opus' frames divide the quantum, so their
chunks are cut at the same samples; MP3's divide the segment. Bandwidths are measured: a test speaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rostra.audio.opus_encoder import AUDIO, LOOK_AHEAD, VOICE, OpusSettings


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to encode the programme: mono, 48 kHz."""

    name: str
    codec: str
    """RFC 6381."""
    encoder: str | OpusSettings
    """FFmpeg's name of the encoder; for Opus, how libopus is to encode."""
    bit_rate: int
    """Bits per second asked of the encoder."""
    bandwidth: int
    """Peak bits per second of a segment, container and events included, for playlists."""
    average_bandwidth: int
    """The same, mean of speech."""
    frame_samples: int
    lead_samples: int
    """Zeros to encode first, so that packets fall on the grid of samples from zero on.

    AAC's encoder puts one frame of priming in front by itself. Opus decodes 312 samples late
    (libopus' look-ahead at 48 kHz, RFC 7845 section 4.2): 648 zeros more make it one whole frame.
    LAME and any decoder together are 1105 samples late (576 and 529): 1199 more make it two frames.
    """
    lag_samples: int
    """Samples that are encoded beyond a quantum's end before its last frame is out."""
    delay_frames: int = 1
    """Frames that delay and lead make together: thrown away."""
    options: tuple[tuple[str, str], ...] = ()
    """FFmpeg's, of the encoder."""
    keeps_rate: bool = True
    """Whether the encoder stays at its bit rate by itself; else it is held to it (``audio/rate.py``)."""


_FAST = (("aac_coder", "fast"), ("aac_tns", "0"))
"""Of FFmpeg's coders for AAC the one that speech comes out of better, at a third of the other's price."""


AAC_64 = Encoding(
    name="aac64",
    codec="mp4a.40.2",
    encoder="aac",
    bit_rate=64_000,
    bandwidth=78_000,
    average_bandwidth=71_000,
    frame_samples=1024,
    lead_samples=0,
    lag_samples=2 * 1024,
    options=_FAST,
    keeps_rate=False,
)
AAC_32 = Encoding(
    name="aac32",
    codec="mp4a.40.2",
    encoder="aac",
    bit_rate=32_000,
    bandwidth=45_000,
    average_bandwidth=38_000,
    frame_samples=1024,
    lead_samples=0,
    lag_samples=2 * 1024,
    options=_FAST,
    keeps_rate=False,
)
OPUS_32 = Encoding(
    name="opus32",
    codec="opus",
    encoder=OpusSettings(AUDIO, complexity=7),
    bit_rate=32_000,
    bandwidth=45_000,
    average_bandwidth=37_000,
    frame_samples=960,
    lead_samples=960 - LOOK_AHEAD,
    lag_samples=LOOK_AHEAD,
)
"""Complexity 7 is the least at which libopus hears by itself what is speech and what is music."""
OPUS_16 = Encoding(
    name="opus16",
    codec="opus",
    encoder=OpusSettings(VOICE, complexity=8),
    bit_rate=16_000,
    bandwidth=27_000,
    average_bandwidth=22_000,
    frame_samples=960,
    lead_samples=960 - LOOK_AHEAD,
    lag_samples=LOOK_AHEAD,
)
"""More than 8 makes the very same packets."""
MP3_64 = Encoding(
    name="mp3",
    codec="mp4a.6B",
    encoder="libmp3lame",
    bit_rate=64_000,
    bandwidth=75_000,
    average_bandwidth=69_000,
    frame_samples=1152,
    lead_samples=2 * 1152 - 1105,
    lag_samples=5 * 960,
    delay_frames=2,
    options=(("reservoir", "0"),),
)
"""Without a bit reservoir, so that every frame stands alone."""
ENCODINGS = (AAC_64, OPUS_32, AAC_32, OPUS_16)
_ALL = {each.name: each for each in (*ENCODINGS, MP3_64)}


def offered(*, mp3: bool) -> tuple[Encoding, ...]:
    """What a new programme is encoded to."""
    return (*ENCODINGS, MP3_64) if mp3 else ENCODINGS


def named(names: Iterable[str]) -> tuple[Encoding, ...]:
    """The encodings of a tape that is resumed, in its order. KeyError for one that is not known."""
    return tuple(_ALL[name] for name in names)
