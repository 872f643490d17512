"""The supervisor with small real roles, as real processes."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from harness.clock import ManualClock
from rostra.admission.rotation import AHEAD_S
from rostra.bus.client import BusClient
from rostra.bus.messages import TICKET_KEYS, TicketKeys
from rostra.core.clock import Clock, SystemClock
from rostra.core.errors import Conflict, PortInUse
from rostra.core.role import bus_path
from rostra.core.settings import Settings
from rostra.serve import supervisor
from rostra.serve.roles import Seat, seats
from rostra.serve.sockets import listen

PROBE_ROLE = """
import asyncio
from pathlib import Path

async def run(context):
    async def greet(reader, writer):
        import os
        writer.write(str(os.getpid()).encode())
        writer.close()

    server = await asyncio.start_unix_server(greet, context.settings.data / f"probe-{context.index}")
    await context.stopping.wait()
    Path(context.settings.data / f"finished-{context.index}").write_text("")
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "probe_role.py").write_text(PROBE_ROLE)
    monkeypatch.setenv("PYTHONPATH", str(modules), prepend=os.pathsep)
    crew = (Seat("gateway", 0, "probe_role:run", 0), Seat("stage", 1, "probe_role:run", 0))
    monkeypatch.setattr(supervisor, "seats", lambda settings: crew)
    return Settings(data=tmp_path / "data", log_level="error")


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    clock = clock or SystemClock()
    task = asyncio.create_task(supervisor.serve(settings, clock=clock, stopping=stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(task, 15)


async def pid_of(settings: Settings, index: int, *, other_than: int = 0) -> int:
    async with asyncio.timeout(15):
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(settings.data / f"probe-{index}")
                pid = int(await reader.read() or b"0")
                writer.close()
                await writer.wait_closed()
            except OSError:
                pid = 0
            if pid not in (0, other_than):
                return pid
            await asyncio.sleep(0.02)


async def test_a_role_that_is_killed_comes_back_and_the_other_does_not_notice(settings: Settings) -> None:
    async with running(settings):
        victim, bystander = await pid_of(settings, 0), await pid_of(settings, 1)
        os.kill(victim, signal.SIGKILL)
        assert await pid_of(settings, 0, other_than=victim)
        assert await pid_of(settings, 1) == bystander


async def test_a_role_that_cannot_be_started_for_a_while_is_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, refused = asyncio.create_subprocess_exec, 0

    async def no_process_at_first(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        nonlocal refused
        if refused < 3:
            refused += 1
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return await start(*arguments, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", no_process_at_first)
    async with running(settings):
        assert await pid_of(settings, 0)
        assert await pid_of(settings, 1)
    assert refused == 3


async def test_on_stop_every_role_finishes_its_work(settings: Settings) -> None:
    async with running(settings):
        await pid_of(settings, 0)
        await pid_of(settings, 1)
    assert (settings.data / "finished-0").exists()
    assert (settings.data / "finished-1").exists()
    assert not list((settings.data / "run" / "pids").iterdir())


async def test_roles_finish_their_work_when_the_supervisor_is_killed(settings: Settings) -> None:
    crew = "(Seat('stage', 0, 'probe_role:run', 0),)"
    program = f"""
import asyncio
from pathlib import Path
from rostra.core.clock import SystemClock
from rostra.core.settings import Settings
from rostra.serve import supervisor
from rostra.serve.roles import Seat
supervisor.seats = lambda settings: {crew}
settings = Settings(data=Path({str(settings.data)!r}), log_level="error")
asyncio.run(supervisor.serve(settings, clock=SystemClock(), stopping=asyncio.Event()))
"""
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        await pid_of(settings, 0)
        process.kill()
    async with asyncio.timeout(10):
        while not (settings.data / "finished-0").exists():
            await asyncio.sleep(0.02)
    async with running(settings):
        assert await pid_of(settings, 1)


async def test_ticket_keys_are_on_the_bus_and_outlive_a_restart(settings: Settings) -> None:
    heard: list[TicketKeys] = []
    for _ in range(2):
        async with running(settings), BusClient(bus_path(settings.data), name="test") as bus:
            async with bus.subscribe(TICKET_KEYS, TicketKeys) as values, asyncio.timeout(5):
                async for _, keys in values:
                    heard.append(keys)
                    break
    assert heard[0] == heard[1]


async def test_a_new_ticket_key_reaches_everybody_before_it_signs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "KEYS_EVERY_S", 0.01)
    clock = ManualClock()
    async with running(settings, clock), BusClient(bus_path(settings.data), name="test") as bus:
        async with bus.subscribe(TICKET_KEYS, TicketKeys) as values, asyncio.timeout(10):
            heard = aiter(values)
            _, first = await anext(heard)
            clock.advance(ms=24 * 3_600_000)
            _, announced = await anext(heard)
            clock.advance(ms=AHEAD_S * 1000)
            _, second = await anext(heard)
    assert announced.keys[0] == first.keys[0]
    assert second.keys == announced.keys[::-1]


@pytest.mark.parametrize(
    ("door_url", "control_url", "warned"),
    [
        ("https://live.example.org", "https://stage.example.org", True),
        ("https://live.example.org", "https://LIVE.example.org:8443", False),
        ("https://live.example.org", "", False),
    ],
)
async def test_door_and_backstage_on_two_hosts_are_warned_of_at_the_start(
    settings: Settings, door_url: str, control_url: str, warned: bool
) -> None:
    given = settings.model_copy(update={"door_url": door_url, "control_url": control_url})
    with capture_logs() as logs:
        async with running(given):
            await pid_of(given, 0)
    assert ("door_and_backstage_on_two_hosts" in {each["event"] for each in logs}) is warned


async def test_a_second_supervisor_on_one_folder_is_refused(settings: Settings) -> None:
    async with running(settings):
        await pid_of(settings, 0)
        with pytest.raises(Conflict, match="Another rostra serve"):
            await supervisor.serve(settings, clock=SystemClock(), stopping=asyncio.Event())


async def test_a_port_in_use_is_named_with_the_way_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "seats", seats)
    port = free_port()
    taken = settings.model_copy(update={"edge_port": port, "door_port": free_port(), "bind": "127.0.0.1"})
    with listen("127.0.0.1", port, backlog=1, setting="edge_port"):
        with pytest.raises(PortInUse, match=rf"Port {port} .*--edge-port N"):
            await supervisor.serve(taken, clock=SystemClock(), stopping=asyncio.Event())


@pytest.mark.parametrize("workers", [1, 3])
def test_every_edge_worker_has_a_seat(workers: int) -> None:
    crew = seats(Settings(edge_workers=workers))
    assert [seat.index for seat in crew if seat.role == "edge"] == list(range(workers))
    assert {seat.role for seat in crew} == {"gateway", "edge", "control", "stage"}


@pytest.mark.parametrize(("capacity", "workers"), [(1, 2), (16_000, 2), (16_001, 3), (100_000, 8)])
def test_there_is_one_worker_more_than_the_capacity_needs(capacity: int, workers: int) -> None:
    assert Settings(edge_capacity=capacity).edge_processes == workers
