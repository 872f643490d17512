"""How many may listen, and what limits that: pure functions on measured values.

Each resource says how many listeners it carries by itself; the least of them counts, times
:data:`SAFETY`. A number set by hand is used as it is. A budget below the present number lets nobody in and
puts nobody out. :mod:`.throttle` decides how fast they come; :mod:`.ladder` what is given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SAFETY: Final = 0.75
"""Of what a measured limit allows, so much is used: measurements wander, crowds do not spread evenly."""
FEW: Final = 500
"""Below so many listeners what is measured tells of the machine and not of them: CPU for each is mostly
overhead, and late audio is somebody else's doing."""
LATE_MS: Final = 500
"""A write later than this is heard by players that keep little."""
MOST_LATE: Final = 0.001
"""The share of writes that may be late."""


class Limit(StrEnum):
    """What gives out first."""

    HAND = "hand"
    BANDWIDTH = "bandwidth"
    MEMORY = "memory"
    DESCRIPTORS = "descriptors"
    CPU = "cpu"
    LATENESS = "lateness"


@dataclass(frozen=True, slots=True)
class Machine:
    """What the edge has to spend. Zero: not known, and no limit."""

    cpus: float
    """Cores that edge workers may use together."""
    bits_per_s: float
    memory_bytes: int
    """What may be spent on listeners."""
    descriptors: int
    """Connections that all workers together may hold."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one listener costs, assumed before anything is measured."""

    cpu_us_per_s: float
    """CPU µs of a plain listener each second, at the cadence that holds."""
    tls_cpu_us_per_s: float
    memory_bytes: int
    """In process and kernel, both."""
    tls_memory_bytes: int
    bits_per_s: float


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured over the last seconds, over all edge workers."""

    listeners: int
    """Now."""
    tls_share: float
    """Of listeners that come by TLS in the process: 0 to 1."""
    cpu_us_per_s: float
    """CPU that edge workers spent altogether, µs each second."""
    spent_on: float
    """On how many listeners: a crowd that doubles meanwhile is not half as dear for it."""
    late_share: float
    """Of writes that left later than :data:`LATE_MS`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator says."""

    by_hand: int | None = None
    """Places, exactly."""
    price: Price = Price(
        cpu_us_per_s=25, tls_cpu_us_per_s=45, memory_bytes=24_000, tls_memory_bytes=64_000, bits_per_s=80_000
    )
    machine: Machine = Machine(cpus=1, bits_per_s=0, memory_bytes=0, descriptors=19_000)


@dataclass(frozen=True, slots=True)
class Budget:
    """``places``: how many may listen at once; ``limit``: what says so."""

    places: int
    limit: Limit


def decide(load: Load, policy: Policy) -> Budget:
    """Return how many may listen."""
    if policy.by_hand is not None:
        return Budget(policy.by_hand, Limit.HAND)
    carried = _carried(load, policy)
    limit = min(carried, key=lambda each: carried[each])
    places = int(SAFETY * carried[limit])
    if load.listeners >= FEW and load.late_share > MOST_LATE and load.listeners < places:
        return Budget(load.listeners, Limit.LATENESS)
    return Budget(max(1, places), limit)


def _carried(load: Load, policy: Policy) -> dict[Limit, float]:
    """How many listeners each resource carries by itself; without limit where it is not known."""
    machine, price, tls = policy.machine, policy.price, load.tls_share
    memory = price.memory_bytes + tls * (price.tls_memory_bytes - price.memory_bytes)
    each_us = price.cpu_us_per_s + tls * (price.tls_cpu_us_per_s - price.cpu_us_per_s)
    if min(load.listeners, load.spent_on) >= FEW and load.cpu_us_per_s > 0:
        each_us = load.cpu_us_per_s / load.spent_on
    carried = {
        Limit.CPU: machine.cpus * 1e6 / each_us,
        Limit.BANDWIDTH: machine.bits_per_s / price.bits_per_s,
        Limit.MEMORY: machine.memory_bytes / memory,
        Limit.DESCRIPTORS: float(machine.descriptors),
    }
    return {limit: listeners for limit, listeners in carried.items() if listeners > 0}


def steady(before: int, now: Budget) -> Budget:
    """Follow a measured budget down at once, and up by a twentieth, or :data:`FEW`, at a time.

    A change of less than a twentieth is none, but where audio is late: then nobody else comes in.
    """
    if now.limit is Limit.HAND or (now.limit is Limit.LATENESS and now.places < before):
        return now
    if abs(now.places - before) <= before // 20:
        return Budget(before, now.limit)
    return Budget(min(now.places, before + max(FEW, before // 20)), now.limit)
