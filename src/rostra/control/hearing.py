"""Where the minute around a report is to be heard: at the door, by a pass of one's own, and then at the edge.

For operators and moderators alone, whatever the space's visibility and whether its recording is held: they
cannot judge what they may not hear. The pass opens all of the recording, so each one given is on record.
Backstage serves no audio and signs no ticket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.control import audit
from rostra.control.addresses import Addresses
from rostra.control.epochs import HEAR, HEARING_S
from rostra.control.identity import Actor, as_of_now
from rostra.control.passes import Passes
from rostra.control.permits import Ruling
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict
from rostra.store.database import Database
from rostra.store.tables import ReportRow

AROUND_S: Final = 30
"""Before and after the second that was reported."""


@dataclass(frozen=True, slots=True)
class Minute:
    """Whom to ask for the audio, and which seconds of it."""

    status: str
    """Of the space at the door: it names the recording once there is one."""
    join: str
    """Where a ticket to the live programme is to be had."""
    run: str
    from_s: int
    to_s: int


class Hearing:
    """Gives out what is needed to hear a minute."""

    def __init__(self, database: Database, passes: Passes, *, clock: Clock) -> None:
        self._database = database
        self._passes = passes
        self._clock = clock

    async def minute(self, actor: Actor, report: ReportRow, state: SpaceState, own: Addresses) -> Minute:
        """Where to hear it, for ``actor``, who may see the report; written down before it is told.

        Conflict, with a sentence, where there is nothing to be heard; Unavailable. NotAllowed, or Suspended,
        where they may not any more.
        """
        over = state.lifecycle is not Lifecycle.LIVE
        kept = state.recording is not None and (state.is_released or state.is_held)
        if state.hidden_reason:
            raise Conflict("This conversation is hidden, and plays nowhere while it is.")
        if report.run is None or report.run != state.run or (over and not kept):
            raise Conflict("There is no audio around this report that could be played.")
        given = self._passes.for_hearing(state.space, epoch=state.pass_epoch, lasts_s=HEARING_S)
        async with self._database.session() as session:
            (await as_of_now(session, actor)).need(Ruling.REPORTS)
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=actor.label, act=HEAR, space=state.space, report=report.id)
        page = own.event(state.space)
        return Minute(
            status=f"{page}/status.json?pass={given}",
            join=f"{page}/join?pass={given}",
            run=report.run,
            from_s=max(0, report.at_s - AROUND_S),
            to_s=report.at_s + AROUND_S,
        )
