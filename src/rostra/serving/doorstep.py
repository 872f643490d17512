"""Accept clients, and answer on the doorstep whoever has said all and brings no more.

A crowd comes with a connection each, asks one thing, and goes. Such a visit needs no transport, no protocol
and no turn of the loop: accept, read, answer, close. Nor does whoever is handed what lies at hand, until they
say more (:mod:`rostra.serving.guest`). Everybody else is let in: gets a
:class:`~rostra.serving.connection.Connection` on a wire, with what was read of theirs.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from functools import partial
from typing import Final, cast

import structlog
from msgspec import structs

from rostra.core.errors import RostraError
from rostra.core.proxies import Proxies
from rostra.serving.answering import Application, respond
from rostra.serving.connection import Connection
from rostra.serving.exchange import Exchange
from rostra.serving.guest import Guest
from rostra.serving.host import Host
from rostra.serving.newcomers import Answered, Asking, Stay
from rostra.serving.request import Request, body_length
from rostra.serving.visit import AT_ONCE, LAST, Visit
from rostra.serving.wires import Wires

log = structlog.get_logger()

_PER_TURN: Final = 128
"""Then as many of those who are in have their turn: with fewer, newcomers wait longest in a storm."""
_READ_BYTES: Final = 16_384
_AGAIN_S: Final = 0.1
"""Until the next try where the system has no descriptor or memory left."""
_AFTER_OTHERS_S: Final = 0.005
"""For so long a full worker leaves to others whoever comes by a socket of all workers; then it takes them."""
_WITHOUT_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Doorstep:
    """Of one listening socket, from :meth:`open` to :meth:`close`."""

    def __init__(
        self,
        sock: socket.socket,
        host: Host,
        proxies: Proxies,
        wires: Wires,
        *,
        app: Application | None = None,
        trusted: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._sock = sock
        self._app = host.app if app is None else app
        self._host = host
        self._proxies = proxies
        self._wires = wires
        self._trusted = trusted
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.TimerHandle | None = None
        self._is_public = not trusted and self._app is host.app and host.at_hand is not None
        self._is_local = sock.family == socket.AF_UNIX
        self._kind = int(sock.family), int(sock.type), sock.proto
        self._send_buffer = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // 2
        """As it was asked for: the kernel tells the double (socket(7))."""

    def open(self, backlog: int) -> None:
        """Accept from now on."""
        self._sock.setblocking(False)
        self._sock.listen(backlog)
        self._wait()

    def close(self) -> None:
        """Accept nobody any more; who is in the queue stays there, for whoever listens next."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._loop.remove_reader(self._sock.fileno())
        self._sock.close()

    def _wait(self) -> None:
        came = self._knock if self._is_local else self._greet
        self._loop.add_reader(self._sock.fileno(), came)

    def _knock(self) -> None:
        """Somebody comes by a socket that is all workers'."""
        if self._host.has_room:
            self._greet()
        else:
            self._pause(_AFTER_OTHERS_S)

    def _greet(self) -> None:
        for _ in range(_PER_TURN):
            try:
                number, address = self._sock._accept()  # type: ignore[attr-defined]  # accept() takes twice as long
                # What socket() wraps, which takes less to make and to close.
                client = cast(socket.socket, socket.SocketType(*self._kind, fileno=number))
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _WITHOUT_ROOM:
                    raise
                log.warning("accept_paused", reason=error.strerror)
                self._pause(_AGAIN_S)
                return
            if self._is_local:  # TCP hands it on, a Unix socket does not
                client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer)
            peer = address[0] if isinstance(address, tuple) else ""
            if self._tls is not None:
                self._shake_hands(client, self._tls, peer)
                continue
            try:
                said = client.recv(_READ_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                said = b""
            except OSError:
                client.close()
                continue
            ready = self._lies_ready(said, peer) if self._is_public and not self._host.full else None
            if ready is not None:
                self._hand_out(client, *ready, peer)
            else:
                self._take(client, said, peer)

    def _lies_ready(self, said: bytes, peer: str) -> tuple[bytes, bool] | None:
        return self._host.lies_ready(said, peer, self._proxies) if said else None

    def _hear(self, guest: Guest) -> bool:
        """Somebody who was handed something says more, or is gone; False where neither is so."""
        client = guest.client
        try:
            said = client.recv(_READ_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            said = b""
        ready = self._lies_ready(said, guest.peer)
        if not said:
            guest.abort()
        elif ready is not None:
            self._hand_out(client, *ready, guest.peer, guest=guest)
        else:
            self._take(client, said, guest.peer, guest=guest)
        return True

    def _take(self, client: socket.socket, said: bytes, peer: str, *, guest: Guest | None = None) -> None:
        """Answer what is said, or let them in who say it."""
        request = self._whole(said, peer) if said and not self._trusted else None
        if request is None:
            stranger = Connection(
                self._host, self._proxies, app=self._app, trusted=self._trusted, peer=peer, said=said
            )
            self._let_in(client, stranger, guest=guest)
        elif guest is None and request.keep_alive and not self._host.brisk:
            visitor = Asking(self._host, self._proxies, self._app, peer=peer, said=said, asked=request)
            self._let_in(client, visitor, guest=guest)
        else:
            self._answer(client, request, peer, guest=guest)

    def _whole(self, said: bytes, peer: str) -> Request | None:
        """Return the one request that is all of it."""
        host = self._host
        end = said.find(b"\r\n\r\n", 0, host.limits.head_bytes) + 4
        if end < 4 or not said[0:1].isupper() or host.full:
            return None
        try:
            request = host.heads.parse(said[:end], peer=peer, proxies=self._proxies)
            if body_length(request, host.limits) != len(said) - end:
                return None
        except RostraError:
            return None  # A connection finds it again, and says so.
        return structs.replace(request, body=said[end:]) if len(said) > end else request

    def _hand_out(
        self, client: socket.socket, ready: bytes, ends: bool, peer: str, *, guest: Guest | None = None
    ) -> None:
        """Answer with what lies ready; unless it ``ends`` the connection, more may be asked on it."""
        try:
            sent = client.send(ready, LAST if ends else AT_ONCE)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._see_off(client, guest)
            return
        if sent < len(ready):
            unsent = ready[sent:]
            slow = Answered(self._host, self._proxies, self._app, peer=peer, unsent=unsent, ends=ends)
            self._let_in(client, slow, guest=guest)
        elif ends:
            if guest is None:
                self._host.visited()
            self._see_off(client, guest)
        elif guest is None:
            self._invite(client, peer)
        else:
            guest.stay()

    def _invite(self, client: socket.socket, peer: str) -> None:
        """Wait for what somebody says next who was handed something."""
        guest = Guest(client, self._host, self._wires, self._hear, peer=peer)
        try:
            self._wires.watch(client, guest)
        except OSError as error:
            log.warning("not_let_in", reason=error.strerror)
            client.close()
            return
        self._host.opened(guest)
        guest.stay()

    def _see_off(self, client: socket.socket, guest: Guest | None) -> None:
        """It is over. A close alone would throw away what is not out yet of whoever says more."""
        try:  # noqa: SIM105 - suppress() takes several times as long, for everybody
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # They are gone.
        if guest is None:
            client.close()
        else:
            guest.leave()

    def _answer(
        self, client: socket.socket, request: Request, peer: str, *, guest: Guest | None = None
    ) -> None:
        """Answer what nothing comes after, or nothing that is known by now."""
        visit = Visit(client, self._host)
        exchange = Exchange(visit, head_only=request.method == "HEAD", keep_alive=request.keep_alive)
        respond(self._app, request, exchange, refuse=self._host.refusal)
        is_over = exchange.closed and not visit.kept
        visit.push(last=is_over)
        is_out = exchange.closed and not visit.unsent
        if is_out and is_over:
            if guest is None:
                self._host.visited()
            self._see_off(client, guest)
        elif is_out and guest is not None:
            guest.stay()
        else:
            stay = Stay(self._host, self._proxies, self._app, visit, exchange, peer=peer)
            self._let_in(client, stay, guest=guest)

    def _shake_hands(self, client: socket.socket, context: ssl.SSLContext, peer: str) -> None:
        """Begin. Without room the oldest makes some: whoever means it takes a round trip or two."""
        pending = self._wires.handshakes
        if self._host.crowded or len(pending) >= self._host.limits.handshakes:
            self._host.broke_off()
            if not pending:
                client.close()
                return
            next(iter(pending)).abort()
        make = partial(Connection, self._host, self._proxies, app=self._app, peer=peer)
        try:
            self._wires.shake_hands(client, context, make, within_s=self._host.limits.head_s)
        except OSError as error:
            log.info("gone_at_the_door", reason=error.strerror)
            client.close()

    def _let_in(self, client: socket.socket, connection: Connection, *, guest: Guest | None = None) -> None:
        if guest is not None:
            guest.let_in()
            connection.was_guest()
        try:
            self._wires.connect(client, connection)
        except OSError as error:
            log.warning("not_let_in", reason=error.strerror)
            self._wires.forget(client)
            client.close()

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._sock.fileno())
        self._waiting = self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._wait()
        self._greet()
