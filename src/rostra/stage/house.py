"""What control asks of the stages of this process: who comes, goes, is muted; what is told of spaces.

What goes on the tapes is in :mod:`rostra.stage.runs`. Tasks live in the group that the worker awaits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from rostra.bus.messages import (
    Answer,
    AudienceNote,
    Caption,
    Captioned,
    Done,
    HoldLoop,
    HoldLoopTaken,
    Leave,
    Lifecycle,
    Monitor,
    Monitoring,
    Mute,
    Offer,
    Patch,
    Patched,
    Recast,
    SeatLost,
    SpaceState,
    StageReport,
    TakeOff,
    WhoMonitors,
)
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotAllowed, NotFound, RostraError
from rostra.core.ids import RunId, SessionId, SpaceId
from rostra.core.samples import SAMPLE_RATE
from rostra.core.settings import Settings
from rostra.stage.air import Air
from rostra.stage.ban import Ban
from rostra.stage.fragment import read_fragment
from rostra.stage.hold_files import HoldFiles
from rostra.stage.ice import Network
from rostra.stage.peer import Peer
from rostra.stage.postbox import Postbox
from rostra.stage.runs import Runs
from rostra.stage.session import Stage
from rostra.stage.speaker import OnStage
from rostra.stage.stages import Stages
from rostra.stage.tasks import Tasks
from rostra.stage.told import Told
from rostra.stage.voice import Voice

log = structlog.get_logger()

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
        postbox: Postbox,
        air: Air,
        hold_files: HoldFiles,
        clock: Clock,
        publish: Callable[[StageReport], None],
        seat_lost: Callable[[SeatLost], None],
        group: asyncio.TaskGroup,
    ) -> None:
        self._settings = settings
        self._network = network
        self._postbox = postbox
        self._hold_files = hold_files
        self._clock = clock
        self._tell = publish
        self._seat_lost = seat_lost
        self._told = Told()
        self._backstage = ""
        """Which one looks after whoever listens in."""
        self._ban = Ban(clock=clock)
        self._tasks = Tasks(group)
        self.stages = Stages(
            settings=settings,
            told=self._told,
            hold_files=hold_files,
            clock=clock,
            let_sound_in=postbox.collect,
            publish=self._publish,
            interrupted=self._interrupted,
            tasks=self._tasks,
        )
        self.runs = Runs(
            stages=self.stages, told=self._told, air=air, publish=self._publish, tasks=self._tasks
        )

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
        stage = self.stages.open(request.space)
        person = stage.people.join(request, voice, now_ns=self._clock.monotonic_ns())
        self._tasks.start(self._attend(stage, person))
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
        self._tasks.start(self._attend_monitor(stage, peer, session))
        return Answer(session=session, sdp=peer.answer_sdp, etag=peer.etag)

    async def who_monitors(self, _: WhoMonitors) -> Monitoring:
        """Tell who listens in."""
        return Monitoring(
            sessions=tuple(session for stage in self.stages for session in stage.monitors.sessions)
        )

    def follow_backstage(self, name: str) -> None:
        """Hang up on whoever listens in once backstage is another: it looks after those whom it let in."""
        if name != self._backstage:
            self._backstage = name
            for stage in self.stages:
                stage.monitors.leave_all()

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
        stage = self.stages.get(request.space)
        if stage is not None:
            stage.people.leave(request.session)
            stage.monitors.leave(request.session)
        return Done()

    async def mute(self, request: Mute) -> Done:
        """Mute or unmute. Raises NotFound."""
        stage = self.stages.get(request.space)
        if stage is None:
            raise NotFound("This person is not on stage.")
        stage.people.mute(request)
        return Done()

    async def recast(self, request: Recast) -> Done:
        """Give somebody on stage another role. Raises NotFound."""
        stage = self.stages.get(request.space)
        if stage is None:
            raise NotFound("This person is not on stage.")
        stage.people.recast(request)
        return Done()

    async def take_off(self, request: TakeOff) -> Done:
        """Take people off one stage, or off every one; the conversations go on without them."""
        self._ban.add(request.speakers, request.space, request.why)
        for stage in self.stages:
            if request.space in (None, stage.space):
                for speaker in request.speakers:
                    if stage.people.take_off(speaker):
                        log.info("speaker_taken_off", space=stage.space, speaker=speaker)
        return Done()

    def note(self, note: AudienceNote) -> None:
        """Take in how many listen, and what they did."""
        stage = self.stages.get(note.space)
        if stage is not None:
            stage.note(note)

    async def caption(self, request: Caption) -> Captioned:
        """Put a line of what is said on a live tape. Conflict, TooManyRequests."""
        stage = self.stages.get(request.space)
        if stage is None:
            raise Conflict("This conversation is not live: nobody would read a caption.")
        placed = stage.caption(request)
        return Captioned(caption=placed.id, at=placed.at, samples=placed.samples)

    async def take_hold_loop(self, request: HoldLoop) -> HoldLoopTaken:
        """Keep a space's own music for when its stage is empty, or go back to the built-in one. NoMusic."""
        self._told.must_not_be_over(request.space)
        samples = 0
        if request.file:
            samples = await self._hold_files.keep(request.space, request.file)
        else:
            self._hold_files.forget(request.space)
        stage = self.stages.get(request.space)
        if stage is not None:
            await self.stages.load_music(stage)
        return HoldLoopTaken(duration_ms=samples * 1000 // SAMPLE_RATE)

    def follow(self, state: SpaceState) -> None:
        """Take in a space's state: resume what is live, close what is over."""
        words, stage = self._told.take(state), self.stages.get(state.space)
        if stage is not None:
            stage.words = words
        if self._told.is_over(state.space):
            self._hold_files.forget(state.space)
            self.runs.close(state.space)
            return
        if state.lifecycle is Lifecycle.LIVE and state.run is not None:
            self.runs.resume(state.space, state.run)
        elif state.lifecycle is Lifecycle.LOBBY and stage is None:
            self._publish(StageReport(space=state.space, live=False))

    def forget(self, space: SpaceId) -> None:
        """A space no longer exists."""
        self._told.forget(space)
        self.runs.close(space)

    async def stop(self) -> None:
        """Park every live programme and close every stage, all at once, within the grace time."""
        self.runs.stop()
        await self.stages.park()
        await self._tasks.finish(within_s=STOP_TIMEOUT_S)

    def _publish(self, report: StageReport) -> None:
        """Tell backstage, which reads only the newest report: nothing may come behind the end of a run."""
        if report.run is not None and (report.finished is not None or report.lost):
            self._told.end(report.space, report.run)
        self._tell(report)

    def _interrupted(self, space: SpaceId, run: RunId) -> None:
        self.runs.try_again(space, run)

    async def _answer(self, sdp: str, *, one_way: bool = False, listens: bool = False) -> Peer:
        return await Peer.answer(
            sdp,
            one_way=one_way,
            listens=listens,
            network=self._network(),
            postbox=self._postbox,
            stun_servers=self._settings.stun_servers,
            clock=self._clock,
        )

    def _find(self, space: SpaceId, session: SessionId, label: str | None) -> Voice | None:
        """A session's connection, if it is here. Raises NotAllowed when it is another's than ``label``'s."""
        stage = self.stages.get(space)
        found = (stage.people.find(session) or stage.monitors.find(session)) if stage is not None else None
        if found is None:
            return None
        whose, voice = found
        if label not in (None, whose):
            raise NotAllowed("This connection is somebody else's.")
        return voice

    def _monitored(self, space: SpaceId) -> Stage:
        stage = self.stages.get(space)
        if stage is None or stage.closed:
            raise NotFound("Nobody is on this stage.")
        return stage

    def _make_room(self, request: Offer) -> None:
        self._ban.check(request.speaker, request.space)
        self._told.must_not_be_over(request.space)
        stage = self.stages.get(request.space)
        if stage is not None:
            stage.people.need_seat(request)
            stage.people.make_room(request.speaker, request.role)

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
