"""How many clients a listening socket holds whom nobody has accepted yet: one system call a look.

Source: tcp(7), TCP_INFO; of a listening socket ``tcpi_unacked`` is the length of its accept queue (Linux,
net/ipv4/tcp.c, ``tcp_get_info``).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from typing import Final

_UNACKED: Final = struct.Struct("=24xI")


def queued(sockets: Iterable[socket.socket]) -> int:
    """Clients that wait at these, all together; where the kernel cannot tell, none."""
    return sum(map(_queued, sockets))


def _queued(sock: socket.socket) -> int:
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _UNACKED.size)
    except OSError:  # A Unix socket, or one that is closed.
        return 0
    return int(_UNACKED.unpack(told)[0]) if len(told) == _UNACKED.size else 0
