"""Rostra's edge as ``rostra serve`` runs it: real role processes on real sockets, on a core of ours.

The cadence is a setting of the edge; one that has none writes every quantum, and says so by what is heard.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from bench.edge.certificate import Certificate
from bench.edge.child import UP_S, Child, free_port, pinned, running
from bench.edge.errors import PeerFailed
from bench.edge.studio import Studio
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.core.settings import Settings
from rostra.serve.launch import Launch
from rostra.serve.sockets import SEND_BUFFER_BYTES, listen

QUANTUM_MS = QUANTUM * 1000 // SAMPLE_RATE
_PACE = ("edge_cadence", "edge_cohorts")


@dataclass(frozen=True, slots=True)
class Served:
    """A server that listeners can go to: its port, and the processes whose time counts."""

    port: int
    pids: list[int]


def _pace(cadence_ms: int) -> dict[str, Any]:
    """The settings, as far as this edge has them: a write every so many quanta, in as many cohorts."""
    quanta = max(1, cadence_ms // QUANTUM_MS)
    known = Settings.model_fields
    return {name: quanta for name in _PACE if name in known}


@contextlib.asynccontextmanager
async def serving(
    studio: Studio,
    *,
    cadence_ms: int,
    core: int | None,
    workers: int = 1,
    certificate: Certificate | None = None,
) -> AsyncIterator[Served]:
    """Run edge workers on one port until the block is left."""
    port = free_port()
    settings = Settings(
        data=studio.data,
        bind="127.0.0.1",
        edge_port=port,
        edge_workers=workers,
        tls_certificate=certificate.chain if certificate else None,
        tls_key=certificate.key if certificate else None,
        log_level="warning",
        **_pace(cadence_ms),
    )
    async with contextlib.AsyncExitStack() as stack:
        children = [await _start(stack, settings, number, core) for number in range(workers)]
        await _until_healthy(settings, children[0])
        yield Served(port, [child.pid for child in children])


async def _start(
    stack: contextlib.AsyncExitStack, settings: Settings, number: int, core: int | None
) -> Child:
    sock = stack.enter_context(
        listen(
            settings.bind,
            settings.edge_port,
            backlog=settings.backlog,
            setting="edge_port",
            send_buffer=SEND_BUFFER_BYTES,
        )
    )
    descriptors = (sock.fileno(),)
    launch = Launch("edge", number, "rostra.edge.worker:run", descriptors, settings.model_dump_json())
    return await stack.enter_async_context(
        running(
            f"edge-{number}",
            pinned(core, sys.executable, "-m", "rostra.serve.launch"),
            folder=settings.data,
            feed=msgspec.json.encode(launch) + b"\n",
            descriptors=descriptors,
        )
    )


async def _until_healthy(settings: Settings, child: Child) -> None:
    """Wait for an answer: the socket listens before the worker does. PeerFailed."""
    url = f"{settings.scheme}://127.0.0.1:{settings.edge_port}/healthz"
    async with httpx.AsyncClient(timeout=UP_S, trust_env=False, verify=False) as http:
        try:
            (await http.get(url)).raise_for_status()
        except httpx.HTTPError as error:
            raise PeerFailed(f"The edge did not start. {child.last_words()}") from error
