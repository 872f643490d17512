"""A space as control tells the edge of it."""

from __future__ import annotations

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.ids import AccountId, RunId, SpaceId

SPACE, RUN = SpaceId("space23456"), RunId("run23456")
LIVE = SpaceState(
    space=SPACE,
    revision=1,
    lifecycle=Lifecycle.LIVE,
    title="",
    description="",
    host=AccountId("host23456"),
    host_name="",
    starts_at=0,
    time_zone="UTC",
    run=RUN,
)
