"""Lets in who has a ticket, and knows who is here.

A ticket is checked in full once and known by its characters from then on. Its first use must come
before its *admit-by*, unless its listener is here already or this worker is younger than a minute:
then a restart of everything ejects nobody (docs/decisions/0003). Who has left may resume for five minutes;
then their place is somebody else's. Where an epoch is given, tickets of
earlier ones have ended (docs/decisions/0006). Tells nobody; does no I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Set

from rostra.admission.tickets import BESIDE_AUDIENCE, Keyring, Ticket, check, has_ended
from rostra.core.clock import Clock
from rostra.core.errors import RostraError, TicketEnded, TicketExpired, TicketLapsed, Unavailable
from rostra.core.ids import SpaceId
from rostra.edge.alike import Alike
from rostra.media.hls import TARGET_S
from rostra.serving.exchange import Exchange

YOUNG_NS = 60_000_000_000
PRESENT_NS = 2 * TARGET_S * 1_000_000_000
"""A listener without an open answer counts for this long after the last request: two target durations."""
RESUME_NS = 300_000_000_000
"""For so long after a listener no longer counts the same ticket lets them in again, past the door."""
BEACON_S = 60
"""How often a player behind a cache says that it is there, give or take a quarter."""
BEACON_NS = round(1.5 * BEACON_S * 1e9)
"""How long it counts then."""
MOST_KNOWN = 200_000
"""Tickets remembered; beyond, the one longest known is forgotten and would be checked again."""
MOST_OPEN = 8
"""Answers open or held on one ticket. A player has two or three, FFmpeg one a rendition of a manifest."""


class LinkBusy(Unavailable):
    """Too many requests wait on this listening link. Please try again in a moment."""

    code = "link_busy"


class Listener:
    """Somebody with a ticket: what it states that matters after the first use, and what is open on it."""

    __slots__ = (
        "_clock",
        "_idle",
        "admit_by_s",
        "counts",
        "end_s",
        "epoch",
        "id",
        "open",
        "present_ns",
        "space",
    )

    def __init__(self, ticket: Ticket, *, alike: Alike, clock: Clock, idle: dict[Listener, None]) -> None:
        self._clock = clock
        self._idle = idle
        self.space = alike.one(ticket.space)
        self.id = ticket.listener
        self.admit_by_s = alike.one(ticket.admit_by_s)
        self.end_s = alike.one(ticket.end_s)
        self.epoch = ticket.epoch
        self.counts = ticket.rank != BESIDE_AUDIENCE
        self.open: tuple[Exchange, ...] = ()
        """Answers now open or held: seldom two, never more than :data:`MOST_OPEN`."""
        self.present_ns = 0
        """Until when they count without an open answer."""

    def over(self, exchange: Exchange) -> None:
        """An answer that was held is over."""
        self.open = tuple(each for each in self.open if each is not exchange)
        if not self.open:
            self._idle[self] = None
        self.seen(PRESENT_NS)

    def seen(self, for_ns: int) -> None:
        """They are here, and count for so long."""
        until_ns = self._clock.monotonic_ns() + for_ns
        if until_ns > self.present_ns:  # noqa: PLR1730 - max() takes twice as long, for every request
            self.present_ns = until_ns


class Turnstile:
    """One per worker."""

    def __init__(self, *, clock: Clock) -> None:
        self.refused: Counter[str] = Counter()
        """Tickets refused, by code."""
        self._clock = clock
        self._born_ns = clock.monotonic_ns()
        self._keyring: Keyring | None = None
        self._alike = Alike()
        self._known: dict[str, Listener] = {}
        self._ids: dict[bytes, int] = {}
        """When each was last known to be somewhere, monotonic; here it is the listener who knows better."""
        self._present: dict[Listener, None] = {}
        self._idle: dict[Listener, None] = {}
        """Those of them with no answer open: of all others it is certain that they are here."""
        self._counted: dict[SpaceId, dict[bytes, int]] = {}
        """By space, ids of those of them who count, and by how many tickets each is here."""
        self._fresh: list[bytes] = []
        self._changed: set[bytes] = set()

    @property
    def present(self) -> int:
        """How many are here, or were a moment ago."""
        return len(self._present)

    def take_keys(self, keyring: Keyring) -> None:
        """Check with these keys from now on."""
        self._keyring = keyring

    def admit(self, text: str, space: SpaceId, *, epoch: int | None = None, lapses: bool = False) -> Listener:
        """Return whose ticket it is. Raises TicketInvalid, TicketExpired, Unavailable without keys.

        TicketEnded where ``epoch`` is the space's and the ticket is of an earlier one; TicketLapsed where it
        ``lapses`` and its listener has been away for too long; LinkBusy while so much is open on it that
        nothing more may be.
        """
        now_s = self._clock.utc_ns() // 1_000_000_000
        listener = self._known.get(text)
        try:
            if listener is None or listener.space != space or now_s > listener.end_s:
                listener = self._check(text, space, now_s)
            if epoch is not None and has_ended(listener.epoch, epoch):
                raise TicketEnded
            if lapses and listener not in self._present and now_s > listener.admit_by_s:
                self._need_to_be_lately_here(listener)
            if len(listener.open) >= MOST_OPEN:
                raise LinkBusy
        except RostraError as error:
            self.refused[error.code] += 1
            raise
        listener.seen(PRESENT_NS)
        if listener not in self._present:
            self._arrive(listener)
        return listener

    def again(self, text: str, space: str) -> bool:
        """Whether whoever has this ticket is here already, and is let in anew where no epoch counts.

        They are seen then; else :meth:`admit` finds out what there is to say.
        """
        listener = self._known.get(text)
        if listener is None or listener not in self._present or listener.space != space:
            return False
        if self._clock.utc_ns() // 1_000_000_000 > listener.end_s or len(listener.open) >= MOST_OPEN:
            return False
        listener.seen(PRESENT_NS)
        return True

    def beacon(self, listener: Listener) -> None:
        """A player behind a cache says that it is there."""
        listener.seen(BEACON_NS)

    def hold(self, listener: Listener, exchange: Exchange) -> None:
        """Count a listener as present until the exchange is over."""
        listener.open = (*listener.open, exchange)
        self._idle.pop(listener, None)
        exchange.watch(listener)

    def ended(self, spaces: Container[SpaceId], *, epoch: int) -> list[Exchange]:
        """Return the answers now open on tickets to these whose epoch is earlier."""
        return [
            exchange
            for listener in self._present
            if listener.space in spaces and has_ended(listener.epoch, epoch)
            for exchange in listener.open
        ]

    def overdue(self) -> list[Exchange]:
        """Return the answers now open on tickets whose time is over."""
        now_s = self._clock.utc_ns() // 1_000_000_000
        return [each for listener in self._present if listener.end_s < now_s for each in listener.open]

    def turn_away(self, listener: Listener) -> None:
        """They hear nothing after all: with nothing else open they are not here."""
        if not listener.open:
            listener.present_ns = 0
            self._depart(listener)

    def take_others(self, ids: Iterable[bytes]) -> None:
        """Other workers have let these listeners in, or tell that they are there, or just were."""
        now_ns = self._clock.monotonic_ns()
        for each in ids:
            self._remember(each, now_ns)

    def take_lately(self, seen: Iterable[tuple[bytes, int]]) -> None:
        """A worker, perhaps the one before this, knew these; each had been away for so many seconds."""
        now_ns = self._clock.monotonic_ns()
        for each, away_s in seen:
            self._remember(each, max(self._ids.get(each, 0), now_ns - away_s * 1_000_000_000))

    def lately(self) -> list[tuple[bytes, int]]:
        """Return who may resume: each id, and for how many seconds they have been away."""
        now_ns = self._clock.monotonic_ns()
        seen = self._ids | {listener.id: now_ns for listener in self._present if listener.open}
        for listener in self._idle:
            seen[listener.id] = max(seen.get(listener.id, 0), listener.present_ns)
        return [
            (each, max(0, now_ns - at_ns) // 1_000_000_000)
            for each, at_ns in seen.items()
            if now_ns - at_ns <= RESUME_NS
        ]

    def take_fresh(self) -> tuple[bytes, ...]:
        """Return the listeners let in since the last call, for other workers."""
        fresh, self._fresh = tuple(self._fresh), []
        return fresh

    def take_changed(self) -> set[bytes]:
        """Return who of those who count has come or gone since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def here(self) -> dict[SpaceId, Set[bytes]]:
        """Who listens now, by space: ids, each once. Not who does so beside the audience.

        They change as people come and go.
        """
        now_ns = self._clock.monotonic_ns()
        for listener in [each for each in self._idle if each.present_ns < now_ns]:
            self._depart(listener)
        return {space: ids.keys() for space, ids in self._counted.items()}

    def _arrive(self, listener: Listener) -> None:
        self._present[listener] = None
        if not listener.open:
            self._idle[listener] = None
        if listener.counts:
            self._changed.add(listener.id)
            ids = self._counted.setdefault(listener.space, {})
            ids[listener.id] = ids.get(listener.id, 0) + 1

    def _depart(self, listener: Listener) -> None:
        self._idle.pop(listener, None)
        if listener not in self._present:
            return
        del self._present[listener]
        self._remember(listener.id, max(self._ids.get(listener.id, 0), listener.present_ns))
        if listener.counts:
            self._changed.add(listener.id)
            ids = self._counted[listener.space]
            ids[listener.id] -= 1
            if not ids[listener.id]:
                del ids[listener.id]
                if not ids:
                    del self._counted[listener.space]

    def _check(self, text: str, space: SpaceId, now_s: int) -> Listener:
        if self._keyring is None:
            raise Unavailable
        ticket = check(self._keyring, text, space=space, now_s=now_s)
        young = self._clock.monotonic_ns() - self._born_ns < YOUNG_NS
        known_ns = self._ids.get(ticket.listener)
        if now_s > ticket.admit_by_s and known_ns is None and not young:
            raise TicketExpired
        if known_ns is None:
            known_ns = self._clock.monotonic_ns()
            self._fresh.append(ticket.listener)
        self._remember(ticket.listener, known_ns)
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        listener = Listener(ticket, alike=self._alike, clock=self._clock, idle=self._idle)
        self._known[text] = listener
        return listener

    def _need_to_be_lately_here(self, listener: Listener) -> None:
        """TicketLapsed unless they are somewhere, or left no more than five minutes ago."""
        last_ns = max(listener.present_ns, self._ids.get(listener.id, 0))
        if self._clock.monotonic_ns() - last_ns > RESUME_NS:
            raise TicketLapsed

    def _remember(self, id: bytes, at_ns: int) -> None:
        if len(self._ids) >= MOST_KNOWN and id not in self._ids:
            del self._ids[next(iter(self._ids))]
        self._ids[id] = at_ns
