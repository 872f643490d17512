"""What somebody in line is told: where they stand, why, and when to come again.

Whoever is told a time counts among those who will ask, so that a crowd is told to ask more seldom.
"""

from __future__ import annotations

import msgspec

from rostra.admission.places import Place
from rostra.admission.polling import again_ms, owed_ms
from rostra.admission.room import Kind
from rostra.gateway.askers import Askers
from rostra.gateway.rooms import Rooms
from rostra.gateway.waiting_room import WaitingRoom


class InLine(msgspec.Struct, frozen=True):
    """A place, as a page gets it."""

    admitted: bool
    place: str
    number: int | None
    line: int
    called: bool
    again_ms: int
    reason: str
    due: bool = False
    """Whether it is called by then, to an empty place: it comes again by itself, asking nothing meanwhile."""
    id: str = ""
    """Hexadecimal: the entry in the draw."""
    index: int | None = None
    """Of that entry in the log."""
    server_nonce: str = ""
    link_places: int | msgspec.UnsetType = msgspec.UNSET
    """Of the reserved link that it came by, where all of them are taken and it waits as others do; or 0."""


class Telling:
    """Of one door process."""

    def __init__(self, rooms: Rooms, askers: Askers) -> None:
        self._rooms = rooms
        self._askers = askers

    def undrawn(self, line: Kind) -> InLine:
        """No place yet, but the word to come again: after the start there is one for everybody."""
        told_ms = self._askers.first_ms()
        self._askers.heard(told_ms)
        return unplaced(line, again_ms=told_ms, reason="undrawn")

    def in_line(
        self, room: WaitingRoom, place: Place, text: str, *, reason: str, least_ms: int = 0
    ) -> InLine:
        """``least_ms``: until whoever came too early comes again."""
        number = room.number(place)
        called = number is not None and number < room.room[place.line].serving
        due_ms = None
        if called or reason == "owed":
            told_ms = owed_ms(self._askers.poll_ms)
        else:
            due_ms = self._due_ms(room, place.line, number) if reason != "before_start" else None
            is_near = number is not None and number < room.outlook.near(place.line)
            first_ms = self._askers.first_ms()
            told_ms = again_ms(first_ms, is_near=is_near, due_ms=due_ms, least_ms=least_ms)
        self._askers.heard(told_ms)
        return InLine(
            admitted=False,
            place=text,
            number=number,
            line=place.line,
            called=called,
            again_ms=told_ms,
            due=due_ms is not None,
            reason=reason,
        )

    def _due_ms(self, room: WaitingRoom, line: Kind, number: int | None) -> int | None:
        """In how long somebody is called to an empty place; None unless that is soon, and can be told."""
        if number is None or not room.outlook.empty:
            return None
        return room.due_ms(line, number, joins_per_s=self._rooms.joins_per_s)


def unplaced(line: Kind, *, again_ms: int, reason: str) -> InLine:
    """No place, but the word to come again."""
    return InLine(
        admitted=False, place="", number=None, line=line, called=False, again_ms=again_ms, reason=reason
    )
