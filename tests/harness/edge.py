"""An edge over real sockets: a real broker, a real tape in the test's hand, real workers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from harness import programme
from harness.waiting import until
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
    Visibility,
    space_state,
)
from rostra.core.clock import SystemClock
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.core.role import RoleContext, bus_path
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE, first_frame_at
from rostra.core.settings import Settings
from rostra.edge import worker
from rostra.media import cmaf, events
from rostra.serve.sockets import listen, listen_locally
from rostra.serving.backlog import SEND_BUFFER_BYTES
from rostra.tape import Genesis, TapeWriter

SPACE, RUN = SpaceId("space23456"), RunId("run23456")
KEYS = Keyring((TicketKey(1, b"k" * 32),))


@dataclass
class Stand:
    """Edge workers and everything they need. Plain requests go to the first worker."""

    data: Path
    ports: list[int]
    bus: BusClient
    http: httpx.AsyncClient
    writer: TapeWriter
    stopping: asyncio.Event
    """Set, it lets all workers stop."""
    visibility: Visibility = Visibility.PUBLIC
    appended: list[dict[str, bytes]] = field(default_factory=list)
    """Chunks as they must arrive, by rendition."""

    @property
    def local(self) -> Path:
        """Where a proxy of ours reaches the workers."""
        return self.data / "edge.sock"

    @property
    def port(self) -> int:
        return self.ports[0]

    @property
    def base(self) -> str:
        """Where a listener with a fresh ticket finds the media."""
        return f"/t/{self.ticket()}/{SPACE}"

    def at(self, number: int, path: str) -> str:
        """An address at one of the workers."""
        return f"http://127.0.0.1:{self.ports[number]}{path}"

    def ticket(self, *, end_in_s: int = 3600) -> str:
        now_s = int(time.time())
        return mint(KEYS, Ticket(SPACE, new_listener(), 0, 0, now_s + 120, now_s + end_in_s))

    def speak(self, count: int = 1) -> None:
        """Append the next quanta of the programme."""
        for _ in range(count):
            start = self.writer.next_sample
            number = start // QUANTUM
            frames = programme.quanta(programme.FULL)[number % 48]
            box = b"" if number % CHUNKS_PER_SEGMENT else events.snapshot(at=start, listeners=number)
            self.writer.append(frames, events=box)
            chunks = {
                track.name: cmaf.chunk(
                    track,
                    sequence=number + 1,
                    start_sample=first_frame_at(number, track.frame_samples),
                    frames=frames[track.name],
                    events=box,
                )
                for track in programme.tracks(programme.FULL)
            }
            self.appended.append(chunks)

    def catch_up(self) -> None:
        """Append all that would be spoken by now."""
        passed_ns = time.time_ns() - self.writer.genesis.anchor_utc_ns
        self.speak(passed_ns * SAMPLE_RATE // 1_000_000_000 // QUANTUM - len(self.appended))

    def spoken(self, first: int, last: int, rendition: str = "aac64") -> bytes:
        return b"".join(each[rendition] for each in self.appended[first:last])

    def announce(self, lifecycle: Lifecycle = Lifecycle.LIVE, visibility: Visibility | None = None) -> None:
        state = SpaceState(
            space=SPACE,
            revision=1,
            lifecycle=lifecycle,
            title="An evening",
            description="",
            host=AccountId("host23456"),
            host_name="Ada",
            starts_at=0,
            time_zone="UTC",
            run=RUN,
            anchor_utc_ns=self.writer.genesis.anchor_utc_ns,
            visibility=visibility or self.visibility,
            ended_at=0 if lifecycle is Lifecycle.LIVE else int(time.time() * 1000),
        )
        self.bus.publish(space_state(SPACE), state, retain=True)
        self.bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers=headers)

    async def counted(self, name: str, *, asked: int = 0, worker: int | None = None, code: str = "") -> int:
        """What one worker says that it, or another one, has counted."""
        text = (await self.get(self.at(asked, "/metrics"))).text
        labels = {"worker": str(asked if worker is None else worker), **({"code": code} if code else {})}
        return sum(
            int(sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == f"rostra_edge_{name}" and sample.labels == labels
        )

    async def until_waiting(self, answers: int) -> None:
        """Wait until so many answers are open or held at the first worker."""

        async def waiting() -> bool:
            return await self.counted("answers_waiting") == answers

        await until(waiting, what=f"{answers} answers wait", within_s=5, poll_s=0.01)

    async def until_at(self, quanta: int, *, within_s: float = 5) -> None:
        """Wait until every worker has read so many quanta."""
        base = self.base

        async def read() -> bool:
            at = [self.at(number, f"{base}/live.json") for number in range(len(self.ports))]
            return all([(await self.get(each)).json().get("samples", -1) >= quanta * QUANTUM for each in at])

        await until(read, what=f"every edge has read {quanta} quanta", within_s=within_s, poll_s=0.01)


def _listening() -> socket.socket:
    return listen("127.0.0.1", 0, backlog=1024, setting="edge_port", send_buffer=SEND_BUFFER_BYTES)


@contextlib.asynccontextmanager
async def standing(
    data: Path,
    *,
    workers: int = 1,
    visibility: Visibility = Visibility.PUBLIC,
    begun_s_ago: float = 0.0,
    **knobs: object,
) -> AsyncIterator[Stand]:
    """Start everything, with a live space and an empty tape; stop everything. ``knobs`` are settings."""
    anchor_utc_ns = time.time_ns() - round(begun_s_ago * 1e9)
    genesis = Genesis(SPACE, RUN, "An evening", anchor_utc_ns, programme.tracks(programme.FULL), {})
    writer = TapeWriter.create(data / "tapes" / SPACE / RUN, genesis, clock=SystemClock())
    stopping = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(writer.close)
        listening = [stack.enter_context(_listening()) for _ in range(workers)]
        ports = [each.getsockname()[1] for each in listening]
        await stack.enter_async_context(Broker(bus_path(data)))
        bus = await stack.enter_async_context(BusClient(bus_path(data), name="test"))
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[0]}", trust_env=False, timeout=10)
        )
        keys = tuple((key.number, key.secret) for key in KEYS.keys)
        bus.publish(TICKET_KEYS, TicketKeys(keys=keys), retain=True)
        stand = Stand(data, ports, bus, http, writer, stopping, visibility)
        local = stack.enter_context(listen_locally(stand.local, backlog=64, send_buffer=SEND_BUFFER_BYTES))
        stand.announce()
        running = [
            asyncio.create_task(
                worker.run(
                    RoleContext(
                        Settings.model_validate(
                            {"data": data, "edge_port": ports[number], "edge_workers": workers, **knobs}
                        ),
                        SystemClock(),
                        number,
                        (each.dup(),),
                        stopping,
                        trusted=(local.dup(),),
                    )
                )
            )
            for number, each in enumerate(listening)
        ]
        try:
            await stand.until_at(0)
            yield stand
        finally:
            stopping.set()
            await asyncio.wait_for(asyncio.gather(*running), 6)
