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
from typing import Final

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
_Caller = tuple[socket.socket, str, Guest | None]
"""A socket, the address that connected, and whether they were handed something before. No class: a crowd."""
_Heard = tuple[_Caller, bytes, tuple[bytes, bool] | None]
"""With what they said, and what of that :meth:`~rostra.serving.host.Host.lies_ready`."""
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
        self._asking: list[_Caller] = []
        """Those who are heard when all are known who are to be."""
        self._leaving: list[_Caller] = []
        """Those who have been answered, and that was all."""
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
        self._attend(self._accepted())

    def asks(self, guest: Guest) -> None:
        """Hear somebody who was handed something and says more, or is gone, together with others."""
        if not self._asking:
            self._wires.after_these(self._hear)
        self._asking.append((guest.client, guest.peer, guest))

    def hears(self, guest: Guest) -> bool:
        """Hear somebody who was handed something; whether they said more, or are gone."""
        return self._attend([(guest.client, guest.peer, guest)]) > 0

    def _hear(self) -> None:
        asking, self._asking = self._asking, []
        self._attend(asking)

    def _accepted(self) -> list[_Caller]:
        """Accept some who have come. Whoever begins with a handshake is not among those returned."""
        accepted: list[_Caller] = []
        for _ in range(_PER_TURN):
            try:
                number, address = self._sock._accept()  # type: ignore[attr-defined]  # accept() takes twice as long
                # What socket() wraps, which takes less to make and to close.
                client: socket.socket = socket.SocketType(*self._kind, fileno=number)  # type: ignore[assignment]
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                break
            except OSError as error:
                if error.errno not in _WITHOUT_ROOM:
                    raise
                log.warning("accept_paused", reason=error.strerror)
                self._pause(_AGAIN_S)
                break
            if self._is_local:  # TCP hands it on, a Unix socket does not
                client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer)
            peer = address[0] if isinstance(address, tuple) else ""
            if self._tls is None:
                accepted.append((client, peer, None))
            else:
                self._shake_hands(client, self._tls, peer)
        return accepted

    def _attend(self, callers: list[_Caller]) -> int:
        """Hear all, then answer all; return how many said something, or are gone.

        What is done for one after the other is in the processor's caches, as it is not where each is heard,
        answered and seen off before the next (``us_each`` of ``make bench-door``).
        """
        heard = [(caller, said) for caller in callers if (said := self._said(*caller)) is not None]
        for caller, said, ready in self._lying_ready(heard):
            try:
                if ready is None:
                    self._take(*caller, said)
                else:
                    self._hand_out(*caller, *ready)
            except Exception:
                self._failed(*caller)
        self._see_off()
        return len(heard)

    def _said(self, client: socket.socket, _: str, guest: Guest | None) -> bytes | None:
        """Return what somebody says; None, of a guest, for nothing yet, and of a newcomer who is gone."""
        try:
            return client.recv(_READ_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return b"" if guest is None else None
        except OSError:
            if guest is not None:
                return b""
            client.close()
            return None

    def _lying_ready(self, heard: list[tuple[_Caller, bytes]]) -> list[_Heard]:
        """Find the answers that lie at hand. Of newcomers no more may stay than there is room for."""
        found: list[_Heard] = []
        room = self._host.room
        for caller, said in heard:
            is_new = caller[2] is None
            ready = None
            if said and self._is_public and (room > 0 or not is_new):
                try:
                    ready = self._host.lies_ready(said, caller[1], self._proxies)
                except Exception:
                    log.exception("not_at_hand")  # Who answers them otherwise says what is wrong.
            room -= is_new and ready is not None and not ready[1]
            found.append((caller, said, ready))
        return found

    def _take(self, client: socket.socket, peer: str, guest: Guest | None, said: bytes) -> None:
        """Answer what is said, or let them in who say it."""
        if guest is not None and not said:
            guest.abort()
            return
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
            self._answer(client, peer, guest, request)

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
        self, client: socket.socket, peer: str, guest: Guest | None, ready: bytes, ends: bool
    ) -> None:
        """Answer with what lies ready; unless it ``ends`` the connection, more may be asked on it."""
        try:
            sent = client.send(ready, LAST if ends else AT_ONCE)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._leaving.append((client, peer, guest))
            return
        if sent < len(ready):
            unsent = ready[sent:]
            slow = Answered(self._host, self._proxies, self._app, peer=peer, unsent=unsent, ends=ends)
            self._let_in(client, slow, guest=guest)
        elif ends:
            if guest is None:
                self._host.visited()
            self._leaving.append((client, peer, guest))
        elif guest is None:
            self._invite(client, peer)
        else:
            guest.stay()

    def _invite(self, client: socket.socket, peer: str) -> None:
        """Wait for what somebody says next who was handed something."""
        guest = Guest(client, self._host, self._wires, self, peer=peer)
        try:
            self._wires.watch(client, guest)
        except OSError as error:
            log.warning("not_let_in", reason=error.strerror)
            client.close()
            return
        self._host.opened(guest)
        guest.stay()

    def _see_off(self) -> None:
        """It is over for some. A close alone would throw away what is not out yet of whoever says more."""
        leaving, self._leaving = self._leaving, []
        for client, _, _ in leaving:
            try:  # noqa: SIM105 - suppress() takes several times as long, for everybody
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # They are gone.
        for client, _, guest in leaving:
            if guest is None:
                client.close()
            else:
                guest.leave()

    def _answer(self, client: socket.socket, peer: str, guest: Guest | None, request: Request) -> None:
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
            self._leaving.append((client, peer, guest))
        elif is_out and guest is not None:
            guest.stay()
        else:
            stay = Stay(self._host, self._proxies, self._app, visit, exchange, peer=peer)
            self._let_in(client, stay, guest=guest)

    def _failed(self, client: socket.socket, _: str, guest: Guest | None) -> None:
        """One caller's fault is not the others'."""
        log.exception("connection_failed")
        if guest is None:
            client.close()
        else:
            guest.abort()

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
