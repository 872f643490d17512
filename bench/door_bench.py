"""``make bench-door``: joins a second on one core, a ticket issued for each, beside HAProxy's fixed answer.

The server alone on one core, the load (Debian's wrk) on the other; rounds are interleaved, figures medians.
HAProxy sends the same bytes to everybody by ``http-request return``, which is the least a server can do for a
join. The numbers hold for this machine and for nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
from rich.console import Console

from bench.door.alone import SPACE
from bench.edge import certificate, readings
from bench.edge.certificate import Certificate
from bench.edge.child import free_port, pinned, running
from bench.edge.errors import PeerFailed
from bench.edge.ground import Cores, pinned_cores
from bench.edge.opening import require
from bench.edge.peers import haproxy
from bench.edge.rostra_edge import Served, environment
from bench.machine import machine
from rostra.core.errors import RostraError
from rostra.rehearsal.outcome import run

CONNECTIONS = 64
NAMES = ("rostra", "haproxy")
PROGRAMS = ("taskset", "setpriv", "haproxy", "wrk")
_SCRIPT = Path(__file__).parent / "door" / "join.lua"
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_ERRORS = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_FULL = 0.85


Found = dict[str, dict[str, list[float]]]
"""By kind and server: one figure a round."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way of joining."""

    name: str
    kept: bool
    """On a connection that is kept; else each on its own."""
    tls: bool


JOINS = Kind("joins_per_s", kept=False, tls=False)
KEPT = Kind("joins_kept_per_s", kept=True, tls=False)
HANDSHAKES = Kind("tls_handshakes_per_s", kept=False, tls=True)
KINDS = (JOINS, KEPT, HANDSHAKES)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line. All on one core; medians."""

    joins_per_s: dict[str, float]
    """Each on a connection of its own, which it asks the server to close, as browsers do not."""
    joins_kept_per_s: dict[str, float]
    """On connections that are kept."""
    tls_handshakes_per_s: dict[str, float]
    """Joins over TLS (P-256, no session resumed), each with a handshake of its own."""
    us_each: dict[str, dict[str, float]]
    """CPU of the server for one."""
    ratio: dict[str, float]
    """Rostra's over HAProxy's."""
    spread: dict[str, dict[str, tuple[float, float]]]
    """Least and most of the rounds."""
    full: bool
    """Whether the server's core was the limit in every round; else the load was."""
    rounds: int
    seconds: float
    machine: str


def main() -> int:
    asked = argparse.ArgumentParser(prog="make bench-door", description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--seconds", type=int, default=4)
    options = asked.parse_args()
    try:
        line = run(measure(options.rounds, options.seconds))
    except RostraError as error:
        Console(stderr=True).print(error.sentence, style="bold red", markup=False)
        return 1
    print(msgspec.json.encode(line).decode(), flush=True)
    return 0


async def measure(rounds: int, seconds: int) -> Line:
    """Measure all kinds of both servers, in interleaved rounds."""
    require(PROGRAMS)
    cores = pinned_cores()
    found = _empty()
    us_each = _empty()
    full = True
    with tempfile.TemporaryDirectory(prefix="rostra-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        shared = certificate.make(Path(folder))
        for number in range(rounds):
            for kind in KINDS:
                for name in NAMES:
                    each = Path(folder) / f"{name}-{kind.name}-{number}"
                    async with _serving(name, each, shared if kind.tls else None, cores) as served:
                        per_s, busy = await _joins(served, kind, seconds, cores)
                    found[kind.name][name].append(per_s)
                    us_each[kind.name][name].append(busy * 1e6 / per_s)
                    full = full and busy >= _FULL
    return _line(found, us_each, full=full, rounds=rounds, seconds=seconds)


def _empty() -> Found:
    return {kind.name: {name: [] for name in NAMES} for kind in KINDS}


def _line(found: Found, us_each: Found, *, full: bool, rounds: int, seconds: float) -> Line:
    medians = {
        kind: {name: round(statistics.median(rates)) for name, rates in by_name.items()}
        for kind, by_name in found.items()
    }
    return Line(
        **medians,  # type: ignore[arg-type]  # the kinds' names are the fields'
        us_each={
            kind: {name: round(statistics.median(each), 1) for name, each in by_name.items()}
            for kind, by_name in us_each.items()
        },
        ratio={kind: round(each["rostra"] / each["haproxy"], 3) for kind, each in medians.items()},
        spread={
            kind: {name: (round(min(rates)), round(max(rates))) for name, rates in by_name.items()}
            for kind, by_name in found.items()
        },
        full=full,
        rounds=rounds,
        seconds=seconds,
        machine=machine(),
    )


@contextlib.asynccontextmanager
async def _serving(
    name: str, folder: Path, certificate: Certificate | None, cores: Cores
) -> AsyncIterator[Served]:
    folder.mkdir()
    if name == "haproxy":
        body = await asyncio.to_thread(_like_a_join, folder)
        async with haproxy.returning(folder, body, certificate=certificate, core=cores.server) as served:
            yield served
        return
    port = free_port()
    settings = {
        "data": str(folder / "data"),
        "bind": "127.0.0.1",
        "door_port": str(port),
        "capacity": str(10**9),
        "log_level": "warning",
    }
    if certificate:
        settings |= {"tls_certificate": str(certificate.chain), "tls_key": str(certificate.key)}
    (folder / "data" / "run").mkdir(parents=True)
    command = pinned(cores.server, sys.executable, "-m", "bench.door.alone")
    async with running("door", command, folder=folder, environment=environment(settings)) as child:
        await child.until_listening(port)
        await _until_open(f"{'https' if certificate else 'http'}://127.0.0.1:{port}")
        yield Served(port, [child.pid])


def _like_a_join(folder: Path) -> Path:
    """A body of the size of an answer to a join."""
    file = folder / "joined.json"
    ticket = "t" * 64
    base = f"http://127.0.0.1:8001/t/{ticket}/{SPACE}/"
    edge = "http://127.0.0.1:8001"
    joined = {"admitted": True, "ticket": ticket, "edge": edge, "base": base, "run": "benchrun"}
    file.write_bytes(msgspec.json.encode(joined))
    return file


async def _until_open(door: str) -> None:
    async with httpx.AsyncClient(timeout=5.0, trust_env=False, verify=False) as http:
        for _ in range(200):
            with contextlib.suppress(httpx.HTTPError):
                answer = await http.post(f"{door}/s/{SPACE}/join", json={})
                if answer.is_success and answer.json()["admitted"]:
                    return
            await asyncio.sleep(0.1)
    raise PeerFailed("The door does not let anybody in.")


async def _joins(served: Served, kind: Kind, seconds: int, cores: Cores) -> tuple[float, float]:
    """Return joins a second, and how much of its core the server used."""
    url = f"{'https' if kind.tls else 'http'}://127.0.0.1:{served.port}/s/{SPACE}/join"
    cpu_s = readings.cpu_s(served.pids)
    command = ("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(_SCRIPT), url)
    process = await asyncio.create_subprocess_exec(
        *pinned(cores.load, *command, "--", "keep" if kind.kept else "close"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), seconds + 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = out.decode()
    rate = _RATE.search(said)
    if rate is None or _ERRORS.search(said):
        raise PeerFailed(f"Not every join was answered: {said.strip()[-300:]}")
    return float(rate[1]), (readings.cpu_s(served.pids) - cpu_s) / seconds


if __name__ == "__main__":
    sys.exit(main())
