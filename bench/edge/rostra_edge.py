"""Rostra's edge as ``rostra serve`` runs it: the real supervisor with edge workers alone, on a core of ours.

All its processes count, the supervisor's too. The cadence is a setting; what is heard shows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.edge.certificate import Certificate
from bench.edge.child import UP_S, Child, free_port, pinned, running
from bench.edge.errors import PeerFailed
from bench.edge.feed import Feed
from bench.edge.studio import Studio
from rostra.core.samples import QUANTUM, SAMPLE_RATE

QUANTUM_MS = QUANTUM * 1000 // SAMPLE_RATE
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Served:
    """A server that listeners can go to: its port, and the processes whose time counts."""

    port: int
    pids: list[int]
    feed: Feed | None = None
    """What it has to send comes by this; None: it has a programme of its own."""

    def fed(self, cadence_ms: int) -> AbstractAsyncContextManager[None]:
        """Something to send at this cadence, until the block is left."""
        return self.feed.at(cadence_ms) if self.feed else contextlib.nullcontext()


@contextlib.asynccontextmanager
async def serving(
    studio: Studio,
    *,
    cadence_ms: int,
    core: int | None,
    workers: int = 1,
    certificate: Certificate | None = None,
    cohorts: int = 1,
) -> AsyncIterator[Served]:
    """Run edge workers on one port until the block is left. ``cohorts``: as many, up to the cadence."""
    port = free_port()
    settings = {
        "data": str(studio.data),
        "bind": "127.0.0.1",
        "edge_port": str(port),
        "edge_workers": str(workers),
        "log_level": "warning",
        **_pace(cadence_ms, cohorts),
        **_tls(certificate),
    }
    command = pinned(core, sys.executable, "-m", "bench.edge.edges_alone")
    async with (
        running("edge", command, folder=studio.data, environment=environment(settings)) as child,
        studio.announced(),
    ):
        await child.until_listening(port)
        edge = f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
        await _until_live(edge + studio.segment_paths(1)[0], child)
        yield Served(port, [child.pid])


def _pace(cadence_ms: int, cohorts: int) -> dict[str, str]:
    """A write every so many quanta."""
    quanta = max(1, cadence_ms // QUANTUM_MS)
    return {"edge_cadence": str(quanta), "edge_cohorts": str(min(quanta, cohorts))}


def _tls(certificate: Certificate | None) -> dict[str, str]:
    if certificate is None:
        return {}
    return {"tls_certificate": str(certificate.chain), "tls_key": str(certificate.key)}


def environment(settings: dict[str, str]) -> dict[str, str]:
    """Ours, less what it says of another deployment."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("ROSTRA_")}
    path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**others, "PYTHONPATH": path, **{f"ROSTRA_{name.upper()}": v for name, v in settings.items()}}


async def _until_live(media: str, child: Child) -> None:
    """Wait until the edge has the programme whose ``media`` this address leads to. PeerFailed."""
    async with httpx.AsyncClient(timeout=UP_S, trust_env=False, verify=False) as http:
        try:
            async with asyncio.timeout(UP_S):
                while not (await http.get(f"{media}init.mp4")).is_success:
                    await asyncio.sleep(0.05)
        except (httpx.HTTPError, TimeoutError) as error:
            raise PeerFailed(f"The edge did not start. {child.last_words()}") from error
