"""One client's connection: finds requests in its bytes, keeps their order, holds them to the limits.

A connection handles one request at a time; what is pipelined waits in its buffer, and the socket
is not read beyond that. It keeps no timer: the server sweeps all deadlines once a second.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import cast

from msgspec import structs

from rostra.core.errors import HeadTooLarge, RostraError
from rostra.core.proxies import Proxies
from rostra.serving.answering import Application, respond
from rostra.serving.backlog import unacknowledged
from rostra.serving.errors import MalformedRequest, Overloaded, RequestTooSlow
from rostra.serving.exchange import Exchange
from rostra.serving.host import Host
from rostra.serving.proxied import read_head
from rostra.serving.request import Request, body_length, overheard
from rostra.serving.response import dated
from rostra.serving.wires import Wire

_PIPELINED_BYTES = 32_768
"""Beyond this much read ahead, the socket is not read until the open response is over."""
_REQUESTS_PER_TURN = 64
"""Then other connections have their turn."""
_LINGER_BYTES = 262_144
_BARE_LINE_END = re.compile(rb"(?<!\r)\n")
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(asyncio.Protocol):
    """See the module. ``transport`` and ``write_paused`` are for its exchanges."""

    __slots__ = (
        "_advancing",
        "_app",
        "_at_rest",
        "_body_bytes",
        "_buffer",
        "_closing",
        "_exchange",
        "_expects",
        "_has_asked",
        "_headless",
        "_host",
        "_lingered",
        "_peer",
        "_proxies",
        "_reading_paused",
        "_too_many",
        "deadline_ns",
        "transport",
        "write_paused",
    )

    def __init__(
        self,
        host: Host,
        proxies: Proxies | None = None,
        *,
        app: Application | None = None,
        trusted: bool = False,
        peer: str | None = None,
        said: bytes = b"",
    ) -> None:
        """``app`` answers in the place of the host's; ``said``: what was read of it before.

        ``peer``: the address that connected, empty for one that has none; None: its transport is asked.
        """
        self._host = host
        self._app = host.app if app is None else app
        self._proxies = host.proxies if proxies is None else proxies
        self._headless = trusted
        """Whether a proxy's own head may come first."""
        self._too_many = False
        self._at_rest = False
        """Whether all that came is answered, and what comes next may be answered at hand."""
        self._buffer = said
        self._expects: Request | None = None
        self._body_bytes = 0
        self._exchange: Exchange | None = None
        self._advancing = False
        self._has_asked = False
        self._closing = False
        self._reading_paused = False
        self._lingered = 0
        self.deadline_ns = 0
        """Monotonic; 0: none."""
        self._peer = peer
        self.write_paused = False
        self.transport: Wire

    def was_guest(self) -> None:
        """Before it is made: it is that of a guest, who has asked before, and is not one too many now."""
        self._has_asked = True

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(Wire, transport)
        if self._peer is None:
            address = transport.get_extra_info("peername")
            self._peer = address[0] if isinstance(address, tuple) else ""
        self._due_in(self._host.limits.head_s)
        if not self._host.opened(self, was_in=self._has_asked):
            if self._host.crowded:
                self._refuse(Overloaded())
                self.transport.close()
                return
            self._too_many = True
            self._due_in(self._host.limits.linger_s)
        if self._buffer:
            self.hear_first()
        else:
            self._at_rest = self._has_at_hand and not (self._headless or self._too_many)

    def hear_first(self) -> None:
        """Take what was read before there was a connection."""
        said, self._buffer = self._buffer, b""
        self.data_received(said)

    def data_received(self, data: bytes) -> None:
        if self._at_rest and self._answered_at_hand(data):
            return
        self._at_rest = False
        if self._closing:
            self._swallow(len(data))
            return
        fresh = not self._buffer and self._expects is None
        self._buffer = self._buffer + data if self._buffer else data
        self._advance()
        if self._closing or (not self._buffer and self._expects is None):
            return
        if self._exchange is not None or self.write_paused:
            self._hold_reading()
        elif fresh and not self._too_many:
            self._due_in(self._host.limits.head_s)

    def eof_received(self) -> None:
        """A client that closes its half counts as gone; what is written already still goes out."""
        exchange = self._exchange
        self._close()
        if exchange is not None:
            exchange.lost()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._host.left(self)
        if self._exchange is not None:
            self._exchange.lost()

    def pause_writing(self) -> None:
        self.write_paused = True
        self._due_in(self._host.limits.stall_s)

    def resume_writing(self) -> None:
        self.write_paused = False
        if self._closing:
            return
        if self._exchange is None:
            self._rest()
        else:
            self.deadline_ns = 0
            self._exchange.resume()

    # What exchanges call.

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
        """The open exchange is over: go on with the next request, or close."""
        exchange, self._exchange = self._exchange, None
        if exchange is None or self._closing:
            return
        if not keep or self._host.draining:
            self._close()
        else:
            self._rest()

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn of the loop."""
        asyncio.get_running_loop().call_soon(callback)

    # What the server calls.

    @property
    def untaken_bytes(self) -> int:
        """What the client has not taken: in the transport and in the kernel."""
        if self._closing:
            return 0
        return self.transport.get_write_buffer_size() + unacknowledged(self.transport)

    def expire(self, now_ns: int) -> None:
        """Act on a deadline that has passed; one for whoever takes nothing begins anew as bytes leave.

        There is nothing to do while ``deadline_ns`` is 0 or to come, unless ``write_paused``.
        """
        if self.write_paused and self.transport.moved():
            self._due_in(self._host.limits.stall_s)
        if not self.deadline_ns or now_ns < self.deadline_ns:
            return
        self.deadline_ns = 0
        if self._closing or self.write_paused:
            self.transport.abort()
        elif self._too_many:
            self._refuse(Overloaded())
        elif self._buffer or self._expects is not None:
            self._refuse(RequestTooSlow())
        else:
            self._close()

    def drain(self, *, newcomers: bool) -> None:
        """Close unless a response is open, or, unless ``newcomers`` go too, nothing has been asked."""
        if self._exchange is None and not self._closing and (newcomers or self._has_asked):
            self._close()

    def cut(self) -> None:
        """Close now, whatever is open, without ending the response."""
        if self._exchange is not None:
            self._exchange.abort()
        elif not self._closing:
            self._close()

    # Requests, one after the other.

    def _answered_at_hand(self, data: bytes) -> bool:
        """Answer, if it is one request whose answer lies ready; most of a crowd's are.

        No exchange is made of it: nothing is held, and nothing can go wrong on the way.
        """
        ready = (
            None
            if self._closing or self.write_paused
            else self._host.lies_ready(data, self._peer or "", self._proxies)
        )
        if ready is None:
            return False
        answer, ends = ready
        self._has_asked = True
        self.deadline_ns = self._host.clock.monotonic_ns() + self._host.idle_ns
        self.transport.write(answer)
        if ends:
            self._close()
        return True

    def _rest(self) -> None:
        """Between two requests: let go on what was read ahead, start the idle time."""
        self._at_rest = not self._buffer and self._has_at_hand
        idle_ns = int(self._host.limits.head_s * 1e9) if self._buffer else self._host.idle_ns
        self.deadline_ns = self._host.clock.monotonic_ns() + idle_ns
        self._host.timed[self] = None
        self._resume_reading()
        if self._buffer and not self._advancing:
            self._advance()

    @property
    def _has_at_hand(self) -> bool:
        return self._host.at_hand is not None and self._app is self._host.app

    def _advance(self) -> None:
        """Start as many of the buffered requests as are answered at once."""
        if self._advancing:
            return
        self._advancing = True
        try:
            for _ in range(_REQUESTS_PER_TURN):
                if self._exchange is not None or self._closing or self.write_paused:
                    return
                request = self._next_request()
                if request is None:
                    return
                self._start(request)
                if not self._buffer:
                    return
        except RostraError as error:
            self._refuse(error)
            return
        finally:
            self._advancing = False
        self.soon(self._advance)

    def _next_request(self) -> Request | None:
        """Take one whole request off the buffer; None while it is incomplete."""
        if self._expects is None and not self._take_head():
            return None
        request = self._expects
        if request is None or len(self._buffer) < self._body_bytes:
            return None
        self._expects = None
        if self._body_bytes:
            request = structs.replace(request, body=self._buffer[: self._body_bytes])
            self._buffer = self._buffer[self._body_bytes :]
        return request

    def _take_proxy_head(self) -> bool:
        """Take what a proxy says of the connection off the buffer; False while it is incomplete."""
        head = read_head(self._buffer)
        if head is None:
            return False
        self._headless = False
        self._peer = head.peer or self._peer
        self._buffer = self._buffer[head.size :]
        return True

    def _take_head(self) -> bool:
        if self._headless and not self._take_proxy_head():
            return False
        if self._buffer and self._buffer[0] in b"\r\n":
            self._buffer = self._buffer.lstrip(b"\r\n")
        if not self._buffer:
            return False
        limits = self._host.limits
        end = self._buffer.find(b"\r\n\r\n", 0, limits.head_bytes)
        if end < 0:
            if len(self._buffer) >= limits.head_bytes:
                raise HeadTooLarge
            if not self._buffer[:1].isupper() or _BARE_LINE_END.search(self._buffer):
                raise MalformedRequest
            return False
        request = self._host.heads.parse(
            self._buffer[: end + 4], peer=self._peer or "", proxies=self._proxies
        )
        self._body_bytes = body_length(request, limits)
        self._buffer = self._buffer[end + 4 :]
        self._expects = request
        if len(self._buffer) < self._body_bytes and b"expect" in request.headers:
            self.transport.write(_CONTINUE)
        return True

    def _start(self, request: Request) -> None:
        if self._too_many:
            answer = self._host.overload(request)
            self._turn_away(answer if request.method != "HEAD" else answer[: answer.index(b"\r\n\r\n") + 4])
            return
        exchange = Exchange(self, head_only=request.method == "HEAD", keep_alive=request.keep_alive)
        self._exchange = exchange
        self._has_asked = True
        self.deadline_ns = 0
        respond(self._app, request, exchange, refuse=self._host.refusal)

    def answer_first(self, request: Request) -> None:
        """Answer what was read before there was a connection: this one request, whole."""
        self._buffer = b""
        self._expects, self._body_bytes = request, 0
        self._advance()

    def go_on(self, unsent: bytes, *, ends: bool) -> None:
        """Send what is ``unsent`` of an answer at hand that was begun on the doorstep, and wait for more.

        ``ends``: or for nothing more.
        """
        if self._closing:
            return
        self._has_asked = True
        self.transport.write(unsent)
        if ends:
            self._close()
        elif not self.write_paused:  # else once that is taken
            self._rest()

    def take_over(self, exchange: Exchange, unsent: bytes, *, keep: bool) -> None:
        """Go on with an answer that was begun before there was a connection, unless there is none for it.

        ``keep``: another request may follow where the answer is whole.
        """
        if self._closing:
            exchange.lost()
            return
        self._too_many, self._has_asked, self.deadline_ns = False, True, 0
        self._at_rest = False
        if not exchange.closed:
            self._exchange = exchange
            exchange.move(self)
        if unsent:
            self.transport.write(unsent)
        if exchange.closed and not keep:
            self._close()
        elif self.write_paused:
            return
        elif exchange.closed:
            self._rest()
        else:
            exchange.resume()

    # Ends.

    def _refuse(self, error: RostraError) -> None:
        """Say why, then close."""
        request = overheard(self._buffer) if self._expects is None else self._expects
        self._turn_away(self._host.refusal(error, request))

    def _turn_away(self, answer: bytes) -> None:
        """Answer and close; what still comes is swallowed, as a reset could overtake the answer."""
        self.transport.write(dated(answer, self._host.date))
        self._closing = True
        self._buffer = b""
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._due_in(self._host.limits.linger_s)
        self._resume_reading()

    def _close(self) -> None:
        """Close once everything written is out, or when that takes too long."""
        self._closing = True
        self._buffer = b""
        self.transport.close()
        self._due_in(self._host.limits.head_s)

    def _swallow(self, count: int) -> None:
        self._lingered += count
        if self._lingered > _LINGER_BYTES:
            self.transport.abort()

    def _hold_reading(self) -> None:
        if len(self._buffer) > _PIPELINED_BYTES and not self._reading_paused:
            self._reading_paused = True
            self.transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused:
            self._reading_paused = False
            self.transport.resume_reading()

    def _due_in(self, seconds: float) -> None:
        self.deadline_ns = self._host.clock.monotonic_ns() + int(seconds * 1e9)
        self._host.timed[self] = None
