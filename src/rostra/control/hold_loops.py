"""The music of an empty stage: a host's own in the place of the built-in one, or back to that.

The stage decodes and keeps it; here it is known how long it is. It goes once the space is over.
"""

from __future__ import annotations

from typing import Final

from rostra.admission.allowance import Allowance
from rostra.bus.client import BusClient
from rostra.bus.messages import STAGE_HOLD, HoldLoop, HoldLoopTaken, Lifecycle
from rostra.control import audit, lifecycle
from rostra.control.announcer import Announcer, touch
from rostra.control.identity import Actor, standing
from rostra.control.permits import Doing, require
from rostra.control.spaces import find
from rostra.control.stage_line import ask
from rostra.control.throttle import Throttle
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import BadRequest, BodyTooLarge
from rostra.core.ids import SpaceId
from rostra.store.database import Database

MOST_BYTES: Final = 900_000
"""Of the file: two minutes of Opus or MP3 at 56 kbit/s. It crosses the bus in one message."""
DECODE_S: Final = 40.0
PER_SPACE: Final = Allowance(burst=5, refill_s=20)


class HoldLoops:
    """One for each space that is not over."""

    def __init__(self, database: Database, bus: BusClient, announcer: Announcer, *, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._announcer = announcer
        self._clock = clock
        self._throttle = Throttle(clock=clock)

    async def use(self, actor: Actor, space: SpaceId, file: bytes | None) -> int:
        """Play ``file`` (None: the built-in music) from the next time on; return its milliseconds.

        Raises BadRequest for what cannot be played, BodyTooLarge, TooManyRequests, SpaceOver.
        """
        if file is not None and not file:
            raise BadRequest("The file is empty.")
        if file is not None and len(file) > MOST_BYTES:
            raise BodyTooLarge("The music is larger than {max_bytes} bytes.", max_bytes=MOST_BYTES)
        async with self._database.reading() as session:
            row = await find(session, space)
        require(standing(actor, row), Doing.HOLD_MUSIC)
        lifecycle.on_stage_possible(Lifecycle(row.lifecycle))
        if file is not None:
            self._throttle.spend(space, PER_SPACE)
        asked = HoldLoop(space=space, file=file or b"")
        taken = await ask(self._bus, STAGE_HOLD, asked, HoldLoopTaken, within_s=DECODE_S)
        now = now_ms(self._clock)
        async with self._database.session() as session:
            row = await find(session, space)
            row.hold_ms = taken.duration_ms
            touch(row, at=now)
            audit.record(
                session, at=now, actor=actor.label, act="hold.music", space=space, ms=taken.duration_ms
            )
        await self._announcer.announce(space)
        return taken.duration_ms
