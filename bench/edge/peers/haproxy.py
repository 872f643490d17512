"""HAProxy with one thread: TLS in front of an edge, or refusals. https://docs.haproxy.org/3.0/configuration.html"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bench.edge.certificate import Certificate
from bench.edge.child import free_port, pinned, running
from bench.edge.rostra_edge import Served

_CONFIG = """global
  nbthread 1
  maxconn 9500
  tune.bufsize 16384
defaults
  mode http
  timeout client 75s
  timeout server 75s
  timeout connect 5s
  timeout http-request 10s
frontend front
  {frontend}
"""
_TLS = """bind 127.0.0.1:{port} backlog 4096 ssl crt {crt} alpn http/1.1
  default_backend edge
backend edge
  server edge 127.0.0.1:{edge}
"""
_RETURNING = """bind 127.0.0.1:{port} backlog 4096{tls}
  http-request return status 200 content-type application/json file {file} hdr Cache-Control no-store
"""
_REFUSING = """bind 127.0.0.1:{port} backlog 4096
  http-request deny deny_status 403
"""


@contextlib.asynccontextmanager
async def in_front_of(
    edge: Served, folder: Path, certificate: Certificate, *, core: int | None
) -> AsyncIterator[Served]:
    """Speak TLS for an edge; the time of both counts."""
    port = free_port()
    frontend = _TLS.format(port=port, crt=certificate.both, edge=edge.port)
    async with _running(folder, frontend, port, core=core) as served:
        yield Served(port, [*edge.pids, *served.pids])


@contextlib.asynccontextmanager
async def refusing(folder: Path, *, core: int | None) -> AsyncIterator[Served]:
    """Refuse everyone."""
    port = free_port()
    async with _running(folder, _REFUSING.format(port=port), port, core=core) as served:
        yield served


@contextlib.asynccontextmanager
async def returning(
    folder: Path, file: Path, *, certificate: Certificate | None = None, core: int | None
) -> AsyncIterator[Served]:
    """Answer everyone with the same file, from memory."""
    port = free_port()
    tls = f" ssl crt {certificate.both} alpn http/1.1" if certificate else ""
    async with _running(folder, _RETURNING.format(port=port, tls=tls, file=file), port, core=core) as served:
        yield served


@contextlib.asynccontextmanager
async def _running(folder: Path, frontend: str, port: int, *, core: int | None) -> AsyncIterator[Served]:
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "haproxy.cfg"
    config.write_text(_CONFIG.format(frontend=frontend))
    command = pinned(core, "haproxy", "-db", "-f", str(config))
    async with running("haproxy", command, folder=folder) as child:
        await child.until_listening(port)
        yield Served(port, [child.pid])
