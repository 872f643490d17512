"""Addresses about other people's accounts, for operators and moderators; and the record of what was done."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from rostra.control.accounts import NewAccount
from rostra.control.api.account_view import ROLES, account_answer, accounts_out, answer_of, link_out
from rostra.control.api.asking import Asking, Own, Services
from rostra.control.api.language import Language
from rostra.control.api.people_shapes import (
    AccountAnswer,
    AccountIn,
    AccountsOut,
    GivenLinkOut,
    InvitationOut,
    InvitationsOut,
    InviteIn,
    PasswordIn,
    RoleIn,
    SuspendIn,
)
from rostra.control.times import iso

router = APIRouter(prefix="/accounts", tags=["people"])


@router.get("")
async def listing(
    actor: Asking,
    backstage: Services,
    search: Annotated[str, Query(max_length=100, description="Part of a handle or a name.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    after: Annotated[str, Query(max_length=40, description="`next` of the page before.")] = "",
) -> AccountsOut:
    """Everyone who can sign in, by handle."""
    page = await backstage.accounts.page(actor, search=search.strip(), limit=limit, after=after)
    return AccountsOut(accounts=await accounts_out(backstage, actor, page.accounts), next=page.next)


@router.post("", status_code=201)
async def create(body: AccountIn, actor: Asking, backstage: Services) -> AccountAnswer:
    """Make an account. For operators; the holder of the data folder makes the first one so too.

    For an operator or moderator it needs a proof of the last ten minutes.
    """
    new = NewAccount(body.handle, body.name, body.password, body.email)
    return await answer_of(backstage, actor, await backstage.accounts.create(actor, new, body.role))


@router.post("/invitations", status_code=201)
async def invite(
    body: InviteIn, actor: Asking, backstage: Services, own: Own, language: Language
) -> GivenLinkOut:
    """Make a one-time link with which somebody makes an account. Moderators invite members only.

    For an operator or moderator it needs a proof of the last ten minutes.
    """
    link = await backstage.invitations.invite(actor, own, role=body.role, email=body.email, language=language)
    return link_out(link)


@router.get("/invitations")
async def invitations(actor: Asking, backstage: Services) -> InvitationsOut:
    """Invitations that wait to be used, newest first."""
    rows = await backstage.invitations.open(actor)
    known = await backstage.accounts.names({row.created_by for row in rows})
    return InvitationsOut(
        invitations=[
            InvitationOut(
                id=row.id,
                role=ROLES[row.role],
                email=row.email if actor.operates or row.created_by == actor.label else None,
                by=known[row.created_by].name if row.created_by in known else "",
                created_at=iso(row.created_at),
                expires_at=iso(row.expires_at),
            )
            for row in rows
        ]
    )


@router.delete("/invitations/{id}", status_code=204)
async def revoke_invitation(id: str, actor: Asking, backstage: Services) -> None:
    """Make an invitation useless."""
    await backstage.invitations.revoke(actor, id)


@router.get("/{handle}")
async def show(handle: str, actor: Asking, backstage: Services) -> AccountAnswer:
    """One account."""
    return await account_answer(backstage, actor, await backstage.accounts.look_up(actor, handle))


@router.patch("/{handle}")
async def change_role(handle: str, body: RoleIn, actor: Asking, backstage: Services) -> AccountAnswer:
    """Make somebody an operator, moderator or member. For operators; the last one stays one.

    Needs a proof of the last ten minutes.
    """
    return await account_answer(backstage, actor, await backstage.roles.give(actor, handle, body.role))


@router.delete("/{handle}", status_code=204)
async def delete(handle: str, actor: Asking, backstage: Services) -> None:
    """Delete an account for good, as its owner could. For operators, with a proof of the last ten minutes."""
    await backstage.departures.delete(actor, handle)


@router.put("/{handle}/password")
async def set_password(handle: str, body: PasswordIn, actor: Asking, backstage: Services) -> AccountAnswer:
    """Set a new password; end all sign-ins, API tokens and passkeys of that account. For operators.

    Needs a proof of the last ten minutes.
    """
    return await answer_of(
        backstage, actor, await backstage.accounts.reset_password(actor, handle, body.password)
    )


@router.post("/{handle}/reset", status_code=201)
async def reset(
    handle: str, actor: Asking, backstage: Services, own: Own, language: Language
) -> GivenLinkOut:
    """Make a one-time link for a new password; mailed if possible, else yours to pass on. For operators.

    Needs a proof of the last ten minutes.
    """
    return link_out(await backstage.resets.make(actor, own, handle, language=language))


@router.post("/{handle}/suspend")
async def suspend(handle: str, body: SuspendIn, actor: Asking, backstage: Services) -> AccountAnswer:
    """Suspend: off every stage within two seconds, own live spaces end, those to come are hidden."""
    row = await backstage.suspensions.suspend(actor, handle, body.reason)
    return await account_answer(backstage, actor, row)


@router.post("/{handle}/reinstate")
async def reinstate(handle: str, actor: Asking, backstage: Services) -> AccountAnswer:
    """Undo a suspension: sign-ins hold again, and spaces that were hidden are back."""
    return await account_answer(backstage, actor, await backstage.suspensions.reinstate(actor, handle))


@router.post("/{handle}/verify")
async def verify(handle: str, actor: Asking, backstage: Services) -> AccountAnswer:
    """Give the verified mark: this is who they say they are."""
    row = await backstage.accounts.set_verified(actor, handle, verified=True)
    return await account_answer(backstage, actor, row)


@router.post("/{handle}/unverify")
async def unverify(handle: str, actor: Asking, backstage: Services) -> AccountAnswer:
    """Take the verified mark away."""
    row = await backstage.accounts.set_verified(actor, handle, verified=False)
    return await account_answer(backstage, actor, row)


@router.get("/{handle}/export")
async def export(handle: str, actor: Asking, backstage: Services) -> dict[str, Any]:
    """Everything that is stored about an account. For operators, when somebody asks for their data.

    Needs a proof of the last ten minutes.
    """
    return await backstage.export.of(actor, handle)
