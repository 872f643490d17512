"""Wait until door, edge and backstage answer, then say where they are."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from rich.console import Console

from rostra.core.addresses import public_addresses
from rostra.core.settings import Settings

_POLL_S = 0.1
_QUIET = "only what is amiss; all that happens with ROSTRA_LOG_LEVEL=info"


def addresses(settings: Settings) -> dict[str, str]:
    """Where a person on this machine opens the three public ports: by a name, which passkeys need."""
    own = public_addresses(settings)
    return {"door": own.door, "edge": own.edge, "backstage": own.backstage}


async def announce(settings: Settings, console: Console) -> None:
    """Print the links once all three answer their health address on this machine.

    On a terminal also what to press, and how much is logged.
    """
    host = "127.0.0.1" if settings.bind in ("0.0.0.0", "") else settings.bind
    host = f"[{host}]" if ":" in host else host
    scheme = settings.scheme
    # Our own ports on this machine: the certificate is for the public name, so it is not compared.
    with console.status("Starting …"):
        async with httpx.AsyncClient(timeout=1.0, trust_env=False, verify=False) as client:
            for port in (settings.door_port, settings.edge_port, settings.control_port):
                await _answers(client, f"{scheme}://{host}:{port}/healthz")
    for name, url in addresses(settings).items():
        console.print(f"{name:>10}  {url}", markup=False, highlight=False)
    token = await asyncio.to_thread(_setup_token, settings.data)
    if token:
        setup = f"{addresses(settings)['backstage']}/setup#{token}"
        console.print(f"{'first run':>10}  {setup}", markup=False, highlight=False, soft_wrap=True)
    if console.is_terminal:
        console.print(f"{'stop':>10}  Ctrl-C", markup=False, highlight=False)
    if console.is_terminal and settings.log_level == "auto":
        console.print(f"{'log':>10}  {_QUIET}", markup=False, highlight=False, soft_wrap=True)


async def _answers(client: httpx.AsyncClient, url: str) -> None:
    while True:
        try:
            if (await client.get(url)).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        await asyncio.sleep(_POLL_S)


def _setup_token(data: Path) -> str:
    """The token of the first run; empty once an operator exists."""
    try:
        return (data / "keys" / "setup.token").read_text().strip()
    except FileNotFoundError:
        return ""
