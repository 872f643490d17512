"""Make small frames larger without changing what they sound like. Pure.

A silent frame has a handful of bytes, and players count bytes before they play the first of an endless
stream: of a silent one they would wait for half a minute.
Sources: ISO/IEC 14496-3 table 4.10 (data_stream_element), RFC 6716 section 3.2.5 (code 3 packets).
"""

from __future__ import annotations

_DATA_ELEMENT = 0x80
"""ID_DSE (100), instance 0, data not byte-aligned; the count of bytes follows."""
_MOST_DATA = 254
_CODE = 3
"""The two bits of an Opus packet's first byte that say how frames are packed."""
_ONE_PADDED = 0x41
"""Code 3: one frame, with padding."""


def aac(frame: bytes, *, least: int) -> bytes:
    """Return an AAC frame of at least so many bytes (as many as fit): a data element of zeros goes ahead.

    Its head is 16 bits, so the bits behind stay where they were in their bytes.
    """
    missing = min(least - len(frame) - 2, _MOST_DATA)
    return frame if missing < 0 else bytes((_DATA_ELEMENT, missing)) + bytes(missing) + frame


def opus(packet: bytes, *, least: int) -> bytes:
    """Return an Opus packet of one frame with at least so many bytes (as many as fit), by padding."""
    missing = min(least - len(packet) - 2, _MOST_DATA)
    if missing < 0 or not packet or packet[0] & _CODE:
        return packet
    return bytes((packet[0] | _CODE, _ONE_PADDED, missing)) + packet[1:] + bytes(missing)
