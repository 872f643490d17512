"""``docs/how-to/try-it-with-https.md``, typed as it stands, in a folder and a home of its own.

Only the ports in ``deploy/home.env`` are others, since somebody may use Rostra's own. The machine's
own trust is not touched.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from pathlib import Path

import httpx

from harness import witnesses
from harness.deployment import LOG_TAIL_BYTES, STOP_S, Deployment, free_ports
from harness.how_to import commands, in_place_of_the_shell
from harness.waiting import until

CHECKOUT = Path(__file__).parents[2]
PAGE = "how-to/try-it-with-https.md"
READY_S = 20.0


class AtHome(Deployment):
    """``async with AtHome(folder) as site``: ``rostra serve``, and Caddy in front of it at ``origin``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, operator=False)
        self.place = folder / "rostra"
        self.data = self.place / "data-home"
        self.home = folder / "home"
        """Whoever has this home trusts the authority."""
        self.door_port, self.edge_port, self.control_port, port = free_ports(4)
        self.door, self.edge, self.control = (
            f"http://127.0.0.1:{each}" for each in (self.door_port, self.edge_port, self.control_port)
        )
        self.origin = f"https://localhost:{port}"
        self._port = port
        self._caddy: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        return in_place_of_the_shell(commands(PAGE, "Rostra"))

    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in super().environment().items() if name[:4] != "XDG_"}
        return {**inherited, "HOME": str(self.home)}

    async def start(self) -> None:
        """Lay the folder out, then type section after section."""
        self.home.mkdir(parents=True)
        self._lay_out()
        await super().start()
        with self._log.open("ab") as log:
            self._caddy = subprocess.Popen(
                in_place_of_the_shell(commands(PAGE, "Caddy")),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                cwd=self.place,
            )
        witnesses.call("caddy", self._caddy_says)
        await until(self._answers, what="Caddy answers with a certificate", within_s=READY_S, poll_s=0.2)
        subprocess.run(["bash", "-ec", commands(PAGE, "Trust")], env=self.environment(), check=True)

    def close(self) -> None:
        if self._caddy is not None:
            self._caddy.terminate()
            self._caddy.wait(STOP_S)
            witnesses.dismiss("caddy", self._caddy_says())
        super().close()

    def _lay_out(self) -> None:
        """A checkout that is this one, but for the ports."""
        self.place.mkdir(parents=True)
        (self.place / ".venv").symlink_to(CHECKOUT / ".venv")
        shutil.copytree(CHECKOUT / "deploy", self.place / "deploy")
        settings = self.place / "deploy" / "home.env"
        text = settings.read_text()
        ours = {8443: self._port, 8000: self.door_port, 8001: self.edge_port, 8002: self.control_port}
        for port, other in ours.items():
            assert str(port) in text
            text = text.replace(str(port), str(other))
        settings.write_text(text)

    @property
    def _log(self) -> Path:
        return self.folder / "caddy.log"

    @property
    def authority(self) -> Path:
        """The certificate of Caddy's local authority."""
        return self.home / ".local" / "share" / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def _caddy_says(self) -> str:
        return self._log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace") if self._log.exists() else ""

    async def _answers(self) -> bool:
        assert self._caddy is not None
        assert self._caddy.poll() is None, f"caddy left with {self._caddy.returncode}"
        assert self.authority.exists(), "no authority yet"
        trust = ssl.create_default_context(cafile=os.fspath(self.authority))
        try:
            async with httpx.AsyncClient(verify=trust, trust_env=False, timeout=2.0) as http:
                return (await http.get(f"{self.origin}/healthz")).is_success
        except httpx.HTTPError as error:
            raise AssertionError(str(error)) from error
