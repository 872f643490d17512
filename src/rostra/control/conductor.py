"""Moves spaces through their life: live, ended, cancelled, their recording released or deleted.

Catches up with what the stage reports. One thing at a time per space. The stage is asked first and
outside of any transaction; only its answer is stored, and before that who asks for an end and why. So an
act that failed midway moved nothing here and can be repeated: asked again, the stage answers the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final
from weakref import WeakValueDictionary

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.client import BusClient
from rostra.bus.messages import (
    STAGE_END,
    STAGE_LIVE,
    End,
    Ended,
    GoLive,
    Lifecycle,
    Recording,
    RecordingPolicy,
    SpaceState,
    StageReport,
    WentLive,
    Why,
)
from rostra.control import audit, floor, lifecycle
from rostra.control.announcer import Announcer, touch
from rostra.control.eraser import Eraser
from rostra.control.guard import Guard
from rostra.control.identity import Actor, need_host_in_good_standing, standing
from rostra.control.lifecycle import Act
from rostra.control.permits import Doing, require
from rostra.control.places import place_of
from rostra.control.spaces import find
from rostra.control.stage_desk import StageDesk
from rostra.control.stage_line import ask
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, RostraError, StageUnavailable, Suspended
from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import nanoseconds
from rostra.store.database import Database
from rostra.store.tables import AccountRow, SpaceRow

log = structlog.get_logger()

TAPE_LOST: Final = frozenset({Why.UNKNOWN_TAPE, Why.TAPE_DAMAGED})
"""Answers of the stage that no repetition will change: the space ends without a recording."""


def catch_up(state: SpaceState, report: StageReport) -> Act | None:
    """Decide what has happened on the stage that backstage does not know of yet."""
    before_live = state.lifecycle in (Lifecycle.SCHEDULED, Lifecycle.LOBBY)
    over = report.finished is not None or report.lost
    if over and state.lifecycle is Lifecycle.LIVE and report.run == state.run:
        return Act.END
    if report.live and before_live:
        return Act.GO_LIVE
    somebody = any(speaker.connected for speaker in report.speakers)
    if somebody and state.lifecycle is Lifecycle.SCHEDULED:
        return Act.ENTER
    if not somebody and state.lifecycle is Lifecycle.LOBBY:
        return Act.EMPTY
    return None


def whose_end(row: SpaceRow, report: StageReport) -> tuple[str, str]:
    """Why a run ended that the stage tells of, and who ended it: whoever asked, unless it did by itself."""
    if row.ending_by and (report.lost or not report.reason):
        return row.ending_reason or report.reason, row.ending_by
    return report.reason, audit.SYSTEM


class Conductor:
    """The only one who changes a space's lifecycle."""

    def __init__(
        self,
        database: Database,
        bus: BusClient,
        announcer: Announcer,
        eraser: Eraser,
        guard: Guard,
        desk: StageDesk,
        *,
        clock: Clock,
    ) -> None:
        self._guard = guard
        self._database = database
        self._bus = bus
        self._announcer = announcer
        self._eraser = eraser
        self._desk = desk
        self._clock = clock
        self._locks: WeakValueDictionary[SpaceId, asyncio.Lock] = WeakValueDictionary()

    async def go_live(self, actor: Actor, space: SpaceId) -> None:
        """Begin the tape, with nobody on it who has not accepted what is due now.

        Live already: nothing happens. StageUnavailable leaves all as it was.
        """
        async with self._lock(space):
            row = await self._guard.permit(actor, space, floor.Act.GO_LIVE)
            if row.lifecycle != Lifecycle.LIVE:
                await self._need_host(row)
                need_here(row)
                await self._desk.ask_again(space)
                await self._begin(row, actor=actor.label)

    async def end(self, actor: Actor, space: SpaceId, *, reason: str = "") -> None:
        """Close the tape; what was chosen becomes of it. Ended already: nothing happens.

        ``reason`` is an operator's, who ends what is somebody else's, and shown to the audience; BadRequest
        when they give none. StageUnavailable: still live.
        """
        async with self._lock(space):
            row = await self._guard.permit(actor, space, floor.Act.END)
            if row.lifecycle not in lifecycle.OVER:
                place = place_of(actor, row)
                floor.need_reason(floor.Act.END, place, reason)
                told = f"{Why.ENDED_BY_SITE}: {reason}" if place is floor.Place.OPERATOR else ""
                await self._end(row, reason=told, actor=actor.label)

    async def close(self, space: SpaceId, *, actor: str, reason: str = "") -> None:
        """End a space over its host's head, whom this site suspended: if it is live, or its stage runs."""
        told = f"{Why.ENDED_BY_SITE}: {reason}" if reason else Why.ENDED_BY_SITE
        async with self._lock(space):
            row = await self._row(space)
            if row.lifecycle == Lifecycle.LIVE:
                await self._end(row, reason=told, actor=actor)
            elif row.lifecycle in lifecycle.BEFORE_LIVE:
                with suppress(Suspended):
                    await self._begin(row, actor=audit.SYSTEM)

    async def end_by_site(self, space: SpaceId, *, actor: str) -> None:
        """End a space if the site hides it and it is live. StageUnavailable: still live."""
        async with self._lock(space):
            row = await self._row(space)
            if row.hidden_reason and row.lifecycle == Lifecycle.LIVE:
                await self._end(row, reason=Why.ENDED_BY_SITE, actor=actor)

    async def cancel(self, actor: Actor, space: SpaceId) -> None:
        """Call a space off before it is live. Cancelled already: nothing happens."""
        async with self._lock(space):
            row = await self._permitted(actor, space, Doing.CANCEL)
            if row.lifecycle != Lifecycle.CANCELLED:
                await self._move(space, Act.CANCEL, actor=actor.label)

    @asynccontextmanager
    async def holding(self, spaces: Collection[SpaceId]) -> AsyncIterator[None]:
        """Nothing else moves ``spaces`` through their life inside the block."""
        async with AsyncExitStack() as stack:
            for space in sorted(spaces):
                await stack.enter_async_context(self._lock(space))
            yield

    async def release(self, actor: Actor, space: SpaceId) -> None:
        """Publish a held recording. Published already: nothing happens."""
        async with self._lock(space):
            row = await self._permitted(actor, space, Doing.RELEASE)
            if row.lifecycle != Lifecycle.PUBLISHED:
                await self._move(space, Act.RELEASE, actor=actor.label)

    async def delete_recording(self, actor: Actor, space: SpaceId) -> None:
        """Delete a recording for good: at once for everyone, and from disk as soon as the stage can."""
        async with self._lock(space):
            row = await self._permitted(actor, space, Doing.DELETE_RECORDING)
            if row.lifecycle != Lifecycle.DELETED:
                await self._move(space, Act.DELETE, actor=actor.label)
            self._eraser.wake()

    async def reconcile(self, report: StageReport) -> None:
        """Catch up with what a stage reports. Returns at once while somebody acts on the space."""
        space = report.space
        lock = self._lock(space)
        state = self._announcer.states.get(space)
        if lock.locked() or state is None or catch_up(state, report) is None:
            return
        async with lock:
            act = catch_up(self._announcer.states[space], report)
            log.info("space_catches_up", space=space, act=act.name if act else None)
            if act is Act.END:
                reason, actor = whose_end(await self._row(space), report)
                await self._finish(space, report.finished, reason=reason, actor=actor)
            elif act is Act.GO_LIVE:
                await self._begin(await self._row(space), actor=audit.SYSTEM)
            elif act is not None:
                await self._move(space, act, actor=audit.SYSTEM)

    def _lock(self, space: SpaceId) -> asyncio.Lock:
        lock = self._locks.get(space)
        if lock is None:
            lock = self._locks[space] = asyncio.Lock()
        return lock

    async def _row(self, space: SpaceId) -> SpaceRow:
        async with self._database.reading() as session:
            return await find(session, space)

    async def _permitted(self, actor: Actor, space: SpaceId, doing: Doing) -> SpaceRow:
        row = await self._row(space)
        require(standing(actor, row), doing)
        return row

    async def _need_host(self, row: SpaceRow) -> None:
        async with self._database.reading() as session:
            await need_host_in_good_standing(session, row)

    async def _end(self, row: SpaceRow, *, reason: str, actor: str) -> None:
        space = SpaceId(row.id)
        lifecycle.after(Lifecycle(row.lifecycle), Act.END)
        async with self._database.session() as session:
            asked = await find(session, space)
            asked.ending_by, asked.ending_reason = actor, reason
        try:
            ended = await ask(self._bus, STAGE_END, End(space=space, run=RunId(row.run or "")), Ended)
        except StageUnavailable as error:
            raise StageUnavailable(
                "The stage is restarting; the conversation is still live. Please end it again in a moment."
            ) from error
        except RostraError as error:
            if error.code not in TAPE_LOST:
                raise
            await self._finish(space, None, reason=reason or error.code, actor=actor)
        else:
            await self._finish(space, ended.recording, reason=reason, actor=actor)

    async def _begin(self, row: SpaceRow, *, actor: str) -> None:
        """Begin the tape, or catch up with one that runs.

        A host who was suspended before that is stored has it ended at once, untold; Suspended.
        """
        space = SpaceId(row.id)
        lifecycle.after(Lifecycle(row.lifecycle), Act.GO_LIVE)
        went = await ask(self._bus, STAGE_LIVE, GoLive(space=space, title=row.title), WentLive)
        async with self._database.session() as session:
            row = await find(session, space)
            at = now_ms(self._clock)
            _step(row, Act.GO_LIVE, at=at)
            row.run = went.run
            row.anchor_utc_ns = went.anchor_utc_ns
            row.live_at = went.anchor_utc_ns // 1_000_000
            row.renditions = msgspec.to_builtins(went.renditions)
            audit.record(session, at=at, actor=actor, act="space.live", space=space, run=went.run)
            host = await session.get_one(AccountRow, row.host)
        if host.suspended_at is not None:
            await self._end(row, reason=Why.ENDED_BY_SITE, actor=host.suspended_by)
            raise Suspended("The host of this conversation is suspended.")
        await self._announcer.announce(space)
        log.info("space_live", space=space, run=went.run)

    async def _finish(self, space: SpaceId, recording: Recording | None, *, reason: str, actor: str) -> None:
        """Store the end and, in the same moment, what becomes of the recording."""
        at = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            _step(row, Act.END, at=at)
            closing = lifecycle.CLOSING[RecordingPolicy(row.recording_policy)]
            row.ended_at = at
            row.ended_reason = reason
            row.ending_by = row.ending_reason = ""
            audit.record(session, at=at, actor=actor, act="space.end", space=space, reason=reason)
            if recording is not None:
                row.ended_at = (row.anchor_utc_ns + nanoseconds(recording.duration_samples)) // 1_000_000
                row.recording_samples = recording.duration_samples
                row.recording_bytes = recording.size_bytes
            if recording is not None or closing is Act.DELETE:
                _step(row, closing, at=at)
                audit.record(
                    session, at=at, actor=audit.SYSTEM, act=f"space.{closing.name.lower()}", space=space
                )
        await self._announcer.announce(space)
        if closing is Act.DELETE:
            self._eraser.wake()
        log.info("space_ended", space=space, recorded=recording is not None, then=closing.name, reason=reason)

    async def _move(self, space: SpaceId, act: Act, *, actor: str) -> None:
        async with self._database.session() as session:
            _record_step(session, await find(session, space), act, actor=actor, at=now_ms(self._clock))
        await self._announcer.announce(space)


def cancel(session: AsyncSession, row: SpaceRow, *, actor: str, at: int) -> None:
    """Call a space off inside a transaction, within :meth:`Conductor.holding`; announce it after that."""
    _record_step(session, row, Act.CANCEL, actor=actor, at=at)


def need_here(row: SpaceRow) -> None:
    """Raise Conflict when a space goes on elsewhere, or nobody would find it."""
    if row.hidden_reason:
        raise Conflict("The operators of this site have hidden this conversation.")
    if row.moved_to is not None and row.lifecycle in lifecycle.BEFORE_LIVE:
        raise Conflict("This conversation has moved and does not go live any more.", moved_to=row.moved_to)


def _record_step(session: AsyncSession, row: SpaceRow, act: Act, *, actor: str, at: int) -> None:
    _step(row, act, at=at)
    audit.record(session, at=at, actor=actor, act=f"space.{act.name.lower()}", space=SpaceId(row.id))


def _step(row: SpaceRow, act: Act, *, at: int) -> None:
    row.lifecycle = lifecycle.after(Lifecycle(row.lifecycle), act).value
    touch(row, at=at)
