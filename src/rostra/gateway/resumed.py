"""What rooms begin with that were open before this process of the door: what the one before it leaves.

Pages are told for a while that the door was restarted; nobody is let in until tickets given out before are
seen to be in use; and networks from which very many had come go on being counted. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rostra.admission.polling import MOST_MS
from rostra.core.clock import Clock
from rostra.core.ids import SpaceId
from rostra.gateway.waiting_room import WaitingRoom

SETTLE_NS: Final = 3_000_000_000
"""A page uses its ticket at once, and edges tell every second who is there."""
TELL_NS: Final = 2 * MOST_MS * 1_000_000
"""So long pages are told that the door was restarted: each has asked meanwhile."""
MOST_NETWORKS: Final = 8_192
"""Networks of which a door leaves word to the one after it, of all spaces together."""


class Resumed:
    """Of one door process."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._told_until_ns: dict[SpaceId, int] = {}
        """How long pages are told so."""
        self._settled_ns: dict[SpaceId, int] = {}
        """When all tickets given out then are in use."""
        self._entered: dict[SpaceId, dict[str, int]] = {}
        """Of rooms that this process has yet to open: from which networks very many had come."""

    def begin(self, room: WaitingRoom) -> None:
        """This process has opened a room."""
        room.prefixes.recall(self._entered.pop(room.space, {}))
        if not room.resumed:
            return
        now_ns = self._clock.monotonic_ns()
        self._told_until_ns[room.space] = now_ns + TELL_NS
        if room.drawn:  # Before the draw nobody had a ticket.
            self._settled_ns[room.space] = now_ns + SETTLE_NS

    def end(self, space: SpaceId) -> None:
        """Its room is closed."""
        self._settled_ns.pop(space, None)
        self._told_until_ns.pop(space, None)

    def is_told(self, space: SpaceId) -> bool:
        """Whether pages are still told of the restart."""
        return self._clock.monotonic_ns() < self._told_until_ns.get(space, 0)

    def is_settling(self, space: SpaceId) -> bool:
        """Whether tickets of the process before may be out and not in use yet, nobody knows how many."""
        return self._clock.monotonic_ns() < self._settled_ns.get(space, 0)

    def recall(self, entered: Mapping[SpaceId, dict[str, int]], rooms: Mapping[SpaceId, WaitingRoom]) -> None:
        """Go on counting newcomers where the door before this one stopped."""
        for space, each in entered.items():
            if space in rooms:
                rooms[space].prefixes.recall(each)
            else:
                self._entered[space] = each

    def newcomers(
        self, rooms: Mapping[SpaceId, WaitingRoom], *, at_least: int, is_open: Callable[[SpaceId], bool]
    ) -> dict[SpaceId, dict[str, int]]:
        """From which networks so many entered, for the next door; of what is not open any more, nothing."""
        self._entered = {space: each for space, each in self._entered.items() if is_open(space)}
        most = MOST_NETWORKS // max(1, len(rooms))
        counted = {space: room.prefixes.at_least(at_least, most=most) for space, room in rooms.items()}
        return self._entered | {space: each for space, each in counted.items() if each}
