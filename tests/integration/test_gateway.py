"""The real worker of the door on a real socket, with a real broker beside it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from functools import partial
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

from harness.door_reports import told_by_door
from rostra.admission.tickets import Keyring, TicketKey, check
from rostra.bus.broker import Broker
from rostra.bus.client import BusClient
from rostra.bus.messages import (
    SPACES_KNOWN,
    TICKET_KEYS,
    Audience,
    AudienceNote,
    DoorReport,
    Lifecycle,
    Rendition,
    SpacesKnown,
    SpaceState,
    TicketKeys,
    audience,
    audience_note,
    door_report,
    space_state,
)
from rostra.core.clock import SystemClock
from rostra.core.ids import AccountId, RunId, SpaceId
from rostra.core.role import RoleContext, bus_path
from rostra.core.settings import Settings
from rostra.gateway import worker
from rostra.gateway.directory import Directory
from rostra.gateway.rooms import SEED_AFTER_POLLS
from rostra.serving.limits import Limits

SPACE = SpaceId("abcdefghjk")
KEYS = TicketKeys(keys=((4, b"k" * 32),))


def _state(
    lifecycle: Lifecycle, *, revision: int, space: SpaceId = SPACE, starts_at: int = 4_000_000_000_000
) -> SpaceState:
    live = lifecycle is Lifecycle.LIVE
    return SpaceState(
        space=space,
        revision=revision,
        lifecycle=lifecycle,
        title="An evening",
        description="",
        host=AccountId("hosthost2222"),
        host_name="Ada",
        starts_at=starts_at,
        time_zone="UTC",
        run=RunId("runrun22") if live else None,
        renditions=(Rendition(name="aac64", codec="mp4a.40.2", bandwidth=70_000),) if live else (),
    )


def _open(bus: BusClient) -> None:
    """Say what lets the door open."""
    bus.publish(TICKET_KEYS, KEYS, retain=True)
    bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)


@contextlib.asynccontextmanager
async def a_door(data: Path, **settings: int) -> AsyncIterator[httpx.AsyncClient]:
    """Run the worker until the block ends; give a browser that is pointed at it."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = asyncio.Event()
    context = RoleContext(Settings(data=data, **settings), SystemClock(), 0, (listener,), stopping)
    port = listener.getsockname()[1]
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(context))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser:
            yield browser
        stopping.set()
    listener.close()


async def _until(browser: httpx.AsyncClient, path: str, status: int) -> httpx.Response:
    async with asyncio.timeout(5):
        while True:
            answer = await browser.get(path)
            if answer.status_code == status:
                return answer
            await asyncio.sleep(0.01)


async def _until_state(browser: httpx.AsyncClient, state: str) -> None:
    async with asyncio.timeout(5):
        while (await browser.get(f"/s/{SPACE}/status.json")).json()["state"] != state:
            await asyncio.sleep(0.05)


async def test_the_door_asks_for_patience_until_it_knows_the_spaces(tmp_path: Path) -> None:
    async with a_door(tmp_path) as browser:
        answer = await browser.get(f"/s/{SPACE}")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
            bus.publish(space_state(SPACE), _state(Lifecycle.SCHEDULED, revision=1), retain=True)
            _open(bus)
            assert "An evening" in (await _until(browser, f"/s/{SPACE}", 200)).text


async def test_the_more_pages_ask_the_later_after_its_root_the_seed_of_a_draw_is_told(
    tmp_path: Path,
) -> None:
    """Each page is to have noted the root by then, or nobody could tell that the draw was rigged."""
    starts_at = round(time.time() * 1000) + 3_000
    space = _state(Lifecycle.SCHEDULED, revision=1, starts_at=starts_at)
    async with (
        Broker(bus_path(tmp_path)),
        BusClient(bus_path(tmp_path), name="test") as bus,
        a_door(tmp_path, poll_rate=6) as browser,
    ):
        bus.publish(space_state(SPACE), space, retain=True)
        _open(bus)
        await _until(browser, f"/s/{SPACE}", 200)
        nonce = base64.urlsafe_b64encode(bytes(16)).decode()
        assert (await browser.post(f"/s/{SPACE}/join", json={"nonce": nonce})).status_code == 200
        root_s = seed_s = 0.0
        """When the root was not told yet, and the seed was: whoever stands still is late to see either."""
        before_ms = at_ms = 0
        """What pages were told before and with the root: of one that is starved the door hears less."""
        async with asyncio.timeout(30):
            while not seed_s:
                asked_s = time.monotonic()
                told = (await browser.get(f"/s/{SPACE}/status.json")).json()
                room = told["room"]
                if not room["root"]:
                    root_s, before_ms = asked_s, told["poll_ms"]
                at_ms = at_ms or (told["poll_ms"] if room["root"] else 0)
                seed_s = time.monotonic() if room["seed"] else 0.0
                await asyncio.sleep(0.1)
    polls_s = SEED_AFTER_POLLS * min(before_ms, at_ms) / 1000
    print(f"seed {seed_s - root_s:.1f} s after the root, of {polls_s:.1f} s")
    assert seed_s - root_s > polls_s - 0.5


class WatchedDirectory(Directory):
    """Notes how many spaces were known when the door opened."""

    known_at_opening = -1

    def __setattr__(self, name: str, value: object) -> None:
        if name == "complete" and value:
            type(self).known_at_opening = len(list(self))
        super().__setattr__(name, value)


async def test_the_door_opens_only_once_all_spaces_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "Directory", WatchedDirectory)
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        _open(bus)
        spaces = [SpaceId(f"filler{number}") for number in range(2000)]
        for space in spaces:
            bus.publish(space_state(space), _state(Lifecycle.SCHEDULED, revision=1, space=space), retain=True)
        async with asyncio.timeout(5), bus.subscribe(space_state(spaces[-1]), SpaceState) as values:
            async for _ in values:
                break
        async with a_door(tmp_path) as browser:
            await _until(browser, "/healthz", 200)
    assert WatchedDirectory.known_at_opening == len(spaces)


async def test_without_backstage_the_door_opens_after_a_while_with_what_it_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_S", 0.2)
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        bus.publish(TICKET_KEYS, KEYS, retain=True)
        async with a_door(tmp_path) as browser:
            assert "The house is empty" in (await _until(browser, "/", 200)).text


async def test_a_page_of_a_space_that_is_not_known_yet_goes_on_asking_until_backstage_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE_S", 0.2)
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        bus.publish(TICKET_KEYS, KEYS, retain=True)
        async with a_door(tmp_path) as browser:
            await _until(browser, "/", 200)
            for path in (f"/s/{SPACE}", "/h/ada"):
                page = await browser.get(path, headers={"accept": "text/html"})
                assert (page.status_code, page.headers["refresh"]) == (503, "2")
            status = await browser.get(f"/s/{SPACE}/status.json")
            assert (status.status_code, status.json()["error"]["code"]) == (503, "unavailable")
            assert status.headers["retry-after"]
            bus.publish(space_state(SPACE), _state(Lifecycle.SCHEDULED, revision=1), retain=True)
            await _until(browser, f"/s/{SPACE}", 200)
            assert (await browser.get("/s/other22222")).status_code == 503
            bus.publish(SPACES_KNOWN, SpacesKnown(), retain=True)
            await _until(browser, "/s/other22222", 404)


async def test_a_page_turns_live_and_the_listener_gets_a_ticket_while_the_bus_is_away(tmp_path: Path) -> None:
    async with a_door(tmp_path) as browser:
        async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
            bus.publish(space_state(SPACE), _state(Lifecycle.SCHEDULED, revision=1), retain=True)
            _open(bus)
            await _until(browser, f"/s/{SPACE}", 200)
            assert (await browser.post(f"/s/{SPACE}/join")).status_code == 409
            bus.publish(space_state(SPACE), _state(Lifecycle.LIVE, revision=2), retain=True)
            await _until_state(browser, "live")
        joined = (await browser.post(f"/s/{SPACE}/join")).json()
        ring = Keyring(tuple(TicketKey(*key) for key in KEYS.keys))
        assert check(ring, joined["ticket"], space=SPACE, now_s=0).space == SPACE
        assert joined["base"].startswith("http://127.0.0.1:8001/t/")
        radio = await browser.get(f"/s/{SPACE}/radio.aac")
        assert radio.status_code == 302
        assert radio.headers["location"].endswith(f"/{SPACE}/radio.aac")
        assert (await browser.get(f"/s/{SPACE}/status.json")).json()["state"] == "live"


async def test_the_stage_hears_how_many_listen(tmp_path: Path) -> None:
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        _open(bus)
        bus.publish(space_state(SPACE), _state(Lifecycle.LIVE, revision=1), retain=True)
        async with a_door(tmp_path) as browser, bus.subscribe(audience_note(SPACE), AudienceNote) as notes:
            await _until(browser, f"/s/{SPACE}", 200)
            for number, listeners in enumerate((3, 4)):
                bus.publish(
                    audience(SPACE, number),
                    Audience(space=SPACE, worker=number, listeners=listeners),
                    retain=True,
                )
            async with asyncio.timeout(5):
                async for _, note in notes:
                    if note.listeners == 7:
                        break


async def test_a_real_card_comes_over_a_real_socket(tmp_path: Path) -> None:
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        bus.publish(space_state(SPACE), _state(Lifecycle.SCHEDULED, revision=1), retain=True)
        _open(bus)
        async with a_door(tmp_path) as browser:
            await _until(browser, "/healthz", 200)
            answer = await browser.get(f"/s/{SPACE}/card.png")
            assert answer.headers["content-type"] == "image/png"
            assert Image.open(BytesIO(answer.content)).size == (1200, 630)
            head = await browser.head(f"/s/{SPACE}/card.png")
            assert head.headers["content-length"] == answer.headers["content-length"]
            assert head.content == b""


async def test_a_host_header_that_is_none_is_refused_and_never_repeated(tmp_path: Path) -> None:
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        bus.publish(space_state(SPACE), _state(Lifecycle.LIVE, revision=1), retain=True)
        _open(bus)
        async with a_door(tmp_path) as browser:
            await _until(browser, "/healthz", 200)
            for host in ('a"><script>', "a b", "a/b", "a@b", "[::1", "a:b:c"):
                answer = await browser.get(f"/s/{SPACE}", headers={"host": host})
                assert answer.status_code == 400
                assert "script" not in answer.text


async def test_a_person_whom_the_door_has_no_room_for_reads_a_page_that_tries_again_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "Limits", partial(Limits, connections=1))
    async with a_door(tmp_path) as browser:
        await _until(browser, "/healthz", 503)
        page = await _by_somebody_else(browser, f"/s/{SPACE}", "text/html,*/*;q=0.8")
        assert page.status_code == 503
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["refresh"] == "2"
        assert "Too many people are connected" in page.text
        told = await _by_somebody_else(browser, f"/s/{SPACE}/status.json", "*/*")
        assert told.json()["error"]["code"] == "overloaded"


async def test_a_person_who_brings_too_long_an_address_reads_so_on_a_page(tmp_path: Path) -> None:
    async with a_door(tmp_path) as browser:
        page = await browser.get(f"/s/{SPACE}?from={'x' * 3_000}", headers={"accept": "text/html"})
        assert page.status_code == 414
        assert "refresh" not in page.headers
        assert "<h1>The address is longer than allowed.</h1>" in page.text


async def _by_somebody_else(browser: httpx.AsyncClient, path: str, accept: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=browser.base_url, trust_env=False) as another:
        return await another.get(path, headers={"accept": accept})


@pytest.mark.parametrize("path", [f"/s/{SPACE}", "/"])
async def test_pages_go_out_compressed(tmp_path: Path, path: str) -> None:
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        bus.publish(space_state(SPACE), _state(Lifecycle.LIVE, revision=1), retain=True)
        _open(bus)
        async with a_door(tmp_path) as browser:
            answer = await _until(browser, path, 200)
            assert answer.headers["content-encoding"] == "gzip"
            assert "An evening" in answer.text


async def test_the_door_tells_its_machine_what_it_has_counted(tmp_path: Path) -> None:
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        _open(bus)
        async with a_door(tmp_path) as browser:
            await _until(browser, f"/s/{SPACE}", 404)
            text = (await browser.get("/metrics")).text
            assert 'rostra_door_connections_open{worker="0"} 1.0' in text
            answer = await browser.get("/metrics", headers={"Host": "rostra.example"})
            assert answer.status_code == 404


async def test_a_door_that_follows_one_that_was_killed_tells_of_no_other_rung_in_between(
    tmp_path: Path,
) -> None:
    before = told_by_door(asked=77, rate=700.0, rung="low", memory_bytes=1 << 50)
    async with Broker(bus_path(tmp_path)), BusClient(bus_path(tmp_path), name="test") as bus:
        bus.publish(door_report(0), before, retain=True)
        _open(bus)
        async with (
            a_door(tmp_path),
            asyncio.timeout(20),
            bus.subscribe(door_report(0), DoorReport) as reports,
        ):
            async for _, report in reports:
                if report.asked != before.asked:
                    break
    assert (report.rung, report.rate, report.memory_bytes) == ("low", 700.0, 1 << 50)
