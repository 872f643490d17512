"""One evening for all measurements: a live space with its tape, and tickets to it. Edges join and leave."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench.edge import programme
from bench.edge.programme import RENDITION, RUN, SPACE
from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint, new_listener
from rostra.bus.client import BusClient
from rostra.bus.messages import SPACES_KNOWN, Lifecycle, SpacesKnown, SpaceState, TicketKeys, space_state
from rostra.core.clock import SystemClock
from rostra.core.errors import Unavailable
from rostra.core.ids import AccountId
from rostra.core.role import bus_path
from rostra.core.samples import SEGMENT, nanoseconds
from rostra.serve.keys import SECRET_BYTES, KeyBox

LIFE_S = 24 * 3600
AUDIENCE = 50_000
"""What the events in the tape say of how many listen."""


@dataclass(frozen=True, slots=True)
class Studio:
    """A data folder in which a space is live."""

    data: Path
    anchor_utc_ns: int
    keys: Keyring

    @contextlib.asynccontextmanager
    async def announced(self) -> AsyncIterator[None]:
        """Tell the edges of this folder's supervisor what backstage would; what they heard holds then."""
        async with BusClient(bus_path(self.data), name="bench") as bus:
            bus.publish(space_state(SPACE), self._state(), retain=True)
            bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)
            yield

    def segment_paths(self, count: int) -> list[str]:
        """Where so many listeners find the segments, each with a ticket of their own."""
        return [f"/t/{_ticket(self.keys)}/{SPACE}/{RUN}/{RENDITION}/" for _ in range(count)]

    def radio_paths(self, count: int) -> list[str]:
        """Where so many find the endless stream."""
        return [f"/t/{_ticket(self.keys)}/{SPACE}/radio.aac" for _ in range(count)]

    def forged_paths(self, count: int) -> list[str]:
        """Addresses with tickets that somebody else signed."""
        forged = Keyring((TicketKey(self.keys.signing.number, b"f" * SECRET_BYTES),))
        return [f"/t/{_ticket(forged)}/{SPACE}/live.json" for _ in range(count)]

    def finished_segment(self) -> int:
        """A segment that is whole by now."""
        return max(0, (time.time_ns() - self.anchor_utc_ns) // nanoseconds(SEGMENT) - 2)

    def _state(self) -> SpaceState:
        return SpaceState(
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
            anchor_utc_ns=self.anchor_utc_ns,
            ended_at=0,
        )


def _ticket(keys: Keyring) -> str:
    now_s = int(time.time())
    return mint(keys, Ticket(SPACE, new_listener(), 0, 0, now_s + LIFE_S, now_s + LIFE_S))


@contextlib.asynccontextmanager
async def open_studio(data: Path) -> AsyncIterator[Studio]:
    """Go on air until the block is left. The supervisor that comes later finds the same keys."""
    box = KeyBox(data, name="tickets", kind=TicketKeys, clock=SystemClock(), every_s=LIFE_S, life_s=LIFE_S)
    made = box.turn()
    if made is None:
        raise Unavailable("No ticket keys could be made.")
    keys = Keyring(tuple(TicketKey(number, secret) for number, secret in made.keys))
    async with programme.on_air(data / "tapes", listeners=AUDIENCE) as genesis:
        yield Studio(data, genesis.anchor_utc_ns, keys)
