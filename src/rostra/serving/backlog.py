"""What a connection's client has not taken yet: bytes in the kernel, beside those in the transport.

One system call a look, so it is for samples and for those who lag already. Source:
tcp(7), SIOCOUTQ and TCP_USER_TIMEOUT.
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import socket
import termios
from typing import Any, Protocol

SEND_BUFFER_BYTES = 16 * 1024
"""SO_SNDBUF of accepted connections at the edge: bounds what a stalled reader costs the kernel."""
FILE_BUFFER_BYTES = 128 * 1024
"""Of those that take a file: what fills a way of a tenth of a second there and back with 10 Mbit/s."""

GONE_AFTER_MS = 60_000
"""TCP_USER_TIMEOUT of accepted connections at the edge: a client that acknowledges nothing, or takes nothing,
for so long is gone. As long as a stalled answer is kept, so a tunnel costs no radio its place."""


class Informed(Protocol):
    """A transport, as far as this needs one."""

    def get_extra_info(self, name: str) -> Any:
        """Its ``socket``."""


def unacknowledged(transport: Informed) -> int:
    """Bytes handed to the kernel and not acknowledged; 0 where it cannot tell."""
    sock = transport.get_extra_info("socket")
    if sock is None:
        return 0
    count = array.array("i", [0])
    try:
        fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, count)
    except (OSError, ValueError):
        return 0
    return count[0]


def widen(transport: Informed) -> None:
    """Let the kernel hold more for whoever takes a file, which would come by 16 kB a round trip otherwise."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, FILE_BUFFER_BYTES)
