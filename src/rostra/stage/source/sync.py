"""Where MP3 or ADTS begins in bytes that may start in the middle of a frame. Pure.

A header may stand in the sound by chance: it counts once another of the same kind stands where its frame
ends. MP3 is Layer III of ISO 11172-3 and 13818-3 (section 2.4.1.3), ADTS that of ISO 13818-7 (section 6.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_KBIT_1: Final = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_2: Final = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_HERTZ: Final = (44_100, 48_000, 32_000)
_MPEG_1, _RESERVED, _MPEG_2_5 = 3, 1, 0
_LAYER_III: Final = 1
_ADTS_BYTES, _ADTS_RATES = 7, 13


@dataclass(frozen=True, slots=True)
class Header:
    """The head of one frame."""

    container: str
    """As FFmpeg names it."""
    form: int
    """What stays the same from frame to frame."""
    length_bytes: int
    """Of the frame, its head included."""

    def goes_on(self, after: Header | None) -> bool:
        """Whether ``after`` is of the same stream."""
        return after is not None and (self.container, self.form) == (after.container, after.form)


def find_sync(data: bytes) -> tuple[str, int] | None:
    """Return the container and where its first frame lies of which the next one is seen, too."""
    at = data.find(b"\xff")
    while at >= 0:
        head = header_at(data, at)
        if head is not None and head.goes_on(header_at(data, at + head.length_bytes)):
            return head.container, at
        at = data.find(b"\xff", at + 1)
    return None


def header_at(data: bytes, at: int) -> Header | None:
    """Read the head that begins there; None where there is none, or where it is cut off."""
    head = data[at : at + _ADTS_BYTES]
    if len(head) < _ADTS_BYTES or head[0] != 0xFF:
        return None
    return _adts(head) if head[1] & 0xF6 == 0xF0 else _mp3(head)


def _adts(head: bytes) -> Header | None:
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if length <= _ADTS_BYTES or head[2] >> 2 & 15 >= _ADTS_RATES:
        return None
    return Header("aac", head[1] << 8 | head[2] & 0xFC, length)


def _mp3(head: bytes) -> Header | None:
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, hertz = (head[2] >> 4) - 1, head[2] >> 2 & 3
    if head[1] & 0xE0 != 0xE0 or version == _RESERVED or layer != _LAYER_III:
        return None
    if not 0 <= rate < len(_KBIT_1) or hertz >= len(_HERTZ):
        return None
    kbit, samples, slower = (_KBIT_1, 1152, 1) if version == _MPEG_1 else (_KBIT_2, 576, 2)
    slower = 4 if version == _MPEG_2_5 else slower
    padding = head[2] >> 1 & 1
    length = samples // 8 * 1000 * kbit[rate] * slower // _HERTZ[hertz] + padding
    return Header("mp3", version << 2 | hertz, length)
