"""Varnish before nginx: everything is a hit after the first. https://varnish-cache.org/docs/7.7/reference/"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from bench.edge.child import free_port, pinned, running
from bench.edge.rostra_edge import Served

_VCL = """vcl 4.1;
backend origin {{ .host = "127.0.0.1"; .port = "{origin}"; }}
"""


@contextlib.asynccontextmanager
async def caching(origin: Served, folder: Path, *, core: int | None) -> AsyncIterator[Served]:
    """Cache what ``origin`` serves; only Varnish's own time counts."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    vcl = folder / "bench.vcl"
    vcl.write_text(_VCL.format(origin=origin.port))
    command = pinned(
        core,
        *("varnishd", "-F", "-n", str(folder / "varnish"), "-f", str(vcl)),
        *("-a", f"127.0.0.1:{port}", "-s", "malloc,64m"),
        *(("-j", "none") if os.geteuid() == 0 else ()),
    )
    async with running("varnish", command, folder=folder) as child:
        await child.until_listening(port)
        yield Served(port, [child.pid])
