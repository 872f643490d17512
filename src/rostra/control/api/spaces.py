"""Addresses about spaces: scheduled, listed, changed, taken live, ended, and links to their stage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.control.addresses import Addresses
from rostra.control.api.asking import Asking, Own, Services
from rostra.control.api.shapes import LinkIn, LinkOut, RecordingOut, SpaceEdit, SpaceIn, SpaceOut, SpacesOut
from rostra.control.backstage import Backstage
from rostra.control.spaces import Edit
from rostra.control.times import iso
from rostra.core.ids import SpaceId
from rostra.core.samples import seconds

router = APIRouter(prefix="/spaces", tags=["spaces"])


@router.post("", status_code=201)
async def create(body: SpaceIn, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Schedule a space, or make one that starts now."""
    space = await backstage.spaces.create(
        actor,
        title=body.title,
        description=body.description,
        starts_at=body.starts_at,
        time_zone=body.time_zone,
        host=body.host,
    )
    return await space_out(backstage, own, space)


@router.get("")
async def listing(
    actor: Asking,
    backstage: Services,
    own: Own,
    state: Annotated[list[Lifecycle] | None, Query(description="Only these states.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    after: Annotated[str | None, Query(max_length=50, description="`next` of the page before.")] = None,
) -> SpacesOut:
    """Spaces, latest start first: all for operators, one's own for hosts."""
    page = await backstage.spaces.page(actor, states=state or [], limit=limit, after=after)
    return SpacesOut(
        spaces=[await space_out(backstage, own, SpaceId(row.id)) for row in page.spaces], next=page.next
    )


@router.get("/{space}")
async def show(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """One space, for its host, an operator, or whoever holds a link to its stage."""
    await backstage.spaces.get(actor, SpaceId(space))
    return await space_out(backstage, own, SpaceId(space))


@router.patch("/{space}")
async def edit(space: str, body: SpaceEdit, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Change title, description, and until it is live the start."""
    change = Edit(body.title, body.description, body.starts_at, body.time_zone)
    await backstage.spaces.edit(actor, SpaceId(space), change)
    return await space_out(backstage, own, SpaceId(space))


@router.post("/{space}/cancel")
async def cancel(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Call a space off before it is live."""
    await backstage.conductor.cancel(actor, SpaceId(space))
    return await space_out(backstage, own, SpaceId(space))


@router.post("/{space}/live")
async def go_live(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Go live: from now on everyone hears the stage and it is recorded. Repeatable."""
    await backstage.conductor.go_live(actor, SpaceId(space))
    return await space_out(backstage, own, SpaceId(space))


@router.post("/{space}/end")
async def end(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """End for good; the recording stands when the answer comes. Repeatable."""
    await backstage.conductor.end(actor, SpaceId(space))
    return await space_out(backstage, own, SpaceId(space))


@router.post("/{space}/links", status_code=201)
async def create_link(space: str, body: LinkIn, actor: Asking, backstage: Services, own: Own) -> LinkOut:
    """Make a link that brings one person to the stage. Its token is shown this once only."""
    token = await backstage.spaces.create_link(actor, SpaceId(space), body.role, body.name)
    return LinkOut(token=token, url=own.studio(space, token))


async def space_out(backstage: Backstage, own: Addresses, space: SpaceId) -> SpaceOut:
    """A space as it was announced last."""
    state = await backstage.announcer.state(space)
    return SpaceOut(
        id=state.space,
        state=state.lifecycle,
        title=state.title,
        description=state.description,
        host=state.host,
        host_name=state.host_name,
        people=list(state.people),
        starts_at=iso(state.starts_at, state.time_zone),
        time_zone=state.time_zone,
        live_at=iso(state.live_at) if state.live_at else None,
        ended_at=iso(state.ended_at) if state.ended_at else None,
        ended_reason=state.ended_reason,
        run=state.run,
        recording=_recording(own, state),
        listeners=backstage.board.listeners(space),
        revision=state.revision,
        event_url=own.event(state.space),
        studio_url=own.studio(state.space),
    )


def _recording(own: Addresses, state: SpaceState) -> RecordingOut | None:
    if state.recording is None:
        return None
    tape = f"{own.edge}/r/{state.space}/{state.run}"
    baseline = state.renditions[0].name if state.renditions else "aac64"
    return RecordingOut(
        seconds=round(seconds(state.recording.duration_samples), 3),
        size_bytes=state.recording.size_bytes,
        mp4=f"{tape}/{baseline}.mp4",
        hls=f"{tape}/index.m3u8",
    )
