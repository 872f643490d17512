"""One request's answer in the making: what an application holds while it responds.

Order among pipelined requests is the connection's business: it starts the next exchange only
when this one is over. A write never blocks; who writes without end looks at ``buffered_bytes``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from rostra.serving.backlog import unacknowledged
from rostra.serving.response import LAST_CHUNK

Deliver = Callable[[bytes | Exception | None], None]
"""Takes the next piece of an answer, a failure to read it, or None at its end."""


class Channel(Protocol):
    """What an exchange needs of its connection."""

    transport: asyncio.Transport
    write_paused: bool

    def finished(self, *, keep: bool) -> None:
        """The exchange is over; ``keep``: the connection may carry another."""

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn of the loop."""


class Watcher(Protocol):
    """What wants to know when exchanges are over, and is shared by many or there anyway."""

    def over(self, exchange: Exchange) -> None:
        """That exchange is over."""


class Exchange:
    """Answer by :meth:`send`, or :meth:`begin` … :meth:`end`, or :meth:`stream`. Later calls do nothing.

    All methods are for the loop's own thread. After ``closed`` nothing reaches the client any more.
    """

    __slots__ = (
        "_begun",
        "_channel",
        "_chunked",
        "_head_only",
        "_keep_alive",
        "_on_close",
        "_read",
        "_reading",
        "_transport",
        "_watchers",
        "closed",
    )

    def __init__(self, channel: Channel, *, head_only: bool, keep_alive: bool) -> None:
        self._channel = channel
        self._transport = channel.transport
        self._head_only = head_only
        self._keep_alive = keep_alive
        self._chunked = False
        self._begun = False
        self._read: Callable[[Deliver], None] | None = None
        self._reading = False
        self._on_close: list[Callable[[], None]] | None = None
        self._watchers: list[Watcher] | None = None
        self.closed = False

    @property
    def buffered_bytes(self) -> int:
        """Bytes that the client has not taken and the kernel would not hold."""
        return 0 if self.closed else self._transport.get_write_buffer_size()

    @property
    def head_only(self) -> bool:
        """Whether only the head is asked for (HEAD)."""
        return self._head_only

    @property
    def unacknowledged_bytes(self) -> int:
        """Bytes that the kernel holds until the client acknowledges them (tcp(7), SIOCOUTQ)."""
        return 0 if self.closed else unacknowledged(self._transport)

    @property
    def begun(self) -> bool:
        """Whether the response's head is out, so that only :meth:`abort` can still tell of a failure."""
        return self._begun

    def on_close(self, callback: Callable[[], None]) -> None:
        """Call back once when the exchange is over for whatever reason."""
        self._on_close = [*(self._on_close or ()), callback]

    def watch(self, watcher: Watcher) -> None:
        """The same without a closure for each: at ten thousand listeners, half a kilobyte each counts."""
        if self._watchers is None:
            self._watchers = [watcher]
        else:
            self._watchers.append(watcher)

    def send(self, response: bytes) -> None:
        """Write a whole rendered response. To HEAD only its head goes out."""
        if self.closed or self._begun:
            return
        if self._head_only:
            response = response[: response.index(b"\r\n\r\n") + 4]
        self._transport.write(response)
        self._close(keep=True)

    def begin(self, head: bytes, *, chunked: bool = True) -> None:
        """Write the head of a streamed response; without ``chunked`` the stream ends with the connection."""
        if self.closed or self._begun:
            return
        self._begun = True
        self._chunked = chunked
        self._transport.write(head)
        if self._head_only:
            self._close(keep=chunked)

    def write(self, data: bytes) -> None:
        """Write bytes of a begun response as they are: a chunked one's are framed already."""
        if not self.closed:
            self._transport.write(data)

    def feed(self, data: bytes) -> int:
        """Write as :meth:`write` does; return the bytes that the client had not taken before."""
        if self.closed:
            return 0
        untaken = self._transport.get_write_buffer_size()
        self._transport.write(data)
        return untaken

    def finish(self, data: bytes) -> None:
        """Write the last bytes of a begun response, framing and last chunk included, and end it."""
        if not self.closed:
            self._transport.write(data)
            self._close(keep=self._chunked)

    def end(self) -> None:
        """End a begun response: by its last chunk, or by closing the connection."""
        if self.closed:
            return
        if self._chunked:
            self._transport.write(LAST_CHUNK)
        self._close(keep=self._chunked)

    def abort(self) -> None:
        """Close the connection without ending the response, so that no cache keeps it. Flushes first."""
        if not self.closed:
            self._close(keep=False)

    def drop(self) -> None:
        """Close the connection at once and throw away what the client did not take."""
        if not self.closed:
            self._transport.abort()
            self._close(keep=False)

    def stream(self, head: bytes, read: Callable[[Deliver], None]) -> None:
        """Write a head with a Content-Length, then piece after piece as fast as the client takes them.

        ``read`` is asked for one piece at a time and delivers it at once or in a later turn of the loop.
        At most one piece is buffered beyond the transport's high-water mark. An error while reading
        closes the connection and is raised to the loop's handler.
        """
        if self.closed or self._begun:
            return
        self._begun = True
        self._transport.write(head)
        if self._head_only:
            self._close(keep=True)
            return
        self._read = read
        self._pump()

    def resume(self) -> None:
        """For the connection: the client took what was buffered."""
        if self._read is not None:
            self._pump()

    def lost(self) -> None:
        """For the connection: the client is gone."""
        self._close(keep=False)

    def _pump(self) -> None:
        if self.closed or self._read is None or self._reading:
            return
        self._reading = True
        try:
            self._read(self._took)
        except Exception:
            self.abort()
            raise

    def _took(self, piece: bytes | Exception | None) -> None:
        self._reading = False
        if self.closed:
            return
        if isinstance(piece, Exception):
            self.abort()
            raise piece
        if piece is None:
            self._close(keep=True)
            return
        self._transport.write(piece)
        if not self._channel.write_paused:
            self._channel.soon(self._pump)

    def _close(self, *, keep: bool) -> None:
        if self.closed:
            return
        self.closed = True
        self._read = None
        for callback in self._on_close or ():
            callback()
        for watcher in self._watchers or ():
            watcher.over(self)
        self._channel.finished(keep=keep and self._keep_alive)
