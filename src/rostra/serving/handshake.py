"""A TLS handshake on a connection that was just accepted; then the connection goes on by itself.

The socket speaks TLS from then on and raises, where a plain one would block, what :data:`AGAIN` names.
Records go straight into the kernel's buffer, so that what a client has not taken is counted as without TLS.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rostra.serving.wires import Wires

AGAIN: Final = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""What a socket raises that can do nothing just now, with TLS and without."""


class Handshake:
    """From :meth:`Wires.shake_hands` until it has succeeded, failed, or taken ``within_s``."""

    __slots__ = ("_make", "_sock", "_too_late", "_wires")

    def __init__(
        self, wires: Wires, sock: ssl.SSLSocket, make: Callable[[], asyncio.Protocol], within_s: float
    ) -> None:
        self._wires = wires
        self._sock = sock
        self._make = make
        self._too_late = asyncio.get_running_loop().call_later(within_s, self.abort)

    def ready(self, _events: int) -> None:
        """Take the next step, and wait for the client's or let the connection begin."""
        try:
            self._sock.do_handshake()
        except ssl.SSLWantReadError:
            self._wires.listen(self._sock, select.EPOLLIN)
        except ssl.SSLWantWriteError:
            self._wires.listen(self._sock, select.EPOLLOUT)
        except OSError:
            self.abort()
        else:
            self._too_late.cancel()
            self._wires.handshakes.pop(self, None)
            self._wires.connect(self._sock, self._make())

    def abort(self) -> None:
        """It has come to nothing."""
        self._wires.handshakes.pop(self, None)
        self._wires.drop(self._sock, self, None)

    def over(self, _error: Exception | None) -> None:
        """For the wires: let go of it."""
        self._too_late.cancel()
        self._sock.close()


def farewell(sock: socket.socket) -> None:
    """Say over TLS that nothing follows (close_notify, RFC 8446 section 6.1), if that can be said at once."""
    if isinstance(sock, ssl.SSLSocket):
        try:
            sock.unwrap()
        except (OSError, ValueError):
            return
