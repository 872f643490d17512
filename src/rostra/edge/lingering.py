"""Who asks for the segment after the last, as players do that follow a manifest and know of no end yet.

They read the manifest every so often and go on by number meanwhile. Refused at once, some ask a few times
within a second and give up before they hear of it, as RxPlayer 4 does, and others complain of each. So they
are held until they have read it once more, or must have. Whoever asks for stretches is not held: the refusal
is how they learn of the end.
"""

from __future__ import annotations

from rostra.core.clock import Clock
from rostra.edge.holding import Holding
from rostra.media.dash import UPDATE_S
from rostra.serving.exchange import Exchange

KNOWN_NS = (UPDATE_S + 2) * 1_000_000_000
"""After the end: a player has read the manifest again, and a slow one too. No longer than caches wait."""

Follower = bytes
"""A listener who follows a manifest, by id; nothing where a cache asks, or whoever names none."""


class Lingering:
    """Answers that have not begun. Renders nothing and writes nothing."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._ahead: Holding[Follower] = Holding()
        """Who asked before anything of the segment was there."""
        self._held: Holding[Follower] = Holding()
        self._told: set[Follower] = set()
        """Who has read of the end."""
        self._until_ns: int | None = None
        """Until when they are held (monotonic), once the programme has ended."""

    @property
    def count(self) -> int:
        """Those now held."""
        return len(self._held)

    def ahead(self, exchange: Exchange, follower: Follower) -> None:
        """Remember that this one may be held at the end."""
        self._ahead.hold(exchange, follower)

    def close(self) -> None:
        """The programme has ended just now."""
        self._until_ns = self._clock.monotonic_ns() + KNOWN_NS

    def hold(self, exchange: Exchange, follower: Follower) -> bool:
        """Hold one who may not know of the end; say whether that is so."""
        if not self._is_on or follower in self._told:
            return False
        self._held.hold(exchange, follower)
        return True

    def keep(self, exchange: Exchange) -> bool:
        """Hold one who was there before the end; say whether it is one."""
        follower = self._ahead.get(exchange)
        return follower is not None and self.hold(exchange, follower)

    def told(self, follower: Follower) -> list[Exchange]:
        """They have just read of the end: return what is held of theirs, to be let go. No more of it is held.

        Some may have read it at another worker: they are held like those who have not.
        """
        if self._is_on:
            self._told.add(follower)
        return [exchange for exchange, each in self._held.items() if each == follower]

    def over(self) -> list[Exchange]:
        """Return those who must know by now, to be let go."""
        if self._is_on:
            return []
        self._told.clear()
        return self.everyone()

    def everyone(self) -> list[Exchange]:
        """All that are held."""
        return list(self._held)

    @property
    def _is_on(self) -> bool:
        return self._until_ns is not None and self._clock.monotonic_ns() < self._until_ns
