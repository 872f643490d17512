"""Keep one machine's roles alive: sockets first, then the broker, then a process for every seat.

Composes; each seat's process is its keeper's business. On stop every role gets SIGTERM and
:data:`STOP_GRACE_S` to finish its record. Does no role's work.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import structlog

from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import PASS_KEYS, TICKET_KEYS, EdgeRoom, PassKeys, TicketKeys, edge_room
from rostra.bus.subscription import Subscription
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, RostraError
from rostra.core.folders import make_private
from rostra.core.listening import require_listenable
from rostra.core.role import bus_path
from rostra.core.settings import Settings
from rostra.core.tls import certificate
from rostra.serve.keeper import Keeper, pause
from rostra.serve.keys import K, KeyBox
from rostra.serve.launch import Launch
from rostra.serve.memory import Memory
from rostra.serve.ports import PORT_SETTINGS, Ports
from rostra.serve.predecessor import outlive
from rostra.serve.priority import may_be_realtime
from rostra.serve.process import RoleProcess
from rostra.serve.roles import Seat, seats
from rostra.serve.sockets import require_free

log = structlog.get_logger()

KEYS_EVERY_S = 5.0
"""How often to look whether a new ticket key is due."""

_SOCKET_PATH_BYTES = 107
"""The longest path of a Unix socket (unix(7)), less its closing zero."""


class DataFolderUnusable(RostraError):
    """The data folder cannot be used. Choose another with --data or ROSTRA_DATA."""

    code = "data_folder_unusable"


async def serve(
    settings: Settings, *, clock: Clock, stopping: asyncio.Event, renewing: asyncio.Event | None = None
) -> None:
    """Run all roles until ``stopping`` is set. At ``renewing`` every edge worker is relieved, without a gap.

    PortInUse, AddressUnusable, CertificateUnusable, DataFolderUnusable; Conflict when another supervisor
    has the folder.
    """
    _prepare(settings.data)
    with _own(settings.data):
        await outlive(settings.data / "run" / "pids")
        _require_ports(settings)
        _warn_of_two_hosts(settings)
        certificate(settings)
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
        with Ports.open(settings, seats(settings)) as ports:
            _require_listeners(settings)
            crew = [_keeper(seat, ports, settings, clock, stopping) for seat in seats(settings)]
            edges = [keeper for keeper in crew if keeper.seat.role == "edge"]
            async with (
                Broker(bus_path(settings.data), retained=memory.load()),
                BusClient(bus_path(settings.data), name="supervisor") as bus,
                bus.subscribe(edge_room("*"), EdgeRoom) as rooms,
                asyncio.TaskGroup() as keepers,
            ):
                hearing = keepers.create_task(_hear(rooms, edges))
                remembering = keepers.create_task(memory.follow(bus))
                renewal = keepers.create_task(_renew(edges, renewing or asyncio.Event()))
                keepers.create_task(_turn_keys(bus, TICKET_KEYS, tickets, stopping))
                keepers.create_task(_turn_keys(bus, PASS_KEYS, passes, stopping))
                running = [keepers.create_task(keeper.run(), name=keeper.seat.name) for keeper in crew]
                await asyncio.wait(running)
                hearing.cancel()
                renewal.cancel()
                remembering.cancel()


def _keeper(seat: Seat, ports: Ports, settings: Settings, clock: Clock, stopping: asyncio.Event) -> Keeper:
    def start(number: int) -> Awaitable[RoleProcess]:
        launch = Launch(
            seat.role,
            number,
            seat.entry,
            ports.descriptors(seat),
            settings.model_dump_json(),
            ports.trusted(seat),
        )
        return RoleProcess.start(
            launch,
            name=seat.name,
            pids=settings.data / "run" / "pids",
            first=seat.first and settings.stage_first,
            half=seat.half if settings.stage_first and may_be_realtime() else None,
        )

    return Keeper(seat, start=start, steer=partial(ports.steer, seat), clock=clock, stopping=stopping)


async def _hear(rooms: Subscription, edges: Sequence[Keeper]) -> None:
    """Pass on which workers have room."""
    async for _, room in rooms:
        for keeper in edges:
            keeper.heard(room)


async def _renew(edges: Sequence[Keeper], renewing: asyncio.Event) -> None:
    """Relieve one edge worker after the other, whenever asked."""
    while True:
        await renewing.wait()
        renewing.clear()
        for keeper in edges:
            await keeper.relieve()


def _prepare(data: Path) -> None:
    """Make the data folder, and see that it can be used before anything starts."""
    if len(os.fsencode(bus_path(data).absolute())) > _SOCKET_PATH_BYTES:
        raise DataFolderUnusable(f"The path of the data folder is too long: {data.absolute()}.")
    try:
        make_private(data / "run")
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


def _require_ports(settings: Settings) -> None:
    for seat in seats(settings):
        if seat.port:
            require_free(settings.bind, seat.port, setting=PORT_SETTINGS[seat.role])


def _warn_of_two_hosts(settings: Settings) -> None:
    if settings.two_hosts:
        log.warning(
            "door_and_backstage_on_two_hosts",
            door_url=settings.door_url,
            control_url=settings.control_url,
            lost="blocks of guests hold for one of them alone; the event page plays beside the studio",
        )


def _require_listeners(settings: Settings) -> None:
    """See that what roles open by themselves can be had, beside our own ports."""
    for setting in ("edge_trusted_listen", "source_listen"):
        if address := getattr(settings, setting):
            require_listenable(address, setting=setting)


async def _turn_keys(bus: BusClient, subject: str, keys: KeyBox[K], stopping: asyncio.Event) -> None:
    """Publish keys of one kind, and again whenever they change."""
    while not stopping.is_set():
        value = await asyncio.to_thread(keys.turn)
        if value is not None:
            bus.publish(subject, value, retain=True)
        await pause(stopping, KEYS_EVERY_S)
