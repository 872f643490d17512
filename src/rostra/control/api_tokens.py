"""API tokens: with one, a program acts as an account. Stored as hashes; the text is shown once only."""

from __future__ import annotations

from sqlalchemy import func, select

from rostra.control import audit
from rostra.control.identity import Actor
from rostra.control.keys import draw_token, token_hash
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotFound
from rostra.core.ids import draw
from rostra.store.database import Database
from rostra.store.tables import ApiTokenRow

MAX_TOKENS = 100
"""API tokens of one account."""


class ApiTokens:
    """The tokens of whoever asks, and of nobody else."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, actor: Actor, name: str) -> tuple[ApiTokenRow, str]:
        """Make an API token; the text is shown this once only. ProofNeeded."""
        account, token = actor.need_account(), draw_token()
        now = now_ms(self._clock)
        actor.need_proof(now=now)
        row = ApiTokenRow(
            id=draw(10), account=account.id, name=name, token_hash=token_hash(token), created_at=now
        )
        async with self._database.session() as session:
            held = select(func.count()).select_from(ApiTokenRow).where(ApiTokenRow.account == account.id)
            if (await session.scalar(held) or 0) >= MAX_TOKENS:
                raise Conflict("This account has as many API tokens as are allowed. Delete one first.")
            session.add(row)
            audit.record(session, at=now, actor=actor.label, act="token.create", token=row.id, name=name)
        return row, token

    async def all(self, actor: Actor) -> list[ApiTokenRow]:
        """The account's tokens, oldest first, without their text."""
        account = actor.need_account()
        async with self._database.reading() as session:
            query = select(ApiTokenRow).where(ApiTokenRow.account == account.id)
            return list(await session.scalars(query.order_by(ApiTokenRow.created_at)))

    async def delete(self, actor: Actor, id: str) -> None:
        """Revoke one of the account's own tokens; NotFound for others'."""
        account = actor.need_account()
        async with self._database.session() as session:
            row = await session.get(ApiTokenRow, id)
            if row is None or row.account != account.id:
                raise NotFound("You have no such token.")
            await session.delete(row)
            audit.record(session, at=now_ms(self._clock), actor=actor.label, act="token.delete", token=id)
