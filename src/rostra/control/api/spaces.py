"""Addresses about spaces: scheduled, listed, changed, taken live, ended; their links and recordings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from rostra.bus.messages import Lifecycle, Role
from rostra.control.api.asking import Asking, Own, Services
from rostra.control.api.floor_shapes import ReasonIn
from rostra.control.api.link_shapes import HeldLinkOut, HeldLinksOut, LinkIn, LinkOut
from rostra.control.api.space_shapes import SpaceEdit, SpaceIn, SpaceOut, SpacesOut
from rostra.control.api.space_view import space_out, space_out_for
from rostra.control.spaces import Draft, Edit
from rostra.control.times import iso
from rostra.core.ids import SpaceId

router = APIRouter(prefix="/spaces", tags=["spaces"])


@router.post("", status_code=201)
async def create(body: SpaceIn, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Schedule a space, or make one that starts now."""
    space = await backstage.spaces.create(actor, Draft(**body.model_dump()))
    return await space_out_for(backstage, own, actor, await backstage.spaces.get(actor, space))


@router.get("")
async def listing(
    actor: Asking,
    backstage: Services,
    own: Own,
    state: Annotated[list[Lifecycle] | None, Query(description="Only these states.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    after: Annotated[str | None, Query(max_length=50, description="`next` of the page before.")] = None,
) -> SpacesOut:
    """Spaces, latest start first: all for operators, one's own for others. `invited` is left out."""
    page = await backstage.spaces.page(actor, states=state or [], limit=limit, after=after)
    return SpacesOut(
        spaces=[await space_out(backstage, own, SpaceId(row.id)) for row in page.spaces], next=page.next
    )


@router.get("/{space}")
async def show(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """One space, for its host, an operator, or whoever holds a link to its stage."""
    return await space_out_for(backstage, own, actor, await backstage.spaces.get(actor, SpaceId(space)))


@router.patch("/{space}")
async def edit(space: str, body: SpaceEdit, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Change title, description and visibility; start and recording policy until it is live."""
    await backstage.spaces.edit(actor, SpaceId(space), Edit(**body.model_dump()))
    if body.visibility is not None or body.recording_policy is not None:
        await backstage.desk.ask_again(SpaceId(space))
    return await show(space, actor, backstage, own)


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
async def end(
    space: str, actor: Asking, backstage: Services, own: Own, body: ReasonIn | None = None
) -> SpaceOut:
    """End for good; what was chosen has become of the recording when the answer comes. Repeatable.

    An operator who ends what is somebody else's must give a `reason`, which the audience reads.
    """
    await backstage.conductor.end(actor, SpaceId(space), reason=body.reason if body is not None else "")
    return await space_out(backstage, own, SpaceId(space))


@router.post("/{space}/recording/release")
async def release(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Publish a held recording. Repeatable."""
    await backstage.conductor.release(actor, SpaceId(space))
    return await space_out(backstage, own, SpaceId(space))


@router.delete("/{space}/recording")
async def delete_recording(space: str, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Delete a recording for good, held or published. Repeatable."""
    await backstage.conductor.delete_recording(actor, SpaceId(space))
    return await space_out(backstage, own, SpaceId(space))


@router.post("/{space}/links", status_code=201)
async def create_link(space: str, body: LinkIn, actor: Asking, backstage: Services, own: Own) -> LinkOut:
    """Make a link for one person, to the stage or to its captions. Its token is shown this once only."""
    link, token = await backstage.links.create(actor, SpaceId(space), body.role, body.name)
    url = own.captions(space, token) if body.role is Role.CAPTIONER else own.studio(space, token)
    return LinkOut(id=link, token=token, url=url)


@router.get("/{space}/links")
async def held_links(space: str, actor: Asking, backstage: Services) -> HeldLinksOut:
    """List the links of a space, oldest first, without their secrets."""
    held = await backstage.links.held(actor, SpaceId(space))
    return HeldLinksOut(
        links=[
            HeldLinkOut(
                id=link.id,
                role=link.role,
                name=link.name,
                created_at=iso(link.created_at),
                used=link.used,
                used_by=link.used_by,
            )
            for link in held
        ]
    )


@router.delete("/{space}/links/{link}", status_code=204)
async def take_link_back(space: str, link: str, actor: Asking, backstage: Services) -> None:
    """Make a link worthless at once; whoever is on stage by it is hung up on."""
    await backstage.links.take_back(actor, SpaceId(space), link)
