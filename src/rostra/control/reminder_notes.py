"""Writes down what became of reminders: who was told what, who is tried again and when, who is gone.

What cannot be written, on a full disk or beside a long transaction, is kept and written later. Until then it
is known here whom it is about: nobody is told twice for it. Bounded: see :attr:`ReminderNotes.room`. Never
sends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.control.push_sender import Fate, Outcome
from rostra.control.reminder_policy import LEAD_MS, Occasion, Sending, retry_at
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.store.database import Database
from rostra.store.tables import ReminderRow, SpaceRow

MOST_UNWRITTEN: Final = 2_000

Told = tuple[ReminderRow, Outcome]


@dataclass(frozen=True, slots=True)
class _Note:
    """Of one sending, in one turn."""

    state: SpaceState
    sending: Sending
    told: tuple[Told, ...]

    def whose(self, fate: Fate) -> list[str]:
        return [row.id for row, outcome in self.told if outcome.fate is fate]


class ReminderNotes:
    """For one task: it takes notes, and has them written while they cannot be."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._unwritten: deque[_Note] = deque()
        self._whom: set[str] = set()
        self.sent = 0
        self.failed = 0

    @property
    def unwritten(self) -> Set[str]:
        """Reminders that were handed on, and of which that is not written yet: they are left alone."""
        return self._whom

    @property
    def room(self) -> int:
        """How many more may be handed on before something has been written."""
        return MOST_UNWRITTEN - len(self._whom)

    async def take(self, state: SpaceState, sending: Sending, told: Iterable[Told]) -> None:
        """Note what became of these. DatabaseUnavailable when that cannot be written now: it will be."""
        note = _Note(state, sending, tuple(told))
        self.sent += len(note.whose(Fate.SENT))
        self.failed += len(note.whose(Fate.FAILED))
        self._unwritten.append(note)
        self._whom.update(row.id for row, _ in note.told)
        if len(self._unwritten) == 1:  # Else it was tried in this turn already.
            await self.write()

    async def write(self) -> None:
        """Write what is left. DatabaseUnavailable, and the rest is kept."""
        while self._unwritten:
            note = self._unwritten[0]
            await self._write(note)
            self._unwritten.popleft()
            self._whom.difference_update(row.id for row, _ in note.told)

    async def _write(self, note: _Note) -> None:
        now, sending = now_ms(self._clock), note.sending
        sent, gone = note.whose(Fate.SENT), note.whose(Fate.GONE)
        async with self._database.session() as session:
            for row, outcome in note.told:
                if outcome.fate is Fate.FAILED:
                    await session.execute(_changed([row.id], _after_failure(row, sending, outcome, now)))
                elif outcome.fate is Fate.LATER and outcome.pause_s:
                    waits = {"not_before": now + outcome.pause_s * 1000}
                    await session.execute(_changed([row.id], waits))
            gone += sent if sending.is_last else []
            await session.execute(delete(ReminderRow).where(ReminderRow.id.in_(gone)))
            await session.execute(_changed(sent, _after(note, now)))
            if sending.occasion is Occasion.MOVED:
                await _follow(session, note.state.space, str(sending.value))


def _after(note: _Note, now: int) -> dict[str, Any]:
    sending, starts_at = note.sending, note.state.starts_at
    done: dict[str, Any] = {sending.column: sending.value, "failures": 0, "not_before": 0}
    if sending.occasion is Occasion.RESCHEDULED and now >= starts_at - 2 * LEAD_MS:
        done["told_soon"] = starts_at  # It says when, and that is soon.
    if sending.occasion is Occasion.BEGUN:
        done |= {"told_begun": 1, "told_soon": starts_at}
    return done


def _after_failure(row: ReminderRow, sending: Sending, outcome: Outcome, now: int) -> dict[str, Any]:
    failures = row.failures + 1
    again_ms = retry_at(failures, now)
    if again_ms is None:
        return {sending.column: sending.value, "failures": 0, "not_before": 0}
    return {"failures": failures, "not_before": max(again_ms, now + outcome.pause_s * 1000)}


async def _follow(session: AsyncSession, source: str, target: str) -> None:
    """What goes on elsewhere is told of from there; who asked for both is told once."""
    space = await session.get_one(SpaceRow, target)
    there = select(ReminderRow.address_hash).where(ReminderRow.space == target)
    told = (ReminderRow.space == source, ReminderRow.told_moved == target)
    await session.execute(delete(ReminderRow).where(*told, ReminderRow.address_hash.in_(there)))
    values: dict[str, Any] = {"space": target, "told_start": space.starts_at, "told_moved": ""}
    if space.lifecycle == Lifecycle.LIVE:
        values |= {"told_soon": space.starts_at, "told_begun": 1}  # That is what they were told just now.
    found = update(ReminderRow).where(*told).values(values)
    await session.execute(found.execution_options(synchronize_session=False))


def _changed(reminders: list[str], values: dict[str, Any]) -> Any:
    found = update(ReminderRow).where(ReminderRow.id.in_(reminders)).values(values)
    return found.execution_options(synchronize_session=False)
