"""``rostra serve`` as a real process in a folder of its own, on free ports of the loopback address.

Starts, kills and restarts it and its roles, always by process id. Knows the contract's addresses
and files and nothing of the code behind them.
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx

from harness import small_disk, witnesses
from harness.neighbours import AMONG_OTHERS
from harness.waiting import until

START_S = 60.0
STOP_S = 15.0
REPLACED_S = 30.0
"""Not how soon a role is back, but how long a busy machine may take for it."""
LOG_TAIL_BYTES = 12_000
OPERATOR = "olga"
PASSWORD = "correct horse battery"
ROSTRA = (sys.executable, "-m", "rostra")
"""The command line, as this environment has it."""
SEATS = ("gateway-0", "edge-0", "control-0", "stage-0")


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, below the range from which the kernel takes ports for outgoing connections."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


class Deployment:
    """One machine's Rostra. ``async with Deployment(folder) as site`` starts it and always ends it."""

    def __init__(
        self, folder: Path, *, operator: bool = True, bind: str = "127.0.0.1", **settings: str | int
    ) -> None:
        """``operator`` makes the first account; ``settings`` become ``ROSTRA_…`` variables.

        One edge worker unless they say otherwise, so that a test knows whose listeners it disturbs; and what
        is meet beside others (:mod:`harness.neighbours`).
        """
        self.folder = folder
        self._operator = operator
        self.place: Path | None = None
        """Where the command line is typed; None: wherever the tests are."""
        self._bind = bind
        self.data = folder / "data"
        self.door_port, self.edge_port, self.control_port = free_ports(3)
        self.door = f"http://127.0.0.1:{self.door_port}"
        self.edge = f"http://127.0.0.1:{self.edge_port}"
        self.control = f"http://127.0.0.1:{self.control_port}"
        self.log = folder / "serve.log"
        self.settings: dict[str, str | int] = {"edge_workers": 1, **AMONG_OTHERS, **settings}
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """The command line, as a person would type it."""
        return [
            *small_disk.way_in(self.folder),
            *(*ROSTRA, "serve", "--data", str(self.data), "--bind", self._bind),
            *("--door-port", str(self.door_port)),
            *("--edge-port", str(self.edge_port)),
            *("--control-port", str(self.control_port)),
        ]

    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ROSTRA_")}
        given = {f"ROSTRA_{name.upper()}": str(value) for name, value in self.settings.items()}
        return {**inherited, **given, "PYTHONUNBUFFERED": "1"}

    async def __aenter__(self) -> Deployment:
        witnesses.call(self._witness, self.testimony)
        try:
            await self.start()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _witness(self) -> str:
        return f"rostra serve in {self.folder.name}"

    def testimony(self) -> str:
        """The end of the log of supervisor and roles."""
        return self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace") if self.log.exists() else ""

    async def start(self) -> None:
        """Start the supervisor and wait until the three public ports answer and the stage is there."""
        self.launch()
        await until(self.is_ready, what="door, edge and backstage answer /healthz", within_s=START_S)
        if self._operator:
            await self._make_operator()

    def launch(self) -> None:
        """Start the supervisor, and wait for nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                cwd=self.place,
                start_new_session=True,
            )

    async def _make_operator(self) -> None:
        """The first account, as ``rostra account create`` makes it. Does nothing at a second start."""
        account = {"handle": OPERATOR, "name": "Olga", "password": PASSWORD, "role": "operator"}
        async with httpx.AsyncClient(timeout=10.0, trust_env=False, verify=False) as http:
            site = (await http.get(f"{self.control}/api/v1/site")).json()
            if site["setup_needed"]:
                headers = {"authorization": f"Bearer {self.token}"}
                made = await http.post(f"{self.control}/api/v1/accounts", json=account, headers=headers)
                assert made.is_success, made.text

    async def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"rostra serve left with {self.process.returncode}"
        async with httpx.AsyncClient(timeout=2.0, trust_env=False, verify=False) as http:
            for address in (self.door, self.edge, self.control):
                if not await _answers(http, f"{address}/healthz"):
                    return False
        return (self.data / "keys" / "local.token").exists()

    @property
    def token(self) -> str:
        """The operator's token that backstage leaves for programs on the same machine."""
        return (self.data / "keys" / "local.token").read_text().strip()

    async def first_run_link(self) -> str:
        """The link to the set-up page, as the terminal shows it."""

        async def printed() -> str:
            found = re.search(r"first run\s+(https?://\S+)", self.log.read_text())
            return found[1] if found else ""

        return await until(printed, what="the link of the first run is printed", within_s=REPLACED_S)

    def pids(self) -> dict[str, int]:
        """Seat → process id of every role that runs now."""
        folder = self.data / "run" / "pids"
        if not folder.exists():
            return {}
        found = {}
        for file in folder.iterdir():
            try:
                seat = file.read_text().partition("\n")[0]
            except FileNotFoundError:
                continue
            if seat:
                found[seat] = int(file.stem)
        return found

    async def kill(self, seat: str) -> int:
        """``kill -9`` a role; return the id it had."""

        async def running() -> int:
            return self.pids().get(seat, 0)

        pid = await until(running, what=f"{seat} runs", within_s=REPLACED_S)
        os.kill(pid, signal.SIGKILL)
        return pid

    async def replaced(self, seat: str, old_pid: int) -> int:
        """Wait until the supervisor has put another process in the seat."""

        async def other() -> int:
            pid = self.pids().get(seat, 0)
            return pid if pid != old_pid else 0

        return await until(other, what=f"{seat} is started again", within_s=REPLACED_S)

    def kill_supervisor(self) -> None:
        """``kill -9`` the supervisor alone; its roles find out by themselves."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """SIGTERM, as a system's shutdown sends; return the exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(STOP_S)

    def close(self) -> None:
        """End everything that this deployment started, by id."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._end_orphans()
        witnesses.dismiss(self._witness, self.testimony())

    def _end_orphans(self) -> None:
        """Roles that outlived a killed supervisor: let them finish, then insist."""
        deadline = time.monotonic() + STOP_S / 2
        while (orphans := [pid for pid in self.pids().values() if is_role(pid)]) and (
            time.monotonic() < deadline
        ):
            time.sleep(0.05)
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)


def is_role(pid: int) -> bool:
    """Whether a process still runs a role; one that nobody has waited for yet does not."""
    try:
        return b"rostra.serve.launch" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
