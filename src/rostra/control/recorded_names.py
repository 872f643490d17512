"""What those are called whom the record knows by a stage alone: link, request or speaker. Reads only.

The record itself bears no name of a guest who only asked: it outlasts what they asked, and then they have
none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.store.tables import AuditRow, ConsentRow, RequestRow

REQUEST_LETTERS: Final = 12
"""So much of a request's name stands in the record."""


_OWN: Final = ("floor.ask", "floor.withdraw")
"""Done to nobody: whoever asks does it."""


def about(row: AuditRow) -> str:
    """To whom a line says that it was done, by label; empty where that is nobody, or named already."""
    if row.act in _OWN:
        return ""
    for kind in ("account", "request", "speaker"):
        if kind in row.detail and not (kind == "speaker" and "name" in row.detail):
            return f"{kind}:{row.detail[kind]}"
    return ""


async def stage_names(session: AsyncSession, rows: Collection[AuditRow]) -> dict[str, str]:
    """The names of whom these lines name so, by label, as far as they are kept."""
    labels = {row.actor for row in rows} | {about(row) for row in rows}
    spaces = {row.space for row in rows if row.space}
    links, speakers, requests = (_ids(labels, kind) for kind in ("link", "speaker", "request"))
    people = [f"link:{link}" for link in links]
    consents = await session.execute(
        select(ConsentRow.person, ConsentRow.speaker, ConsentRow.name)
        .where(
            ConsentRow.space.in_(spaces),
            or_(ConsentRow.person.in_(people), ConsentRow.speaker.in_(speakers)),
        )
        .order_by(ConsentRow.id)
    )
    found: dict[str, str] = {}
    for person, speaker, name in consents:
        found |= {person: name, f"speaker:{speaker}": name}
    short = func.substr(RequestRow.request, 1, REQUEST_LETTERS)
    asked = await session.execute(
        select(short, RequestRow.name).where(RequestRow.space.in_(spaces), short.in_(requests))
    )
    return found | {f"request:{request}": name for request, name in asked}


def _ids(labels: Iterable[str], kind: str) -> list[str]:
    return [label.removeprefix(f"{kind}:") for label in labels if label.startswith(f"{kind}:")]
