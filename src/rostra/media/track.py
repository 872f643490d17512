"""What the bytes of one rendition are: codec, frame length, bandwidth. A value, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass

AAC = "mp4a.40.2"
OPUS = "opus"
MP3 = "mp4a.6B"
"""For radios only: no playlist or manifest lists it."""


@dataclass(frozen=True, slots=True)
class Track:
    """One encoding of the programme: always mono, always 48 kHz."""

    name: str
    """``aac64``, ``opus32``: the file on the tape, the folder in addresses."""
    codec: str
    """RFC 6381: :data:`AAC`, :data:`OPUS` or :data:`MP3`."""
    bandwidth: int
    """Peak bits per second of a segment, container and events included."""
    frame_samples: int
    """Samples one frame decodes to: 1024 (AAC), 960 (Opus, 20 ms) or 1152 (MP3)."""
    config: bytes = b""
    """AudioSpecificConfig for AAC (ISO/IEC 14496-3); empty for others."""
    average_bandwidth: int = 0
    """Mean bits per second of speech, container and events included; 0 where nobody has said."""
    bit_rate: int = 0
    """Bits per second asked of the encoder; 0 where nobody has said."""
