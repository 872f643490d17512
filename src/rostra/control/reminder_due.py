"""Looks which reminders are due, of all spaces. Reads only: when and to whom is :mod:`.reminder_policy`."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

import structlog
from sqlalchemy import func, select

from rostra.bus.messages import RemindBy, SpaceState
from rostra.control.announcer import Announcer
from rostra.control.lifecycle import BEFORE_LIVE
from rostra.control.reminder_policy import (
    LEAD_MS,
    Occasion,
    Sending,
    due_spot,
    ends_of_soon,
    sendings,
    spread_ms,
)
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.store.database import Database
from rostra.store.tables import ReminderRow

log = structlog.get_logger()

Key = tuple[SpaceId, Occasion, int | str]


@dataclass(frozen=True, slots=True)
class Due:
    """Those to whom something is due, the first first."""

    state: SpaceState
    sending: Sending
    rows: list[ReminderRow]


class DueReminders:
    """``count`` now and then, ``look`` at every turn. ``rate``: reminders a second at most."""

    def __init__(self, database: Database, announcer: Announcer, *, rate: int, clock: Clock) -> None:
        self._database = database
        self._announcer = announcer
        self._rate = rate
        self._clock = clock
        self._people: dict[SpaceId, int] = {}
        """By space: how many asked to be told."""
        self._seen: dict[Key, int] = {}
        """When a sending was first seen."""
        self._expected: dict[SpaceId, tuple[int, int | None]] = {}
        """By space: for which start it was asked who does not know of it, and which one they expect."""
        self._looks = 0

    async def count(self) -> None:
        """Learn of how many reminders there are, by space."""
        counted = select(ReminderRow.space, func.count()).where(ReminderRow.confirmed_at.is_not(None))
        async with self._database.reading() as session:
            rows = await session.execute(counted.group_by(ReminderRow.space))
            self._people = {SpaceId(space): people for space, people in rows}
        self._expected = {space: known for space, known in self._expected.items() if space in self._people}

    async def look(self, most: int, *, by: Iterable[RemindBy], but: Set[str]) -> list[Due]:
        """Return what is due to whom by these means: ``most`` of each sending, nobody in ``but``.

        Nobody is due two things at once. Spaces take turns in being the first.
        """
        now, seen = now_ms(self._clock), dict[Key, int]()
        found: list[Due] = []
        for state, people, begins_ms in self._planned():
            spread, busy = spread_ms(people, rate=self._rate), set(but)
            target = self._announcer.states.get(state.moved_to) if state.moved_to else None
            expected_ms = await self._expected_ms(state)
            for sending in sendings(state, now, begins_ms=begins_ms, expected_ms=expected_ms, target=target):
                key = (state.space, *sending.key)
                seen[key] = self._seen.get(key, now)
                spot = due_spot(sending, seen[key], now, spread_ms=spread)
                rows = await self._rows(state.space, sending, spot, most, by, busy)
                busy.update(row.id for row in rows)
                found.append(Due(state, sending, rows))
        before, self._seen = self._seen, seen
        await self._tell_of_unreminded(set(before) - set(seen), now)
        self._looks += 1
        first = self._looks % max(1, len(found))
        return found[first:] + found[:first]

    async def _expected_ms(self, state: SpaceState) -> int | None:
        """The earliest start that is expected by those who know of another one; None where nobody does.

        Asked once for each start: whoever comes later knows it.
        """
        if state.lifecycle not in BEFORE_LIVE:
            return None
        asked_for, expected_ms = self._expected.get(state.space, (None, None))
        if asked_for != state.starts_at:
            query = select(func.min(ReminderRow.told_start)).where(
                ReminderRow.space == state.space,
                ReminderRow.confirmed_at.is_not(None),
                ReminderRow.told_start != state.starts_at,
            )
            async with self._database.reading() as session:
                expected_ms = await session.scalar(query)
            self._expected[state.space] = (state.starts_at, expected_ms)
        return expected_ms

    def _planned(self) -> list[tuple[SpaceState, int, int]]:
        """Every space with reminders: how many, and from when on they are reminded of its start."""
        known = [
            (self._announcer.states[space], people)
            for space, people in self._people.items()
            if space in self._announcer.states
        ]
        coming = [
            (state.space, state.starts_at, people)
            for state, people in known
            if state.lifecycle in BEFORE_LIVE
        ]
        ends = ends_of_soon(coming, rate=self._rate)
        return [
            (
                state,
                people,
                ends.get(state.space, state.starts_at - LEAD_MS) - spread_ms(people, rate=self._rate),
            )
            for state, people in known
        ]

    async def _rows(
        self, space: SpaceId, sending: Sending, spot: int, most: int, by: Iterable[RemindBy], but: Set[str]
    ) -> list[ReminderRow]:
        if most < 1 or spot < 1:
            return []
        query = (
            select(ReminderRow)
            .where(
                ReminderRow.space == space,
                ReminderRow.confirmed_at.is_not(None),
                ReminderRow.spot < spot,
                ReminderRow.not_before <= now_ms(self._clock),
                ReminderRow.by.in_(by),
                getattr(ReminderRow, sending.column) != sending.value,
            )
            .order_by(ReminderRow.not_before, ReminderRow.spot)
            .limit(most + len(but))
        )
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        return [row for row in rows if row.id not in but][:most]

    async def _tell_of_unreminded(self, gone: Iterable[Key], now: int) -> None:
        """Say in the log of how many nobody will be reminded any more of a start that has been."""
        for space, occasion, value in gone:
            state = self._announcer.states.get(space)
            closed = state is not None and state.starts_at == value and now >= state.starts_at
            if not closed or occasion not in (Occasion.SOON, Occasion.BEGUN):
                continue
            if (space, Occasion.BEGUN, value) in self._seen:  # From now on they hear that it has begun.
                continue
            query = select(func.count()).where(
                ReminderRow.space == space,
                ReminderRow.confirmed_at.is_not(None),
                ReminderRow.told_soon != value,
            )
            async with self._database.reading() as session:
                people = await session.scalar(query)
            if people:
                log.warning("not_reminded", space=space, people=people)
