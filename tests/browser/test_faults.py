"""Parts of the server are killed under a host's and a listener's pages; nobody presses anything."""

from __future__ import annotations

import math
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Playwright, expect

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.small_disk import fill
from harness.sound import LOW_HZ, decode, holds
from harness.studio_page import StudioPage
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.tape.finished import FinishedTape
from rostra.tape.verify import verify_chain

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.timeout(240)]

AGAIN_S = 20.0
UNDER_WAY_S = 1.0
"""What is said so soon before the stage dies, or before the microphone is heard first, may be lost."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A host's page on air and a listener's page that plays."""

    evening: Evening
    host: StudioPage
    listener: EventPage
    run: str
    anchor_utc_ns: int

    def now_s(self) -> float:
        """The programme's present place, by the wall clock."""
        return (time.time_ns() - self.anchor_utc_ns) / 1e9

    async def heard_again(self, *, died_s: float, within_s: float = AGAIN_S) -> float:
        """Wait until the listener hears what was spoken a second after ``died_s``; return how long."""
        began = time.monotonic()
        await self.listener.person.until_hears(LOW_HZ, after_s=died_s + 1, within_s=within_s)
        return time.monotonic() - began


@asynccontextmanager
async def on_air(site: Deployment, playwright: Playwright, voice: Path) -> AsyncIterator[Broadcast]:
    async with (
        Evening(site) as evening,
        Person(playwright, "host", microphone=voice) as ann,
        Person(playwright, "listener") as lea,
    ):
        host, listener = StudioPage(ann), EventPage(lea, site, evening.space)
        await host.enter((await evening.link("host", "Ann")).url)
        await host.go_live()
        await evening.until_served()
        await listener.open()
        await listener.press_listen()
        await lea.until_hears(LOW_HZ, within_s=15)
        status = await evening.status()
        yield Broadcast(evening, host, listener, status["run"], status["anchor_utc_ns"])


@pytest.mark.long
async def test_whom_the_host_muted_stays_so_on_their_page_while_the_stage_dies_and_returns(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "speaker", microphone=low_voice) as sam:
        studio = StudioPage(sam)
        await studio.enter((await evening.link("speaker", "Sam")).url)
        stage = f"/spaces/{evening.space}/stage"
        them = await sam.page.get_by_test_id("person").get_attribute("data-speaker")
        await evening.call("POST", f"{stage}/speakers/{them}/mute", {"muted": True})
        await studio.says("The host muted you")
        mute = sam.page.get_by_test_id("mute")
        await expect(mute).to_be_disabled()
        died = await site.kill("stage-0")
        await studio.until_not_connected(within_s=AGAIN_S)
        await expect(mute).to_have_text(re.compile("Unmute"))
        await site.replaced("stage-0", died)
        await studio.until_connected()
        await expect(sam.page.get_by_test_id("person")).to_contain_text("muted")
        await studio.says("The host muted you")
        await evening.call("POST", f"{stage}/speakers/{them}/mute", {"muted": False})
        await expect(mute).to_be_enabled()
        await expect(mute).not_to_have_text(re.compile("Unmute"))


async def test_every_role_dies_in_turn_and_the_pages_go_on(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with on_air(site, playwright, low_voice) as air:
        rejoined = offers_of(air.host)
        for seat in ("gateway-0", "control-0", "edge-0", "stage-0"):
            assert not rejoined, "the stage was there all along: the host's connection is the first one"
            died_s = air.now_s()
            await site.replaced(seat, await site.kill(seat))
            again_s = await air.heard_again(died_s=died_s)
            print(f"{seat}: heard again after {again_s:.1f} s")
            await air.host.until_connected()
        status = await air.evening.status()
        assert (status["state"], status["run"]) == ("live", air.run), "it is the same tape"
        await end_and_check(air, spoken_s=died_s)
        assert air.evening.end_document(air.run)["gaps"] > 0, "the stage's outage is on the tape"


@pytest.mark.long
async def test_the_supervisor_dies_and_after_a_restart_the_pages_go_on(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with on_air(site, playwright, low_voice) as air:
        await air.listener.person.until_hears(LOW_HZ, after_s=4, within_s=15)
        died_s = air.now_s()
        site.kill_supervisor()
        await site.start()
        again_s = await air.heard_again(died_s=air.now_s(), within_s=45)
        print(f"supervisor: heard again {again_s:.1f} s after the restart")
        await air.host.until_connected()
        await end_and_check(air, spoken_s=died_s)


@pytest.mark.long
async def test_a_full_disk_ends_the_evening_and_both_pages_say_what_happened(
    small_disk: Path, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Deployment(small_disk, min_free_bytes=8 * 1024 * 1024) as site,
        on_air(site, playwright, low_voice) as air,
    ):
        fill(small_disk, leaving=4 * 1024 * 1024)
        await air.host.until_over()
        await air.host.says("The disk is full")
        await air.listener.until_scene("published", within_s=20)
        verdict = verify_chain(air.evening.tape(air.run))
        assert verdict.sound, verdict
        assert verdict.ended


def offers_of(host: StudioPage) -> list[str]:
    """Keep count of how often their page asks the stage for a connection from now on."""
    offers: list[str] = []
    host.page.on("request", lambda asked: offers.append(asked.url) if "/stage/offer" in asked.url else None)
    return offers


async def end_and_check(air: Broadcast, *, spoken_s: float) -> None:
    """End from the host's page; the listener's turns, and the recording is whole.

    It holds all that was said until ``spoken_s``, when the stage died, and how it ended.
    """
    ended_s = air.now_s()
    await air.host.end()
    await air.host.until_over()
    over_s = air.now_s()
    await air.listener.until_scene("published", within_s=20)
    verdict = verify_chain(air.evening.tape(air.run))
    assert verdict.sound, verdict
    assert verdict.ended
    sound = await decode((await air.evening.replay())["mp4"])
    chunk_s = QUANTUM / SAMPLE_RATE
    assert ended_s - chunk_s <= len(sound) / SAMPLE_RATE <= over_s + chunk_s
    assert holds(sound[-SAMPLE_RATE:], LOW_HZ), "it holds how it ended"
    seconds = seconds_of(air, until_s=spoken_s - UNDER_WAY_S)
    missing = [each for each in seconds if not holds(sound[each * SAMPLE_RATE :][:SAMPLE_RATE], LOW_HZ)]
    assert seconds, "it holds nothing of what was said before"
    assert not missing, f"of the first {spoken_s:.1f} s it lacks {missing}"


def seconds_of(air: Broadcast, *, until_s: float) -> list[int]:
    """Which whole seconds were recorded until then: the tape says itself where it has a gap."""
    gaps = FinishedTape.open(air.evening.tape(air.run)).gaps()
    silent = {
        second
        for gap in gaps
        for second in range(
            gap.start_sample // SAMPLE_RATE, -(-(gap.start_sample + gap.samples) // SAMPLE_RATE)
        )
    }
    return [each for each in range(math.ceil(UNDER_WAY_S), int(until_s)) if each not in silent]
