"""Edge workers: how many listen at each, and what the workers tell one another."""

from __future__ import annotations

from typing import Final

from rostra.bus.messages.value import Value
from rostra.core.ids import SpaceId


class Audience(Value, frozen=True):
    """How many listen to one space at one edge worker. Retained; published once a second."""

    space: SpaceId
    worker: int
    listeners: int
    """Those who are not counted at another worker too."""
    estimated: bool = False
    """Told by the players themselves now and then, from behind a cache."""
    cadence: int = 1
    """Quanta in one write, or in one of those soon to come."""


class Admitted(Value, frozen=True):
    """Listeners whom an edge worker has let in lately, for the other workers. Not retained."""

    worker: int
    listeners: tuple[bytes, ...]
    """Their ids, as in their tickets."""


class StreamsBegun(Value, frozen=True):
    """Streams begun at an edge worker lately: older ones on the same tickets end. Not retained."""

    worker: int
    streams: bytes
    """Packed by ``edge/begun.py``: thousands begin in a second."""


class Measured(Value, frozen=True):
    """What an edge worker has counted so far, for whichever worker is asked. Retained."""

    worker: int
    samples: tuple[tuple[str, int, str], ...]
    """Name, value, and the code of a refusal where it is of one."""


class Present(Value, frozen=True):
    """Who listens at an edge worker, for the other workers. Not retained; once a second."""

    worker: int
    number: int
    """One more than the worker's last."""
    everybody: bool
    """Whether ``came`` is all who are there, and not only who came since the last."""
    came: dict[SpaceId, bytes]
    """By the space that they listen to: ids of listeners, eight bytes each."""
    gone: bytes = b""
    """Ids alone."""


class Lately(Value, frozen=True):
    """Who may resume at any edge worker: who listens at one, or did a short while ago. Retained.

    So a worker that starts knows whom its predecessor let in.
    """

    worker: int
    at_s: int
    """UTC, when this was told."""
    seen: bytes
    """For each listener ten bytes: the id, and for how many seconds they had been away, big-endian."""


class EdgeRoom(Value, frozen=True):
    """Whether an edge worker takes newcomers; first told when it serves. Retained, for the supervisor."""

    worker: int
    pid: int
    has_room: bool
    connections: int


class EdgePolicy(Value, frozen=True):
    """How much audio one write carries from a time on, told well before. Retained; published by control."""

    cadence: int
    """Quanta in one write: 1, 2, 3, 4, 6 or 12."""
    cohorts: int
    """Groups of listeners, offset by a quantum each: at most the cadence."""
    from_ms: int
    """UTC; it holds from the first segment that begins later. A longer cadence comes by steps before."""
    low: bool = False
    """Whether newcomers are offered the low renditions first, and our own player takes them; at once."""


EDGE_POLICY: Final = "edge.policy"
"""Retained EdgePolicy."""


def audience(space: SpaceId, worker: int) -> str:
    """Retained Audience, one per edge worker."""
    return f"space.{space}.audience.{worker}"


def admitted(worker: int | str) -> str:
    """Admitted from one edge worker (``*``: any) to the others; not retained."""
    return f"edge.{worker}.admitted"


def streams_begun(worker: int | str) -> str:
    """StreamsBegun from one edge worker (``*``: any) to the others; not retained."""
    return f"edge.{worker}.streams"


def measured(worker: int | str) -> str:
    """Retained Measured, one per edge worker (``*``: any)."""
    return f"edge.{worker}.measured"


def present(worker: int | str) -> str:
    """Present from one edge worker (``*``: any) to the others; not retained."""
    return f"edge.{worker}.present"


def lately(worker: int | str) -> str:
    """Retained Lately, one per edge worker (``*``: any)."""
    return f"edge.{worker}.lately"


def edge_room(worker: int | str) -> str:
    """Retained EdgeRoom, one per edge worker (``*``: any)."""
    return f"edge.{worker}.room"
