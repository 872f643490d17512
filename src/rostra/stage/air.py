"""Put a space on air: begin a tape, or go on with one after an outage.

Here media time is tied to UTC: once at genesis, and again when a programme is resumed, whose
position is its anchor plus the time that has passed. In between nobody reads the wall clock.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from rostra.bus.messages import Why
from rostra.core.clock import Clock
from rostra.core.errors import DiskFull, TapeLocked
from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import from_nanoseconds, nanoseconds
from rostra.stage.errors import why_ended
from rostra.stage.programme import Programme
from rostra.stage.scene import Scene, Words
from rostra.stage.tapes import Tapes, end_and_free, quantum_after
from rostra.tape.genesis import EndDocument
from rostra.tape.recovery import TapeEnded

log = structlog.get_logger()

LOCKED_RETRY_S = 0.25
LOCKED_TRIES = 40
"""A tape may be held for a moment by the process before this one."""
LEAD_NS = 100_000_000
"""A programme begins, or goes on, this long after it is asked for: time to make or mend its files."""
LONGEST_GAP_NS = 6 * 3600 * 1_000_000_000
"""After a longer outage the tape ends where it stopped."""
COMES_BACK_NS = 30 * 1_000_000_000
"""A stage that died is back within this; a tape nobody was told of is gone on with no later than that."""
CLOCK_AHEAD_NS = 10_000_000_000
"""A tape that lies further ahead of UTC than this goes on at once: the clock was set back."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A programme to put on a stage. Its sample 0 is at ``zero_ns`` on the monotonic clock."""

    programme: Programme
    zero_ns: int


class Air:
    """Begins, resumes and ends programmes. The caller holds the space's lock."""

    def __init__(self, tapes: Tapes, *, clock: Clock) -> None:
        self._tapes = tapes
        self._clock = clock

    async def begin(self, space: SpaceId, title: str, words: Words | None = None) -> Ready:
        """Begin a tape, or go on with one that a stage began just now and died before it could say so.

        An older one is none of the space's any more. Raises DiskFull, TapeLocked.
        """
        while (orphan := await asyncio.to_thread(self._tapes.resume_unfinished, space)) is not None:
            if self._outage_ns(orphan) > COMES_BACK_NS:
                await asyncio.to_thread(self._put_away, orphan)
                continue
            ready = await self._go_on(orphan, words)
            if isinstance(ready, Ready):
                return ready
            raise DiskFull
        zero_ns = self._clock.monotonic_ns() + LEAD_NS
        anchor_utc_ns = self._clock.utc_ns() + LEAD_NS
        programme = await asyncio.to_thread(self._tapes.begin, space, title, anchor_utc_ns)
        return Ready(programme, zero_ns)

    async def resume(self, space: SpaceId, run: RunId, words: Words | None = None) -> Ready | EndDocument:
        """Go on with a tape at the present position, the outage filled with silence typed as a gap.

        ``words`` are what stands there, as far as backstage has told.
        An end comes back when the tape has one, or gets one: the outage was too long, the disk is full.
        Raises UnknownTape, TapeDamaged, TapeLocked; DiskFull when not even the end fits.
        """
        try:
            return await self._go_on(await self._reopen(space, run), words)
        except TapeEnded:
            return await asyncio.to_thread(self._tapes.ended, space, run)

    async def end(self, space: SpaceId, run: RunId) -> EndDocument:
        """End a tape that no stage runs, or tell of one that has ended. Raises as :meth:`resume`."""
        return await asyncio.to_thread(self._tapes.end, space, run)

    async def erase(self, space: SpaceId, run: RunId) -> None:
        """Delete a tape that no stage runs. Raises TapeLocked, UnknownTape for what is no id."""
        await asyncio.to_thread(self._tapes.erase, space, run)

    async def _reopen(self, space: SpaceId, run: RunId) -> Programme:
        for _ in range(LOCKED_TRIES):
            try:
                return await asyncio.to_thread(self._tapes.resume, space, run)
            except TapeLocked:
                await asyncio.sleep(LOCKED_RETRY_S)
        return await asyncio.to_thread(self._tapes.resume, space, run)

    def _put_away(self, orphan: Programme) -> None:
        """Erase what went on for seconds after its stage could have told of it; end what went on for longer.

        Backstage hears of a live stage within a second: longer ones were not unheard of, and stay on disk.
        """
        genesis = orphan.genesis
        log.warning("stage_orphan_put_away", space=genesis.space, run=genesis.run, samples=orphan.samples)
        if nanoseconds(orphan.samples) > COMES_BACK_NS:
            end_and_free(orphan, why=Why.STAGE_AWAY)
        else:
            orphan.close()
            self._tapes.erase(genesis.space, genesis.run)

    async def _go_on(self, programme: Programme, words: Words | None) -> Ready | EndDocument:
        zero_ns, outage_ns = self._zero_ns(programme), self._outage_ns(programme)
        if outage_ns > LONGEST_GAP_NS:
            log.error("stage_away_too_long", run=programme.genesis.run, outage_s=outage_ns // 1_000_000_000)
            return await asyncio.to_thread(end_and_free, programme, why=Why.STAGE_AWAY)
        if outage_ns < -CLOCK_AHEAD_NS:
            log.error("clock_set_back", run=programme.genesis.run, ahead_s=-outage_ns // 1_000_000_000)
            zero_ns += outage_ns
        try:
            await asyncio.to_thread(programme.fill_gap, self._resumes_at(zero_ns), Scene(words=words))
        except DiskFull as error:
            return await asyncio.to_thread(end_and_free, programme, why=why_ended(error))
        except BaseException:
            programme.close()
            raise
        return Ready(programme, zero_ns)

    def _outage_ns(self, programme: Programme) -> int:
        """How long ago the programme's last sample was."""
        return self._clock.monotonic_ns() - self._zero_ns(programme) - nanoseconds(programme.samples)

    def _zero_ns(self, programme: Programme) -> int:
        """The monotonic time of the programme's sample 0, by UTC."""
        since_anchor_ns = self._clock.utc_ns() - programme.genesis.anchor_utc_ns
        return self._clock.monotonic_ns() - since_anchor_ns

    def _resumes_at(self, zero_ns: int) -> int:
        return quantum_after(from_nanoseconds(self._clock.monotonic_ns() + LEAD_NS - zero_ns))
