"""Keep one machine's roles alive: sockets first, then the broker, then a process for every seat.

A role that dies is started again, with back-off, and touches no other. On stop every role gets
SIGTERM and :data:`STOP_GRACE_S` to finish its record. Does no role's work.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec
import structlog

from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import PASS_KEYS, TICKET_KEYS, PassKeys, TicketKeys
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, RostraError
from rostra.core.role import STOP_GRACE_S, bus_path
from rostra.core.settings import Settings
from rostra.serve.keys import K, KeyBox
from rostra.serve.launch import Launch
from rostra.serve.memory import Memory
from rostra.serve.roles import Seat, seats
from rostra.serve.sockets import SEND_BUFFER_BYTES, listen, require_free

log = structlog.get_logger()

BACKOFF_FIRST_S = 0.1
BACKOFF_MOST_S = 5.0
HEALTHY_AFTER_S = 10.0
"""A role that ran this long starts again at once when it dies."""
KEYS_EVERY_S = 5.0
"""How often to look whether a new ticket key is due."""
NOT_STARTED = -1
"""Stands for the exit status of a role that could not even be started."""
PREDECESSOR_S = STOP_GRACE_S + 2.0
"""How long to wait for the roles of a supervisor that was killed."""

_SOCKET_PATH_BYTES = 107
"""The longest path of a Unix socket (unix(7)), less its closing zero."""
_PORT_SETTINGS = {"gateway": "door_port", "edge": "edge_port", "control": "control_port"}


class DataFolderUnusable(RostraError):
    """The data folder cannot be used. Choose another with --data or ROSTRA_DATA."""

    code = "data_folder_unusable"


async def serve(settings: Settings, *, clock: Clock, stopping: asyncio.Event) -> None:
    """Run all roles until ``stopping`` is set.

    PortInUse, AddressUnusable, DataFolderUnusable; Conflict when another supervisor has the folder.
    """
    _prepare(settings.data)
    with _own(settings.data):
        await _outlive_predecessor(settings)
        tickets = KeyBox(
            settings.data,
            name="tickets",
            kind=TicketKeys,
            clock=clock,
            every_s=settings.ticket_key_hours * 3600,
            life_s=settings.ticket_life_s,
        )
        passes = KeyBox(
            settings.data,
            name="passes",
            kind=PassKeys,
            clock=clock,
            every_s=settings.ticket_key_hours * 3600,
            life_s=settings.pass_hours * 3600,
        )
        memory = Memory(settings.data)
        crew = tuple((seat, _open(seat, settings)) for seat in seats(settings))
        async with (
            Broker(bus_path(settings.data), retained=memory.load()),
            BusClient(bus_path(settings.data), name="supervisor") as bus,
            asyncio.TaskGroup() as keepers,
        ):
            keepers.create_task(_turn_keys(bus, TICKET_KEYS, tickets, stopping))
            keepers.create_task(_turn_keys(bus, PASS_KEYS, passes, stopping))
            remembering = keepers.create_task(memory.follow(bus))
            kept = [
                keepers.create_task(_keep(seat, sock, settings, clock, stopping), name=seat.name)
                for seat, sock in crew
            ]
            await asyncio.wait(kept)
            remembering.cancel()
        for _, sock in crew:
            if sock is not None:
                sock.close()


def _prepare(data: Path) -> None:
    """Make the data folder, and see that it can be used before anything starts."""
    if len(os.fsencode(bus_path(data).absolute())) > _SOCKET_PATH_BYTES:
        raise DataFolderUnusable(f"The path of the data folder is too long: {data.absolute()}.")
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        (data / "run").mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unusable(data, error) from error


@contextmanager
def _own(data: Path) -> Iterator[None]:
    """Hold the data folder: two supervisors on one folder would fight over the tapes.

    An OSError of the block is the disk's at the beginning, and comes out as DataFolderUnusable: what runs
    sees to itself.
    """
    try:
        with (data / "run" / "serve.lock").open("w") as lock:
            _lock(lock, data)
            yield
    except OSError as error:
        raise _unusable(data, error) from error


def _lock(lock: IO[str], data: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Conflict(f"Another rostra serve is using the data folder {data}.") from error


def _unusable(data: Path, error: OSError) -> DataFolderUnusable:
    return DataFolderUnusable(f"The data folder {data} cannot be used: {error.strerror or error}.")


async def _outlive_predecessor(settings: Settings) -> None:
    """Wait until roles of a supervisor that was killed are gone; their tapes and ports are ours then."""
    deadline = asyncio.get_running_loop().time() + PREDECESSOR_S
    pids = settings.data / "run" / "pids"
    pids.mkdir(exist_ok=True)
    while any(_is_running(file) for file in pids.iterdir()):
        if asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.05)
    for file in pids.iterdir():
        file.unlink()
    for seat in seats(settings):
        if seat.port:
            require_free(settings.bind, seat.port, setting=_PORT_SETTINGS[seat.role])


def _is_running(pid_file: Path) -> bool:
    """Say whether the process that wrote the file still runs this program."""
    try:
        return b"rostra.serve.launch" in Path(f"/proc/{int(pid_file.stem)}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False


def _open(seat: Seat, settings: Settings) -> socket.socket | None:
    if not seat.port:
        return None
    return listen(
        settings.bind,
        seat.port,
        backlog=settings.backlog,
        setting=_PORT_SETTINGS[seat.role],
        send_buffer=SEND_BUFFER_BYTES if seat.role == "edge" else 0,
    )


async def _turn_keys(bus: BusClient, subject: str, keys: KeyBox[K], stopping: asyncio.Event) -> None:
    """Publish keys of one kind, and again whenever they change."""
    while not stopping.is_set():
        value = await asyncio.to_thread(keys.turn)
        if value is not None:
            bus.publish(subject, value, retain=True)
        await _wait(stopping, KEYS_EVERY_S)


async def _keep(
    seat: Seat, sock: socket.socket | None, settings: Settings, clock: Clock, stopping: asyncio.Event
) -> None:
    """Run ``seat`` again and again until ``stopping``."""
    backoff_s = BACKOFF_FIRST_S
    while not stopping.is_set():
        started_ns = clock.monotonic_ns()
        try:
            status = await _run_once(seat, sock, settings, stopping)
        except OSError as error:
            # No process or no descriptor to be had: that passes, and the other roles go on meanwhile.
            log.error("role_not_started", seat=seat.name, reason=str(error))
            status = NOT_STARTED
        if stopping.is_set():
            break
        lived_s = (clock.monotonic_ns() - started_ns) / 1e9
        backoff_s = BACKOFF_FIRST_S if lived_s > HEALTHY_AFTER_S else min(backoff_s * 2, BACKOFF_MOST_S)
        log.warning("role_died", seat=seat.name, status=status, again_in_s=backoff_s)
        await _wait(stopping, backoff_s)


async def _run_once(
    seat: Seat, sock: socket.socket | None, settings: Settings, stopping: asyncio.Event
) -> int:
    descriptors = () if sock is None else (sock.fileno(),)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rostra.serve.launch",
        stdin=asyncio.subprocess.PIPE,
        pass_fds=descriptors,
    )
    pid_file = settings.data / "run" / "pids" / str(process.pid)
    _note(pid_file, seat)
    launch = Launch(seat.role, seat.index, seat.entry, descriptors, settings.model_dump_json())
    if process.stdin is not None:
        process.stdin.write(msgspec.json.encode(launch) + b"\n")
    ended = asyncio.create_task(process.wait())
    asked = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            process.terminate()
            await asyncio.wait({ended}, timeout=STOP_GRACE_S + 1)
        if not ended.done():
            process.kill()
        return await ended
    finally:
        asked.cancel()
        with suppress(OSError):
            pid_file.unlink(missing_ok=True)


def _note(pid_file: Path, seat: Seat) -> None:
    """Leave the id for a successor of this supervisor. Without it, that one meets locked tapes and waits."""
    try:
        pid_file.write_text(seat.name)
    except OSError as error:
        log.warning("role_not_noted", seat=seat.name, reason=str(error))


async def _wait(stopping: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), timeout_s)
    except TimeoutError:
        return
