"""What the files in deploy/ and the guides promise, on the programs they are for."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import httpx
from starlette.routing import Route

from rostra.control.app import build
from rostra.core.settings import Settings

ROOT = Path(__file__).parents[2]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


async def _ask(port: int, host: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as browser, asyncio.timeout(20):
        while True:
            try:
                return await browser.get(f"http://127.0.0.1:{port}/", headers={"host": f"{host}:{port}"})
            except httpx.TransportError:
                await asyncio.sleep(0.1)


def test_caddy_sends_every_address_of_backstage_to_backstage() -> None:
    """But for those that the door has too; and nothing of the door's or the edge's."""
    (line,) = re.findall(
        r"^\t@backstage path (.*)$", (ROOT / "deploy" / "Caddyfile").read_text(), re.MULTILINE
    )
    patterns = line.split()
    app = build(Settings())
    served = {route.path for route in app.routes if isinstance(route, Route)}
    shared = {"/", "/favicon.svg", "/favicon.ico", "/healthz"}
    pages = {path for path in served if path not in shared and not path.startswith(("/assets", "/docs."))}
    missing = {path for path in pages if not any(fnmatch(path, pattern) for pattern in patterns)}
    assert not missing


async def test_only_a_public_name_is_kept_to_https_by_browsers(tmp_path: Path) -> None:
    port, nobody = _free_port(), str(_free_port())
    names = ("localhost", "stage.localhost", "live.example.org")
    surroundings = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "ROSTRA_NAME": ", ".join(f"http://{name}:{port}" for name in names),
        **{f"ROSTRA_{role}_PORT": nobody for role in ("DOOR", "EDGE", "CONTROL")},
    }
    caddy = await asyncio.create_subprocess_exec(
        shutil.which("caddy") or "caddy",
        "run",
        "--config",
        ROOT / "deploy" / "Caddyfile.home",
        env=surroundings,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        told = {name: (await _ask(port, name)).headers.get("strict-transport-security") for name in names}
    finally:
        caddy.terminate()
        await caddy.wait()
    assert told == {"localhost": None, "stage.localhost": None, "live.example.org": "max-age=31536000"}


def test_the_guide_writes_the_settings_for_root_alone(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "how-to" / "run-it-on-a-server.md").read_text()
    (line,) = re.findall(r"^sed .* /etc/rostra\.env$", guide, re.MULTILINE)
    written = tmp_path / "rostra.env"
    command = line.replace("/etc/rostra.env", str(written))
    subprocess.run(["sh", "-c", f"umask 022; {command}"], cwd=ROOT, check=True)
    assert oct(written.stat().st_mode & 0o777) == "0o600"
    assert "ROSTRA_DOOR_URL=https://YOUR.NAME" in written.read_text()
