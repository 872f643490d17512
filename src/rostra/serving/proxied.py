"""PROXY protocol version 2: a binary head before the first request that says who really connected.

Read only on listening sockets that nobody but a proxy of ours reaches. Pure. Source: the PROXY protocol,
section 2.2 (haproxy.org).
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

from rostra.core.proxies import Proxies
from rostra.serving.errors import MalformedRequest

SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
MOST_BYTES: Final = 536
"""A head with a Unix pair and some extensions; beyond, it is refused."""
_HEAD = struct.Struct("!12sBBH")
_IPV4, _IPV6 = 0x1, 0x2
_LOCAL, _PROXY = 0x20, 0x21


class Head(NamedTuple):
    """What a proxy says of a connection."""

    size: int
    """Bytes it takes."""
    peer: str
    """Who connected; empty when the proxy speaks for itself (a health check) or does not know."""


class EveryProxy(Proxies):
    """Whoever connects is a proxy of ours; its last word on who asks is believed, and it must be there."""

    def __init__(self) -> None:
        super().__init__(())

    def __bool__(self) -> bool:
        return True

    def trusts(self, address: str) -> bool:
        """Only the nameless other end of a Unix socket is the proxy itself."""
        return not address

    def client(self, peer: str, forwarded_for: bytes) -> str:
        """Return whom the proxy names: by PROXY protocol, else by the last X-Forwarded-For."""
        return peer or super().client("", forwarded_for)


def read_head(data: bytes) -> Head | None:
    """Read a head that ``data`` begins with; None while it is incomplete. Size 0: there is none.

    Raises MalformedRequest.
    """
    if not data.startswith(SIGNATURE[: len(data)]):
        return Head(0, "")
    if len(data) < _HEAD.size:
        return None
    _, command, family, length = _HEAD.unpack_from(data)
    size = _HEAD.size + length
    if command not in {_LOCAL, _PROXY} or size > MOST_BYTES:
        raise MalformedRequest
    if len(data) < size:
        return None
    return Head(size, _address(family >> 4, data[_HEAD.size : size]) if command == _PROXY else "")


def _address(family: int, block: bytes) -> str:
    """Return the source address, the first in the block."""
    if family == _IPV4 and len(block) >= 12:
        return str(IPv4Address(block[:4]))
    if family == _IPV6 and len(block) >= 36:
        address = IPv6Address(block[:16])
        return str(address.ipv4_mapped or address)
    return ""
