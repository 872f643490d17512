"""All parts name the same addresses, and backstage knows the door's pages by them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from harness.clock import ManualClock
from rostra.control.addresses import addresses
from rostra.control.cross_origin import DoorMayAsk
from rostra.core.settings import Settings
from rostra.gateway.origins import Addresses
from rostra.serve import ready

SETTINGS: list[dict[str, Any]] = [
    {},
    {"door_port": 80},
    {"door_port": 443, "tls_certificate": "unused.pem", "tls_key": "unused.key"},
    {"door_url": "https://Live.Example/", "edge_url": "https://live.example:443"},
]


@pytest.mark.parametrize("given", SETTINGS)
def test_all_parts_name_the_same_addresses(given: dict[str, Any]) -> None:
    settings = Settings(**given)
    door = Addresses.of(settings, clock=ManualClock()).seen_from("localhost")
    backstage = addresses(settings, scheme=settings.scheme, host="localhost:8002")
    assert (door.door, door.edge, door.backstage) == (backstage.door, backstage.edge, backstage.control)
    assert ready.addresses(settings) == {"door": door.door, "edge": door.edge, "backstage": door.backstage}


@pytest.mark.parametrize("given", SETTINGS)
async def test_the_door_s_pages_may_ask_backstage_whatever_the_port(given: dict[str, Any]) -> None:
    settings = Settings(**given)

    async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 403, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    # What a browser says in Origin is what it takes the page's address for, without the usual port.
    page = httpx.URL(Addresses.of(settings, clock=ManualClock()).seen_from("door.example").door)
    origin = f"{page.scheme}://{page.netloc.decode()}"
    transport = httpx.ASGITransport(DoorMayAsk(nothing, settings=settings))
    async with httpx.AsyncClient(
        transport=transport, base_url=f"{settings.scheme}://door.example:8002"
    ) as http:
        answer = await http.post("/api/v1/spaces/abc/pass", headers={"origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
