"""Varnish and nginx in front of an edge, from the very files in ``deploy/``, on ports of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from harness.waiting import until

DEPLOY = Path(__file__).parents[2] / "deploy"
_USER = "user root; " if os.geteuid() == 0 else ""
"""So that its worker may write where tests may."""


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@contextlib.asynccontextmanager
async def varnish(folder: Path, edge_port: int) -> AsyncIterator[int]:
    """Run Varnish with our configuration; yield its port."""
    vcl = (DEPLOY / "varnish/rostra.vcl").read_text()
    assert '.port = "8004"' in vcl
    config, port = folder / "rostra.vcl", free_port()
    config.write_text(vcl.replace('.port = "8004"', f'.port = "{edge_port}"'))
    command = ["varnishd", "-F", "-j", "none", "-n", str(folder / "varnish"), "-f", str(config)]
    command += ["-a", f"127.0.0.1:{port}", "-s", "malloc,128m"]
    command += ["-I", str(DEPLOY / "varnish/rostra.cli")]
    async with _running(command, port, folder):
        yield port


@contextlib.asynccontextmanager
async def nginx(folder: Path, edge_port: int) -> AsyncIterator[int]:
    """Run nginx with our configuration inside the smallest main one; yield its port."""
    own, port = (DEPLOY / "nginx/rostra.conf").read_text(), free_port()
    for written, here in (
        ("127.0.0.1:8004", f"127.0.0.1:{edge_port}"),
        ("127.0.0.1:8001", f"127.0.0.1:{port}"),
        ("/var/cache/nginx/rostra", str(folder / "cache")),
    ):
        assert written in own
        own = own.replace(written, here)
    (folder / "rostra.conf").write_text(own)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{_USER}daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;"
        f"events {{ worker_connections 8192; }} http {{ {temporary} include {folder}/rostra.conf; }}"
    )
    async with _running(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], port, folder):
        yield port


@contextlib.asynccontextmanager
async def _running(command: list[str], port: int, folder: Path) -> AsyncIterator[None]:
    with (folder / "cache.log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:

        async def open_() -> bool:
            assert process.poll() is None, (folder / "cache.log").read_text()[-2000:]
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return True
            return False

        await until(open_, what=f"{command[0]} listens", within_s=30)
        yield
    finally:
        process.terminate()
        process.wait(20)
