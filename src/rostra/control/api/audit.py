"""The address of the record: who did what, when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query

from rostra.control.api.asking import Asking, Services
from rostra.control.api.people_shapes import AuditActor, AuditEntry, AuditOut
from rostra.control.recorded_names import about
from rostra.control.times import iso
from rostra.store.tables import AccountRow, AuditRow

router = APIRouter(tags=["people"])


@router.get("/audit")
async def audit(
    actor: Asking,
    backstage: Services,
    space: Annotated[str | None, Query(max_length=26, description="Only what concerns this space.")] = None,
    before: Annotated[int | None, Query(ge=1, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditOut:
    """Who did what, newest first: everything for operators, for others what concerns their spaces.

    Whoever holds the host's role of somebody else's space reads what was done on its stage.
    """
    page = await backstage.audit_log.page(actor, space=space, before=before, limit=limit)
    labels = {row.actor for row in page.entries} | {about(row) for row in page.entries}
    known = await backstage.accounts.names(labels)
    return AuditOut(entries=[_entry(row, known, page.names) for row in page.entries], next=page.next)


def _entry(row: AuditRow, known: dict[str, AccountRow], names: Mapping[str, str]) -> AuditEntry:
    whom = about(row)
    return AuditEntry(
        id=row.id,
        at=iso(row.at),
        act=row.act,
        actor=actor_out(row.actor, known, names.get(row.actor, "")),
        about=actor_out(whom, known, names.get(whom, "")) if whom else None,
        space=row.space,
        detail={key: value for key, value in row.detail.items() if key != "account"},
    )


def actor_out(label: str, known: dict[str, AccountRow], name: str = "") -> AuditActor:
    """Who a line names, as far as they are known."""
    row = known.get(label)
    handle = row.handle if row is not None and row.deleted_at is None else ""
    return AuditActor(label=label, handle=handle, name=row.name if row is not None else name)
