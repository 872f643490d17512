"""What a connection's client has not taken yet: bytes in the kernel, beside those in the transport.

One system call a look, so it is for samples and for those who lag already. Source: tcp(7), SIOCOUTQ.
"""

from __future__ import annotations

import array
import fcntl
import termios
from typing import Any, Protocol

SEND_BUFFER_BYTES = 16 * 1024
"""SO_SNDBUF of accepted connections at the edge: bounds what a stalled reader costs the kernel."""


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
