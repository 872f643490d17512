"""RTP's header: what is told of a packet, and that nothing else is taken for one."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.audio.rtp import MOST_BYTES, Rtp, parse

WORDS = st.binary(max_size=200)


def packet(
    payload: bytes = b"opus",
    *,
    sources: int = 0,
    extension: bytes | None = None,
    padding: int = 0,
    version: int = 2,
) -> bytes:
    first = version << 6 | (padding > 0) << 5 | (extension is not None) << 4 | sources
    header = struct.pack("!BBHII", first, 0x80 | 111, 7, 960, 0xCAFE)
    extended = b"" if extension is None else struct.pack("!HH", 0xBEDE, len(extension) // 4) + extension
    filled = bytes(max(0, padding - 1)) + bytes([padding]) if padding else b""
    return header + bytes(4 * sources) + extended + payload + filled


@given(st.binary(max_size=100), st.integers(0, 15), st.integers(0, 20), st.integers(0, 255))
def test_the_payload_is_found_behind_sources_and_extensions_and_before_padding(
    payload: bytes, sources: int, words: int, padding: int
) -> None:
    data = packet(payload, sources=sources, extension=bytes(4 * words), padding=padding)
    assert parse(data) == Rtp(111, 7, 960, 0xCAFE, payload)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        packet()[:11],
        packet(version=1),
        packet(b"", sources=3)[:-1],
        packet(b"", extension=bytes(8))[:-1],
        packet(b"", extension=b"")[:-1],
        packet(b"ab", padding=1)[:-1] + b"\xff",
        packet(b"ab", padding=1)[:-1] + b"\x00",
        packet(bytes(MOST_BYTES)),
    ],
)
def test_what_is_torn_or_foreign_is_no_packet(broken: bytes) -> None:
    assert parse(broken) is None
