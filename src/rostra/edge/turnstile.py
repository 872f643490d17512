"""Lets in who has a ticket, and knows who is here.

A ticket is checked in full once and known by its characters from then on. Its first use must come
before its *admit-by*, unless its listener is here already or this worker is younger than a minute:
then a restart of everything ejects nobody (docs/decisions/0003). Tells nobody; does no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rostra.admission.tickets import Keyring, check
from rostra.core.clock import Clock
from rostra.core.errors import RostraError, TicketExpired, Unavailable
from rostra.core.ids import SpaceId
from rostra.core.samples import SEGMENT, nanoseconds
from rostra.serving.exchange import Exchange

YOUNG_NS = 60_000_000_000
PRESENT_NS = nanoseconds(2 * SEGMENT)
"""A listener without an open answer counts for this long after the last request."""
MOST_KNOWN = 200_000
"""Tickets remembered; beyond, the one longest known is forgotten and would be checked again."""


class Listener:
    """Somebody with a ticket."""

    __slots__ = ("end_s", "id", "open", "seen_ns", "space")

    def __init__(self, space: SpaceId, id: bytes, end_s: int) -> None:
        self.space = space
        self.id = id
        self.end_s = end_s
        self.open = 0
        """Answers now open."""
        self.seen_ns = 0


class Turnstile:
    """One per worker."""

    def __init__(self, *, clock: Clock) -> None:
        self.refused: Counter[str] = Counter()
        """Tickets refused, by code."""
        self._clock = clock
        self._born_ns = clock.monotonic_ns()
        self._keyring: Keyring | None = None
        self._known: dict[str, Listener] = {}
        self._ids: dict[bytes, None] = {}
        self._present: dict[Listener, None] = {}
        self._fresh: list[bytes] = []

    @property
    def present(self) -> int:
        """How many are here, or were a moment ago."""
        return len(self._present)

    def take_keys(self, keyring: Keyring) -> None:
        """Check with these keys from now on."""
        self._keyring = keyring

    def admit(self, text: str, space: SpaceId) -> Listener:
        """Return whose ticket it is. Raises TicketInvalid, TicketExpired, Unavailable without keys."""
        now_s = self._clock.utc_ns() // 1_000_000_000
        listener = self._known.get(text)
        if listener is None or listener.space != space or now_s > listener.end_s:
            try:
                listener = self._check(text, space, now_s)
            except RostraError as error:
                self.refused[error.code] += 1
                raise
        listener.seen_ns = self._clock.monotonic_ns()
        self._present[listener] = None
        return listener

    def hold(self, listener: Listener, exchange: Exchange) -> None:
        """Count a listener as present until the exchange is over."""
        listener.open += 1
        exchange.on_close(lambda: self._left(listener))

    def take_others(self, ids: Iterable[bytes]) -> None:
        """Other workers have let these listeners in."""
        for each in ids:
            self._remember(each)

    def take_fresh(self) -> tuple[bytes, ...]:
        """Return the listeners let in since the last call, for other workers."""
        fresh, self._fresh = tuple(self._fresh), []
        return fresh

    def count(self) -> Counter[SpaceId]:
        """How many listen now, by space."""
        since_ns = self._clock.monotonic_ns() - PRESENT_NS
        gone = [each for each in self._present if not each.open and each.seen_ns < since_ns]
        for listener in gone:
            del self._present[listener]
        return Counter(listener.space for listener in self._present)

    def _left(self, listener: Listener) -> None:
        listener.open -= 1
        listener.seen_ns = self._clock.monotonic_ns()

    def _check(self, text: str, space: SpaceId, now_s: int) -> Listener:
        if self._keyring is None:
            raise Unavailable
        ticket = check(self._keyring, text, space=space, now_s=now_s)
        young = self._clock.monotonic_ns() - self._born_ns < YOUNG_NS
        if now_s > ticket.admit_by_s and ticket.listener not in self._ids and not young:
            raise TicketExpired
        if ticket.listener not in self._ids:
            self._fresh.append(ticket.listener)
        self._remember(ticket.listener)
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        listener = self._known[text] = Listener(space, ticket.listener, ticket.end_s)
        return listener

    def _remember(self, id: bytes) -> None:
        if len(self._ids) >= MOST_KNOWN:
            del self._ids[next(iter(self._ids))]
        self._ids[id] = None
