"""Captions on their way to the stage: who may write them, and how many.

The stage places them on the tape; nothing is kept here, and no line enters the audit: the tape is
the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.admission.allowance import Allowance
from rostra.bus.client import BusClient
from rostra.bus.messages import STAGE_CAPTION, Caption, Captioned, Lifecycle
from rostra.control.identity import Actor, Credential, standing
from rostra.control.permits import Doing, require
from rostra.control.spaces import find
from rostra.control.stage_line import ask
from rostra.control.throttle import Throttle
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, TooManyRequests
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import SpaceRow

LONGEST: Final = 300
MOST_AGO_MS: Final = 60_000
MOST_DURATION_MS: Final = 20_000
PER_WRITER: Final = Allowance(burst=20, refill_s=0.5)
"""Lines of one person in one space: twenty at once, two more a second."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what is said, as its writer sent it."""

    text: str
    language: str
    at: int | None
    """Media sample at which it begins."""
    ago_ms: int
    """Where no sample is given: so long ago."""
    duration_ms: int
    """0: as long as it takes to read."""


class CaptionDesk:
    """Takes lines and asks the stage."""

    def __init__(self, database: Database, bus: BusClient, *, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._throttle = Throttle(clock=clock)

    async def need_writer(self, actor: Actor, space: SpaceId) -> SpaceRow:
        """Return the space; NotAllowed unless ``actor`` may write its captions."""
        async with self._database.reading() as session:
            row = await find(session, space)
        require(standing(actor, row), Doing.CAPTION)
        return row

    async def write(self, actor: Actor, space: SpaceId, line: Line) -> Captioned:
        """Put a line on the tape. Conflict when it is not live, TooManyRequests, StageUnavailable."""
        row = await self.need_writer(actor, space)
        if row.lifecycle != Lifecycle.LIVE:
            raise Conflict("This conversation is not live: nobody would read a caption.", state=row.lifecycle)
        if actor.credential is not Credential.LOCAL:
            try:
                self._throttle.spend(f"{space} {actor.person}", PER_WRITER)
            except TooManyRequests as error:
                raise TooManyRequests("Too many captions at once. Please wait a moment.") from error
        asked = Caption(
            space=space,
            text=line.text,
            lang=line.language,
            at=line.at,
            ago_ms=line.ago_ms,
            duration_ms=line.duration_ms,
        )
        return await ask(self._bus, STAGE_CAPTION, asked, Captioned)
