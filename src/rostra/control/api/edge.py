"""Addresses of the edge as a whole: how often listeners are written to."""

from __future__ import annotations

from fastapi import APIRouter

from rostra.bus.messages import EdgePolicy
from rostra.control.api.asking import Asking, Services
from rostra.control.api.people_shapes import PaceIn, PaceOut
from rostra.control.times import iso
from rostra.core.pace import Pace

router = APIRouter(tags=["site"])


@router.get("/edge/pace")
async def pace(actor: Asking, backstage: Services) -> PaceOut:
    """How much audio one write to a listener carries. For operators."""
    actor.need_operator()
    return _out(backstage.edge_pace.policy)


@router.put("/edge/pace")
async def change(body: PaceIn, actor: Asking, backstage: Services) -> PaceOut:
    """Let another pace hold, for all that is live. For operators.

    Two segments after it is told; a longer cadence comes by steps until then, as players grow what they hold.
    """
    return _out(await backstage.edge_pace.change(actor, Pace(body.cadence, body.cohorts)))


def _out(policy: EdgePolicy) -> PaceOut:
    since = iso(policy.from_ms) if policy.from_ms else None
    return PaceOut(cadence=policy.cadence, cohorts=policy.cohorts, holds_from=since)
