"""Addresses that send a space's audience elsewhere, or away: moved, hidden, shown again."""

from __future__ import annotations

from fastapi import APIRouter

from rostra.control.api.asking import Asking, Own, Services
from rostra.control.api.report_shapes import HideIn, MoveIn
from rostra.control.api.space_shapes import SpaceOut
from rostra.control.api.space_view import space_out
from rostra.core.ids import SpaceId

router = APIRouter(prefix="/spaces/{space}", tags=["spaces"])


@router.post("/move")
async def move(space: str, body: MoveIn, actor: Asking, backstage: Services, own: Own) -> SpaceOut:
    """Let a space that is not over go on in another of one's own (operators: any). Repeatable.

    For whoever is the host by now, also while they act as one.

    Listeners and open pages follow without a press, and its address leads there while the other is not
    over. Refused where the other has moved too, or others have moved here: there are no chains.
    """
    await backstage.moves.move(actor, SpaceId(space), SpaceId(body.to))
    return await space_out(backstage, own, SpaceId(space))


@router.put("/hidden", status_code=204)
async def hide(space: str, body: HideIn, actor: Asking, backstage: Services) -> None:
    """Hide a space from everybody, its address showing the reason. A live one is ended. Repeatable.

    For operators, and for moderators where the host is a member.
    """
    await backstage.hiding.hide(actor, SpaceId(space), body.reason)


@router.delete("/hidden", status_code=204)
async def show(space: str, actor: Asking, backstage: Services) -> None:
    """Show a hidden space again. Repeatable."""
    await backstage.hiding.show(actor, SpaceId(space))
