"""One ticket, one place: a newer stream on a ticket ends the older.

A *stream* is an answer that goes on as the programme does: live segments in the making, some that are
waited for, or the radio. Playlists, parts and whole segments are none. Decides which give way and
ends them; other workers' streams come in as messages, this worker's go out the same way. Does no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from rostra.core.clock import Clock
from rostra.core.errors import Conflict
from rostra.edge import answers
from rostra.edge.alike import Alike
from rostra.edge.begun import Begun, pack, unpack
from rostra.serving.exchange import Exchange

RADIO: Final = "radio"
"""In place of a rendition: the endless stream."""
MOST_UNTOLD = 8_000
"""Streams begun since the last message to other workers. Further ones stay untold: their listeners
begin another within a minute."""


class InUseElsewhere(Conflict):
    """This listening link is in use somewhere else now. Open the event page to get a new one."""

    code = "in_use_elsewhere"


class Stream(msgspec.Struct, frozen=True, gc=False):
    """What one stream carries, and to where."""

    rendition: str
    first: int
    """Segment; 0 for the radio."""
    last: int
    """Segment."""
    peer: bytes
    """What :func:`trace` leaves of the address that connected."""


def trace(listener: bytes, peer: str) -> bytes:
    """Return two bytes that tell one listener's addresses apart, and are an address to nobody.

    Keyed with the listener (BLAKE2, RFC 7693), so that all workers say the same and no two listeners
    compare; so short that 65,536 addresses of IPv4 share each. One stranger in so many passes for the player.
    """
    return blake2b(peer.encode(), digest_size=2, key=listener, person=b"rostra.trace").digest()


def gives_way(older: Stream | Begun, newer: Stream | Begun) -> bool:
    """Whether ``older`` ends now that its ticket's ``newer`` has begun.

    A player opens the next stretch before the present one ends. One that takes several renditions side
    by side (FFmpeg does, of a DASH manifest) takes them from one address, in step. All else is a
    second device, or the half-dead connection of a player that is back.
    """
    if RADIO in {older.rendition, newer.rendition}:
        return True
    if older.rendition == newer.rendition:
        return newer.first != older.last + 1
    return older.peer != newer.peer or abs(newer.first - older.first) > 1


class _Open:
    """A stream of this worker, and the one on the same ticket that began before it and goes on."""

    __slots__ = ("_streams", "begun", "exchange", "older")

    def __init__(self, streams: Streams, begun: Begun, exchange: Exchange, older: _Open | None) -> None:
        self._streams = streams
        self.begun = begun
        self.exchange = exchange
        self.older = older

    def over(self, _exchange: Exchange) -> None:
        """Its exchange is over."""
        self._streams.over(self)

    def all(self) -> list[_Open]:
        """It, and those before it."""
        every, each = [self], self.older
        while each is not None:
            every.append(each)
            each = each.older
        return every


class Streams:
    """All streams of one worker, by listener."""

    def __init__(self, *, worker: int, clock: Clock) -> None:
        self.open_count = 0
        """Streams now open."""
        self.ended = 0
        """Streams that gave way to a newer one."""
        self._worker = worker
        self._clock = clock
        self._alike = Alike()
        self._open: dict[bytes, _Open] = {}
        """The newest of each listener: few have another, so there is no list for each."""
        self._untold: list[Begun] = []

    def began(self, listener: bytes, stream: Stream, exchange: Exchange) -> None:
        """Take note of an answer that has just begun, or is held; older ones that clash with it end."""
        if exchange.closed:
            return
        one, at_ms = self._alike.one, self._clock.utc_ns() // 1_000_000
        first, last = one(stream.first), one(stream.last)
        begun = Begun(listener, one(stream.rendition), first, last, stream.peer, one(at_ms))
        for each in self._of(listener):
            if gives_way(each.begun, begun):
                self._end(each)
        mine = self._open[listener] = _Open(self, begun, exchange, self._open.get(listener))
        self.open_count += 1
        exchange.watch(mine)
        if len(self._untold) < MOST_UNTOLD:
            self._untold.append(begun)

    def take_begun(self) -> bytes:
        """Return the streams begun here since the last call, packed for other workers."""
        begun, self._untold = self._untold, []
        return pack(begun)

    def take_others(self, worker: int, begun: bytes) -> None:
        """Another worker has begun these; what is older here and clashes ends. One's own are passed over."""
        if worker == self._worker:
            return
        for newer in unpack(begun):
            for each in self._of(newer.listener):
                is_older = (each.begun.at_ms, self._worker) < (newer.at_ms, worker)
                if is_older and gives_way(each.begun, newer):
                    self._end(each)

    def _of(self, listener: bytes) -> Sequence[_Open]:
        newest = self._open.get(listener)
        return newest.all() if newest is not None else ()

    def _end(self, gone: _Open) -> None:
        """Break it off, so that its client notices: a held answer by a refusal, an open one at once."""
        self.ended += 1
        if gone.exchange.begun:
            gone.exchange.drop()
        else:
            gone.exchange.send(answers.refusal(InUseElsewhere()))

    def over(self, gone: _Open) -> None:
        """One of ours is over."""
        listener, self.open_count = gone.begun.listener, self.open_count - 1
        for newer in self._of(listener):
            if newer.older is gone:
                newer.older = gone.older
                return
        if gone.older is None:
            del self._open[listener]
        else:
            self._open[listener] = gone.older
