"""Tickets given out and not seen in use yet: who has one fills a place, though no edge counts them.

A ticket that is not used by its *admit-by* frees its place. Those by reserved links are counted for as long
as they are in use, and again when they resume. Fed by what edge workers tell of who is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rostra.admission.resuming import Resuming
from rostra.admission.room import Kind
from rostra.bus.messages import Present
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.gateway.attendance import Attendance
from rostra.gateway.leaving import Leaving

RESUME_NS: Final = 300_000_000_000
"""For so long whoever left comes back by the same ticket, past the door."""


@dataclass(frozen=True, slots=True)
class Called:
    """A number in line by which somebody was let in."""

    line: Kind
    number: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """Somebody was let in and never came: their ticket is past its *admit-by*."""

    space: SpaceId
    called: Called
    link: bytes
    """The reserved link that they had come by; empty for others."""


@dataclass(frozen=True, slots=True)
class LinkUse:
    """Somebody who came by a reserved link is inside, or is no longer."""

    space: SpaceId
    listener: bytes
    link: bytes
    inside: bool


class TicketsOut:
    """Of all spaces, by listener's id."""

    def __init__(self, *, clock: Clock) -> None:
        self.here = Attendance(clock=clock)
        self.leaving = Leaving(clock=clock)
        self._clock = clock
        self._unused: dict[bytes, tuple[SpaceId, int]] = {}
        """With its *admit-by*."""
        self._called: dict[bytes, Called] = {}
        """Of those: who holds a number."""
        self._until: dict[int, list[bytes]] = {}
        """Who was given one, by its *admit-by*: of those there are few."""
        self._count: Counter[SpaceId] = Counter()
        self._reserved: dict[bytes, tuple[SpaceId, bytes]] = {}
        """Who came by which reserved link, and is inside or has left lately."""
        self._away: dict[bytes, int] = {}
        """Of those, who has left, and when: the longest ago first."""
        self._resuming = Resuming()
        self._inside: Counter[SpaceId | bytes] = Counter()
        """How many of those are inside, by space and by link."""
        self._link_uses: list[LinkUse] = []
        """What has changed of them; the door takes it out at every turn."""
        self._unsettled: set[bytes] = set()
        """Those of them whom a process before this one had inside, until all edges have told who is there."""

    def give(
        self,
        listener: bytes,
        space: SpaceId,
        *,
        until_s: int,
        called: Called | None = None,
        link: bytes = b"",
    ) -> None:
        """A ticket was given out, good for its first use until ``until_s``.

        ``called``: to whom; ``link``: of the reserved link that it came by.
        """
        self._count[space] += listener not in self._unused
        self._unused[listener] = (space, until_s)
        self._until.setdefault(until_s, []).append(listener)
        if called is not None:
            self._called[listener] = called
        if link:
            self._reserved[listener] = (space, link)
            self._enter(listener, 1)

    def resume(self, space: SpaceId, inside: Mapping[bytes, bytes]) -> None:
        """Count those whom a process before this one had inside by reserved links: listener and link.

        Whoever is at no edge, once all have told, has left.
        """
        for listener, link in inside.items():
            if listener not in self._reserved:
                self._reserved[listener] = (space, link)
                self._enter(listener, 1)
                self._unsettled.add(listener)

    def link_uses(self) -> list[LinkUse]:
        """Take out who came in by reserved links, or left, since this was asked last."""
        changed, self._link_uses = self._link_uses, []
        return changed

    def holds(self, listener: bytes) -> bool:
        """Whether somebody has their place still: they listen, or have a ticket that is to be used."""
        return listener in self._unused or listener in self.here

    def has_seat(self, listener: bytes) -> bool:
        """Whether there is a seat that a listener may take along to where their space goes on."""
        if listener in self.leaving:
            return False
        return self.holds(listener) or listener in self._resuming

    def release(self, listener: bytes, space: SpaceId) -> bool:
        """Give up a listener's seat in ``space`` at once, for one elsewhere.

        Return whether it was counted: a place kept for whoever dropped out is none.
        """
        counted, here = self.holds(listener), listener in self.here
        if listener in self._unused:
            self._use(listener)
        self._drop(listener)
        self._resuming.back((listener,))
        self.leaving.add(listener, space, here=here)
        return counted

    def until_s(self, listener: bytes) -> int | None:
        """Until when a ticket that is out may be used first; None once it is in use."""
        given = self._unused.get(listener)
        return None if given is None else given[1]

    @property
    def kept(self) -> Counter[SpaceId]:
        """Places for those who dropped out and may resume past the door, by the space that they left."""
        return self._resuming.kept(self._now_s())

    def inside(self, space: SpaceId, *, counted: int) -> int:
        """How many listen, or are about to; ``counted``: by the numbers that edge workers tell.

        Whoever goes from one worker to another may be in neither's number for a second, but is named all the
        while; of those not named yet, the number tells.
        """
        known = max(counted, self.here.count(space))
        return max(0, known - self.leaving.count(space)) + self.unused(space)

    def unused(self, space: SpaceId) -> int:
        """How many are out and not in use."""
        return self._count[space]

    def reserved_inside(self, space: SpaceId) -> int:
        """How many by reserved links listen, or are about to."""
        return self._inside[space]

    def inside_by_link(self, link: bytes) -> int:
        """How many by one reserved link listen, or are about to."""
        return self._inside[link]

    def take(self, value: Present) -> None:
        """An edge worker tells who is there."""
        came, gone = self.here.take(value)
        for listener in self._unused.keys() & came:
            self._use(listener)
        for listener in self._away.keys() & came:
            del self._away[listener]
            self._enter(listener, 1)
        self._resuming.back(came)
        self.leaving.came(came)
        self._gone(gone)

    def forget(self, now_s: int) -> list[Unheard]:
        """Let what is over go: tickets not used in time free their places; so do workers that are silent.

        Return who was called and never came. Of whom no worker could tell, nobody knows that.
        """
        unheard: list[Unheard] = []
        for listener in self._past(now_s) if not self.here.is_silent else ():
            if listener in self._unused:
                space, called = self._unused[listener][0], self._called.get(listener)
                if called is not None:
                    unheard.append(Unheard(space, called, self._reserved.get(listener, (space, b""))[1]))
                self._use(listener)
                self._drop(listener)
        self._gone(self.here.expire())
        if self._unsettled and self.here.is_whole:
            self._leave(each for each in self._unsettled if each not in self.here)
            self._unsettled.clear()
        self.leaving.expire()
        since_ns = self._clock.monotonic_ns() - RESUME_NS
        for listener in [each for each, left_ns in self._away.items() if left_ns < since_ns]:
            self._drop(listener)
        return unheard

    def _past(self, now_s: int) -> list[bytes]:
        """Take out whose *admit-by* is past, those who were given theirs for the shortest time first."""
        past = sorted(until_s for until_s in self._until if until_s < now_s)
        return [listener for until_s in past for listener in self._until.pop(until_s)]

    def _gone(self, listeners: Mapping[bytes, SpaceId]) -> None:
        left = self.leaving.gone(listeners.keys())
        self._resuming.leave({listener: listeners[listener] for listener in left}, self._now_s())
        self._leave(left)

    def _use(self, listener: bytes) -> None:
        space, _ = self._unused.pop(listener)
        self._count[space] -= 1
        self._called.pop(listener, None)

    def _leave(self, listeners: Iterable[bytes]) -> None:
        """These are at no worker any more: whoever came by a link may be back."""
        for listener in listeners:
            if listener in self._reserved and listener not in self._away:
                self._away[listener] = self._clock.monotonic_ns()
                self._enter(listener, -1)

    def _drop(self, listener: bytes) -> None:
        """Whoever came by a link comes back no more: their ticket is of no use."""
        if listener in self._reserved:
            if self._away.pop(listener, None) is None:
                self._enter(listener, -1)
            del self._reserved[listener]

    def _now_s(self) -> int:
        return self._clock.monotonic_ns() // 1_000_000_000

    def _enter(self, listener: bytes, count: int) -> None:
        space, link = self._reserved[listener]
        self._link_uses.append(LinkUse(space, listener, link, count > 0))
        for of in (space, link):
            self._inside[of] += count
            if not self._inside[of]:
                del self._inside[of]
