"""Pages that wait: everyone gets audio or a place in line, keeps it, and is heard without a further press."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, ViewportSize, expect
from typer.testing import CliRunner

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import LOW_HZ
from harness.voices import speaking
from harness.waiting import until
from harness.waiting_page import PATIENT_S, Visitor, asleep
from rostra.bus.client import BusClient
from rostra.bus.messages import DOOR_ORDER, DoorOrder
from rostra.core.role import bus_path
from rostra.rehearsal.sound import Tone
from rostra.simulation.draw_commands import draw_app

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

START_IN_S = 600
PHONE: ViewportSize = {"width": 390, "height": 844}


async def test_everyone_gets_audio_or_a_place_and_presses_once(
    tmp_path: Path, playwright: Playwright
) -> None:
    starts_at = (datetime.now(UTC) + timedelta(seconds=START_IN_S)).isoformat()
    async with (
        Deployment(tmp_path, capacity=2) as site,
        Evening(site, starts_at=starts_at) as evening,
        Person(playwright, "people") as people,
        BusClient(bus_path(site.data), name="operator") as bus,
    ):

        async def visitor(beside: Page | None = None) -> Visitor:
            address = f"{site.door}/s/{evening.space}"
            return await Visitor(await people.another_page(beside), address).open()

        ann, bob = await visitor(), await visitor()
        for each in (ann, bob):
            await each.press()
            await each.says("Everyone here before")
            assert await each.page.evaluate("document.activeElement.dataset.testid") == "standing"
        place = await bob.place()
        await bob.page.add_init_script("const now = Date.now; Date.now = () => now() + 3_600_000")
        await bob.page.reload()
        await bob.says("Everyone here before")  # by the door's clock: this one is an hour ahead
        assert await bob.place() == place
        if await bob.page.get_by_test_id("unlock").is_visible():
            await bob.page.get_by_test_id("unlock").click()

        async with speaking(evening, Tone(LOW_HZ)):
            async with asleep(bob):
                await evening.call("POST", f"/spaces/{evening.space}/live")
                await ann.hears()
                await asyncio.sleep(3.0)  # the page sleeps beyond the start
            await bob.hears()
            assert (await ann.presses(), await bob.presses()) <= (1, 1)

            cat = await visitor()
            await cat.press()
            await cat.says("You are number 1 in line.")
            tab = await visitor(beside=cat.page)
            await tab.says("You are number 1 in line.")
            assert await tab.place() == await cat.place()
            await tab.page.close()
            await ann.leave()
            await cat.hears()
            assert await cat.presses() == 1

            bus.publish(DOOR_ORDER, DoorOrder(places=2, rung="worst"), retain=True)
            await ann.press()
            await ann.says("Fewer people can listen live tonight: 2.")
            await ann.says("The recording follows right after.")
            bus.publish(DOOR_ORDER, DoorOrder(rung="ground"), retain=True)
            await ann.says_no_longer("Fewer people")
            await ann.says("in line")
            await ann.page.context.set_offline(True)
            await ann.says("your place is kept")
            await ann.page.context.set_offline(False)
            await bob.leave()
            await ann.hears()
            await cat.until_scene("playing")
        assert people.complaints == []


@asynccontextmanager
async def full_room(tmp_path: Path, playwright: Playwright) -> AsyncIterator[tuple[Person, str]]:
    """A conversation that is live, with one place: whose pages open there, and its address."""
    async with (
        Deployment(tmp_path, capacity=1) as site,
        Evening(site) as evening,
        Person(playwright, "people") as people,
        speaking(evening, Tone(LOW_HZ)),
    ):
        await evening.go_live()
        yield people, f"{site.door}/s/{evening.space}"


async def test_whoever_comes_by_a_link_whose_places_are_taken_reads_why_they_wait_as_others_do(
    tmp_path: Path, playwright: Playwright
) -> None:
    starts_at = (datetime.now(UTC) + timedelta(seconds=START_IN_S)).isoformat()
    async with (
        Deployment(tmp_path, capacity=2) as site,
        Evening(site, starts_at=starts_at) as evening,
        Person(playwright, "people") as people,
    ):
        await evening.call("PUT", f"/spaces/{evening.space}/door", {"reserved": 1})
        radio = {"name": "Radio", "places": 1}
        link = (await evening.call("POST", f"/spaces/{evening.space}/door/links", radio))["url"]
        reserved = {"reserved": link.partition("#r=")[2]}

        async def is_taken() -> bool:
            answer = await evening.http.post(f"{site.door}/s/{evening.space}/join", json=reserved)
            return bool(answer.json()["line"] == 2)

        await until(is_taken, what="somebody has the place of the link", within_s=20)
        bob = await Visitor(await people.another_page(), link).open()
        await bob.press()
        await bob.says("the waiting room")
        taken = "All places of your reserved link are taken (1)"
        await bob.says(taken)
        await expect(bob.page.locator("#announce")).to_contain_text(taken)
        await bob.page.reload()
        await bob.says(taken)
        assert people.complaints == []


async def test_whoever_waits_by_phone_sees_remind_me_and_reads_once_that_the_door_is_closed(
    tmp_path: Path, playwright: Playwright
) -> None:
    starts_at = (datetime.now(UTC) + timedelta(seconds=START_IN_S)).isoformat()
    async with (
        Deployment(tmp_path, capacity=2) as site,
        Evening(site, starts_at=starts_at) as evening,
        Person(playwright, "people") as people,
        BusClient(bus_path(site.data), name="operator") as bus,
    ):
        page = await people.another_page()
        await page.set_viewport_size(PHONE)
        ann = await Visitor(page, f"{site.door}/s/{evening.space}").open()
        await ann.press()
        await ann.says("the waiting room")
        await expect(page.locator("#remind")).to_be_in_viewport(ratio=1)
        bus.publish(DOOR_ORDER, DoorOrder(rung="door"), retain=True)
        await ann.says("The door is closed for the moment")
        closed = "The door is closed for a while"
        await expect(page.locator("#rung")).to_contain_text(closed, timeout=1000 * PATIENT_S)
        await expect(page.locator("#rung")).to_be_hidden()
        await page.get_by_test_id("leave").click()
        await expect(page.locator("#rung")).to_be_visible()  # who does not stand in line has not read it
        assert people.complaints == []


@pytest.mark.long
async def test_a_listener_who_loads_the_page_anew_in_a_full_room_goes_on_listening(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with full_room(tmp_path, playwright) as (people, address):
        ann, bob = [Visitor(await people.another_page(), address) for _ in range(2)]
        for each in (ann, bob):
            await each.open()
            await each.press()
            await (each.hears() if each is ann else each.says("in line"))
        for _ in range(2):
            await ann.page.reload()
            await ann.until("window.rostra")
            await ann.press()
            await ann.hears()
        await ann.leave()
        await bob.hears()
        await ann.press()
        await ann.says("in line")  # who leaves has left the place to the next
        assert people.complaints == []


@pytest.mark.long
async def test_a_listener_who_waited_in_line_and_is_back_after_a_while_hears_again_without_a_number(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with full_room(tmp_path, playwright) as (people, address):
        ann, bob, cat = [Visitor(await people.another_page(), address) for _ in range(3)]
        for each in (bob, ann, cat):
            await each.open()
            await each.press()
            await (each.hears() if each is bob else each.says("in line"))
        await bob.leave()
        await ann.hears()
        place = await ann.place()
        await ann.page.goto("about:blank")
        await cat.hears()  # the door counts her no longer, and the only place is another's
        await ann.page.goto(address)
        await ann.until("window.rostra")
        await ann.press()
        await ann.hears()
        assert await ann.place() == place
        await cat.until_scene("playing")
        assert people.complaints == []


@pytest.mark.long
async def test_who_waited_can_check_the_draw_with_what_their_page_noted(
    tmp_path: Path, playwright: Playwright
) -> None:
    starts_at = (datetime.now(UTC) + timedelta(seconds=START_IN_S)).isoformat()
    async with (
        Deployment(tmp_path, capacity=1) as site,
        Evening(site, starts_at=starts_at) as evening,
        Person(playwright, "people") as people,
        speaking(evening, Tone(LOW_HZ)),
    ):
        address = f"{site.door}/s/{evening.space}"
        both = [await Visitor(await people.another_page(), address).open() for _ in range(2)]
        for each in both:
            await each.press()
            await each.says("Everyone here before")
        await evening.call("POST", f"/spaces/{evening.space}/live")

        async def one_is_in() -> bool:
            return any([await each.plays() for each in both])

        await until(one_is_in, what="one of both plays", within_s=PATIENT_S)
        (waits,) = [each for each in both if not await each.plays()]
        command = waits.page.locator(".draw code", has_text="rostra draw verify")
        typed = await command.text_content(timeout=1000 * PATIENT_S)
        for name in ("draw.json", "draw.log"):
            answer = await waits.page.request.get(f"{address}/{name}")
            (tmp_path / name).write_bytes(await answer.body())
    assert typed
    arguments = shlex.split(typed.replace("draw.json", str(tmp_path / "draw.json")))
    done = CliRunner().invoke(draw_app, arguments[2:])
    assert done.exit_code == 0, done.output
    assert done.output.count("--") == 0, "all that can be compared was noted"
    assert "--number 1" in typed
