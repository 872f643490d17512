"""``make bench-worker``: what one edge worker costs, in CPU and memory, and what stalled readers do.

A real worker process on a real tape, a crowd in another process on this machine. Prints one JSON line. The
numbers hold for this machine only; the crowd takes as much processor as the worker.
What one more listener costs in memory is the difference of two runs: caches grow with the first few.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import resource
import selectors
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import numpy as np
import typer
from prometheus_client.parser import text_string_to_metric_families

from rostra.admission.tickets import Keyring, Ticket, TicketKey, mint, new_listener
from rostra.audio.encoder import Quantum, QuantumEncoder
from rostra.audio.encoding import ENCODINGS
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
from rostra.core.clock import SystemClock
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.core.role import bus_path
from rostra.core.samples import QUANTUM, TICK, nanoseconds
from rostra.core.settings import Settings
from rostra.media.cmaf import OPUS, Track
from rostra.serve.launch import Launch
from rostra.serve.process import RoleProcess
from rostra.serve.sockets import listen
from rostra.serving.backlog import SEND_BUFFER_BYTES
from rostra.serving.response import LAST_CHUNK
from rostra.tape import Genesis, TapeWriter

SPACE, RUN = SpaceId("space23456"), RunId("run23456")
KEYS = Keyring((TicketKey(1, b"k" * 32),))
_LENGTH = re.compile(rb"Content-Length: (\d+)")
WARM_UP_S = 8.0
"""Two segments; what a worker needs anyway is then there, and counts for no listener."""
HOSTS = 8
"""Source addresses: one pair of addresses ends near 28,000 connections."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried."""

    listeners: int
    stalled: int
    kind: str
    seconds: float


class Crowd:
    """Listeners who take everything and look at little: in a process of its own."""

    def __init__(self, port: int, plan: Plan, tickets: list[str]) -> None:
        self._port = port
        self._plan = plan
        self._tickets = tickets
        self._selector = selectors.EpollSelector()
        self._stalled: list[socket.socket] = []

    def run(self) -> None:
        """Come at 2,000 a second, then listen until killed."""
        radio = self._plan.kind == "radio"
        first = self._newest()
        for number, ticket in enumerate(self._tickets):
            stalls = number >= self._plan.listeners
            sock = socket.socket()
            if stalls:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            sock.bind((f"127.0.0.{2 + number % HOSTS}", 0))
            sock.connect(("127.0.0.1", self._port))
            sock.setblocking(False)
            state: list[Any] = [first, ticket, b"", 0]
            sock.send(self._ask("radio.aac", ticket) if radio or stalls else self._segment(state))
            if stalls:
                self._stalled.append(sock)
            else:
                self._selector.register(sock, selectors.EVENT_READ, state)
            if number % 20 == 19:
                self._listen(0.01)
        print("here", flush=True)
        while True:
            self._listen(1.0)

    def _listen(self, for_s: float) -> None:
        until = time.monotonic() + for_s
        while (left := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                try:
                    data = sock.recv(65_536)
                except ConnectionError:
                    data = b""
                if not data:
                    self._selector.unregister(sock)
                    sock.close()
                    continue
                if self._plan.kind == "segments" and self._is_over(key.data, data):
                    key.data[0] += 1
                    sock.send(self._segment(key.data))

    def _is_over(self, state: list[Any], data: bytes) -> bool:
        """Whether an answer, by chunks or of a stated length, ends with ``data``."""
        length = _LENGTH.search(data[:400])
        if length is not None:
            state[3] = int(length[1]) + data.index(b"\r\n\r\n") + 4
        state[2] = (state[2] + data[-5:])[-5:]
        if not state[3]:
            return bool(state[2] == LAST_CHUNK)
        state[3] -= len(data)
        return bool(state[3] == 0)

    def _newest(self) -> int:
        base = f"http://127.0.0.1:{self._port}/t/{self._tickets[0]}/{SPACE}"
        return int(httpx.get(f"{base}/live.json", trust_env=False).json()["segment"])

    def _segment(self, state: list[Any]) -> bytes:
        return self._ask(f"{RUN}/aac64/{state[0]}.m4s", state[1])

    def _ask(self, name: str, ticket: str) -> bytes:
        return f"GET /t/{ticket}/{SPACE}/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def encoded() -> tuple[list[Track], list[Quantum]]:
    """Twelve quanta of noise."""
    encoder = QuantumEncoder()
    noise = (0.2 * np.random.default_rng(7).standard_normal(16 * QUANTUM)).astype(np.float32)
    quanta = [q for start in range(0, len(noise), TICK) for q in encoder.push(noise[start : start + TICK])]
    configs = encoder.configs()
    tracks = [
        Track(e.name, e.codec, e.bandwidth, e.frame_samples, b"" if e.codec == OPUS else configs[e.name])
        for e in ENCODINGS
    ]
    return tracks, quanta[:12]


async def speak(writer: TapeWriter, quanta: list[Quantum]) -> None:
    """Append in real time."""
    anchor_ns = writer.genesis.anchor_utc_ns
    while True:
        end = writer.next_sample + QUANTUM
        await asyncio.sleep(max(0, (anchor_ns + nanoseconds(end) - time.time_ns()) / 1e9))
        writer.append(quanta[end // QUANTUM % len(quanta)])


@contextlib.asynccontextmanager
async def worker(data: Path, settings: Settings) -> AsyncIterator[tuple[int, int]]:
    """An edge worker on a live tape: its port and process."""
    tracks, quanta = encoded()
    genesis = Genesis(SPACE, RUN, "Bench", time.time_ns(), tuple(tracks), {})
    writer = TapeWriter.create(data / "tapes" / SPACE / RUN, genesis, clock=SystemClock())
    (data / "run" / "pids").mkdir(parents=True)
    sock = listen("127.0.0.1", 0, backlog=4_096, setting="edge_port", send_buffer=SEND_BUFFER_BYTES)
    async with Broker(bus_path(data)), BusClient(bus_path(data), name="bench") as bus:
        keys = tuple((key.number, key.secret) for key in KEYS.keys)
        bus.publish(TICKET_KEYS, TicketKeys(keys=keys), retain=True)
        bus.publish(space_state(SPACE), live(genesis), retain=True)
        bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)
        entry = "rostra.edge.worker:run"
        launch = Launch("edge", 0, entry, (sock.fileno(),), settings.model_dump_json())
        process = await RoleProcess.start(launch, name="edge-0", pids=data / "run" / "pids")
        speaking = asyncio.create_task(speak(writer, quanta))
        try:
            await asyncio.sleep(WARM_UP_S)
            await counted(sock.getsockname()[1])
            yield sock.getsockname()[1], process.pid
        finally:
            speaking.cancel()
            await process.stop()
            writer.close()


def live(genesis: Genesis) -> SpaceState:
    """The space as control would state it."""
    return SpaceState(
        space=SPACE,
        revision=1,
        lifecycle=Lifecycle.LIVE,
        title="Bench",
        description="",
        host=AccountId("host23456"),
        host_name="Bench",
        starts_at=0,
        time_zone="UTC",
        run=RUN,
        anchor_utc_ns=genesis.anchor_utc_ns,
    )


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def tcp_bytes() -> int:
    """What TCP takes of the kernel's memory, by its own account (/proc/net/sockstat)."""
    line = next(each for each in Path("/proc/net/sockstat").read_text().splitlines() if "TCP:" in each)
    return int(line.split()[-1]) * os.sysconf("SC_PAGE_SIZE")


async def counted(port: int) -> dict[str, float]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    return {
        f"{each.name[12:]}{each.labels.get('le', '')}": each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


async def measure(plan: Plan, settings: Settings) -> dict[str, object]:
    """Let the crowd in; measure once it is here."""
    async with worker(settings.data, settings) as (port, pid):
        empty_rss, empty_tcp = rss_bytes(pid), tcp_bytes()
        now_s = int(time.time())
        tickets = [
            mint(KEYS, Ticket(SPACE, new_listener(), 0, 0, now_s + 600, now_s + 9_000))
            for _ in range(plan.listeners + plan.stalled)
        ]
        crowd = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.worker_bench", "--crowd-at", str(port), "--kind", plan.kind),
            *("--listeners", str(plan.listeners), "--stalled", str(plan.stalled)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert crowd.stdin is not None
        assert crowd.stdout is not None
        try:
            crowd.stdin.write(" ".join(tickets).encode())
            crowd.stdin.write_eof()
            await asyncio.wait_for(crowd.stdout.readline(), 300)
            await asyncio.sleep(5)
            before, began_s, began = await counted(port), cpu_s(pid), time.monotonic()
            await asyncio.sleep(plan.seconds)
            spent_s, lasted_s = cpu_s(pid) - began_s, time.monotonic() - began
            after, rss, tcp = await counted(port), rss_bytes(pid), tcp_bytes()
        finally:
            crowd.kill()
            await crowd.wait()
    people = plan.listeners + plan.stalled
    late = {k[21:]: after[k] - before[k] for k in after if k.startswith("writes_late_ms_bucket")}
    return {
        **msgspec.to_builtins(plan),
        "cadence": settings.edge_cadence,
        "cohorts": settings.edge_cohorts,
        "connections": int(after["connections_open"]),
        "counted": int(after["listeners"]),
        "cpu_us_per_listener_second": round(spent_s / lasted_s / max(1, plan.listeners) * 1e6, 1),
        "rss_bytes_per_connection": round((rss - empty_rss) / people),
        "kernel_tcp_mb": round((tcp - empty_tcp) / 1e6, 1),
        "writes_by_ms_late": {key: int(value) for key, value in late.items()},
        "dropped": int(after["listeners_dropped_total"] - before["listeners_dropped_total"]),
        "skipped": int(after["writes_skipped_total"] - before["writes_skipped_total"]),
    }


def main(
    listeners: Annotated[int, typer.Option(help="Who take what they are sent.")] = 10_000,
    stalled: Annotated[int, typer.Option(help="Who take nothing; all of them radios.")] = 0,
    kind: Annotated[str, typer.Option(help="radio or segments.")] = "segments",
    seconds: Annotated[float, typer.Option(help="How long to measure.")] = 15.0,
    cadence: Annotated[int, typer.Option(help="Quanta in one write.")] = 1,
    cohorts: Annotated[int, typer.Option(help="Groups of listeners.")] = 1,
    crowd_at: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Measure one worker."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    plan = Plan(listeners, stalled, kind, seconds)
    if crowd_at:
        Crowd(crowd_at, plan, sys.stdin.read().split()).run()
    with tempfile.TemporaryDirectory(prefix="rostra-crowd-") as folder:
        settings = Settings(
            data=Path(folder), edge_cadence=cadence, edge_cohorts=cohorts, log_level="error", edge_workers=1
        )
        print(msgspec.json.encode(asyncio.run(measure(plan, settings))).decode())


if __name__ == "__main__":
    typer.run(main)
