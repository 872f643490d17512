"""One request's answer in the making: what an application holds while it responds.

Order among pipelined requests is the connection's business: it starts the next exchange only
when this one is over. A write never blocks; who writes without end looks at ``buffered_bytes``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from rostra.serving.backlog import unacknowledged
from rostra.serving.response import LAST_CHUNK, dated

Deliver = Callable[[bytes | Exception | None], None]
"""Takes the next piece of an answer, a failure to read it, or None at its end."""
_HEAD_ONLY, _KEEP_ALIVE, _BEGUN, _CHUNKED = 1, 2, 4, 8
"""What there is to say of an exchange, in one number: thousands of them are open."""


class Transport(Protocol):
    """What an exchange needs of its connection's transport (:class:`asyncio.Transport`)."""

    descriptor: int
    """Of a socket that takes plain bytes; negative where it is no such socket."""

    def took(self, data: bytes, result: int) -> None:
        """``data`` was sent on the descriptor, which did not take all of it, but as send(2) says."""

    def write(self, data: bytes) -> None:
        """Send, now or later."""

    def get_write_buffer_size(self) -> int:
        """Bytes that wait to be sent."""

    def get_extra_info(self, name: str) -> Any:
        """Its ``socket``."""

    def abort(self) -> None:
        """Close at once."""


class _Gone:
    """The transport of an exchange that is over."""

    descriptor = -1

    def took(self, data: bytes, result: int) -> None:
        """Nothing was sent."""

    def write(self, data: bytes) -> None:
        """To nobody."""

    def get_write_buffer_size(self) -> int:
        """Nothing waits."""
        return 0

    def get_extra_info(self, name: str) -> None:
        """There is none."""

    def abort(self) -> None:
        """It is over."""


_GONE: Final = _Gone()


class Channel(Protocol):
    """What an exchange needs of its connection."""

    write_paused: bool

    @property
    def transport(self) -> Transport:
        """What to write to."""

    @property
    def brisk(self) -> bool:
        """Whether an answer should end its connection, unless the client asks for more at once."""

    @property
    def cramped(self) -> bool:
        """Whether it should even then."""

    @property
    def date(self) -> bytes:
        """The line of a head that tells this second."""

    def finished(self, *, keep: bool) -> None:
        """The exchange is over; ``keep``: the connection may carry another."""

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn of the loop."""


class Watcher(Protocol):
    """What wants to know when exchanges are over, and is shared by many or there anyway."""

    def over(self, exchange: Exchange) -> None:
        """That exchange is over."""


class Company(Protocol):
    """Those who are written to together (:mod:`rostra.serving.recipients`)."""

    def leave(self, seat: int) -> None:
        """Whoever sat there is over, or goes elsewhere."""

    def moved(self, seat: int, descriptor: int) -> None:
        """Whoever sits there is reached by another descriptor from now on."""


class Exchange:
    """Answer by :meth:`send`, or :meth:`begin` … :meth:`end`, or :meth:`stream`. Later calls do nothing.

    All methods are for the loop's own thread. After ``closed`` nothing reaches the client any more; it refers
    to nobody who watched it then, so that its memory is free at once and no collector has to look for it.
    """

    __slots__ = ("_channel", "_said", "_seat", "_source", "_watchers", "closed", "company", "transport")

    def __init__(self, channel: Channel, *, head_only: bool, keep_alive: bool) -> None:
        self._channel = channel
        self.transport: Transport = channel.transport
        self._said = (_HEAD_ONLY if head_only else 0) | (_KEEP_ALIVE if keep_alive else 0)
        self._source: _Source | None = None
        self._watchers: tuple[Watcher, ...] = ()
        self.company: Company | None = None
        """Those it is written to together with."""
        self._seat = 0
        self.closed = False

    @property
    def buffered_bytes(self) -> int:
        """Bytes that the client has not taken and the kernel would not hold."""
        return 0 if self.closed else self.transport.get_write_buffer_size()

    @property
    def head_only(self) -> bool:
        """Whether only the head is asked for (HEAD)."""
        return bool(self._said & _HEAD_ONLY)

    @property
    def unacknowledged_bytes(self) -> int:
        """Bytes that the kernel holds until the client acknowledges them (tcp(7), SIOCOUTQ)."""
        return 0 if self.closed else unacknowledged(self.transport)

    @property
    def begun(self) -> bool:
        """Whether the response's head is out, so that only :meth:`abort` can still tell of a failure."""
        return bool(self._said & _BEGUN)

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call back once when the exchange is over for whatever reason."""
        self.watch(_Calling(callback))

    def watch(self, watcher: Watcher) -> None:
        """The same without a closure for each: at ten thousand listeners, half a kilobyte each counts."""
        self._watchers = (*self._watchers, watcher)

    def sit(self, company: Company, seat: int) -> None:
        """For those it is written to together with: it has this seat among them, and none elsewhere."""
        self.company, self._seat = company, seat

    def rise(self) -> None:
        """Leave them."""
        company, self.company = self.company, None
        if company is not None:
            company.leave(self._seat)

    def send(self, response: bytes, *, more: bool = False) -> None:
        """Write a whole rendered response. To HEAD only its head goes out.

        Where connections are short it says that this one ends (RFC 9112 section 9.6), so that the client asks
        nothing more on it; not yet where ``more`` is asked for at once, as after a page.
        """
        if self.closed or self._said & _BEGUN:
            return
        if self._said & _HEAD_ONLY:
            response = response[: response.index(b"\r\n\r\n") + 4]
        ends = self._channel.cramped if more else self._channel.brisk
        closes = ends and bool(self._said & _KEEP_ALIVE)
        self.transport.write(dated(response, self._channel.date, closes=closes))
        self._close(keep=not ends)

    def begin(self, head: bytes, *, chunked: bool = True) -> None:
        """Write the head of a streamed response; without ``chunked`` the stream ends with the connection."""
        if self.closed or self._said & _BEGUN:
            return
        self.transport.write(head)
        self.has_begun(chunked=chunked)

    def has_begun(self, *, chunked: bool = True) -> None:
        """The same where the head is written already."""
        self._said |= _BEGUN | _CHUNKED if chunked else _BEGUN
        if self._said & _HEAD_ONLY:
            self._close(keep=chunked)

    def write(self, data: bytes) -> None:
        """Write bytes of a begun response as they are: a chunked one's are framed already."""
        if not self.closed:
            self.transport.write(data)

    def feed(self, data: bytes) -> int:
        """Write as :meth:`write` does; return the bytes that the client had not taken before."""
        if self.closed:
            return 0
        untaken = self.transport.get_write_buffer_size()
        self.transport.write(data)
        return untaken

    def finish(self, data: bytes) -> None:
        """Write the last bytes of a begun response, framing and last chunk included, and end it."""
        if not self.closed:
            self.transport.write(data)
            self.has_ended()

    def has_ended(self) -> None:
        """The same where those are written already."""
        self._close(keep=bool(self._said & _CHUNKED))

    def end(self) -> None:
        """End a begun response: by its last chunk, or by closing the connection."""
        self.finish(LAST_CHUNK if self._said & _CHUNKED else b"")

    def abort(self) -> None:
        """Close the connection without ending the response, so that no cache keeps it. Flushes first."""
        if not self.closed:
            self._close(keep=False)

    def drop(self) -> None:
        """Close the connection at once and throw away what the client did not take."""
        if not self.closed:
            self.transport.abort()
            self._close(keep=False)

    def stream(self, head: bytes, read: Callable[[Deliver], None]) -> None:
        """Write a head with a Content-Length, then piece after piece as fast as the client takes them.

        ``read`` is asked for one piece at a time and delivers it at once or in a later turn of the loop.
        At most one piece is buffered beyond the transport's high-water mark. An error while reading
        closes the connection and is raised to the loop's handler.
        """
        if self.closed or self._said & _BEGUN:
            return
        self._said |= _BEGUN
        self.transport.write(dated(head, self._channel.date))
        if self._said & _HEAD_ONLY:
            self._close(keep=True)
            return
        self._source = _Source(read)
        self._pump()

    def move(self, channel: Channel) -> None:
        """For the connection: it carries this answer from now on."""
        self._channel, self.transport = channel, channel.transport
        if self.company is not None:
            self.company.moved(self._seat, self.transport.descriptor)

    def resume(self) -> None:
        """For the connection: the client took what was buffered."""
        if self._source is not None:
            self._pump()

    def lost(self) -> None:
        """For the connection: the client is gone."""
        self._close(keep=False)

    def _pump(self) -> None:
        source = self._source
        if self.closed or source is None or source.reading:
            return
        source.reading = True
        try:
            source.read(self._took)
        except Exception:
            self.abort()
            raise

    def _took(self, piece: bytes | Exception | None) -> None:
        if self.closed or self._source is None:
            return
        self._source.reading = False
        if isinstance(piece, Exception):
            self.abort()
            raise piece
        if piece is None:
            self._close(keep=True)
            return
        self.transport.write(piece)
        if not self._channel.write_paused:
            self._channel.soon(self._pump)

    def _close(self, *, keep: bool) -> None:
        if self.closed:
            return
        self.closed = True
        self.transport = _GONE
        self._source = None
        self.rise()
        watchers, self._watchers = self._watchers, ()
        for watcher in watchers:
            watcher.over(self)
        self._channel.finished(keep=keep and bool(self._said & _KEEP_ALIVE))


class _Source:
    """Where a streamed answer's pieces come from, and whether one is being read."""

    __slots__ = ("read", "reading")

    def __init__(self, read: Callable[[Deliver], None]) -> None:
        self.read = read
        self.reading = False


class _Calling:
    """A watcher that calls back."""

    __slots__ = ("_callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback = callback

    def over(self, _exchange: Exchange) -> None:
        self._callback()
