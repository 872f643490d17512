"""What an answer on the doorstep goes out by: a socket of which no connection is made.

The end of an answer follows it at once, mostly, and goes out in the same packet then.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from rostra.serving.host import Host

AT_ONCE: Final = int(socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
LAST: Final = AT_ONCE | int(socket.MSG_MORE)
"""Of what the end follows at once: that goes out in the same packet (send(2)), which is half of the work."""


class Visit:
    """What an answer on the doorstep goes out by, channel and transport in one.

    What is written first is sent once more is, or :meth:`push` says that this was all. What the kernel does
    not take at once waits for a connection.
    """

    __slots__ = ("_client", "_first", "_host", "descriptor", "kept", "unsent", "write_paused")

    def __init__(self, client: socket.socket, host: Host) -> None:
        self._client = client
        self._host = host
        self._first: bytes | None = None
        """Empty once it was sent."""
        self.descriptor = -1
        """Nobody feeds a visit together with others."""
        self.unsent = b""
        self.write_paused = False
        """Whether something waits."""
        self.kept = False
        """Whether the client may ask for more once it is answered."""

    @property
    def transport(self) -> Visit:
        """As of a connection."""
        return self

    @property
    def brisk(self) -> bool:
        """Whether an answer should end its connection, unless the client asks for more at once."""
        return self._host.brisk

    @property
    def cramped(self) -> bool:
        """Whether it should even then."""
        return self._host.cramped

    @property
    def date(self) -> bytes:
        """The line of a head that tells this second."""
        return self._host.date

    def finished(self, *, keep: bool) -> None:
        """The answer is all there is."""
        self.kept = keep

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn of the loop."""
        asyncio.get_running_loop().call_soon(callback)

    def took(self, data: bytes, result: int) -> None:
        """Never called."""

    def write(self, data: bytes) -> None:
        """Send, or keep what cannot be sent now. Somebody who is gone is noticed later."""
        if self._first is None:
            self._first = data
        else:
            self.push()
            self._send(data, AT_ONCE)

    def push(self, *, last: bool = False) -> None:
        """Send what was written first; ``last``: the end follows at once."""
        if self._first:
            first, self._first = self._first, b""
            self._send(first, LAST if last else AT_ONCE)

    def _send(self, data: bytes, flags: int) -> None:
        if not self.unsent:
            try:
                sent = self._client.send(data, flags)
            except BlockingIOError:
                sent = 0
            except OSError:
                return
            data = data[sent:]
        self.unsent += data
        self.write_paused = bool(self.unsent)

    def get_write_buffer_size(self) -> int:
        """Bytes that wait."""
        self.push()
        return len(self.unsent)

    def get_extra_info(self, name: str) -> object:
        """The socket, if that is asked for."""
        return self._client if name == "socket" else None

    def abort(self) -> None:
        """Throw away what waits."""
        self._first = self.unsent = b""
