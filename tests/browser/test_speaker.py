"""A speaker's own page: what can be tried ahead, talking while holding, incoming calls, further tabs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, Playwright, expect

from harness.answers import Stage
from harness.browser import PHONE, Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import LOW_HZ, RATE, Sound, clearness_db, decode
from harness.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FAR = "2031-01-01T20:00:00Z"
SLOW_MS = 40_000

NO_WAY_BUT_RELAYS = """
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) { super({ ...configuration, iceTransportPolicy: 'relay' }) }
}
"""
"""A network that lets no UDP through."""

HARD_WALLS = """
const room = new AudioContext()
const ear = room.createMediaStreamDestination()
const connect = AudioNode.prototype.connect
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode && to.context !== room) {
    const aloud = to.context.createMediaStreamDestination()
    connect.call(this, aloud)
    room.resume()
    connect.call(room.createMediaStreamSource(aloud.stream), ear)
  }
  return connect.call(this, to, ...rest)
}
navigator.mediaDevices.getUserMedia = async () => ear.stream.clone()
"""
"""A microphone that hears nothing but this page's own loudspeakers."""

WATCH_MICROPHONE = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await open(wish)
  globalThis.microphone = stream.getAudioTracks()[0]
  return stream
}
"""


@pytest.mark.long
async def test_a_connection_that_the_stage_calls_poor_is_poor_wherever_it_stands(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    def judged(view: Any) -> Any:
        return {**view, "speakers": [{**each, "quality": "poor"} for each in view["speakers"]]}

    async with Evening(site) as evening, Person(playwright, "sam", microphone=low_voice) as sam:
        await Stage(judged).before(sam.page)
        await StudioPage(sam).enter((await evening.link("speaker", "Sam")).url)
        own = sam.page.get_by_test_id("own-quality")
        await expect(own).to_have_attribute("data-quality", "poor")
        word = (await own.inner_text()).partition(":")[0]
        await expect(sam.page.get_by_test_id("person")).to_contain_text(word)
        assert sam.complaints == []


@pytest.mark.long
async def test_long_before_the_announced_start_going_live_asks_once(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Evening(site, starts_at=FAR) as evening,
        Person(playwright, "host", microphone=low_voice) as ann,
    ):
        studio, page = StudioPage(ann), ann.page
        await studio.enter((await evening.link("host", "Ann")).url)
        asked = page.get_by_test_id("golive-dialog")
        await page.get_by_test_id("golive").click()
        await expect(asked).to_contain_text("It is announced for Wed 1 Jan 2031, 8:00 pm UTC")
        await asked.get_by_text("Wait for the start").click()
        await expect(asked).to_have_count(0)
        assert (await evening.status())["state"] == "scheduled"
        await page.get_by_test_id("golive").click()
        await page.get_by_test_id("golive-confirm").click()
        await expect(page.get_by_test_id("clock")).to_be_visible()
        await evening.until_state("live")
        assert ann.complaints == []


@pytest.mark.long
async def test_a_speaker_tries_everything_days_ahead_and_the_host_reads_what_was_found(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Evening(site, starts_at=FAR) as evening,
        Person(playwright, "sam", microphone=low_voice) as sam,
    ):
        kim = await sam.another_page()
        await kim.add_init_script(NO_WAY_BUT_RELAYS)
        await kim.add_init_script(HARD_WALLS)
        for page, name in ((sam.page, "Sam"), (kim, "Kim")):
            await page.goto((await evening.link("speaker", name)).url)
            await expect(page.get_by_text("Starts in").first).to_be_visible()
            await page.get_by_test_id("check").click()

        await hear_oneself(sam)
        assert await bell_says(sam.page) == "clear"
        assert await bell_says(kim) == "echo"
        await expect(kim.get_by_text("Put on headphones")).to_be_visible()
        for page, way, words in (
            (sam.page, "direct", "ms there and back"),
            (kim, "none", "This site has no relay"),
        ):
            await page.get_by_test_id("try-connection").click()
            section = page.get_by_test_id("check-connection")
            await expect(section).to_have_attribute("data-found", way, timeout=SLOW_MS)
            await expect(section).to_contain_text(words)
            await expect(page.get_by_text("Your host sees what you found.")).to_be_visible()

        assert (await evening.status())["state"] == "scheduled"
        host = StudioPage(sam)
        host.page = await sam.another_page()
        await host.enter((await evening.link("host", "Ann")).url)
        found = host.page.get_by_test_id("check-of")
        await expect(found.filter(has_text="Sam")).to_contain_text("microphone good")
        await expect(found.filter(has_text="Sam")).to_contain_text("connects directly")
        await expect(found.filter(has_text="Kim")).to_contain_text("loudspeakers echo")
        await expect(found.filter(has_text="Kim")).to_contain_text("no connection to the stage")
        await expect(host.page.get_by_test_id("countdown")).to_contain_text("Starts in")
        await evening.until_state("scheduled")
        assert sam.complaints == []


async def hear_oneself(sam: Person) -> None:
    """Record a sentence, and hear it again."""
    await sam.page.get_by_test_id("open-microphone").click()
    await sam.page.get_by_test_id("record").click()
    section = sam.page.get_by_test_id("check-microphone")
    await expect(section).to_have_attribute("data-found", "heard", timeout=SLOW_MS)
    await sam.page.get_by_test_id("recorded").evaluate("audio => { audio.loop = true; return audio.play() }")
    await sam.until_hears(LOW_HZ, within_s=15)


async def bell_says(page: Page) -> str | None:
    """Ring the bell, and say that one heard it; what the page makes of it."""
    await page.get_by_test_id("play-bell").click()
    await page.get_by_test_id("heard-both").click(timeout=SLOW_MS)
    section = page.get_by_test_id("check-headphones")
    await expect(section).not_to_have_attribute("data-found", "untried")
    return await section.get_attribute("data-found")


@pytest.mark.long
async def test_of_two_devices_the_second_speaks_and_the_first_says_so_until_it_takes_the_seat_back(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Evening(site) as evening,
        Person(playwright, "laptop", microphone=low_voice) as laptop,
        Person(playwright, "phone", microphone=low_voice) as phone,
    ):
        link = (await evening.link("speaker", "Sam")).url
        first, second = StudioPage(laptop), StudioPage(phone)
        await first.enter(link)
        await second.enter(link)
        await expect(first.page.get_by_test_id("off")).to_contain_text("another device", timeout=SLOW_MS)
        await first.page.get_by_test_id("come-back").click()
        await first.page.get_by_test_id("join").click()
        await expect(second.page.get_by_test_id("off")).to_contain_text("another device", timeout=SLOW_MS)
        await expect(first.page.get_by_test_id("stage")).to_have_attribute("data-line", "open")
        await expect(first.page.get_by_test_id("person")).to_have_count(1)


@pytest.mark.long
async def test_one_is_heard_only_while_holding_and_a_call_and_further_tabs_are_told(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", microphone=low_voice) as ann:
        await ann.page.add_init_script(WATCH_MICROPHONE)
        studio, link = StudioPage(ann), (await evening.link("host", "Ann")).url
        await studio.enter(link)  # and speaks, in the lobby
        await until_spoken(studio.page)
        await studio.page.get_by_test_id("push-to-talk").check()
        await expect(studio.page.get_by_test_id("own-state")).to_contain_text("Nobody hears you")
        await studio.go_live()

        held: list[tuple[float, float]] = []
        await evening.until_recorded(4 * RATE, within_s=20)
        held.append(await hold_key(evening, studio.page))
        await wait_on_tape(evening, 4)
        held.append(await hold_button(evening, studio.page))
        await wait_on_tape(evening, 3)

        await be_called(studio)
        await be_called_while_a_host_mutes(evening, studio)
        event = await hush_the_second_tab(evening, ann)
        newer = await take_over(studio, link)
        await newer.goto("about:blank")  # off the stage: nothing is left to be silent for
        await expect(event.get_by_test_id("hushed")).to_be_hidden(timeout=SLOW_MS)
        assert not await event.evaluate("document.querySelector('audio').muted")
        await evening.end()
        recording = await decode((await evening.replay())["mp4"])
        assert_heard_only(recording, held)
        assert ann.complaints == []


async def until_spoken(page: Page) -> None:
    """The lobby hears it: everybody's level comes from the stage."""
    person = page.get_by_test_id("person").first
    await expect(person).to_have_class("speaking", timeout=SLOW_MS)


async def on_tape_s(evening: Evening) -> float:
    base = await evening.join()
    samples: int = (await evening.http.get(f"{base}live.json")).json()["samples"]
    return samples / RATE


async def wait_on_tape(evening: Evening, seconds: float) -> None:
    await evening.until_recorded(round((await on_tape_s(evening) + seconds) * RATE), within_s=seconds + 20)


async def hold_key(evening: Evening, page: Page) -> tuple[float, float]:
    """Hold the space bar for a while; from when to when, on the tape."""
    began = await on_tape_s(evening)
    await page.keyboard.down("Space")
    await expect(page.get_by_test_id("own-state")).to_have_text("You are heard.")
    await wait_on_tape(evening, 4)
    await page.keyboard.up("Space")
    return began, await on_tape_s(evening)


async def hold_button(evening: Evening, page: Page) -> tuple[float, float]:
    """The same with the button, and a mouse."""
    began = await on_tape_s(evening)
    await page.get_by_test_id("talk").hover()
    await page.mouse.down()
    await wait_on_tape(evening, 4)
    await page.mouse.up()
    return began, await on_tape_s(evening)


MARGIN_S = 1.0
"""Around a press and a release: the way to the tape, and how exactly it can be read."""


def assert_heard_only(recording: Sound, held: list[tuple[float, float]]) -> None:
    """The tone is in every second that was held, and in none that was not: the lobby's neither."""
    for at_s in np.arange(0, len(recording) / RATE - 0.5, 0.5):
        window = recording[round(at_s * RATE) : round((at_s + 0.5) * RATE)]
        clear = clearness_db(window, LOW_HZ) >= 10
        inside = any(began + MARGIN_S <= at_s and at_s + 0.5 <= ended - MARGIN_S for began, ended in held)
        near = any(began - MARGIN_S <= at_s + 0.5 and at_s <= ended + MARGIN_S for began, ended in held)
        assert clear or not inside, f"silent at {at_s} s, though held: {held}"
        assert not clear or near, f"heard at {at_s} s, though not held: {held}"


async def be_called(studio: StudioPage) -> None:
    """The system takes the microphone away and gives it back."""
    page = studio.page
    await page.evaluate("microphone.dispatchEvent(new Event('mute'))")
    await expect(page.get_by_test_id("interrupted")).to_contain_text("you are muted")
    await expect(page.get_by_test_id("mute")).to_have_attribute("data-muted", "true")
    await expect(page.get_by_test_id("person").first).to_contain_text("muted")
    await page.evaluate("microphone.dispatchEvent(new Event('unmute'))")
    await expect(page.get_by_test_id("interrupted")).to_contain_text("Your microphone is back")
    await studio.toggle_mute()
    await expect(page.get_by_test_id("interrupted")).to_have_count(0)


async def be_called_while_a_host_mutes(evening: Evening, studio: StudioPage) -> None:
    """The host's mute comes before the call and goes during it: the microphone stays closed."""
    page = studio.page
    person, pressed = page.get_by_test_id("person").first, page.get_by_test_id("mute")
    mute = f"/spaces/{evening.space}/stage/speakers/{await person.get_attribute('data-speaker')}/mute"
    await evening.call("POST", mute, {"muted": True})
    await expect(person).to_contain_text("muted by a host")
    async with page.expect_response(lambda answer: answer.url.endswith("/mute")):
        await page.evaluate("microphone.dispatchEvent(new Event('mute'))")
    await evening.call("POST", mute, {"muted": False})
    await expect(person).not_to_contain_text("by a host")
    await expect(pressed).to_have_attribute("data-muted", "true")
    await page.evaluate("microphone.dispatchEvent(new Event('unmute'))")
    await studio.toggle_mute()
    await expect(pressed).to_have_attribute("data-muted", "false")


async def hush_the_second_tab(evening: Evening, ann: Person) -> Page:
    """The event page in another tab is silent, until its owner insists; and again after that."""
    page = await ann.another_tab()
    await page.goto(f"{evening.site.door}/s/{evening.space}")
    await page.get_by_test_id("listen").click()
    await expect(page.get_by_test_id("hushed")).to_be_visible(timeout=SLOW_MS)
    assert await page.evaluate("document.querySelector('audio').muted")
    await page.get_by_test_id("hushed").get_by_role("button").click()
    await expect(page.get_by_test_id("hushed")).to_be_hidden()
    assert not await page.evaluate("document.querySelector('audio').muted")
    await page.reload()
    await page.get_by_test_id("listen").click()
    await expect(page.get_by_test_id("hushed")).to_be_visible(timeout=SLOW_MS)
    return page


async def take_over(studio: StudioPage, link: str) -> Page:
    """Come on stage in a second tab: the first one says so, and what was chosen is remembered."""
    newer = StudioPage(studio.person)
    newer.page = await studio.person.another_tab()
    await newer.enter(link)
    await expect(studio.page.get_by_test_id("off")).to_contain_text("another tab", timeout=SLOW_MS)
    await expect(newer.page.get_by_test_id("push-to-talk")).to_be_checked()
    return newer.page


@pytest.mark.long
async def test_on_a_phone_keys_are_told_of_once_one_is_pressed(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", microphone=low_voice) as ann:
        browser, studio = ann.page.context.browser, StudioPage(ann)
        assert browser is not None
        phone = await browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
        studio.page = await phone.new_page()
        await studio.enter((await evening.link("host", "Ann")).url)
        by_key = studio.page.get_by_test_id("mute-by-key")
        label = studio.page.locator("label", has=studio.page.get_by_test_id("push-to-talk"))
        await expect(label).to_have_text("Be heard only while I hold the button")
        await expect(studio.page.locator("kbd")).to_have_count(0)
        await expect(by_key).to_have_count(0)
        await studio.page.keyboard.press("m")
        await expect(by_key).to_be_checked()
        await expect(label).to_contain_text("space bar")
        await expect(studio.page.get_by_test_id("mute")).to_have_attribute("data-muted", "true")
