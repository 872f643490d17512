"""The UDP sockets of one process, read together: when a stage is about to mix, and now and then besides.

A loop that wakes for every datagram wakes fifty times a second for everyone on stage, each time with cold
caches, and nothing is done with what came before the next tick. The kernel notes when each came
(``SO_TIMESTAMPNS``, socket(7)), so what waits is no later for it; it begins a moment after the first socket
asks for that, and what comes earlier counts as come when it is read. Only ``stage/ice.py`` makes wires.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import struct
import time
from typing import Any, Final, Protocol

import structlog

log = structlog.get_logger()

LOOK_S: Final = 0.01
"""Between looks while no stage mixes: who is not on one yet shakes hands meanwhile."""
BUSY_S: Final = 0.1
"""As long as a stage mixes, it alone collects; so long after its last tick the timer does again."""
MOST_NS: Final = 3_000_000
"""For so long is read at a time: more than the speech of a full stage takes; no flood makes a tick late."""
LONGEST_BYTES: Final = 4_096
_TRUNCATED: Final = int(socket.MSG_TRUNC)
_STAMPED: Final = 35
"""``SO_TIMESTAMPNS`` and the kind of what it adds (asm-generic/socket.h)."""
_TIMESPEC: Final = struct.Struct("@qq")
_ANCILLARY_BYTES: Final = socket.CMSG_SPACE(_TIMESPEC.size)

Address = tuple[Any, ...]


class Owner(Protocol):
    """Whose socket it is."""

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        """This is your wire."""

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""

    def error_received(self, exc: Exception) -> None:
        """Something could not be sent or read."""

    def came(self, data: bytes, address: Address, waited_ns: int) -> None:
        """A datagram came so long ago. Raises nothing."""


class Wire(asyncio.DatagramTransport):
    """One bound socket that does not block, as asyncio's transports are used."""

    def __init__(self, sock: socket.socket, owner: Owner, postbox: Postbox) -> None:
        super().__init__({"socket": sock, "sockname": sock.getsockname()})
        with contextlib.suppress(OSError):  # Where there are no stamps, all counts as come when it is read.
            sock.setsockopt(socket.SOL_SOCKET, _STAMPED, 1)
        self._sock = sock
        self._owner = owner
        self._postbox = postbox

    def send(self, data: bytes, address: Address) -> None:
        """Send one datagram now. OSError when it cannot leave."""
        self._sock.sendto(data, address)

    def sendto(self, data: Any, addr: Any = None) -> None:
        """As :meth:`send`, but its owner is told what is wrong."""
        try:
            self.send(data, addr)
        except OSError as error:
            self._owner.error_received(error)

    def read(self, *, most_ns: int) -> None:
        """Hand on the datagram that came first, at most so long ago; one that is too long is dropped."""
        try:
            data, extras, flags, address = self._sock.recvmsg(LONGEST_BYTES, _ANCILLARY_BYTES)
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                self._owner.error_received(error)
            return
        if not flags & _TRUNCATED:
            self._owner.came(data, address, min(most_ns, _waited_ns(extras)))

    def is_closing(self) -> bool:
        return self._sock.fileno() < 0

    def close(self) -> None:
        if not self.is_closing():
            self._postbox.forget(self._sock.fileno())
            self._sock.close()
            asyncio.get_running_loop().call_soon(self._owner.connection_lost, None)

    abort = close


class Postbox:
    """Of one event loop."""

    def __init__(self) -> None:
        self._epoll: select.epoll | None = None
        """While there is a wire."""
        self._wires: dict[int, Wire] = {}
        self._collected_s = 0.0
        """When a stage did last, by the loop's clock."""
        self._empty_ns = 0
        """When nothing was left to read: what is read now came later, whatever its stamp says."""

    def open(self, sock: socket.socket, owner: Owner) -> Wire:
        """Read a bound socket that does not block for its owner, until the wire is closed.

        OSError: there is no wire, and the socket is closed.
        """
        try:
            wire = Wire(sock, owner, self)
            if self._epoll is None:
                self._epoll, self._empty_ns = select.epoll(), time.monotonic_ns()
                self._look_in(LOOK_S, self._epoll)
            self._epoll.register(sock.fileno(), select.EPOLLIN)
        except OSError:
            sock.close()
            self._close_if_idle()
            raise
        self._wires[sock.fileno()] = wire
        owner.connection_made(wire)
        return wire

    def collect(self) -> None:
        """Hand on what has come, for a stage that is about to mix."""
        self._collected_s = asyncio.get_running_loop().time()
        self._hand_on()

    def forget(self, fd: int) -> None:
        """Read a socket no more, which is about to be closed."""
        del self._wires[fd]
        if self._epoll is not None:
            self._epoll.unregister(fd)
        self._close_if_idle()

    def _close_if_idle(self) -> None:
        if self._epoll is not None and not self._wires:
            self._epoll.close()
            self._epoll = None

    def _hand_on(self) -> None:
        """One datagram of each socket after the other: the rest waits where one of them is flooded."""
        now_ns = time.monotonic_ns()
        until_ns = now_ns + MOST_NS
        while now_ns < until_ns:
            ready = self._epoll.poll(0) if self._epoll is not None else ()
            if not ready:
                self._empty_ns = now_ns
                return
            for fd, _ in ready:
                wire = self._wires.get(fd)
                if wire is None:  # closed by what another one brought
                    continue
                try:
                    wire.read(most_ns=now_ns - self._empty_ns)
                except Exception:
                    log.exception("datagram_failed")  # Nobody's datagram may end a stage.
            now_ns = time.monotonic_ns()

    def _look_in(self, seconds: float, epoll: select.epoll) -> None:
        asyncio.get_running_loop().call_later(seconds, self._look, epoll)

    def _look(self, epoll: select.epoll) -> None:
        """Until the last wire is closed; what is opened then has looks of its own."""
        if epoll is not self._epoll:
            return
        left_s = self._collected_s + BUSY_S - asyncio.get_running_loop().time()
        self._look_in(max(left_s, LOOK_S), epoll)
        if left_s <= 0:
            self._hand_on()


def _waited_ns(extras: list[tuple[int, int, bytes]]) -> int:
    """How long ago a datagram came, by the clock that the kernel stamps it with; 0 where it does not."""
    for level, kind, data in extras:
        if (level, kind, len(data)) == (socket.SOL_SOCKET, _STAMPED, _TIMESPEC.size):
            seconds, ns = _TIMESPEC.unpack(data)
            came_ns: int = seconds * 1_000_000_000 + ns
            return max(0, time.time_ns() - came_ns)
    return 0
