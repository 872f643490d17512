"""What the operator calls this site and says about it; told to every part as ``SiteState``.

Until somebody names it, the name is the setting's. Pictures arrive here drawn (:mod:`.pictures`).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from rostra.bus.client import BusClient
from rostra.bus.messages import SITE_STATE, SiteState
from rostra.control import audit
from rostra.control.identity import Actor
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.settings import Settings
from rostra.store.database import Database
from rostra.store.tables import SiteRow

THE_ONE = 1


@dataclass(frozen=True, slots=True)
class SiteChange:
    """What may be changed; ``None`` leaves it."""

    name: str | None = None
    color: str | None = None
    logo: str | None = None
    contact: str | None = None
    imprint: str | None = None
    terms: str | None = None
    open_sign_up: bool | None = None


class Site:
    """The site's own words: kept in the database, published at every change."""

    def __init__(self, database: Database, bus: BusClient, *, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._state = SiteState(name=settings.site_name)
        self._named: bool = settings.site_name != Settings.model_fields["site_name"].default

    @property
    def state(self) -> SiteState:
        """What was published last."""
        return self._state

    @property
    def named(self) -> bool:
        """Whether anybody has said what this site is called, by the setting or here."""
        return self._named

    async def open(self) -> None:
        """Read what is stored, and publish it."""
        async with self._database.reading() as session:
            row = await session.get(SiteRow, THE_ONE)
        if row is not None:
            self._state, self._named = _state_of(row), True
        self._publish()

    async def change(self, actor: Actor, change: SiteChange) -> SiteState:
        """Change the site's words. For operators."""
        actor.need_operator()
        return await self._store(change, actor=actor.label)

    async def christen(self, name: str, *, actor: str) -> SiteState:
        """Give the site its name, at the first run."""
        return await self._store(SiteChange(name=name), actor=actor)

    async def _store(self, change: SiteChange, *, actor: str) -> SiteState:
        async with self._database.session() as session:
            row = await session.get(SiteRow, THE_ONE)
            if row is None:
                row = SiteRow(id=THE_ONE, **msgspec.structs.asdict(self._state))
                session.add(row)
            wanted = {field: getattr(change, field) for field in SiteChange.__slots__}
            changed = {k: v for k, v in wanted.items() if v is not None and v != getattr(row, k)}
            for field, value in changed.items():
                setattr(row, field, value)
            if changed:
                at = now_ms(self._clock)
                audit.record(session, at=at, actor=actor, act="site.change", fields=", ".join(changed))
            self._state, self._named = _state_of(row), True
        self._publish()
        return self._state

    def _publish(self) -> None:
        self._bus.publish(SITE_STATE, self._state, retain=True)


def _state_of(row: SiteRow) -> SiteState:
    return SiteState(
        name=row.name,
        color=row.color,
        logo=row.logo,
        contact=row.contact,
        imprint=row.imprint,
        terms=row.terms,
        open_sign_up=row.open_sign_up,
    )
