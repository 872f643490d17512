"""Addresses of the door: what is ordered of it, what it sees, and links to places set apart."""

from __future__ import annotations

from fastapi import APIRouter

from rostra.admission.ladder import RUNGS, Name
from rostra.bus.messages import Crowd, DoorReport, SpaceOrder
from rostra.control.addresses import Addresses
from rostra.control.api.asking import Asking, Own, Services
from rostra.control.api.door_shapes import (
    CrowdOut,
    DoorIn,
    DoorOut,
    FiguresOut,
    ReservedLinkIn,
    ReservedLinkOut,
    RungOut,
    SeenOut,
    SpaceDoorIn,
    SpaceDoorOut,
    WorkerOut,
)
from rostra.control.backstage import Backstage
from rostra.control.door_orders import SpaceWish
from rostra.control.identity import Actor
from rostra.control.reserved_links import ReservedLink
from rostra.control.times import iso
from rostra.core.ids import SpaceId

router = APIRouter(tags=["door"])

_RUNGS = [
    RungOut(
        name=rung.name,
        cadence=rung.cadence,
        low=rung.low,
        quiet=rung.quiet,
        closed=rung.closed,
        by_hand_only=rung.by_hand_only,
    )
    for rung in RUNGS
]


@router.get("/door")
async def door(actor: Asking, backstage: Services) -> DoorOut:
    """What is ordered of the door, what it saw last, and the ladder. For operators."""
    actor.need_operator()
    return _door_out(backstage)


@router.put("/door")
async def order(body: DoorIn, actor: Asking, backstage: Services) -> DoorOut:
    """Order places and rung for all spaces, in place of what was ordered before. For operators.

    The rung ``worst`` needs a number of places.
    """
    await backstage.door_orders.change(actor, places=body.places, rung=body.rung)
    return _door_out(backstage)


@router.get("/door/figures")
async def figures(actor: Asking, backstage: Services) -> FiguresOut:
    """What the door saw in the last ten minutes, second by second. For operators."""
    actor.need_operator()
    seen = list(backstage.door_watch.figures)
    return FiguresOut(
        at=[each.at_ms / 1000 for each in seen],
        arrivals_per_s=[each.arrivals_per_s for each in seen],
        joined_per_s=[each.joined_per_s for each in seen],
        waiting=[each.waiting for each in seen],
        listeners=[each.listeners for each in seen],
        places=[each.places for each in seen],
        rate=[each.rate for each in seen],
        late_share=[each.late_share for each in seen],
    )


@router.get("/spaces/{space}/door")
async def door_of_space(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceDoorOut:
    """What is ordered for one space, its crowd, and its reserved links."""
    found = await backstage.door_orders.of(actor, SpaceId(space))
    return await _space_out(backstage, own, actor, found)


@router.put("/spaces/{space}/door")
async def order_for_space(
    space: str, body: SpaceDoorIn, actor: Asking, backstage: Services, own: Own
) -> SpaceDoorOut:
    """Order places for one space (operators), or set some of them apart (its hosts)."""
    wish = SpaceWish(
        places=body.places,
        unlimited="places" in body.model_fields_set and body.places is None,
        reserved=body.reserved,
    )
    changed = await backstage.door_orders.change_space(actor, SpaceId(space), wish)
    return await _space_out(backstage, own, actor, changed)


@router.post("/spaces/{space}/door/links", status_code=201)
async def make_link(
    space: str, body: ReservedLinkIn, actor: Asking, backstage: Services, own: Own
) -> ReservedLinkOut:
    """Make a link that holds so many of the places set apart."""
    made = await backstage.reserved_links.make(actor, SpaceId(space), name=body.name, places=body.places)
    return _link_out(own, SpaceId(space), made)


@router.delete("/spaces/{space}/door/links/{link}", status_code=204)
async def take_link_back(space: str, link: str, actor: Asking, backstage: Services) -> None:
    """Let a reserved link count no more. Whoever is inside stays."""
    await backstage.reserved_links.take_back(actor, SpaceId(space), link)


def _door_out(backstage: Backstage) -> DoorOut:
    ordered, report = backstage.door_orders.order, backstage.door_watch.report
    seen = None if report is None else _seen(backstage, report)
    return DoorOut(
        places=ordered.places,
        capacity=backstage.settings.capacity or None,
        rung=ordered.rung or None,
        seen=seen,
        rungs=_RUNGS,
    )


def _seen(backstage: Backstage, report: DoorReport) -> SeenOut:
    return SeenOut(
        asked=report.asked,
        joined=report.joined,
        placed=report.placed,
        refused=dict(report.refused),
        rate=round(report.rate, 1),
        places=report.places,
        limit=report.limit,
        measured=report.measured,
        listeners=report.listeners,
        late_share=report.late_share,
        rung=report.rung,
        held=report.held,
        spaces=[_crowd(backstage, each) for each in report.spaces],
        workers=[
            WorkerOut(
                worker=each.worker,
                listeners=each.listeners,
                cpu=round(each.cpu, 3),
                late_share=each.late_share,
            )
            for each in report.workers
        ],
    )


def _crowd(backstage: Backstage, crowd: Crowd) -> CrowdOut:
    state = backstage.announcer.states.get(crowd.space)
    return CrowdOut(
        space=crowd.space,
        title=state.title if state is not None else "",
        inside=crowd.inside,
        waiting=crowd.waiting,
        waiting_by_line=list(crowd.waiting_by_line),
        places=crowd.places,
        opening=crowd.opening,
        reserved=crowd.reserved,
        reserved_inside=crowd.reserved_inside,
    )


async def _space_out(backstage: Backstage, own: Addresses, actor: Actor, ordered: SpaceOrder) -> SpaceDoorOut:
    space = ordered.space
    crowd = backstage.door_watch.crowd(space)
    links = await backstage.reserved_links.held(actor, space)
    return SpaceDoorOut(
        places=ordered.places,
        most=_most(backstage, ordered),
        reserved=ordered.reserved,
        rung=backstage.door_watch.rung or Name.GROUND,
        crowd=None if crowd is None else _crowd(backstage, crowd),
        links=[_link_out(own, space, each) for each in links],
    )


def _most(backstage: Backstage, ordered: SpaceOrder) -> int | None:
    """Of what is ordered for one space, and what holds for all together, the less."""
    of_all = backstage.door_orders.order.places
    if of_all is None:
        report = backstage.door_watch.report
        of_all = backstage.settings.capacity or (None if report is None else report.measured)
    return min((places for places in (ordered.places, of_all) if places is not None), default=None)


def _link_out(own: Addresses, space: SpaceId, link: ReservedLink) -> ReservedLinkOut:
    return ReservedLinkOut(
        id=link.id,
        name=link.name,
        places=link.places,
        created_at=iso(link.created_at),
        url=f"{own.event(space)}#r={link.token}",
    )
