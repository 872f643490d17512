"""``rostra serve``: read the settings, run everything on this machine, say where it is."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from rostra.core import log
from rostra.core.clock import SystemClock
from rostra.core.errors import RostraError
from rostra.core.settings import Settings, read_settings
from rostra.serve.ready import announce
from rostra.serve.supervisor import serve as supervise

_console = Console(stderr=True, markup=False, emoji=False)
STDIN = 0


def serve_command(
    data: Annotated[Path | None, typer.Option(help="Folder that holds everything.")] = None,
    bind: Annotated[str | None, typer.Option(help="Address the public ports listen on.")] = None,
    door_port: Annotated[int | None, typer.Option(help="Port of the door.")] = None,
    edge_port: Annotated[int | None, typer.Option(help="Port of the edge.")] = None,
    control_port: Annotated[int | None, typer.Option(help="Port of backstage.")] = None,
    edge_workers: Annotated[int | None, typer.Option(help="Edge processes.")] = None,
    end_with_stdin: Annotated[
        bool, typer.Option(hidden=True, help="Stop when standard input ends: with whoever holds it.")
    ] = False,
) -> None:
    """Run everything on this machine. Every other setting is a ROSTRA_… variable."""
    given = {
        "data": data,
        "bind": bind,
        "door_port": door_port,
        "edge_port": edge_port,
        "control_port": control_port,
        "edge_workers": edge_workers,
    }
    try:
        settings = read_settings({k: v for k, v in given.items() if v is not None})
        log.configure(role="supervisor", level=settings.log_level)
        uvloop.run(_serve(settings, end_with_stdin=end_with_stdin))
    except RostraError as error:
        _fail(error.sentence)


async def _serve(settings: Settings, *, end_with_stdin: bool) -> None:
    stopping, renewing = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if end_with_stdin:
        loop.add_reader(STDIN, _hear_stdin, loop, stopping)
    if not sys.stdin.isatty():  # a terminal that closes says it by the same signal, and means the end
        loop.add_signal_handler(signal.SIGHUP, renewing.set)
    links = asyncio.create_task(announce(settings, _console))
    try:
        await supervise(settings, clock=SystemClock(), stopping=stopping, renewing=renewing)
    finally:
        links.cancel()


def _hear_stdin(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    if not os.read(STDIN, 4096):
        loop.remove_reader(STDIN)
        stopping.set()


def _fail(sentence: str) -> None:
    _console.print(sentence, style="bold red", highlight=False, soft_wrap=True)
    sys.exit(1)
