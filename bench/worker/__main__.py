"""``make bench-worker``: what one edge worker costs, in CPU and memory, and what stalled readers do.

A real worker process on a real tape, a crowd in another process on this machine, newcomers in a third; then
the same with a smaller crowd that speaks TLS, for its memory. Prints one JSON line. The numbers hold for
this machine only; the crowd takes as much processor as the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import msgspec
import numpy as np
import typer
from prometheus_client.parser import text_string_to_metric_families

from bench.edge import certificate
from bench.worker.crowd import RUN, SPACE, Plan, running
from bench.worker.newcomers import welcomed
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
from rostra.core.ids import AccountId
from rostra.core.role import bus_path
from rostra.core.samples import QUANTUM, SEGMENT, TICK, nanoseconds
from rostra.core.settings import Settings
from rostra.media.cmaf import OPUS, Track
from rostra.serve.launch import Launch
from rostra.serve.process import RoleProcess
from rostra.serve.sockets import listen
from rostra.serving.backlog import SEND_BUFFER_BYTES
from rostra.tape import Genesis, TapeWriter

KEYS = Keyring((TicketKey(1, b"k" * 32),))
WARM_UP_S = 8.0
SAID_BEFORE = 12 * SEGMENT
"""Samples on the tape when the worker starts: what it keeps in memory anyway counts for no listener."""


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
    genesis = Genesis(SPACE, RUN, "Bench", time.time_ns() - nanoseconds(SAID_BEFORE), tuple(tracks), {})
    writer = TapeWriter.create(data / "tapes" / SPACE / RUN, genesis, clock=SystemClock())
    for number in range(SAID_BEFORE // QUANTUM):
        writer.append(quanta[number % len(quanta)])
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
            await counted(settings, sock.getsockname()[1])
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


def new_tickets(count: int) -> list[str]:
    """So many tickets to the space."""
    now_s = int(time.time())
    return [mint(KEYS, Ticket(SPACE, new_listener(), 0, 0, now_s + 600, now_s + 9_000)) for _ in range(count)]


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


async def counted(settings: Settings, port: int) -> dict[str, float]:
    """What the worker counts."""
    async with httpx.AsyncClient(trust_env=False, timeout=30, verify=False) as http:
        text = (await http.get(f"{settings.scheme}://127.0.0.1:{port}/metrics")).text
    return {
        f"{each.name[12:]}{each.labels.get('le', '')}": each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


async def measure(plan: Plan, settings: Settings) -> dict[str, object]:
    """Let the crowd in; measure once it is here."""
    async with worker(settings.data, settings) as (port, pid):
        people = plan.listeners + plan.stalled
        async with running(plan, port, new_tickets(people)) as come:
            await come()
            first_rss, first_tcp = rss_bytes(pid), tcp_bytes()
            await come()
            before, began_s, began = await counted(settings, port), cpu_s(pid), time.monotonic()
            newcomers = await welcomed(port, new_tickets(1)[0], plan) if not plan.tls else None
            if plan.tls:
                await asyncio.sleep(plan.seconds)
            spent_s, lasted_s = cpu_s(pid) - began_s, time.monotonic() - began
            after, rss, tcp = await counted(settings, port), rss_bytes(pid), tcp_bytes()
    late = {k[21:]: after[k] - before[k] for k in after if k.startswith("writes_late_ms_bucket")}
    return {
        **msgspec.to_builtins(plan),
        "cadence": settings.edge_cadence,
        "cohorts": settings.edge_cohorts,
        "connections": int(after["connections_open"]),
        "counted": int(after["listeners"]),
        "cpu_us_per_listener_second": round(spent_s / lasted_s / max(1, plan.listeners) * 1e6, 1),
        "rss_bytes_per_connection": round((rss - first_rss) / (people - plan.first)),
        "kernel_tcp_mb": round((tcp - first_tcp) / 1e6, 1),
        "writes_by_ms_late": {key: int(value) for key, value in late.items()},
        "newcomers_ms": newcomers,
        "dropped": int(after["listeners_dropped_total"] - before["listeners_dropped_total"]),
        "skipped": int(after["writes_skipped_total"] - before["writes_skipped_total"]),
    }


def main(
    listeners: Annotated[int, typer.Option(help="Who take what they are sent.")] = 10_000,
    stalled: Annotated[int, typer.Option(help="Who take nothing; all of them radios.")] = 0,
    kind: Annotated[str, typer.Option(help="radio or segments.")] = "segments",
    seconds: Annotated[float, typer.Option(help="How long to measure.")] = 15.0,
    single: Annotated[bool, typer.Option(help="Ask anew for each segment, not for sixteen.")] = False,
    cadence: Annotated[int, typer.Option(help="Quanta in one write.")] = 1,
    cohorts: Annotated[int, typer.Option(help="Groups of listeners.")] = 1,
    tls_listeners: Annotated[int, typer.Option(help="Who come by TLS, alone; 0: nobody.")] = 1_000,
) -> None:
    """Measure one worker."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    pace = {"edge_cadence": cadence, "edge_cohorts": cohorts, "log_level": "error", "edge_workers": 1}
    with tempfile.TemporaryDirectory(prefix="rostra-crowd-") as name:
        folder = Path(name)
        plain = Settings.model_validate({"data": folder / "plain", **pace})
        line = asyncio.run(measure(Plan(listeners, stalled, kind, seconds, single=single), plain))
        if tls_listeners:
            files = certificate.make(folder)
            keys = {"tls_certificate": str(files.chain), "tls_key": str(files.key)}
            settings = Settings.model_validate({"data": folder / "tls", **pace, **keys})
            told = asyncio.run(
                measure(Plan(tls_listeners, 0, kind, seconds, tls=True, single=single), settings)
            )
            line["tls_listeners"] = told["connections"]
            line["bytes_per_tls_listener"] = told["rss_bytes_per_connection"]
        print(msgspec.json.encode(line).decode())


if __name__ == "__main__":
    typer.run(main)
