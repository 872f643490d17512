"""The runs of all spaces, one at a time each: begun, gone on with after an outage, ended, erased.

One lock per space orders it. A live run whose tape fails is tried again until it goes on or has its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakValueDictionary

import structlog

from rostra.bus.messages import Done, End, Ended, Erase, GoLive, StageReport, WentLive, Why
from rostra.core.errors import DiskFull, RostraError, TapeDamaged
from rostra.core.ids import RunId, SpaceId
from rostra.stage import trouble
from rostra.stage.air import Air, Ready
from rostra.stage.errors import TapeFailed, TapeRunning, why_ended, why_off_air
from rostra.stage.session import end_report
from rostra.stage.stages import Stages
from rostra.stage.tapes import recording, went_live
from rostra.stage.tasks import Tasks
from rostra.stage.told import Told
from rostra.tape.genesis import EndDocument, UnknownTape

log = structlog.get_logger()

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
"""Between tries to go on with a tape; the wait doubles."""


class Runs:
    """``publish`` sends a report of a run that is over, beside what stages report themselves."""

    def __init__(
        self, *, stages: Stages, told: Told, air: Air, publish: Callable[[StageReport], None], tasks: Tasks
    ) -> None:
        self._stages = stages
        self._told = told
        self._air = air
        self._publish = publish
        self._tasks = tasks
        self._resuming: set[SpaceId] = set()
        self._unended: set[RunId] = set()
        """Runs that were asked to end and could not yet."""
        self._stopping = asyncio.Event()
        self._locks: WeakValueDictionary[SpaceId, asyncio.Lock] = WeakValueDictionary()

    async def go_live(self, request: GoLive) -> WentLive:
        """Begin a space's tape; live already, answer the same. Raises DiskFull, TapeFailed, TapeLocked."""
        async with self._lock(request.space):
            self._told.must_not_be_over(request.space)
            stage = self._stages.get(request.space)
            if stage is not None and stage.programme is not None:
                return went_live(stage.programme.genesis)
            with trouble.beginning():
                ready = await self._air.begin(request.space, request.title, self._told.words(request.space))
            self._stages.open(request.space).go_live(ready.programme, ready.zero_ns)
            return went_live(ready.programme.genesis)

    async def end(self, request: End) -> Ended:
        """End a space's tape; ended already, answer the same.

        Raises NotFound, DiskFull, TapeFailed, TapeDamaged.
        A run that the disk does not let end is ended as soon as it does, asked again or not.
        """
        async with self._lock(request.space):
            self._unended.add(request.run)
            try:
                with trouble.ending():
                    end = await self._end(request.space, request.run)
            except (DiskFull, TapeFailed):
                self.try_again(request.space, request.run)
                raise
            except (TapeDamaged, UnknownTape):
                self._unended.discard(request.run)
                raise
            self._unended.discard(request.run)
            return Ended(recording=recording(end))

    async def erase(self, request: Erase) -> Done:
        """Delete a finished tape; gone already is fine. Raises TapeRunning, TapeLocked, TapeFailed."""
        async with self._lock(request.space):
            stage = self._stages.get(request.space)
            if stage is not None and stage.programme is not None:
                raise TapeRunning
            with trouble.erasing():
                await self._air.erase(request.space, request.run)
        log.info("tape_erased", space=request.space, run=request.run)
        return Done()

    def resume(self, space: SpaceId, run: RunId) -> None:
        """Go on with a tape that no stage has on air, or end it, and try until one of both is done."""
        self._tasks.start(self._resume(space, run))

    def try_again(self, space: SpaceId, run: RunId) -> None:
        """As :meth:`resume`, of one that has just failed: in a while."""
        self._tasks.start(self._resume(space, run, after_s=FIRST_WAIT_S))

    def close(self, space: SpaceId) -> None:
        """End what a space has on air, and close its stage."""
        self._tasks.start(self._close(space))

    def stop(self) -> None:
        """Go on with nothing any more."""
        self._stopping.set()

    def _lock(self, space: SpaceId) -> asyncio.Lock:
        """The space's lock, for as long as somebody holds it or waits for it."""
        lock = self._locks.get(space)
        if lock is None:
            lock = self._locks[space] = asyncio.Lock()
        return lock

    async def _resume(self, space: SpaceId, run: RunId, *, after_s: float = 0.0) -> None:
        """One at a time per space."""
        if space in self._resuming:
            return
        self._resuming.add(space)
        try:
            while not await self._stops_within(after_s):
                async with self._lock(space):
                    if self._is_settled(space) or await self._has_resumed(space, run):
                        return
                after_s = min(LONGEST_WAIT_S, max(FIRST_WAIT_S, 2 * after_s))
        finally:
            self._resuming.discard(space)

    async def _stops_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()

    def _is_settled(self, space: SpaceId) -> bool:
        stage = self._stages.get(space)
        return self._told.is_over(space) or (stage is not None and stage.programme is not None)

    async def _end(self, space: SpaceId, run: RunId) -> EndDocument:
        stage = self._stages.get(space)
        if stage is None or stage.run_id != run:
            return await self._air.end(space, run)
        end = await stage.end()
        if end is None:
            end = await self._air.end(space, run)
            stage.over(run, end)
        return end

    async def _has_resumed(self, space: SpaceId, run: RunId) -> bool:
        """Try once; False when it should be tried again."""
        try:
            ready = await self._brought_back(space, run)
        except (TapeDamaged, UnknownTape) as error:
            log.exception("stage_tape_lost", space=space, run=run)
            self._lose(space, run, why_ended(error))
        except Exception as error:
            log.exception("stage_cannot_resume", space=space, run=run)
            if not self._stopping.is_set():
                self._stages.open(space).interrupt(run, why_off_air(error))
            return False
        else:
            await self._take_back(space, run, ready)
        return True

    async def _brought_back(self, space: SpaceId, run: RunId) -> Ready | EndDocument:
        if run in self._unended:
            return await self._air.end(space, run)
        return await self._air.resume(space, run, self._told.words(space))

    async def _take_back(self, space: SpaceId, run: RunId, ready: Ready | EndDocument) -> None:
        """Put a run on air again; or it has ended, then its people go home.

        Once everything is parked, so is what was only now brought back: who comes after goes on with it.
        """
        self._unended.discard(run)
        stage = self._stages.get(space)
        if isinstance(ready, Ready) and self._stopping.is_set():
            await asyncio.to_thread(ready.programme.park)
        elif isinstance(ready, Ready):
            self._stages.open(space).go_live(ready.programme, ready.zero_ns)
        elif stage is not None:
            stage.over(run, ready)
        else:
            self._publish(end_report(space, run, ready))

    def _lose(self, space: SpaceId, run: RunId, why: Why) -> None:
        stage = self._stages.get(space)
        if stage is not None:
            stage.interrupt(run, why)
            stage.close()
        self._publish(StageReport(space=space, live=False, run=run, lost=True, reason=why))

    async def _close(self, space: SpaceId) -> None:
        async with self._lock(space):
            stage = self._stages.get(space)
            if stage is None:
                return
            try:
                await stage.end()
            except (RostraError, OSError):
                log.exception("stage_tape_not_ended", space=space)
            finally:
                stage.close()
