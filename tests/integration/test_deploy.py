"""What the files in deploy/ and the guides promise, on the programs they are for."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from fnmatch import fnmatch
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from harness.certificates import write_pair
from harness.edge import RUN, standing
from harness.how_to import blocks
from harness.waiting import until
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
    pages = {path for path in served if path not in shared and not path.startswith("/assets")}
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


async def test_haproxy_brings_listeners_by_the_socket_of_all_workers(tmp_path: Path) -> None:
    port, nobody = _free_port(), _free_port()
    chain, key = write_pair(tmp_path, "localhost")
    both = tmp_path / "both.pem"
    both.write_bytes(chain.read_bytes() + key.read_bytes())
    async with standing(tmp_path / "data") as stand:
        surroundings = {
            "ROSTRA_LISTEN": f"127.0.0.1:{port}",
            "ROSTRA_PEM": str(both),
            "ROSTRA_EDGE_SOCKET": str(stand.local),
            "ROSTRA_DOOR_SOCKET": str(tmp_path / "nobody.sock"),
            "ROSTRA_CONTROL_PORT": str(nobody),
        }
        haproxy = await asyncio.create_subprocess_exec(
            shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin") or "haproxy",
            *("-db", "-f", ROOT / "deploy" / "haproxy.cfg"),
            env=surroundings,
        )
        trust = ssl.create_default_context(cafile=chain)
        trust.set_alpn_protocols(["h2", "http/1.1"])
        browser = httpx.AsyncClient(verify=ssl.create_default_context(cafile=chain), trust_env=False)
        try:
            await until(lambda: _speaks(port, trust, "h2"), what="HAProxy speaks HTTP/2", within_s=10)
            stand.speak(3)
            async with browser as http:
                segment = f"https://localhost:{port}{stand.base}/{RUN}/aac64/0.m4s"
                async with http.stream("GET", segment) as live:
                    arriving = live.aiter_raw()
                    assert await _first(arriving, stand.spoken(0, 3)) == stand.spoken(0, 3)
                    stand.speak()
                    fourth = await asyncio.wait_for(_first(arriving, stand.spoken(3, 4)), 2)
                    assert fourth == stand.spoken(3, 4)
                assert (await http.get(f"https://localhost:{port}/api/v1/me")).status_code == 503
        finally:
            haproxy.terminate()
            await haproxy.wait()


async def _first(arriving: AsyncIterator[bytes], awaited: bytes) -> bytes:
    """Return as many bytes as ``awaited`` has; a proxy may pass them on in several pieces."""
    got = b""
    while len(got) < len(awaited):
        got += await anext(arriving)
    return got


async def _speaks(port: int, trust: ssl.SSLContext, protocol: str) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname="localhost")
    except OSError:
        return False
    chosen = writer.get_extra_info("ssl_object").selected_alpn_protocol()
    writer.close()
    return bool(chosen == protocol)


def test_haproxy_and_caddy_send_the_same_addresses_to_backstage() -> None:
    caddy = re.findall(r"^\t@backstage path (.*)$", (ROOT / "deploy/Caddyfile").read_text(), re.MULTILINE)
    haproxy = (ROOT / "deploy/haproxy.cfg").read_text()
    folders = re.findall(r"^  acl backstage path_beg (.*)$", haproxy, re.MULTILINE)[0].split()
    pages = re.findall(r"^  acl backstage path (.*)$", haproxy, re.MULTILINE)[0].split()
    assert {*(f"{each}*" for each in folders), *pages} == set(caddy[0].split())


def test_the_unit_makes_the_folder_of_the_sockets_that_the_guide_names() -> None:
    unit = (ROOT / "deploy/systemd/rostra.service").read_text()
    (made,) = re.findall(r"^RuntimeDirectory=(\S+)$", unit, re.MULTILINE)
    for told in ("docs/how-to/run-it-on-a-server.md", "deploy/haproxy.cfg"):
        sockets = re.findall(r"ROSTRA_(?:EDGE|DOOR)_SOCKET=([^\s`]+/\w+\.sock)", (ROOT / told).read_text())
        assert len(sockets) == 2, told
        assert {Path(each).parent for each in sockets} == {Path("/run") / made}, told


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", ["rostra", "rostra-caddy"])
def test_systemd_understands_every_line_of_the_units(name: str, tmp_path: Path) -> None:
    unit = tmp_path / f"{name}.service"
    written = (ROOT / "deploy/systemd" / unit.name).read_text()
    unit.write_text(re.sub(r"^(Exec\w+)=/(?:srv|usr)/\S+", r"\1=/bin/true", written, flags=re.MULTILINE))
    verify = ["systemd-analyze", "verify", "--man=no", str(unit)]
    said = subprocess.run(verify, capture_output=True, text=True, check=False)
    about_it = [line for line in said.stderr.splitlines() if unit.name in line]
    assert (said.returncode, about_it) == (0, [])


def test_the_guide_writes_the_settings_for_root_alone(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "how-to" / "run-it-on-a-server.md").read_text()
    (line,) = re.findall(r"^sed .* /etc/rostra\.env$", guide, re.MULTILINE)
    written = tmp_path / "rostra.env"
    command = line.replace("/etc/rostra.env", str(written))
    subprocess.run(["sh", "-c", f"umask 022; {command}"], cwd=ROOT, check=True)
    assert oct(written.stat().st_mode & 0o777) == "0o600"
    assert "ROSTRA_DOOR_URL=https://YOUR.NAME" in written.read_text()
    assert "live.example.org" not in written.read_text()


@pytest.mark.parametrize("page", ["quickstart.md", "how-to/run-it-on-a-server.md"])
def test_what_stands_for_the_readers_own_is_explained_once_before_it_is_typed(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    before, *rest = re.split(r"^```sh\n(?=apt-get update)", text, maxsplit=1, flags=re.MULTILINE)
    said = re.sub(r"^```sh\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    typed = set(re.findall(r"\b[A-Z]+\.[A-Z]+\b", "".join(rest)))
    assert typed == {"YOUR.NAME", "CLONE.ADDRESS"}
    for placeholder in typed:
        assert f"`{placeholder}`" in before
        assert said.count(placeholder) == 1, placeholder


def test_the_quickstart_types_on_a_server_what_the_guide_types() -> None:
    guide = (ROOT / "docs" / "how-to" / "run-it-on-a-server.md").read_text()
    start, _, _ = guide.partition("\n## ")
    typed = re.findall(r"^```sh\n(.*?)^```$", start, re.MULTILINE | re.DOTALL)
    assert blocks(ROOT / "docs" / "quickstart.md", "Speak from a phone") == typed
