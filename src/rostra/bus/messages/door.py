"""The door: what the operator orders of it, and what it tells of the crowd before it."""

from __future__ import annotations

from typing import Final

from rostra.bus.messages.value import Value
from rostra.core.ids import SpaceId


class DoorOrder(Value, frozen=True):
    """What the operator says by hand, for all spaces. Retained; published by control."""

    places: int | None = None
    """How many may listen at once, exactly; None: as measured, or as the settings say."""
    rung: str = ""
    """The rung of the ladder to stand on; empty: by itself."""


class SpaceOrder(Value, frozen=True):
    """What the operator says by hand, for one space. Retained; published by control."""

    space: SpaceId
    places: int | None = None
    """How many may listen to it at once."""
    reserved: int = 0
    """Of them for those who come by reserved links."""
    key: bytes = b""
    """Signs its reserved links; empty while there are none."""
    links: tuple[bytes, ...] = ()
    """Ids of those that count."""


class Crowd(Value, frozen=True):
    """Those before and in one space."""

    space: SpaceId
    inside: int
    waiting: int
    places: int
    serving: tuple[int, int, int]
    """By line: numbers below are called."""
    opening: int = 0
    """Places that open in the next steps."""
    reserved: int = 0
    """Places set apart for reserved links."""
    reserved_inside: int = 0
    waiting_by_line: tuple[int, int, int] = (0, 0, 0)


class WorkerLoad(Value, frozen=True):
    """One edge worker, as the door follows it."""

    worker: int
    listeners: int
    cpu: float
    """Of one core, over the last seconds."""
    late_share: float


class DoorReport(Value, frozen=True):
    """What a door has seen, once a second. Retained. Numbers of events grow while the process lives."""

    door: int
    asked: int
    """Joins and claims."""
    came: int
    """Of these, by whoever held no place yet."""
    joined: int
    placed: int
    """Places in line given out."""
    refused: tuple[tuple[str, int], ...]
    """By code."""
    rate: float
    """Joins a second that are let in now, at most."""
    places: int
    """How many may listen at once, to all spaces together."""
    limit: str
    """What says so."""
    late_share: float
    """Of the edge's writes in the last seconds, those that left late."""
    rung: str
    held: bool
    """Whether the rung is by hand."""
    spaces: tuple[Crowd, ...]
    measured: int = 0
    """How many the machine is measured to carry, whatever is set by hand."""
    listeners: int = 0
    """Everybody inside, with those whose tickets are not in use yet."""
    workers: tuple[WorkerLoad, ...] = ()
    memory_bytes: int = 0
    """What was free for listeners before the first came; the next door of the evening goes on with it."""


class Newcomers(Value, frozen=True):
    """From which networks very many came to a door, told once a second. Retained, and kept in memory alone.

    So a door that starts anew does not take them for others.
    """

    door: int
    entered: dict[SpaceId, dict[str, int]]
    """By space that is open: how many of each network."""


DOOR_ORDER: Final = "door.order"
"""Retained DoorOrder."""


def space_order(space: SpaceId | str) -> str:
    """Retained SpaceOrder (``*``: of any space)."""
    return f"space.{space}.order"


def door_report(door: int | str) -> str:
    """Retained DoorReport of one door process (``*``: of any)."""
    return f"door.{door}.report"


def newcomers(door: int) -> str:
    """Retained Newcomers of one door process; nobody else asks for it."""
    return f"door.{door}.newcomers"
