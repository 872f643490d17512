"""Door and edge together, real workers on real sockets: a pass, a page, a recording."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import icalendar
import msgspec

from harness import programme
from rostra.admission.passes import LISTENER, PREVIEWER, Pass, mint_pass
from rostra.admission.tickets import Keyring, TicketKey
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    PASS_KEYS,
    SITE_STATE,
    SPACES_KNOWN,
    TICKET_KEYS,
    Lifecycle,
    PassKeys,
    Recording,
    RecordingPolicy,
    Rendition,
    SiteState,
    SpacesKnown,
    SpaceState,
    TicketKeys,
    Visibility,
    space_state,
)
from rostra.core.clock import SystemClock
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.core.role import RoleContext, bus_path
from rostra.core.settings import Settings
from rostra.edge import worker as edge_worker
from rostra.gateway import worker as door_worker
from rostra.tape import TapeWriter

SPACE, RUN = SpaceId("space23456"), RunId("run23456")
PASS_RING = Keyring((TicketKey(3, b"p" * 32),))


def _state(visibility: Visibility, lifecycle: Lifecycle, **changes: Any) -> SpaceState:
    whole = SpaceState(
        space=SPACE,
        revision=4,
        lifecycle=lifecycle,
        title="Our secret plan",
        description="",
        host=AccountId("hosthost2222"),
        host_name="Ada",
        host_handle="ada",
        starts_at=1_700_000_000_000,
        time_zone="UTC",
        run=RUN,
        renditions=(Rendition(name="aac64", codec="mp4a.40.2", bandwidth=70_000),),
        ended_at=1_700_000_010_000,
        recording=Recording(duration_samples=18 * 15_360, size_bytes=50_000),
        visibility=visibility,
    )
    return msgspec.structs.replace(whole, **changes)


def _pass(kind: int, *, epoch: int = 0) -> str:
    end_s = SystemClock().utc_ns() // 10**9 + 600
    return mint_pass(PASS_RING, Pass(SPACE, kind, b"somebody", end_s, epoch))


def _record(data: Path) -> bytes:
    """Put a finished tape where the edge looks for it; return its baseline rendition."""
    folder = data / "tapes" / SPACE / RUN
    writer = TapeWriter.create(folder, programme.genesis(), clock=SystemClock())
    for quantum in programme.quanta()[:18]:
        writer.append(quantum)
    writer.finish()
    writer.close()
    return (folder / "aac64.mp4").read_bytes()


class House:
    """A running door and edge, and the bus that feeds them."""

    def __init__(self, bus: BusClient, browser: httpx.AsyncClient) -> None:
        self.bus = bus
        self.browser = browser

    async def tell(self, state: SpaceState) -> None:
        """Publish a state, and wait until the door has it."""
        self.bus.publish(space_state(SPACE), state, retain=True)
        wanted = (state.lifecycle.value, state.visibility.value)
        async with asyncio.timeout(5):
            while True:
                path = f"/s/{SPACE}/status.json?pass={_pass(LISTENER)}"
                answer = await self.browser.get(path)
                told = answer.json()
                if answer.status_code == 200 and (told["state"], told["visibility"]) == wanted:
                    return
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def a_house(data: Path) -> AsyncIterator[House]:
    door, edge = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    address = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = Settings(data=data, edge_url=f"http://127.0.0.1:{edge.getsockname()[1]}", door_url=address)
    stopping = asyncio.Event()
    async with Broker(bus_path(data)), BusClient(bus_path(data), name="test") as bus:
        bus.publish(TICKET_KEYS, TicketKeys(keys=((4, b"k" * 32),)), retain=True)
        pass_keys = tuple((key.number, key.secret) for key in PASS_RING.keys)
        bus.publish(PASS_KEYS, PassKeys(keys=pass_keys), retain=True)
        bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)
        async with asyncio.TaskGroup() as group:
            for run, listener in ((door_worker.run, door), (edge_worker.run, edge)):
                group.create_task(run(RoleContext(settings, SystemClock(), 0, (listener,), stopping)))
            async with httpx.AsyncClient(base_url=address, trust_env=False) as browser:
                yield House(bus, browser)
            stopping.set()
    for listener in (door, edge):
        listener.close()


async def _replay(browser: httpx.AsyncClient, query: str = "") -> str | None:
    status = (await browser.get(f"/s/{SPACE}/status.json{query}")).json()
    replay = status["replay"]
    return None if replay is None else str(replay["mp4"])


async def test_somebody_with_a_pass_hears_a_private_recording_and_nobody_else(tmp_path: Path) -> None:
    recorded = _record(tmp_path)
    async with a_house(tmp_path) as house:
        browser = house.browser
        await house.tell(_state(Visibility.PRIVATE, Lifecycle.PUBLISHED))
        browser.cookies.clear()
        stranger = await browser.get(f"/s/{SPACE}", headers={"accept": "text/html"})
        assert stranger.status_code == 403
        assert "secret" not in stranger.text

        entering = await browser.get(f"/s/{SPACE}?pass={_pass(LISTENER)}", headers={"accept": "text/html"})
        assert (entering.status_code, entering.headers["location"]) == (303, f"/s/{SPACE}")
        inside = await browser.get(f"/s/{SPACE}", headers={"accept": "text/html"})
        assert inside.status_code == 200
        assert "Our secret plan" in inside.text

        address = await _replay(browser)
        assert address is not None
        heard = await browser.get(address)
        assert heard.content == recorded
        part = await browser.get(address, headers={"range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, recorded[100:200])
        in_the_open = f"{address.partition('/t/')[0]}/r/{SPACE}/{RUN}/aac64.mp4"
        refused = await browser.get(in_the_open)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "ticket_invalid")
        assert await _replay(browser) != address


async def test_the_link_to_a_private_recording_ends_with_the_pass_it_was_got_by(tmp_path: Path) -> None:
    _record(tmp_path)
    async with a_house(tmp_path) as house:
        await house.tell(_state(Visibility.PRIVATE, Lifecycle.PUBLISHED))
        address = await _replay(house.browser, f"?pass={_pass(LISTENER)}")
        assert address is not None
        assert (await house.browser.get(address)).status_code == 200

        house.bus.publish(
            space_state(SPACE), _state(Visibility.PRIVATE, Lifecycle.PUBLISHED, pass_epoch=1), retain=True
        )
        async with asyncio.timeout(2):
            while (refused := await house.browser.get(address)).status_code == 200:
                await asyncio.sleep(0.02)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "ticket_ended")
        async with asyncio.timeout(2):
            while (status := await house.browser.get(f"/s/{SPACE}/status.json")).status_code == 200:
                await asyncio.sleep(0.02)
        assert status.json()["error"]["code"] in {"pass_ended", "pass_needed"}

        address = await _replay(house.browser, f"?pass={_pass(LISTENER, epoch=1)}")
        assert address is not None
        assert (await house.browser.get(address)).status_code == 200


async def test_a_recording_is_held_then_released_then_deleted(tmp_path: Path) -> None:
    recorded = _record(tmp_path)
    hold = {"recording_policy": RecordingPolicy.HOLD}
    async with a_house(tmp_path) as house:
        await house.tell(_state(Visibility.PUBLIC, Lifecycle.HELD, **hold))
        house.browser.cookies.clear()
        assert await _replay(house.browser) is None
        preview = await _replay(house.browser, f"?pass={_pass(PREVIEWER)}")
        assert preview is not None
        assert (await house.browser.get(preview)).content == recorded
        in_the_open = f"{preview.partition('/t/')[0]}/r/{SPACE}/{RUN}/aac64.mp4"
        assert (await house.browser.get(in_the_open)).json()["error"]["code"] == "recording_held"

        await house.tell(_state(Visibility.PUBLIC, Lifecycle.PUBLISHED, **hold))
        assert await _replay(house.browser) == in_the_open
        assert (await house.browser.get(in_the_open)).content == recorded

        await house.tell(_state(Visibility.PUBLIC, Lifecycle.DELETED, recording=None, **hold))
        assert await _replay(house.browser) is None
        for address in (in_the_open, preview):
            assert (await house.browser.get(address)).status_code == 410


async def test_feeds_and_the_sites_own_words_follow_the_bus(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        await house.tell(_state(Visibility.PUBLIC, Lifecycle.PUBLISHED, title="An open evening"))
        house.bus.publish(SITE_STATE, SiteState(name="Radio Ñandú", imprint="Who we are"), retain=True)
        async with asyncio.timeout(5):
            while "Radio Ñandú" not in (await house.browser.get("/")).text:
                await asyncio.sleep(0.05)
        assert "Who we are" in (await house.browser.get("/imprint")).text
        feed = (await house.browser.get("/feed.atom")).text
        assert "Radio Ñandú" in feed
        assert f"/r/{SPACE}/{RUN}/aac64.mp4" in feed
        calendar = icalendar.Calendar.from_ical((await house.browser.get("/h/ada/events.ics")).content)
        assert [event["SUMMARY"] for event in calendar.walk("VEVENT")] == ["An open evening"]

        await house.tell(_state(Visibility.UNLISTED, Lifecycle.PUBLISHED, title="An open evening"))
        for path in ("/", "/feed.atom", "/sitemap.xml"):
            assert SPACE not in (await house.browser.get(path)).text
        assert (await house.browser.get("/h/ada")).status_code == 404
