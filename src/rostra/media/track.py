"""What the bytes of one rendition are: codec, frame length, bandwidth. A value, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass

AAC = "mp4a.40.2"
OPUS = "opus"


@dataclass(frozen=True, slots=True)
class Track:
    """One encoding of the programme: always mono, always 48 kHz."""

    name: str
    """``aac64``, ``opus32``: the file on the tape, the folder in addresses."""
    codec: str
    """RFC 6381: :data:`AAC` or :data:`OPUS`."""
    bandwidth: int
    """Peak bits per second, container included."""
    frame_samples: int
    """Samples one frame decodes to: 1024 (AAC) or 960 (Opus, 20 ms)."""
    config: bytes = b""
    """AudioSpecificConfig for AAC (ISO/IEC 14496-3); empty for Opus."""
