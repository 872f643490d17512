"""A server's connections, without a transport of the loop for each.

All of them are in one epoll(7) instance, which the loop watches as one descriptor. What comes is read, and
what is written goes to the kernel, in the same turn; a connection is a socket, a protocol and, while the
client is slow, what is unsent. With TLS the socket encrypts (:mod:`rostra.serving.handshake`).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import select
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final, Protocol

import structlog

from rostra.serving.handshake import AGAIN, Handshake, farewell
from rostra.serving.unsent import UNSENT

log = structlog.get_logger()

_PER_TURN: Final = 128
"""Connections that are ready; then everything else has its turn."""
_READ_BYTES: Final = 16_384
_HIGH_BYTES: Final = 65_536
"""Unsent beyond this, a protocol is asked to pause; :data:`_LOW_BYTES`: to go on. As asyncio has them."""
_LOW_BYTES: Final = _HIGH_BYTES // 4
_READING, _CLOSING, _FULL, _LAST, _MOVED = 1, 2, 4, 8, 16
"""What there is to say of a wire, in one number: thousands of them are open."""
_LATER: Final = frozenset({errno.EAGAIN, errno.EINTR})
_IN: Final = select.EPOLLIN
_OUT: Final = select.EPOLLOUT
_BROKEN: Final = select.EPOLLHUP | select.EPOLLERR
CLOSED: Final = -1
"""In the place of a descriptor, which may be another wire's by now."""
ENCRYPTS: Final = -2
"""The same of a socket that makes other bytes of those that it takes."""


class _Nobody(asyncio.Protocol):
    """Whose connection is over."""


_NOBODY: Final = _Nobody()


class Wire(asyncio.Transport):
    """One connection: what its protocol and its exchanges need of a transport."""

    __slots__ = ("_protocol", "_sock", "_state", "_unsent", "_wires", "descriptor")

    def __init__(self, wires: Wires, sock: socket.socket, protocol: asyncio.Protocol) -> None:
        self._wires = wires
        self._sock = sock
        self._protocol = protocol
        self._state = _READING
        self._unsent: bytearray | None = None
        self.descriptor = ENCRYPTS if isinstance(sock, ssl.SSLSocket) else sock.fileno()
        """What :meth:`took` is about; :data:`~rostra.serving.unsent.UNSENT` says when it takes nothing."""
        UNSENT.clear(self.descriptor)

    # What protocols and exchanges call.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send now what the kernel takes, and the rest as it takes more. Whoever is gone is noticed later."""
        if self._unsent is not None:
            self._unsent += data
        elif self._state & _CLOSING:
            return
        else:
            try:
                sent = self._sock.send(data)
            except AGAIN:
                sent = 0
            except OSError as error:
                self._lose(error)
                return
            if sent == len(data):
                return
            self._keep(memoryview(data)[sent:])
        self._slow()

    def took(self, data: bytes, result: int) -> None:
        """Go on after a send of ``data`` on the descriptor that said so: send(2), errors negated."""
        if result < 0 and -result not in _LATER:
            self._lose(OSError(-result, os.strerror(-result)))
        else:
            self._keep(memoryview(data)[max(0, result) :])
            self._slow()

    def get_write_buffer_size(self) -> int:
        """Bytes that the kernel has not taken."""
        return len(self._unsent) if self._unsent is not None else 0

    def moved(self) -> bool:
        """Whether the kernel has taken some of what was unsent since this was last asked."""
        moved = bool(self._state & _MOVED)
        self._state &= ~_MOVED
        return moved

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Its ``socket`` and ``peername``."""
        if name == "socket":
            return self._sock
        if name == "peername":
            with contextlib.suppress(OSError):
                return self._sock.getpeername()
        return default

    def pause_reading(self) -> None:
        """Leave what comes to the kernel."""
        self._state &= ~_READING
        self._listen()

    def resume_reading(self) -> None:
        """Read again."""
        self._state |= _READING
        self._listen()

    def can_write_eof(self) -> bool:
        """Whether one half can be closed: not with TLS."""
        return not isinstance(self._sock, ssl.SSLSocket)

    def write_eof(self) -> None:
        """Say, once all is out, that nothing follows."""
        self._state |= _LAST
        if self._unsent is None:
            self._say_last()

    def is_closing(self) -> bool:
        """Whether it is over, or will be once all is out."""
        return bool(self._state & _CLOSING)

    def close(self) -> None:
        """Read no more, and be over once all is out."""
        if self._state & _CLOSING:
            return
        if self._unsent is None:
            self._lose(None)
        else:
            self._state |= _CLOSING
            self._listen()

    def abort(self) -> None:
        """Be over, whatever is unsent."""
        self._unsent = None
        self._lose(None)

    # What its wires call.

    def ready(self, events: int) -> None:
        """Do what there is to do."""
        if events & _OUT:
            self._flush()
        if self._state & (_READING | _CLOSING) == _READING:
            if events & (_IN | _BROKEN):
                self._read()
        elif events & _BROKEN:
            self.abort()

    def over(self, error: Exception | None) -> None:
        """Tell the protocol, and let go of it."""
        protocol, self._protocol = self._protocol, _NOBODY
        try:
            protocol.connection_lost(error)
        finally:
            self.descriptor = CLOSED
            farewell(self._sock)
            self._sock.close()

    def _read(self) -> None:
        try:
            data = self._sock.recv(_READ_BYTES)
        except AGAIN:
            return
        except OSError as error:
            self._lose(error)
            return
        if data:
            self._protocol.data_received(data)
            return
        self._state &= ~_READING
        self._protocol.eof_received()
        self.close()

    def _flush(self) -> None:
        unsent = self._unsent
        if unsent is None:
            return
        try:
            del unsent[: self._sock.send(unsent)]
        except AGAIN:
            return
        except OSError as error:
            self._lose(error)
            return
        self._state |= _MOVED
        if not unsent:
            self._unsent = None
            UNSENT.clear(self.descriptor)
            if self._state & _LAST:
                self._say_last()
            if self._state & _CLOSING:
                self._lose(None)
                return
            self._listen()
        if self._state & _FULL and len(unsent) <= _LOW_BYTES:
            self._state &= ~_FULL
            self._protocol.resume_writing()

    def _keep(self, unsent: memoryview) -> None:
        """Send it once the kernel takes more."""
        self._unsent = bytearray(unsent)
        UNSENT.mark(self.descriptor)
        self._listen()

    def _slow(self) -> None:
        if self._unsent is not None and len(self._unsent) > _HIGH_BYTES and not self._state & _FULL:
            self._state |= _FULL
            self._protocol.pause_writing()

    def _say_last(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    def _listen(self) -> None:
        """Wait for what there is to wait for."""
        reading = self._state & (_READING | _CLOSING) == _READING
        out = _OUT if self._unsent is not None else 0
        self._wires.listen(self._sock, (_IN if reading else 0) | out)

    def _lose(self, error: Exception | None) -> None:
        """It is over: the protocol hears of it in a turn of its own."""
        self._unsent = None
        UNSENT.mark(self.descriptor)
        self._state |= _CLOSING
        self._wires.drop(self._sock, self, error)


class _Watched(Protocol):
    """What wants to know when its socket is ready."""

    def ready(self, events: int) -> None:
        """It is, for these."""

    def abort(self) -> None:
        """Be over."""

    def over(self, error: Exception | None) -> None:
        """It is over."""


class Wires:
    """All of one server, from its construction to :meth:`close`. For the running loop's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._watched: dict[int, _Watched] = {}
        self._over: list[tuple[_Watched, Exception | None]] = []
        """Those who are to hear that they are over."""
        self._after: list[Callable[[], None]] = []
        self.handshakes: dict[Handshake, None] = {}
        """Those that go on, oldest first."""
        self._loop.add_reader(self._epoll.fileno(), self._turn)

    def connect(self, sock: socket.socket, protocol: asyncio.Protocol) -> None:
        """Carry an accepted connection from now on. OSError when the system has no room for it."""
        wire = Wire(self, sock, protocol)
        self.watch(sock, wire)
        try:
            protocol.connection_made(wire)
        except Exception:
            self._failed(wire)

    def shake_hands(
        self,
        sock: socket.socket,
        context: ssl.SSLContext,
        make: Callable[[], asyncio.Protocol],
        *,
        within_s: float,
    ) -> None:
        """Carry an accepted connection once it speaks TLS. OSError when it is gone, or there is no room."""
        sock.setblocking(False)
        speaking = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        handshake = Handshake(self, speaking, make, within_s)
        try:
            self.watch(speaking, handshake)
        except OSError:
            speaking.close()
            raise
        self.handshakes[handshake] = None

    def watch(self, sock: socket.socket, watched: _Watched) -> None:
        """Tell it when something comes, in the place of what was told before. OSError as :meth:`connect`."""
        sock.setblocking(False)
        number = sock.fileno()
        if number in self._watched:
            self._epoll.modify(number, _IN)
        else:
            self._epoll.register(number, _IN)
        self._watched[number] = watched

    def forget(self, sock: socket.socket) -> None:
        """Tell nobody any more of a socket that is about to be closed."""
        self._watched.pop(sock.fileno(), None)

    def listen(self, sock: socket.socket, events: int) -> None:
        """For what is watched: wait for other events of its socket."""
        if sock.fileno() in self._watched:
            self._epoll.modify(sock, events)

    def drop(self, sock: socket.socket, watched: _Watched, error: Exception | None) -> None:
        """For what is watched: it is over. The kernel forgets its socket as that is closed."""
        if self._watched.pop(sock.fileno(), None) is not None:
            if not self._over:
                self._loop.call_soon(self._tell_over)
            self._over.append((watched, error))

    def after_these(self, callback: Callable[[], None]) -> None:
        """For what is watched and ready: call back once all have been told who are ready together with it."""
        self._after.append(callback)

    def close(self) -> None:
        """End what is left, and wait for nothing more."""
        self._loop.remove_reader(self._epoll.fileno())
        for each in tuple(self._watched.values()):
            each.abort()
        self._epoll.close()

    def _turn(self) -> None:
        watched, left = self._watched, _PER_TURN
        while left > 0 and (ready := self._epoll.poll(0, left)):
            left -= len(ready)
            for number, events in ready:
                each = watched.get(number)
                if each is None:
                    continue  # over in this very turn
                try:
                    each.ready(events)
                except Exception:
                    self._failed(each)
            after, self._after = self._after, []
            for callback in after:
                callback()

    def _tell_over(self) -> None:
        over, self._over = self._over, []
        for each, error in over:
            try:
                each.over(error)
            except Exception:
                log.exception("connection_failed")

    def _failed(self, watched: _Watched) -> None:
        """One connection's fault is not the others'."""
        log.exception("connection_failed")
        watched.abort()
