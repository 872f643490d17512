"""The UDP sockets of one process, read together: when a stage is about to mix, and now and then besides.

A loop that wakes for every datagram wakes fifty times a second for everyone on stage, each time with cold
caches, and nothing is done with what came before the next tick. The kernel notes when each came
(``SO_TIMESTAMPNS``, socket(7)), so what waits is no later for it; it begins a moment after the first socket
asks for that, and what comes earlier counts as come when it is read. Only ``stage/ice.py`` makes wires.
"""

from __future__ import annotations

import asyncio
import select
import socket
import struct
import time
from typing import Any, Final, Protocol

LOOK_S: Final = 0.01
"""Between looks while no stage mixes: who is not on one yet shakes hands meanwhile."""
BUSY_S: Final = 0.03
"""Longer than a tick: as long as a stage mixes, it alone collects."""
MOST_AT_ONCE: Final = 128
"""Datagrams of one socket that are read at a time: two seconds of speech; a flood waits, and is dropped."""
LONGEST_BYTES: Final = 4_096
_STAMPED: Final = 35
"""``SO_TIMESTAMPNS`` and the kind of what it adds (asm-generic/socket.h)."""
_TIMESPEC: Final = struct.Struct("@qq")
_ANCILLARY_BYTES: Final = socket.CMSG_SPACE(_TIMESPEC.size)
_LONGEST_WAIT_NS: Final = 10_000_000_000
"""A stamp further away is of a clock that was set meanwhile."""

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

    def read(self) -> None:
        """Hand on the datagram that came first, if there is one."""
        try:
            data, extras, _, address = self._sock.recvmsg(LONGEST_BYTES, _ANCILLARY_BYTES)
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                self._owner.error_received(error)
            return
        self._owner.came(data, address, _waited_ns(extras))

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

    def open(self, sock: socket.socket, owner: Owner) -> Wire:
        """Read a bound socket that does not block for its owner, until the wire is closed."""
        wire = Wire(sock, owner, self)
        if self._epoll is None:
            self._epoll = select.epoll()
            self._look_in(LOOK_S, self._epoll)
        self._wires[sock.fileno()] = wire
        self._epoll.register(sock.fileno(), select.EPOLLIN)
        owner.connection_made(wire)
        return wire

    def collect(self) -> None:
        """Hand on all that has come, for a stage that is about to mix."""
        self._collected_s = asyncio.get_running_loop().time()
        self._hand_on()

    def _hand_on(self) -> None:
        for _ in range(MOST_AT_ONCE):
            ready = self._epoll.poll(0) if self._epoll is not None else ()
            if not ready:
                return
            for fd, _ in ready:
                wire = self._wires.get(fd)
                if wire is not None:  # not closed by what another one brought
                    wire.read()

    def forget(self, fd: int) -> None:
        """Read a socket no more, which is about to be closed."""
        del self._wires[fd]
        if self._epoll is not None:
            self._epoll.unregister(fd)
            if not self._wires:
                self._epoll.close()
                self._epoll = None

    def _look_in(self, seconds: float, epoll: select.epoll) -> None:
        asyncio.get_running_loop().call_later(seconds, self._look, epoll)

    def _look(self, epoll: select.epoll) -> None:
        """Until the last wire is closed; what is opened then has looks of its own."""
        if epoll is not self._epoll:
            return
        left_s = self._collected_s + BUSY_S - asyncio.get_running_loop().time()
        if left_s <= 0:
            self._hand_on()
        self._look_in(max(left_s, LOOK_S), epoll)


def _waited_ns(extras: list[tuple[int, int, bytes]]) -> int:
    """How long ago a datagram came, by the clock that the kernel stamps it with."""
    for level, kind, data in extras:
        if level == socket.SOL_SOCKET and kind == _STAMPED:
            seconds, ns = _TIMESPEC.unpack_from(data)
            waited_ns = time.time_ns() - (seconds * 1_000_000_000 + ns)
            return waited_ns if 0 < waited_ns < _LONGEST_WAIT_NS else 0
    return 0
