"""Debian's Caddy with ``deploy/Caddyfile``, on a port of its own, and a browser that trusts its authority.

Everything that Caddy keeps lies in the folder it is given; the machine's own trust is not touched.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from pathlib import Path
from types import TracebackType

import httpx

from harness import witnesses
from harness.deployment import LOG_TAIL_BYTES, STOP_S, Deployment, free_ports
from harness.waiting import until

CADDYFILE = Path(__file__).parents[2] / "deploy" / "Caddyfile"
READY_S = 20.0


class Caddy:
    """One name on one port before door, edge and backstage. Make it first: the site must know its address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._plain_port = free_ports(2)
        self.origin = f"https://localhost:{self.port}"
        self.home = folder / "home"
        """Whoever has this home trusts the authority."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> dict[str, str]:
        """What ``rostra serve`` must know, as ``deploy/rostra.env`` says it."""
        addresses = {f"{part}_url": self.origin for part in ("door", "edge", "control")}
        return {**addresses, "trusted_proxies": '["127.0.0.1/32"]'}

    async def serve(self, site: Deployment) -> Caddy:
        """Start before a site that runs; back once a certificate of its own authority is answered with."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "Caddyfile"
        own = f"{{\n\tadmin off\n\tskip_install_trust\n\thttp_port {self._plain_port}\n}}\n"
        config.write_text(f"{own}import {CADDYFILE}\n")
        environment = {
            **os.environ,
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "ROSTRA_NAME": f"localhost:{self.port}",
            "ROSTRA_DOOR_PORT": str(site.door_port),
            "ROSTRA_EDGE_PORT": str(site.edge_port),
            "ROSTRA_CONTROL_PORT": str(site.control_port),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
            )
        witnesses.call("caddy", self.testimony)
        await until(self._answers, what="Caddy answers with a certificate", within_s=READY_S, poll_s=0.2)
        self._trust()
        return self

    async def __aenter__(self) -> Caddy:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_S)
        witnesses.dismiss("caddy", self.testimony())

    @property
    def _log(self) -> Path:
        return self.folder / "caddy.log"

    @property
    def authority(self) -> Path:
        """The certificate of Caddy's local authority."""
        return self.folder / "data" / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def testimony(self) -> str:
        return self._log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace") if self._log.exists() else ""

    async def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"caddy left with {self._process.returncode}"
        assert self.authority.exists(), "no authority yet"
        trust = ssl.create_default_context(cafile=str(self.authority))
        try:
            async with httpx.AsyncClient(verify=trust, trust_env=False, timeout=2.0) as http:
                return (await http.get(f"{self.origin}/healthz")).is_success
        except httpx.HTTPError as error:
            raise AssertionError(str(error)) from error

    def _trust(self) -> None:
        """Put the authority where Chromium looks for what its user trusts."""
        assert shutil.which("certutil"), "certutil is missing: install libnss3-tools"
        store = self.home / ".pki" / "nssdb"
        store.mkdir(parents=True)
        database = f"sql:{store}"
        subprocess.run(["certutil", "-d", database, "-N", "--empty-password"], check=True)
        add = ["certutil", "-d", database, "-A", "-t", "C,,", "-n", "Caddy", "-i", str(self.authority)]
        subprocess.run(add, check=True)
