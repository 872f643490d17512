"""The waiting rooms of all spaces, and how many may come into each: kept up to date forty times a second.

Feeds the decisions of :mod:`rostra.admission` with what is seen (who is inside, what the edge spends, how
long those who come wait) and with what the operator orders; decides nothing. Does no I/O but each room's
journal.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from rostra.admission import ladder
from rostra.admission.capacity import Policy
from rostra.admission.crowd import roughly
from rostra.admission.reasons import Binding, why
from rostra.admission.room import Places, Room
from rostra.admission.throttle import Rates
from rostra.bus.messages import Crowd, DoorOrder, DoorReport, Lifecycle, Newcomers, SpaceOrder
from rostra.core.clock import Clock
from rostra.core.errors import Unavailable
from rostra.core.ids import SpaceId
from rostra.gateway.directory import Directory, Entry
from rostra.gateway.edge_load import EdgeLoad
from rostra.gateway.join_pace import JoinPace
from rostra.gateway.join_queue import JoinQueue
from rostra.gateway.journal import Journal
from rostra.gateway.moves_in import MovesIn
from rostra.gateway.occupancy import Occupancy
from rostra.gateway.orders import Orders
from rostra.gateway.resumed import Resumed
from rostra.gateway.room_status import RoomStatus
from rostra.gateway.rungs import Rungs
from rostra.gateway.tickets_out import Called, TicketsOut
from rostra.gateway.unwritten import Unwritten
from rostra.gateway.waiting_room import WaitingRoom
from rostra.serving.errors import Overloaded

log = structlog.get_logger()

TURN_S: Final = 0.025
MEASURE_EVERY_NS: Final = 1_000_000_000
TICK_NS: Final = 100_000_000
SEED_AFTER_POLLS: Final = 2
"""What open pages are told may be a second old: of two questions, the later surely tells the root."""
RATES: Final = Rates()
_BEFORE_LIVE = (Lifecycle.SCHEDULED, Lifecycle.LOBBY)


class Rooms:
    """Of one door process."""

    def __init__(
        self,
        directory: Directory,
        load: EdgeLoad,
        queue: JoinQueue,
        *,
        folder: Path,
        opens_ms: int,
        policy: Policy,
        clock: Clock,
        poll_ms: Callable[[], int],
        rates: Rates = RATES,
    ) -> None:
        """``poll_ms``: after how long an open page asks again, at most."""
        self.tickets = TicketsOut(clock=clock)
        self.load = load
        self.counted: Counter[str] = Counter()
        """What happened, by name: asked, came, joined, placed."""
        self.refused: Counter[str] = Counter()
        self._directory = directory
        self.folder = folder
        """Of all journals."""
        self._opens_ms = opens_ms
        self._clock = clock
        self._poll_ms = poll_ms
        self._unwritten = Unwritten(clock=clock)
        self._rooms: dict[SpaceId, WaitingRoom] = {}
        self.moves_in = MovesIn(
            directory, of=self.of, read=self._read, unwritten=self._unwritten, clock=clock
        )
        self._opened = {SpaceId(found.parent.name) for found in folder.glob("*/journal")}
        """Spaces whose room has been open, by this process or one before it."""
        self._reading: set[SpaceId] = set()
        self._filling = 0
        """Those in which people wait for empty places."""
        self._resumed = Resumed(clock=clock)
        self.rungs = Rungs(load, policy)
        self.orders = Orders(self.rungs.measured, by_hand=policy.by_hand)
        self.occupancy = Occupancy(directory, self.tickets, moves_in=self.moves_in, orders=self.orders)
        self._born_ns = self._ticked_ns = self._measured_ns = clock.monotonic_ns()
        self._pace = JoinPace(queue, rates, now_ns=self._born_ns)

    def is_open(self, entry: Entry) -> bool:
        """Whether one may enter: from some time before the start until the end.

        A room that has opened stays open when the start is put off: those who wait keep their places.
        """
        state = entry.state
        if state.lifecycle in _BEFORE_LIVE:
            return state.space in self._opened or self._now_ms() >= state.starts_at - self._opens_ms
        return state.lifecycle is Lifecycle.LIVE

    def of(self, entry: Entry) -> WaitingRoom:
        """Return the room of a space that is open, opened if nobody had come before.

        Unavailable while what its journal says is being read, or cannot be.
        """
        space = entry.state.space
        room = self._rooms.get(space)
        if room is None:
            if space in self._reading:
                raise Unavailable
            with self._unwritten.tolerated(space):
                room = self._begin(entry, self._read(space))
            if room is None:
                raise Unavailable
        return room

    async def resume(self) -> None:
        """Open the rooms that a process before this one had open; the loop goes on meanwhile."""
        for entry in list(self._directory):
            space = entry.state.space
            if space not in self._opened or space in self._rooms or not self.is_open(entry):
                continue
            self._reading.add(space)
            try:
                with self._unwritten.tolerated(space):
                    room = await asyncio.to_thread(self._read, space)
                    await asyncio.to_thread(self.moves_in.read_ahead, entry, room)
                    self._begin(entry, room)
            finally:
                self._reading.discard(space)

    def _read(self, space: SpaceId) -> WaitingRoom:
        """Read what a space's journal says, which may be long. OSError."""
        journal = Journal(self.folder / space / "journal")
        return WaitingRoom(
            space,
            journal,
            tick=self._tick(),
            now_ms=self._now_ms(),
            random=lambda: secrets.token_bytes(32),
        )

    def _begin(self, entry: Entry, room: WaitingRoom) -> WaitingRoom:
        self._opened.add(room.space)
        self._rooms[room.space] = room
        self._resumed.begin(room)
        self.tickets.resume(room.space, room.inside_by_link)
        self.occupancy.count()
        self._turn_one(entry, room, self._now_ms())
        return room

    def has_drawn(self, entry: Entry) -> bool:
        """Whether there may be a draw whose seed is told: of an open room this process knows."""
        room = self._rooms.get(entry.state.space)
        return room.tells_seed(self._now_ms()) if room is not None else not self.is_open(entry)

    def status(self, entry: Entry) -> RoomStatus | None:
        """What pages are told of the room; None while nobody waits, nothing is limited and the draw is over.

        Unavailable.
        """
        space = entry.state.space
        if not self.is_open(entry):
            return None
        opening, reserved = self._opening(entry), self.orders.of(space).reserved
        told = bool(self.rungs.rung.name != ladder.Name.GROUND or opening or reserved)
        if space not in self._rooms and not told and space not in self._opened:
            return None  # A room that was open before this process is asked for first by those who wait.
        room, rung = self.of(entry), self.rungs.rung
        found = room.status(
            self._tick(),
            self._now_ms(),
            rung=rung.name,
            closed=rung.closed,
            reason=self._why(room),
            opening=opening,
        )
        settled = room.drawn and (bool(found.seed) or not found.entries)
        return None if settled and not found.waiting and not told else found

    def audience(self, entry: Entry) -> tuple[int, bool]:
        """How many listen as pages and tape tell it, and whether that is an estimate, as on a quiet rung."""
        listeners = self._directory.listeners(entry)
        return (roughly(listeners), True) if self.is_quiet else (listeners, entry.estimated)

    @property
    def is_quiet(self) -> bool:
        """Whether nobody's reactions are taken, and no exact count is told."""
        return self.rungs.rung.quiet

    @property
    def rung(self) -> str:
        """The rung that the ladder stands on."""
        return self.rungs.rung.name

    def recall(self, report: DoorReport) -> None:
        """Go on from what the door before this one told last: rung, pace, and the memory it had."""
        self.rungs.recall(report)
        self.orders.measure(self.rungs.measured, tick=self._tick())
        self._pace.recall(report.rate)

    def recall_newcomers(self, value: Newcomers) -> None:
        """Go on counting where the door before this one stopped."""
        self._resumed.recall(value.entered, self._rooms)

    def newcomers(self, door: int, *, at_least: int) -> Newcomers:
        """From which networks so many entered, for the next door; of what is not open any more, nothing."""
        entered = self._resumed.newcomers(self._rooms, at_least=at_least, is_open=self._is_open)
        return Newcomers(door=door, entered=entered)

    def _is_open(self, space: SpaceId) -> bool:
        return space in self._directory and self.is_open(self._directory.entry(space))

    def take_order(self, value: DoorOrder) -> None:
        """The operator orders something for all spaces."""
        before, closed = self.orders.site, self.rungs.rung.closed
        self.orders.take(value, tick=self._tick())
        self.rungs.order(value)
        self._reopen(closed)
        if before != value:
            log.info("door_ordered", places=value.places, rung=value.rung)
        self.turn()

    def take_space_order(self, value: SpaceOrder) -> None:
        """The operator, or a space's host, orders something for one space."""
        self.orders.take_space(value, tick=self._tick())
        self.turn()

    async def run(self) -> None:
        """Turn until cancelled."""
        while True:
            due_ns = self._clock.monotonic_ns() + round(TURN_S * 1e9)
            await asyncio.sleep(TURN_S)
            self.turn(late_ms=(self._clock.monotonic_ns() - due_ns) / 1e6)

    def turn(self, *, late_ms: float = 0.0) -> None:
        """Let time pass in all rooms: judge claims, call the next, follow what was measured.

        ``late_ms``: after the turn was due.
        """
        now_ns, now_ms = self._clock.monotonic_ns(), self._now_ms()
        self._pace.fill(now_ns, late_ms=late_ms)
        if now_ns - self._measured_ns >= MEASURE_EVERY_NS:
            self._measured_ns = now_ns
            self._measure()
            self._forget(now_ms // 1000)
        if now_ns - self._ticked_ns >= TICK_NS:
            self._ticked_ns = now_ns
            self._step()
        if self._pace.is_due(now_ns):
            self._follow(now_ns)
        self.occupancy.count()
        self._keep_back()
        self._write_link_uses()
        for space, room in list(self._rooms.items()):
            if not self._is_open(space):
                self._close(self._rooms.pop(space))
                self._resumed.end(space)
                continue
            self._turn_one(self._directory.entry(space), room, now_ms)
        self._filling = sum(room.outlook.empty > 0 and room.room.waiting > 0 for room in self._rooms.values())

    @property
    def has_room(self) -> bool:
        """Whether one more may come in now: the site has a place, and the rate allows it."""
        return self._pace.joins > 0 and not self.occupancy.is_full

    @property
    def joins_per_s(self) -> float:
        """How many a second the rate lets in for one of the spaces in which people wait for empty places."""
        return self._pace.rate / max(1, self._filling)

    def joined(
        self, entry: Entry, listener: bytes, *, until_s: int, called: Called | None = None, link: bytes = b""
    ) -> None:
        """A ticket was given out, to somebody who was ``called`` or came straight in.

        ``link``: of the reserved link that it came by.
        """
        if called is None:
            self._pace.spend(1)
        self.occupancy.enter(entry.state.space, by_link=bool(link))
        self.counted["joined"] += 1
        self.tickets.give(listener, entry.state.space, until_s=until_s, called=called, link=link)

    def admits_moved(self, entry: Entry) -> bool:
        """Whether whoever brings their seat along finds room: as many as the space itself may have."""
        return self.occupancy.has_own_room(entry)

    def release(self, listener: bytes, space: SpaceId) -> None:
        """A listener leaves their seat in ``space`` for one elsewhere."""
        self.occupancy.leave(int(self.tickets.release(listener, space)))

    def report(self, door: int, *, turned_away: int = 0) -> DoorReport:
        """What this door has seen; of what is live also where nobody has come yet.

        ``turned_away``: how many found it too full of others to be heard at all.
        """
        for entry in self._directory.live() if self._directory.ready else ():
            with suppress(Unavailable):
                self.of(entry)
        return DoorReport(
            door=door,
            asked=self.counted["asked"],
            came=self.counted["came"],
            joined=self.counted["joined"],
            placed=self.counted["placed"],
            refused=tuple(sorted((self.refused + Counter({Overloaded.code: turned_away})).items())),
            rate=self._pace.rate,
            places=self.orders.limit.places,
            limit=self.orders.limit.limit,
            late_share=self.load.load(self.occupancy.everybody()).late_share,
            rung=self.rungs.rung.name,
            held=self.rungs.held,
            spaces=tuple(
                self._crowd(space, room) for space, room in self._rooms.items() if space in self._directory
            ),
            measured=self.rungs.measured.places,
            memory_bytes=self.rungs.memory_bytes,
            listeners=self.occupancy.everybody(),
            workers=self.load.workers(),
        )

    def close(self) -> None:
        """Close all journals."""
        for room in self._rooms.values():
            self._close(room)
        self._rooms.clear()

    def _forget(self, now_s: int) -> None:
        """Let tickets go that were not used in time; who was called and never came is owed a place."""
        for each in self.tickets.forget(now_s):
            room = self._rooms.get(each.space)
            if room is not None:
                room.unheard(each.called.line, each.called.number, link=each.link)

    def _write_link_uses(self) -> None:
        for each in self.tickets.link_uses():
            room = self._rooms.get(each.space)
            if room is not None:
                room.use_link(each.listener, each.link, inside=each.inside)

    def _close(self, room: WaitingRoom) -> None:
        with self._unwritten.tolerated(room.space):
            room.close()

    def _turn_one(self, entry: Entry, room: WaitingRoom, now_ms: int) -> None:
        state = entry.state
        live = state.lifecycle is Lifecycle.LIVE
        with self._unwritten.tolerated(state.space):
            if live or room.closed or now_ms >= state.starts_at:  # What is closed is dealt, whatever comes.
                room.draw(now_ms, seed_after_ms=SEED_AFTER_POLLS * self._poll_ms())
            self.moves_in.take_in(entry, room)
            held = room.room.held
            places = self._places(entry) if live else _NONE
            called = room.turn(self._tick(), places, now_ms=now_ms, poll_ms=self._poll_ms())
            self._pace.spend(called)
            if called or room.room.held > held:  # The others have the next place that comes free.
                self._rooms[state.space] = self._rooms.pop(state.space)
        if live:
            self.occupancy.keep_back_for(state.space, room.room.kept_back(self._places(entry)))

    def _keep_back(self) -> None:
        """Count what each live space keeps from the others, before any of them takes a place."""
        live = {entry.state.space: entry for entry in self._directory.live()}
        self.occupancy.keep_back_only(live)
        for space, entry in live.items():
            room = self._rooms.get(space)
            lines = _NOBODY if room is None else room.room
            self.occupancy.keep_back_for(space, lines.kept_back(self._places(entry)))

    def _places(self, entry: Entry) -> Places:
        closed = self.rungs.rung.closed or self._resumed.is_settling(entry.state.space)
        return self.occupancy.places(entry, joins=self._pace.joins, closed=closed)

    def _opening(self, entry: Entry) -> int:
        """How many places of a space open in the next steps for those who wait."""
        inside, everybody = self.occupancy.inside(entry), self.occupancy.everybody()
        return self.orders.opening(entry.state.space, inside=inside, everybody=everybody)

    def _why(self, room: WaitingRoom) -> str:
        """Why those who wait for a space wait longer than they were told; empty where there is nothing."""
        now_ns, space, full = self._clock.monotonic_ns(), room.space, self.occupancy.is_full
        binding = Binding(
            rung=self.rungs.rung,
            held=self.rungs.held,
            empty=room.outlook.empty,
            slowed=self._pace.is_slowed(now_ns),
            late=self.orders.is_late and (full or not self.orders.has_own_limit(space)),
            lowered=self.orders.is_lowered(space, tick=self._tick(), full=full),
            restarted=self._resumed.is_told(space),
        )
        return why(binding)

    def _measure(self) -> None:
        self.rungs.measure(self.occupancy.everybody())
        self.orders.measure(self.rungs.measured, tick=self._tick())

    def _step(self) -> None:
        closed = self.rungs.rung.closed
        self.orders.step(self._tick())
        self.rungs.step(self.occupancy.everybody(), by_hand=self.orders.by_hand)
        self._reopen(closed)

    def _reopen(self, was_closed: bool) -> None:
        if was_closed and not self.rungs.rung.closed:
            self.orders.reopen(self.occupancy.everybody(), tick=self._tick())

    def _follow(self, now_ns: int) -> None:
        load = self.load.load(self.occupancy.everybody())
        self._pace.follow(
            now_ns,
            asked=self.counted["asked"],
            waiting=sum(room.room.waiting for room in self._rooms.values()),
            late_share=load.late_share,
            is_new=self.load.is_new(),
        )

    def _crowd(self, space: SpaceId, room: WaitingRoom) -> Crowd:
        entry = self._directory.entry(space)
        status = room.status(
            self._tick(), self._now_ms(), rung="", closed=False, reason="", opening=self._opening(entry)
        )
        return Crowd(
            space=space,
            inside=self.occupancy.inside(entry),
            waiting=status.waiting,
            places=status.places,
            serving=status.serving,
            opening=status.opening,
            reserved=self.orders.of(space).reserved,
            reserved_inside=status.reserved.inside,
            waiting_by_line=room.waiting_by_line,
        )

    def _tick(self) -> int:
        """Tenths of a second since this process began."""
        return (self._clock.monotonic_ns() - self._born_ns) // TICK_NS

    def _now_ms(self) -> int:
        return self._clock.utc_ns() // 1_000_000


_NONE: Final = Places(all=0, reserved=0, inside=0, inside_reserved=0, joins=0)
_NOBODY: Final = Room()
