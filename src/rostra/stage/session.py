"""The stage of one space: its 20 ms loop, its people, its programme while live.

In the lobby people hear each other and nothing is written. Knows no bus: reports go out by a
function that it is given. Calls come from one event loop; whoever changes the programme holds the
space's lock (``stage/house.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from rostra.bus.messages import AudienceNote, StageReport, Why
from rostra.bus.messages import Caption as CaptionAsked
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, RostraError
from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import SEGMENT, from_nanoseconds, nanoseconds
from rostra.media.events import Caption
from rostra.stage.air import LONGEST_GAP_NS
from rostra.stage.errors import why_ended, why_off_air
from rostra.stage.hold import Hold
from rostra.stage.lateness import Lateness
from rostra.stage.monitors import Monitors
from rostra.stage.pace import TICK_NS, Pace
from rostra.stage.people import People
from rostra.stage.programme import Programme
from rostra.stage.scene import Scene, Words
from rostra.stage.tapes import quantum_after, recording
from rostra.tape.genesis import EndDocument

log = structlog.get_logger()

BREATH_S = 0.002
"""Rest between ticks that are caught up with, so that sound which waits in sockets gets in first."""
PAIRS_FROM = 8
"""People on stage from whom on ticks come in pairs: less work for each, and 20 ms until they hear it."""
MOST_BREATHS = 10
"""Rests for a speaker whose next tick is not in; then they have none."""
REPORT_TICKS = 10
"""Ticks between looks at what to report: 5 reports a second at most."""
SYNC_EVERY_S = 2.0


class Stage:
    """Made when the first person comes or a space goes live; :meth:`run` returns when it is over."""

    def __init__(
        self,
        space: SpaceId,
        *,
        clock: Clock,
        max_speakers: int,
        most_speakers: int,
        hold_end_s: int = 0,
        max_monitors: int = 0,
        let_sound_in: Callable[[], None] = lambda: None,
        publish: Callable[[StageReport], None],
        interrupted: Callable[[RunId], None],
    ) -> None:
        """``most_speakers`` of the ``max_speakers`` people may be neither host nor co-host.

        ``let_sound_in`` is called when a tick is due: it reads what has come for whoever is on stage.
        ``interrupted`` is told of a run that failed and could not even be ended.
        """
        self.space = space
        self.people = People(max_speakers, most_speakers=most_speakers)
        self.monitors = Monitors(max_monitors)
        self.audience = AudienceNote(space=space, listeners=0)
        self.words: Words | None = None
        self.hold = Hold(end_s=hold_end_s)
        self._clock = clock
        self._let_sound_in = let_sound_in
        self._publish = publish
        self._interrupted = interrupted
        self._pace = Pace(clock.monotonic_ns())
        self._lateness, self._done = Lateness(), Lateness()
        """Of when ticks begin, and of when all of their sound has been sent and written."""
        self._programme: Programme | None = None
        self._zero_ns = 0
        """Monotonic time of the programme's sample 0."""
        self._live_from_ns = 0
        self._after_gap = False
        """A gap was put on the tape, and nothing since."""
        self._run_id: RunId | None = None
        self._trouble: Why | None = None
        """Why a run that is live is not on air."""
        self._end: EndDocument | None = None
        self._ending = asyncio.Lock()
        self._ticks = 0
        self._reported: StageReport | None = None
        """The last report, its samples in whole segments: a count that only grows is no news."""
        self._closed = False

    @property
    def programme(self) -> Programme | None:
        """What is on air, if anything."""
        return self._programme

    @property
    def run_id(self) -> RunId | None:
        """The tape that is or was on air."""
        return self._run_id

    @property
    def closed(self) -> bool:
        """Whether the stage is over and takes nobody."""
        return self._closed

    async def run(self) -> None:
        """Tick until the stage is closed. A tape that fails ends the stage."""
        try:
            async with asyncio.TaskGroup() as group:
                syncing = group.create_task(self._keep_durable())
                await self._keep_pace()
                syncing.cancel()
        finally:
            self.close()
            log.info("stage_closed", space=self.space, ticks=self._ticks, late_ticks=self._pace.late)
            if self._run_id is None:
                self._publish(StageReport(space=self.space, live=False))

    def close(self) -> None:
        """Hang up on everybody; the loop ends. A programme must have been ended or parked before."""
        self._closed = True
        self.people.leave_all()
        self.monitors.leave_all()

    def close_if_idle(self) -> None:
        """Close when nobody is here and nothing is on air, or about to be again."""
        if not self.people and self._programme is None and not self._trouble:
            self.close()

    def go_live(self, programme: Programme, zero_ns: int) -> None:
        """Write every tick from the programme's next sample on; sample 0 is at ``zero_ns`` (monotonic)."""
        self._programme = programme
        self._run_id = programme.genesis.run
        self._trouble = None
        self._zero_ns = zero_ns
        self.hold.visited = programme.samples > 0
        self._begin_at(programme.samples)
        log.info("stage_live", space=self.space, run=programme.genesis.run, sample=programme.samples)

    async def end(self, *, why: Why | None = None, flush: bool = True) -> EndDocument | None:
        """End programme and stage; asked again, answer the same. None when nothing is on air.

        Raises DiskFull or OSError when not even the end can be written: the tape can be resumed then, and
        the people stay and are told.
        """
        async with self._ending:
            programme, self._programme = self._programme, None
            if programme is not None:
                run = programme.genesis.run
                try:
                    scene = self._scene() if flush else None
                    end = await asyncio.to_thread(programme.finish, scene, reason=why or "")
                except Exception as error:
                    self.interrupt(run, why_off_air(error))
                    self._interrupted(run)
                    raise
                finally:
                    programme.close()
                self.over(run, end)
            return self._end

    def interrupt(self, run: RunId, trouble: Why) -> None:
        """Tell the people of a live run that is not on air why that is, until it goes on or ends."""
        self._run_id, self._trouble = run, trouble
        self._report()

    def over(self, run: RunId, end: EndDocument) -> None:
        """Close the stage of a run that has ended, and report the end."""
        self._run_id, self._end = run, end
        self.close()
        self._publish(end_report(self.space, run, end))

    def note(self, note: AudienceNote) -> None:
        """Take in what the audience is told to have done in a second; the newest wins."""
        self.audience = note
        if self._programme is not None:
            self._programme.moments.note(note)

    def caption(self, asked: CaptionAsked) -> Caption:
        """Put a line on the tape with the next chunk. Conflict when it is not live, TooManyRequests."""
        if self._programme is None:
            raise Conflict("This conversation is not live: nobody would read a caption.")
        return self._programme.moments.caption(asked, now_sample=self._programme.samples)

    async def park(self) -> None:
        """Leave the programme so that another process can go on with it, and close."""
        async with self._ending:
            programme, self._programme = self._programme, None
            try:
                if programme is not None:
                    await asyncio.to_thread(programme.park, self._scene())
            finally:
                self.close()

    async def _keep_pace(self) -> None:
        while not self._closed:
            self._pace.in_pairs = len(self.people) >= PAIRS_FROM
            await asyncio.sleep(max(0, self._pace.waits_ns(self._clock.monotonic_ns())) / 1e9)
            late_ns = -self._pace.waits_ns(self._clock.monotonic_ns())
            if late_ns < 0:
                continue
            self._let_sound_in()
            now_ns = self._clock.monotonic_ns()
            try:
                if self._pace.is_outage(now_ns):
                    await self._jump(now_ns)
                else:
                    self._tick(now_ns, late_ns)
                if self.hold.is_over and self._programme is not None:
                    log.info("stage_left_empty", space=self.space)
                    await self.end(why=Why.ENDED_NOBODY)
            except (RostraError, OSError) as error:
                await self._fail(error)
            if self._pace.waits_ns(self._clock.monotonic_ns()) <= 0:
                await self._await_sound()

    async def _await_sound(self) -> None:
        """Before a tick that is late: what was said in time waits in sockets and with decoders."""
        for _ in range(MOST_BREATHS):
            await asyncio.sleep(BREATH_S)
            self._let_sound_in()
            if not self.people.runs_dry:
                break

    def _tick(self, now_ns: int, late_ns: int) -> None:
        ticks = self._pace.together
        on_air = self._programme is not None and self._pace.begins_ns >= self._live_from_ns
        if on_air and self._after_gap:
            self.people.begin_anew()
            self._after_gap = False
        if on_air:
            for _ in range(ticks):
                self.hold.count(somebody=self.people.anybody)
        for mixed in self.people.mix(ticks, catching_up=self._pace.is_behind(now_ns), hold=self.hold):
            self.monitors.hear(mixed)
            if self._programme is not None and on_air:
                self._programme.write(mixed, self._scene)
        self._account(ticks, late_ns, -self._pace.waits_ns(self._clock.monotonic_ns()))
        self._pace.advance(now_ns)
        self._ticks += ticks
        if self._ticks % REPORT_TICKS < ticks:
            self._report()

    def _account(self, ticks: int, late_ns: int, done_ns: int) -> None:
        """Count ticks by how long after they were due they began and were done; log both now and then."""
        self._done.note(done_ns, ticks=ticks)
        if self._lateness.note(late_ns, ticks=ticks):
            done = {f"done_{name}": ms for name, ms in self._done.account().items()}
            log.info("stage_pace", space=self.space, **self._lateness.account(), **done)

    def _scene(self) -> Scene:
        return self.people.scene(self.audience, self.words, hold=self.hold.plays)

    async def _jump(self, now_ns: int) -> None:
        """The process or the machine stood still: what nobody mixed is a gap on the tape.

        It is filled in a thread, because a long one takes a while and other stages share this loop.
        """
        missed_ns = now_ns - self._pace.begins_ns
        log.warning("stage_stood_still", space=self.space, missed_ms=missed_ns // 1_000_000)
        if missed_ns > LONGEST_GAP_NS:
            await self.end(why=Why.STAGE_AWAY, flush=False)
        async with self._ending:
            if self._programme is None:
                self._pace.align(now_ns, now_ns)
                return
            resumes_at = quantum_after(from_nanoseconds(now_ns - self._zero_ns))
            await asyncio.to_thread(self._programme.fill_gap, resumes_at, self._scene())
            self._after_gap = True
            self._begin_at(resumes_at)

    def _begin_at(self, sample: int) -> None:
        self._live_from_ns = self._zero_ns + nanoseconds(sample)
        self._pace.align(self._live_from_ns, self._clock.monotonic_ns())

    async def _fail(self, error: RostraError | OSError) -> None:
        why = why_ended(error)
        log.error("stage_tape_failed", space=self.space, reason=why, error=repr(error))
        try:
            await self.end(why=why, flush=False)
        except (RostraError, OSError) as unended:
            log.error("stage_tape_not_ended", space=self.space, error=repr(unended))

    async def _keep_durable(self) -> None:
        while True:
            await asyncio.sleep(SYNC_EVERY_S)
            if self._programme is not None:
                try:
                    await asyncio.to_thread(self._programme.sync)
                except OSError as error:
                    await self._fail(error)

    def _report(self) -> None:
        if self._closed or self._end is not None:
            return
        report = StageReport(
            space=self.space,
            live=self._programme is not None,
            run=self._run_id,
            samples=self._programme.samples if self._programme else 0,
            speakers=self.people.speakers(),
            reason=self._trouble or "",
            hold=self._programme is not None and self.hold.plays,
            hold_ends_at=self._hold_ends_at(),
        )
        news = msgspec.structs.replace(report, samples=report.samples // SEGMENT)
        if news != self._reported:
            self._reported = news
            self._publish(report)

    def _hold_ends_at(self) -> int:
        """When the programme ends unless somebody comes, in UTC ms, to the second; 0: it does not."""
        left = self.hold.left_ticks
        if self._programme is None or left is None or not self.hold.plays:
            return 0
        end_ns = self._pace.begins_ns - self._zero_ns + left * TICK_NS
        return (self._programme.genesis.anchor_utc_ns + end_ns) // 1_000_000_000 * 1000


def end_report(space: SpaceId, run: RunId, end: EndDocument) -> StageReport:
    """Return the last report of a run: what was recorded, and why it ended."""
    return StageReport(
        space=space,
        live=False,
        run=run,
        samples=end.duration_samples,
        finished=recording(end),
        reason=end.reason,
    )
