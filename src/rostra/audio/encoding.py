"""The renditions the programme is encoded to: a table of values, nothing else.

The first is the baseline, which everything plays. Both frame lengths divide the quantum, so chunks
of all renditions are cut at the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to encode the programme: mono, 48 kHz."""

    name: str
    codec: str
    """RFC 6381."""
    encoder: str
    """FFmpeg's name of the encoder."""
    sample_format: str
    """FFmpeg's name of the float format that the encoder takes."""
    bit_rate: int
    """Bits per second asked of the encoder."""
    bandwidth: int
    """Peak bits per second of the chunks, container and events included, for playlists."""
    frame_samples: int
    lead_samples: int
    """Zeros to encode first, so that packets fall on the grid of samples from zero on.

    AAC's encoder puts one frame of priming in front by itself. Opus decodes 312 samples late
    (libopus' look-ahead at 48 kHz, RFC 7845 section 4.2): 648 zeros more make it one whole frame.
    """
    options: tuple[tuple[str, str], ...] = ()


AAC_64 = Encoding(
    name="aac64",
    codec="mp4a.40.2",
    encoder="aac",
    sample_format="fltp",
    bit_rate=64_000,
    bandwidth=82_000,
    frame_samples=1024,
    lead_samples=0,
)
OPUS_32 = Encoding(
    name="opus32",
    codec="opus",
    encoder="libopus",
    sample_format="flt",
    bit_rate=32_000,
    bandwidth=50_000,
    frame_samples=960,
    lead_samples=960 - 312,
    options=(("application", "audio"), ("frame_duration", "20"), ("vbr", "constrained")),
)
ENCODINGS = (AAC_64, OPUS_32)
