"""The servers whose listeners are counted, by name: how each is run, and what a listener asks it.

``rostra`` is asked for live segments as our own player asks, sixteen in one request, and ``c_loop`` for
answers of that length; ``rostra_single`` and ``c_loop_single`` are asked anew for each segment,
``rostra_radio`` and ``c_loop_radio`` are endless, as Icecast's and nchan's streams are. ``rostra_cohorts``
deals its listeners into as many cohorts as quanta, which no peer can: fewer writes at a time.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.edge import rostra_edge
from bench.edge.ground import Ground
from bench.edge.listeners import Asking
from bench.edge.peers import c_loop, haproxy, icecast, nginx
from bench.edge.rostra_edge import Served
from rostra.core.samples import CHUNKS_PER_SEGMENT, SAMPLE_RATE, SEGMENT, STRETCH

SEGMENT_MS = SEGMENT * 1000 // SAMPLE_RATE
Running = AbstractAsyncContextManager[Served]


@dataclass(frozen=True, slots=True)
class System:
    """One of them. ``run`` takes the ground, a folder of its own and the cadence in ms."""

    run: Callable[[Ground, Path, int], Running]
    paths: Callable[[Ground, int], list[str]]
    kind: str
    tls: bool = False
    stretch: int = STRETCH
    """Segments in one request."""
    most_waiting: int = 0
    """Newcomers at a time, where the server's own accept queue is short; 0: any number."""
    apart: bool = False
    """Whether it is beyond what the comparison is about: at the longest cadence alone, and in three rounds of
    five."""
    kept: bool = False
    """Whether it lets a crowd in so slowly that both stay for the whole run (kept.py). It meets several
    cadences by what it is fed with."""
    paced: bool = True
    """Whether a write carries a whole cadence, so that what is heard shows it."""

    def listeners(self, ground: Ground) -> int:
        return ground.sizes.tls_listeners if self.tls else ground.sizes.listeners

    def asking(self, ground: Ground, served: Served, cadence_ms: int) -> Asking:
        """What its whole crowd asks for."""
        return Asking(
            self.kind,
            served.port,
            self.paths(ground, self.listeners(ground)),
            cadence_ms,
            ground.studio.anchor_utc_ns,
            tls=self.tls,
            stretch=self.stretch,
            most_waiting=self.most_waiting,
        )


def _edge(ground: Ground, _: Path, cadence_ms: int) -> Running:
    return rostra_edge.serving(ground.studio, cadence_ms=cadence_ms, core=ground.cores.server)


def _edge_tls(ground: Ground, _: Path, cadence_ms: int) -> Running:
    return rostra_edge.serving(
        ground.studio, cadence_ms=cadence_ms, core=ground.cores.server, certificate=ground.certificate
    )


@contextlib.asynccontextmanager
async def _edge_behind_haproxy(ground: Ground, folder: Path, cadence_ms: int) -> AsyncIterator[Served]:
    core = ground.cores.server
    async with (
        _edge(ground, folder, cadence_ms) as edge,
        haproxy.in_front_of(edge, folder, ground.certificate, core=core) as both,
    ):
        yield both


def _icecast(ground: Ground, folder: Path, _: int) -> Running:
    return icecast.serving(folder, core=ground.cores.server, listeners=ground.sizes.listeners)


def _nchan(ground: Ground, folder: Path, _: int) -> Running:
    return nginx.serving_channel(folder, core=ground.cores.server)


def _edge_in_cohorts(ground: Ground, _: Path, cadence_ms: int) -> Running:
    core = ground.cores.server
    return rostra_edge.serving(ground.studio, cadence_ms=cadence_ms, core=core, cohorts=CHUNKS_PER_SEGMENT)


def _c_loop(ground: Ground, folder: Path, cadence_ms: int) -> Running:
    """The same framing: an answer is a stretch long, and listeners ask again in turns."""
    program, core = ground.programs.c_loop, ground.cores.server
    answer_ms = STRETCH * SEGMENT_MS
    return c_loop.serving(
        program, folder, cadence_ms=cadence_ms, core=core, answer_ms=answer_ms, turns=STRETCH
    )


def _c_loop_single(ground: Ground, folder: Path, cadence_ms: int) -> Running:
    program, core = ground.programs.c_loop, ground.cores.server
    return c_loop.serving(program, folder, cadence_ms=cadence_ms, core=core, answer_ms=SEGMENT_MS)


def _c_loop_radio(ground: Ground, folder: Path, cadence_ms: int) -> Running:
    return c_loop.serving(ground.programs.c_loop, folder, cadence_ms=cadence_ms, core=ground.cores.server)


def _segments(ground: Ground, count: int) -> list[str]:
    return ground.studio.segment_paths(count)


def _radio(ground: Ground, count: int) -> list[str]:
    return ground.studio.radio_paths(count)


def _same(path: str) -> Callable[[Ground, int], list[str]]:
    return lambda _, count: [path] * count


SYSTEMS = {
    "rostra": System(_edge, _segments, "segments"),
    "c_loop": System(_c_loop, _same("/"), "marked"),
    "icecast": System(
        _icecast, _same(icecast.MOUNT), "endless", most_waiting=icecast.BACKLOG, kept=True, paced=False
    ),
    "nchan": System(_nchan, _same(nginx.CHANNEL), "endless"),
    "rostra_tls": System(_edge_tls, _segments, "segments", tls=True),
    "haproxy_tls": System(_edge_behind_haproxy, _segments, "segments", tls=True),
    "rostra_single": System(_edge, _segments, "segments", stretch=1, apart=True),
    "c_loop_single": System(_c_loop_single, _same("/"), "marked", apart=True),
    "rostra_radio": System(_edge, _radio, "endless", apart=True),
    "c_loop_radio": System(_c_loop_radio, _same("/"), "endless", apart=True),
    "rostra_cohorts": System(_edge_in_cohorts, _segments, "segments", apart=True),
}
RELOADS = System(_edge, _segments, "reloads")
"""Who listens by HLS and reloads a playlist for every part."""


def cells(cadences_ms: Sequence[int], names: Collection[str]) -> list[tuple[int, str]]:
    """What is measured of these systems, longest cadence first."""
    longest = max(cadences_ms)
    return [
        (cadence_ms, name)
        for cadence_ms in cadences_ms
        for name, system in SYSTEMS.items()
        if name in names and (cadence_ms == longest or not system.apart)
    ]
