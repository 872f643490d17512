"""A TLS transport that is written to in pieces, so that its buffer stays small.

uvloop encrypts all of a write before it sends any, into a buffer that grows and never shrinks: a segment
in one write would cost each connection 40 kB for good. One record a piece costs no more processor.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

PIECE_BYTES: Final = 8_192


class InPieces(asyncio.Transport):
    """Stands before a TLS transport. Only what connections and exchanges use."""

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write data in pieces, in order."""
        if len(data) <= PIECE_BYTES:
            self._transport.write(data)
            return
        view = memoryview(data)
        for first in range(0, len(data), PIECE_BYTES):
            self._transport.write(view[first : first + PIECE_BYTES])

    def get_write_buffer_size(self) -> int:
        """Bytes not encrypted yet."""
        return self._transport.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As the transport has it."""
        return self._transport.get_extra_info(name, default)

    def can_write_eof(self) -> bool:
        """TLS cannot close one half."""
        return False

    def close(self) -> None:
        """Close once all is out."""
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def pause_reading(self) -> None:
        """Read no further."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()


def in_pieces_if_tls(transport: asyncio.Transport) -> asyncio.Transport:
    """Return the transport to write to."""
    return InPieces(transport) if transport.get_extra_info("sslcontext") is not None else transport
