"""What a role's process runs first: read who it is, set up, run the role, leave in time.

The supervisor writes one JSON line to standard input and keeps the pipe open: its end of file
means that the supervisor is gone, and the role finishes its record and exits.
"""

from __future__ import annotations

import asyncio
import os
import pkgutil
import resource
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import cast

import msgspec
import structlog
import uvloop

from rostra.core import log as logging
from rostra.core.clock import SystemClock
from rostra.core.errors import RostraError
from rostra.core.role import RETIRE_GRACE_S, STOP_GRACE_S, RoleContext
from rostra.core.settings import Settings

log = structlog.get_logger()

Entry = Callable[[RoleContext], Awaitable[None]]


class Launch(msgspec.Struct, frozen=True):
    """The supervisor's one line."""

    role: str
    index: int
    entry: str
    descriptors: tuple[int, ...]
    settings: str
    """Settings as JSON."""
    trusted: tuple[int, ...] = ()
    """Descriptors that only a proxy of ours reaches."""


def main() -> None:
    """Run one role to its end."""
    launch = msgspec.json.decode(_read_line(), type=Launch)
    settings = Settings.model_validate_json(launch.settings)
    logging.configure(role=f"{launch.role}-{launch.index}", level=settings.log_level)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    _raise_descriptor_limit()
    entry = cast(Entry, pkgutil.resolve_name(launch.entry))
    try:
        uvloop.run(_run(entry, launch, settings))
    except Exception as error:
        refusals = list(_refusals(error))
        if not refusals:
            raise
        for each in refusals:  # the sentence says what stands in the way; a traceback would bury it
            log.error("role_refused", code=each.code, reason=each.sentence)
        sys.exit(1)


def _refusals(error: BaseException) -> Iterator[RostraError]:
    """The refusals that ``error`` consists of, itself or as a group; none if there is anything else in it."""
    if isinstance(error, RostraError):
        yield error
    elif isinstance(error, BaseExceptionGroup) and error.split(RostraError)[1] is None:
        for each in error.exceptions:
            yield from _refusals(each)


def _read_line() -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit("The supervisor left before saying what to run.")
        line += byte
    return bytes(line)


def _raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _run(entry: Entry, launch: Launch, settings: Settings) -> None:
    stopping, retiring = asyncio.Event(), asyncio.Event()
    _watch_for_the_end(stopping, retiring)
    context = RoleContext(
        settings=settings,
        clock=SystemClock(),
        index=launch.index,
        sockets=tuple(socket.socket(fileno=descriptor) for descriptor in launch.descriptors),
        stopping=stopping,
        retiring=retiring,
        trusted=tuple(socket.socket(fileno=descriptor) for descriptor in launch.trusted),
    )
    log.info("role_started", pid=os.getpid())
    await entry(context)
    log.info("role_stopped")


def _watch_for_the_end(stopping: asyncio.Event, retiring: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def stop(reason: str, grace_s: float = STOP_GRACE_S) -> None:
        if not stopping.is_set():
            stopping.set()
            log.info("role_stopping", reason=reason)
            leave = threading.Timer(grace_s, os._exit, args=(1,))
            leave.daemon = True
            leave.start()

    def retire() -> None:
        if not stopping.is_set():
            retiring.set()
            stop("relieved", RETIRE_GRACE_S)

    def supervisor_spoke() -> None:
        if not os.read(0, 64):
            loop.remove_reader(0)
            stop("supervisor_gone")

    loop.add_signal_handler(signal.SIGTERM, stop, "asked")
    loop.add_signal_handler(signal.SIGUSR1, retire)
    loop.add_reader(0, supervisor_spoke)


if __name__ == "__main__":
    main()
