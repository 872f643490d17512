"""How many finished parts, blocked reloads and refusals a server does in a second on one core."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import msgspec

from bench.edge import listeners, readings, rostra_edge
from bench.edge.child import pinned
from bench.edge.errors import PeerFailed
from bench.edge.ground import Ground
from bench.edge.listeners import Tally
from bench.edge.peers import haproxy, nginx, varnish
from bench.edge.rostra_edge import Served
from bench.edge.systems import RELOADS

CONNECTIONS = 2_000
"""Kept, as those of a crowd are: with a few, all that a server keeps of each stays in its cache."""
_TIMEOUT_S = 10
"""For an answer; where some threads serve many connections, a few wait for long."""
RELOADERS = 5_000
"""Each asks three times in two seconds: a core answers more, yet not of everybody."""
JOIN_S = 60.0
SLOTS = 128
PARTS = (0, 1, 2, 3, 4, 5)
TICKETS = CONNECTIONS
"""As many people ask the edge for each part, so that it has to know them apart."""
_FULL = 0.85
"""Of its core; a server that used less was not at its limit: the load was too light to say what it can do."""
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_WRONG = re.compile(r"Non-2xx|Socket errors")
_SCRIPT = Path(__file__).parent / "parts.lua"
_MARGIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Per second; ``full`` when the server's core was the limit."""

    per_s: float
    us_each: float
    """CPU of the server's own processes."""
    full: bool


@dataclass(slots=True)
class _Meter:
    """What a server used in a block."""

    cpu_s: float = 0.0
    seconds: float = 0.0

    def rate(self, count: float, seconds: float) -> Rate:
        us_each = self.cpu_s / max(count, 1) * 1e6
        return Rate(count / seconds, us_each, self.cpu_s >= _FULL * self.seconds)


async def parts(ground: Ground, name: str) -> Rate:
    """Finished parts of a segment in turn, on kept connections, by wrk."""
    async with _serving_parts(ground, name) as (served, paths):
        url = f"http://127.0.0.1:{served.port}/"
        await _warm(url, paths)
        async with _metered(served) as meter:
            said = await _run(
                ground,
                *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{_seconds(ground)}s", "--timeout", f"{_TIMEOUT_S}s"),
                *("-s", str(_SCRIPT), url, "--", *paths),
            )
    found = _RATE.search(said)
    if found is None or _WRONG.search(said):
        raise PeerFailed(f"{name} did not answer every request for a part: {said.strip()[-300:]}")
    seconds = _seconds(ground)
    return meter.rate(float(found[1]) * seconds, seconds)


async def refusals(ground: Ground, name: str) -> Rate:
    """One refused request per connection, by strangers."""
    async with _refusing(ground, name) as (served, paths):
        file = ground.folder / "forged"
        file.write_text("".join(f"{path}\n" for path in paths))
        async with _metered(served) as meter:
            said = await _run(
                ground,
                *(str(ground.programs.strangers), "--port", str(served.port), "--paths", str(file)),
                *(str(SLOTS), str(_seconds(ground))),
            )
    tally = msgspec.json.decode(said, type=Tally)
    if tally.lost > tally.refused * 0.01:
        raise PeerFailed(f"{name} left {tally.lost} of {tally.refused + tally.lost} without an answer.")
    return meter.rate(tally.refused, tally.seconds)


@dataclass(frozen=True, slots=True)
class Reloads:
    """Blocked playlist reloads of a crowd that listens by HLS."""

    per_s: float
    us_per_reload: float


async def reloads(ground: Ground) -> Reloads:
    """All of them wait for the next part's playlist, time and again."""
    async with (
        RELOADS.run(ground, ground.folder / "reloads", rostra_edge.QUANTUM_MS) as served,
        listeners.gathering(ground.programs.listeners, ground.folder, core=ground.cores.load) as crowd,
    ):
        asking = RELOADS.asking(ground, served, rostra_edge.QUANTUM_MS)
        await crowd.join(replace(asking, paths=asking.paths[:RELOADERS]), within_s=JOIN_S)
        before = readings.cpu_s(served.pids)
        heard = await crowd.hear(ground.sizes.seconds)
        cpu_s = readings.cpu_s(served.pids) - before
    return Reloads(heard.answers / heard.seconds, cpu_s / max(heard.answers, 1) * 1e6)


@contextlib.asynccontextmanager
async def _serving_parts(ground: Ground, name: str) -> AsyncIterator[tuple[Served, list[str]]]:
    """Run a server that has the parts of a finished segment, and say where."""
    core, files = ground.cores.server, ground.folder / "files"
    if name == "rostra" or not files.exists():
        async with rostra_edge.serving(ground.studio, cadence_ms=rostra_edge.QUANTUM_MS, core=core) as edge:
            paths = await _finished_parts(ground, edge, files)
            if name == "rostra":
                yield edge, paths
                return
    names = [f"/{each.name}" for each in sorted(files.iterdir())]
    async with nginx.serving_files(ground.folder / "nginx", files, core=core) as served:
        if name == "nginx":
            yield served, names
            return
        async with varnish.caching(served, ground.folder / "varnish", core=core) as cached:
            yield cached, names


async def _finished_parts(ground: Ground, edge: Served, files: Path) -> list[str]:
    """Return where many people find a segment's parts; keep them as files for the others, once."""
    segment = ground.studio.finished_segment()
    names = [f"{segment}.{part}.m4s" for part in PARTS]
    folders = ground.studio.segment_paths(TICKETS)
    if not files.exists():
        files.mkdir()
        async with httpx.AsyncClient(trust_env=False) as http:
            for name in names:
                answer = await http.get(f"http://127.0.0.1:{edge.port}{folders[0]}{name}")
                answer.raise_for_status()
                (files / name).write_bytes(answer.content)
    return [folder + name for folder in folders for name in names]


async def _warm(url: str, paths: list[str]) -> None:
    """Ask for each part once, and let everybody ask once."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for path in (*paths[: len(PARTS)], *paths[:: len(PARTS)]):
            (await http.get(url + path.removeprefix("/"))).raise_for_status()


@contextlib.asynccontextmanager
async def _refusing(ground: Ground, name: str) -> AsyncIterator[tuple[Served, list[str]]]:
    core = ground.cores.server
    if name == "rostra":
        async with rostra_edge.serving(ground.studio, cadence_ms=rostra_edge.QUANTUM_MS, core=core) as edge:
            yield edge, ground.studio.forged_paths(1000)
    elif name == "haproxy":
        async with haproxy.refusing(ground.folder / "haproxy", core=core) as served:
            yield served, ["/refused"]
    else:
        async with nginx.serving_files(ground.folder / "nginx", ground.folder, core=core) as served:
            yield served, ["/refused"]


@contextlib.asynccontextmanager
async def _metered(served: Served) -> AsyncIterator[_Meter]:
    """Read what the block costs the server; known when it is left."""
    meter, cpu_s, began_s = _Meter(), readings.cpu_s(served.pids), time.monotonic()
    yield meter
    meter.cpu_s = readings.cpu_s(served.pids) - cpu_s
    meter.seconds = time.monotonic() - began_s


def _seconds(ground: Ground) -> int:
    """Of one measurement: half a window, in whole seconds, as wrk has it."""
    return max(1, round(ground.sizes.seconds / 2))


async def _run(ground: Ground, *command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *pinned(ground.cores.load, *command), stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), ground.sizes.seconds + _MARGIN_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out.decode()
