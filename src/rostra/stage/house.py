"""All stages of this process, and what control asks of them.

A space's stage exists while somebody is on it or it is live. One lock per space orders going live,
resuming and ending. A live run whose tape fails is tried again until it goes on or has its end.
Tasks live in the group that the worker awaits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

import structlog

from rostra.bus.messages import (
    Answer,
    AudienceNote,
    Caption,
    Captioned,
    Done,
    End,
    Ended,
    Erase,
    GoLive,
    HoldLoop,
    HoldLoopTaken,
    Leave,
    Lifecycle,
    Monitor,
    Mute,
    Offer,
    Patch,
    Patched,
    Recast,
    SeatLost,
    SpaceState,
    StageReport,
    TakeOff,
    WentLive,
    Why,
)
from rostra.core.clock import Clock
from rostra.core.errors import (
    Conflict,
    DiskFull,
    NotAllowed,
    NotFound,
    RostraError,
    SpaceOver,
    TapeDamaged,
)
from rostra.core.ids import RunId, SessionId, SpaceId
from rostra.core.samples import SAMPLE_RATE
from rostra.core.settings import Settings
from rostra.stage import trouble
from rostra.stage.air import Air, Ready
from rostra.stage.ban import Ban
from rostra.stage.errors import TapeFailed, TapeRunning, why_ended, why_off_air
from rostra.stage.fragment import read_fragment
from rostra.stage.hold_files import HoldFiles
from rostra.stage.ice import Network
from rostra.stage.peer import Peer
from rostra.stage.session import Stage, end_report
from rostra.stage.speaker import OnStage
from rostra.stage.tapes import recording, went_live
from rostra.stage.told import Told
from rostra.stage.voice import Voice
from rostra.tape.genesis import EndDocument, UnknownTape

log = structlog.get_logger()

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
"""Between tries to go on with a tape; the wait doubles."""
STOP_TIMEOUT_S = 3.0


class House:
    """``group`` is the worker's, which awaits every task started here; ``publish`` sends a report.

    ``seat_lost`` is told whose broken connection did not come back in time.
    ``network`` says where speakers send their audio, or raises why nobody can.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        network: Callable[[], Network],
        air: Air,
        hold_files: HoldFiles,
        clock: Clock,
        publish: Callable[[StageReport], None],
        seat_lost: Callable[[SeatLost], None],
        group: asyncio.TaskGroup,
    ) -> None:
        self._settings = settings
        self._network = network
        self._air = air
        self._hold_files = hold_files
        self._clock = clock
        self._tell = publish
        self._seat_lost = seat_lost
        self._group = group
        self._tasks: set[asyncio.Task[None]] = set()
        self._stages: dict[SpaceId, Stage] = {}
        self._told = Told()
        self._ban = Ban(clock=clock)
        self._resuming: set[SpaceId] = set()
        self._unended: set[RunId] = set()
        """Runs that were asked to end and could not yet."""
        self._stopping = asyncio.Event()
        self._locks: WeakValueDictionary[SpaceId, asyncio.Lock] = WeakValueDictionary()
        self._loading_music = asyncio.Lock()

    async def offer(self, request: Offer) -> Answer:
        """Put a person on stage.

        Raises StageFull, SpeaksElsewhere, BadSessionDescription, NotWhole, AddressUnknown, NoAddress,
        NoFreePort, Conflict.
        """
        self._make_room(request)
        peer = await self._answer(request.sdp, one_way=request.one_way)
        try:
            person = self.seat(request, peer)
        except RostraError:
            await peer.close()
            raise
        return Answer(session=person.session, sdp=peer.answer_sdp, etag=peer.etag)

    def seat(self, request: Offer, voice: Voice) -> OnStage:
        """Put a person on stage who is heard by ``voice``. Raises StageFull, SpeaksElsewhere, Conflict."""
        self._make_room(request)
        stage = self._open(request.space)
        person = stage.people.join(request, voice, now_ns=self._clock.monotonic_ns())
        self._start(self._attend(stage, person))
        log.info("speaker_joined", space=request.space, speaker=request.speaker, one_way=request.one_way)
        return person

    async def monitor(self, request: Monitor) -> Answer:
        """Let somebody listen in. Raises NotFound without a stage, MonitorsFull, and as :meth:`offer`."""
        self._monitored(request.space).monitors.make_room()
        peer = await self._answer(request.sdp, listens=True)
        try:
            stage = self._monitored(request.space)
            session = stage.monitors.join(peer, request.label)
        except RostraError:
            await peer.close()
            raise
        self._start(self._attend_monitor(stage, peer, session))
        return Answer(session=session, sdp=peer.answer_sdp, etag=peer.etag)

    async def patch(self, request: Patch) -> Patched:
        """Take news of a session's ICE. NotFound, NotAllowed, and as :meth:`rostra.stage.peer.Peer.patch`."""
        peer = self._find(request.space, request.session, request.label)
        if not isinstance(peer, Peer):
            raise NotFound("There is no such session on this stage.")
        fragment = await peer.patch(read_fragment(request.fragment), request.if_match)
        return Patched(etag=peer.etag, fragment=fragment)

    async def leave(self, request: Leave) -> Done:
        """Take a session off the stage; one that is gone already is fine, unless it must be ``known``.

        Raises NotFound, NotAllowed.
        """
        found = self._find(request.space, request.session, request.label)
        if request.known and found is None:
            raise NotFound("There is no such session on this stage.")
        stage = self._stages.get(request.space)
        if stage is not None:
            stage.people.leave(request.session)
            stage.monitors.leave(request.session)
        return Done()

    async def mute(self, request: Mute) -> Done:
        """Mute or unmute. Raises NotFound."""
        stage = self._stages.get(request.space)
        if stage is None:
            raise NotFound("This person is not on stage.")
        stage.people.mute(request)
        return Done()

    async def recast(self, request: Recast) -> Done:
        """Give somebody on stage another role. Raises NotFound."""
        stage = self._stages.get(request.space)
        if stage is None:
            raise NotFound("This person is not on stage.")
        stage.people.recast(request)
        return Done()

    async def take_off(self, request: TakeOff) -> Done:
        """Take people off one stage, or off every one; the conversations go on without them."""
        self._ban.add(request.speakers, request.space, request.why)
        for space, stage in tuple(self._stages.items()):
            if request.space in (None, space):
                for speaker in request.speakers:
                    if stage.people.take_off(speaker):
                        log.info("speaker_taken_off", space=space, speaker=speaker)
        return Done()

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

    async def go_live(self, request: GoLive) -> WentLive:
        """Begin a space's tape; live already, answer the same. Raises DiskFull, TapeFailed, TapeLocked."""
        async with self._lock(request.space):
            self._must_not_be_over(request.space)
            stage = self._stages.get(request.space)
            if stage is not None and stage.programme is not None:
                return went_live(stage.programme.genesis)
            with trouble.beginning():
                ready = await self._air.begin(request.space, request.title)
            self._open(request.space).go_live(ready.programme, ready.zero_ns)
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
                self._start(self._resume(request.space, request.run, after_s=FIRST_WAIT_S))
                raise
            except (TapeDamaged, UnknownTape):
                self._unended.discard(request.run)
                raise
            self._unended.discard(request.run)
            return Ended(recording=recording(end))

    def note(self, note: AudienceNote) -> None:
        """Take in how many listen, and what they did."""
        if note.space in self._stages:
            self._stages[note.space].note(note)

    async def caption(self, request: Caption) -> Captioned:
        """Put a line of what is said on a live tape. Conflict, TooManyRequests."""
        stage = self._stages.get(request.space)
        if stage is None:
            raise Conflict("This conversation is not live: nobody would read a caption.")
        placed = stage.caption(request)
        return Captioned(caption=placed.id, at=placed.at, samples=placed.samples)

    async def take_hold_loop(self, request: HoldLoop) -> HoldLoopTaken:
        """Keep a space's own music for when its stage is empty, or go back to the built-in one. NoMusic."""
        self._must_not_be_over(request.space)
        samples = 0
        if request.file:
            samples = await self._hold_files.keep(request.space, request.file)
        else:
            self._hold_files.forget(request.space)
        if request.space in self._stages:
            await self._load_music(self._stages[request.space])
        return HoldLoopTaken(duration_ms=samples * 1000 // SAMPLE_RATE)

    def follow(self, state: SpaceState) -> None:
        """Take in a space's state: resume what is live, close what is over."""
        words, stage = self._told.take(state), self._stages.get(state.space)
        if stage is not None:
            stage.words = words
        if self._told.is_over(state.space):
            self._hold_files.forget(state.space)
            self._start(self._close(state.space))
            return
        if state.lifecycle is Lifecycle.LIVE and state.run is not None:
            self._start(self._resume(state.space, state.run))
        elif state.lifecycle is Lifecycle.LOBBY and state.space not in self._stages:
            self._publish(StageReport(space=state.space, live=False))

    def forget(self, space: SpaceId) -> None:
        """A space no longer exists."""
        self._told.forget(space)
        self._start(self._close(space))

    async def stop(self) -> None:
        """Park every live programme and close every stage, all at once, within the grace time."""
        self._stopping.set()
        await asyncio.gather(*(self._park(stage) for stage in tuple(self._stages.values())))
        if self._tasks:
            _, slow = await asyncio.wait(self._tasks, timeout=STOP_TIMEOUT_S)
            for task in slow:
                task.cancel()

    def _publish(self, report: StageReport) -> None:
        """Tell backstage, which reads only the newest report: nothing may come behind the end of a run."""
        if report.run is not None and (report.finished is not None or report.lost):
            self._told.end(report.space, report.run)
        self._tell(report)

    def _lock(self, space: SpaceId) -> asyncio.Lock:
        """The space's lock, for as long as somebody holds it or waits for it."""
        lock = self._locks.get(space)
        if lock is None:
            lock = self._locks[space] = asyncio.Lock()
        return lock

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._group.create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, sdp: str, *, one_way: bool = False, listens: bool = False) -> Peer:
        return await Peer.answer(
            sdp,
            one_way=one_way,
            listens=listens,
            network=self._network(),
            stun_servers=self._settings.stun_servers,
            clock=self._clock,
        )

    def _find(self, space: SpaceId, session: SessionId, label: str | None) -> Voice | None:
        """A session's connection, if it is here. Raises NotAllowed when it is another's than ``label``'s."""
        stage = self._stages.get(space)
        found = (stage.people.find(session) or stage.monitors.find(session)) if stage is not None else None
        if found is None:
            return None
        whose, voice = found
        if label not in (None, whose):
            raise NotAllowed("This connection is somebody else's.")
        return voice

    def _monitored(self, space: SpaceId) -> Stage:
        stage = self._stages.get(space)
        if stage is None or stage.closed:
            raise NotFound("Nobody is on this stage.")
        return stage

    def _make_room(self, request: Offer) -> None:
        self._ban.check(request.speaker, request.space)
        self._must_not_be_over(request.space)
        stage = self._stages.get(request.space)
        if stage is not None:
            stage.people.need_seat(request)
            stage.people.make_room(request.speaker, request.role)

    def _must_not_be_over(self, space: SpaceId) -> None:
        if self._told.is_over(space) or self._told.has_ended(space):
            raise SpaceOver

    def _open(self, space: SpaceId) -> Stage:
        stage = self._stages.get(space)
        if stage is None or stage.closed:
            stage = Stage(
                space,
                clock=self._clock,
                max_speakers=self._settings.max_speakers,
                most_speakers=self._settings.most_speakers,
                hold_end_s=self._settings.hold_end_s,
                max_monitors=self._settings.max_monitors,
                publish=self._publish,
                interrupted=lambda run: self._start(self._resume(space, run, after_s=FIRST_WAIT_S)),
            )
            stage.words = self._told.words(space)
            self._stages[space] = stage
            self._start(self._load_music(stage))
            self._start(self._run(stage))
        return stage

    async def _run(self, stage: Stage) -> None:
        try:
            await stage.run()
        except Exception:
            # Whatever it was, the tape can be resumed: do that.
            log.exception("stage_failed", space=stage.space)
            await self._park(stage)
            if stage.run_id is not None:
                self._start(self._resume(stage.space, stage.run_id, after_s=FIRST_WAIT_S))
        finally:
            if self._stages.get(stage.space) is stage:
                del self._stages[stage.space]

    async def _load_music(self, stage: Stage) -> None:
        """Give a stage its music. One after the other: the newest file is what is read last."""
        async with self._loading_music:
            stage.hold.use(await asyncio.to_thread(self._hold_files.music, stage.space))

    async def _attend(self, stage: Stage, person: OnStage) -> None:
        """Until they leave. Whose connection broke keeps the place for a while, and may come back to it."""
        try:
            await person.peer.run()
            if person.peer.lost:
                person.broke_ns = self._clock.monotonic_ns() - person.peer.silent_ns
            if person.away_since_ns is not None and not person.left.is_set():
                log.info("seat_kept", space=stage.space, speaker=person.speaker)
                await self._keep_seat(stage.space, person, since_ns=person.away_since_ns)
        finally:
            stage.people.leave(person.session)
            stage.close_if_idle()

    async def _keep_seat(self, space: SpaceId, person: OnStage, *, since_ns: int) -> None:
        """However often they try to come back, the time counts from when they were here last."""
        gone_s = (self._clock.monotonic_ns() - since_ns) / 1e9
        try:
            await asyncio.wait_for(person.left.wait(), max(0.0, self._settings.seat_s - gone_s))
        except TimeoutError:
            log.info("seat_lost", space=space, speaker=person.speaker)
            self._seat_lost(SeatLost(space=space, speaker=person.speaker))

    async def _attend_monitor(self, stage: Stage, peer: Peer, session: SessionId) -> None:
        try:
            await peer.run()
        finally:
            stage.monitors.leave(session)

    async def _resume(self, space: SpaceId, run: RunId, *, after_s: float = 0.0) -> None:
        """Go on with a tape, or end it, and try until one of both is done. One at a time per space."""
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
        bring_back = self._air.end if run in self._unended else self._air.resume
        try:
            ready = await bring_back(space, run)
        except (TapeDamaged, UnknownTape) as error:
            log.exception("stage_tape_lost", space=space, run=run)
            self._lose(space, run, why_ended(error))
        except Exception as error:
            log.exception("stage_cannot_resume", space=space, run=run)
            if not self._stopping.is_set():
                self._open(space).interrupt(run, why_off_air(error))
            return False
        else:
            await self._take_back(space, run, ready)
        return True

    async def _take_back(self, space: SpaceId, run: RunId, ready: Ready | EndDocument) -> None:
        """Put a run on air again; or it has ended, then its people go home.

        Once everything is parked, so is what was only now brought back: who comes after goes on with it.
        """
        self._unended.discard(run)
        stage = self._stages.get(space)
        if isinstance(ready, Ready) and self._stopping.is_set():
            await asyncio.to_thread(ready.programme.park)
        elif isinstance(ready, Ready):
            self._open(space).go_live(ready.programme, ready.zero_ns)
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

    async def _park(self, stage: Stage) -> None:
        """Whatever fails at it, the tape is free and can be gone on with: what comes next must come."""
        try:
            await stage.park()
        except Exception:
            log.exception("stage_tape_not_parked", space=stage.space)


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    """One space's trouble must not end the others."""
    try:
        await work
    except Exception:
        log.exception("stage_task_failed")
