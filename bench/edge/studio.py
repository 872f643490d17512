"""One evening for all measurements: a broker, ticket keys, a live space and its tape. Edges join it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench.edge import programme
from bench.edge.programme import RENDITION, RUN, SPACE
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint, new_listener
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    SPACES_KNOWN,
    TICKET_KEYS,
    Lifecycle,
    SpacesKnown,
    SpaceState,
    TicketKeys,
    space_state,
)
from rostra.core.ids import AccountId
from rostra.core.role import bus_path

KEYS = Keyring((TicketKey(1, b"b" * 32),))
_FORGED = Keyring((TicketKey(1, b"f" * 32),))
_LIFE_S = 7200


@dataclass(frozen=True, slots=True)
class Studio:
    """Where the tape is, and when it began."""

    data: Path
    anchor_utc_ns: int

    def segment_paths(self, count: int) -> list[str]:
        """Where so many listeners find the segments, each with a ticket of their own."""
        return [f"/t/{_ticket(KEYS)}/{SPACE}/{RUN}/{RENDITION}/" for _ in range(count)]

    def radio_paths(self, count: int) -> list[str]:
        """Where so many find the endless stream."""
        return [f"/t/{_ticket(KEYS)}/{SPACE}/radio.aac" for _ in range(count)]

    def forged_paths(self, count: int) -> list[str]:
        """Addresses with tickets that somebody else signed."""
        return [f"/t/{_ticket(_FORGED)}/{SPACE}/live.json" for _ in range(count)]

    def finished_segment(self) -> int:
        """A segment that is whole by now."""
        return max(0, (time.time_ns() - self.anchor_utc_ns) // 3_840_000_000 - 2)


def _ticket(keys: Keyring) -> str:
    now_s = int(time.time())
    return mint(keys, Ticket(SPACE, new_listener(), 0, 0, now_s + _LIFE_S, now_s + _LIFE_S))


@contextlib.asynccontextmanager
async def open_studio(data: Path) -> AsyncIterator[Studio]:
    """Go on air until the block is left."""
    (data / "run").mkdir(parents=True, exist_ok=True)
    async with (
        programme.on_air(data / "tapes", listeners=lambda: 50_000) as genesis,
        Broker(bus_path(data)),
        BusClient(bus_path(data), name="bench") as bus,
    ):
        keys = tuple((key.number, key.secret) for key in KEYS.keys)
        bus.publish(TICKET_KEYS, TicketKeys(keys=keys), retain=True)
        state = SpaceState(
            space=SPACE,
            revision=1,
            lifecycle=Lifecycle.LIVE,
            title="Bench",
            description="",
            host=AccountId("benchhost"),
            host_name="Bench",
            starts_at=0,
            time_zone="UTC",
            run=RUN,
            anchor_utc_ns=genesis.anchor_utc_ns,
            ended_at=0,
        )
        bus.publish(space_state(SPACE), state, retain=True)
        bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)
        yield Studio(data, genesis.anchor_utc_ns)
