"""A Rostra server of one's own: started as a child process, asked for its health, stopped for sure.

Starts ``rostra serve`` exactly as a person would, so that what is rehearsed is what is run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from rostra.core.errors import PortInUse, RostraError
from rostra.core.folders import make_private
from rostra.core.own_backstage import address_path, read_local_token
from rostra.core.settings import read_settings

HEALTHY_S = 60.0
STOP_S = 10.0
_POLL_S = 0.05
_FIRST_PORT = 8000
HERE = "localhost"
"""How a person on this machine opens a page: by a name, because passkeys need one."""
_TRIOS = range(_FIRST_PORT, _FIRST_PORT + 200, 10)


class NotStarted(RostraError):
    """The server did not start."""

    code = "not_started"


@dataclass(frozen=True, slots=True)
class Ports:
    """The three public ports."""

    door: int
    edge: int
    control: int

    @classmethod
    def from_first(cls, first: int) -> Ports:
        """Next to one another."""
        return cls(first, first + 1, first + 2)


USUAL_PORTS = Ports.from_first(_FIRST_PORT)
"""Where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A running server on this machine."""

    data: Path
    ports: Ports
    pid: int
    log: Path

    def door(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.ports.door}"

    def edge(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.ports.edge}"

    def control(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.ports.control}"

    def operator_token(self) -> str:
        """The token that lets programs on this machine act as the operator."""
        return read_local_token(self.data)


def chosen_ports() -> Ports | None:
    """Return the ports that variables name, as ``rostra serve`` has them; None: any. WrongSetting."""
    settings = read_settings()
    if settings.model_fields_set.isdisjoint(("door_port", "edge_port", "control_port")):
        return None
    return Ports(settings.door_port, settings.edge_port, settings.control_port)


def free_ports() -> Ports:
    """Return 8000–8002, or the next trio that is free. PortInUse when all are taken."""
    for first in _TRIOS:
        ports = Ports.from_first(first)
        if all(_is_free(port) for port in (ports.door, ports.edge, ports.control)):
            return ports
    raise PortInUse(f"No three free ports were found between {_TRIOS[0]} and {_TRIOS[-1] + 2}.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def lan_address() -> str | None:
    """This machine's address on its network; None where no route leads out of that. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


@contextlib.asynccontextmanager
async def deploy(data: Path, ports: Ports | None = None) -> AsyncIterator[Deployment]:
    """Run a server until the block is left; NotStarted, with the end of its log, when it does not come up.

    Without ``ports`` it takes :func:`free_ports`, and the next ones where somebody was quicker. PortInUse.
    """
    log = _make_log(data)
    process, taken = (await _up(data, ports, log), ports) if ports else await _up_where_free(data, log)
    try:
        yield Deployment(data, taken, process.pid, log)
    finally:
        await _stop(process)


async def _up_where_free(data: Path, log: Path) -> tuple[asyncio.subprocess.Process, Ports]:
    ports = free_ports()
    while True:
        try:
            return await _up(data, ports, log), ports
        except NotStarted:
            tried, ports = ports, free_ports()
            if ports == tried:
                raise


async def _up(data: Path, ports: Ports, log: Path) -> asyncio.subprocess.Process:
    """Start a server and return it once it answers; one that does not, or is not waited for, is ended.

    Its own backstage must have said where it is: at the ports, whoever was quicker may answer.
    """
    before_ns = _written_ns(address_path(data))
    process = await _start(data, ports, log)
    async with contextlib.AsyncExitStack() as failing:
        failing.push_async_callback(_stop, process)
        try:
            async with asyncio.timeout(HEALTHY_S), httpx.AsyncClient(timeout=1.0, trust_env=False) as http:
                while _written_ns(address_path(data)) == before_ns or not await _is_healthy(http, ports):
                    if process.returncode is not None:
                        raise NotStarted(f"The server ended at once. {_last_words(log)}")
                    await asyncio.sleep(_POLL_S)
        except TimeoutError as error:
            raise NotStarted(
                f"The server was not ready after {HEALTHY_S:.0f} s. {_last_words(log)}"
            ) from error
        failing.pop_all()
    return process


def new_folder(parent: Path, name: str) -> Path:
    """Make a folder in ``parent`` that nobody else has, named by ``name`` and more. NotStarted."""
    with _making(parent):
        make_private(parent)
        made = tempfile.mkdtemp(prefix=f"{name}-", dir=parent)
    return parent / Path(made).name


def _make_log(data: Path) -> Path:
    with _making(data):
        make_private(data)
    return data / "server.log"


@contextlib.contextmanager
def _making(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotStarted(f"The folder {folder} cannot be made: {error.strerror}.") from error


async def _start(data: Path, ports: Ports, log: Path) -> asyncio.subprocess.Process:
    options = {
        "--data": data,
        "--door-port": ports.door,
        "--edge-port": ports.edge,
        "--control-port": ports.control,
    }
    arguments = [part for name, value in options.items() for part in (name, str(value))]
    with log.open("ab") as output:
        # Its own session: Ctrl-C on the terminal is for the rehearsal, which ends the server itself.
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "rostra", "serve", "--end-with-stdin"),
            *arguments,
            # Held open for as long as this process lives, however it ends.
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _written_ns(file: Path) -> int:
    """When a file was written last; 0 where there is none."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


async def _is_healthy(http: httpx.AsyncClient, ports: Ports) -> bool:
    """Whether somebody answers at all three ports."""
    addresses = (f"http://127.0.0.1:{port}/healthz" for port in (ports.door, ports.edge, ports.control))
    try:
        return all([(await http.get(address)).is_success for address in addresses])
    except httpx.HTTPError:
        return False


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-5:]
    return "\n".join([f"Its log is {log}; it ends:", *lines])


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End the server and everything it started, by force after a while or when cancelled."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
