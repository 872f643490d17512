"""What somebody does in the studio before a state is seen that passes quickly, and what is so already."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from harness import acts
from harness.acts import JOIN_MS
from harness.answers import Stage
from harness.picture import Picture
from harness.said import see
from rostra.core import words

CROWD = {"waiting": 1830, "rung": "quiet"}
COUNTS = {"clap": 212, "heart": 48, "laugh": 7, "wow": 3, "thanks": 19}
REACTIONS = {"reactions": {"at_ms": 1, "counts": COUNTS}}
MOVED = {
    "moved": {
        "space": "elsewhere",
        "title": "The evening goes on",
        "event_url": "/s/elsewhere",
        "studio_url": "/studio/elsewhere",
    }
}
COMING = {"coming": [{"link": "abc", "name": "Lea Brand", "guest": True}]}
OFF_AIR = {"trouble": "off_air_disk_full"}


# What is so already.


async def unasked(page: Page) -> None:
    """The browser still asks whether the page may have the microphone."""
    await page.add_init_script("navigator.mediaDevices.getUserMedia = () => new Promise(() => {})")


def silenced(view: Any) -> Any:
    """A host has muted whoever looks."""
    muted = {"muted": True, "muted_by_host": True}
    mine = view["me"]["speaker"]
    people = [each | muted if each["speaker"] == mine else each for each in view["speakers"]]
    return {**view, "me": view["me"] | muted, "speakers": people}


def reconnecting(view: Any) -> Any:
    """Everybody else on stage has lost their line."""
    mine = view["me"]["speaker"]
    return {**view, "speakers": [{**each, "connected": each["speaker"] == mine} for each in view["speakers"]]}


# What is done.


async def accept_only(page: Page) -> None:
    await acts.agree(page)
    await expect(page.get_by_test_id("consent")).to_have_count(0)


async def ask_to_leave(page: Page) -> None:
    await on_line(page)
    await page.get_by_test_id("leave").click()
    await expect(page.get_by_test_id("leave-dialog")).to_be_visible()


async def leave(page: Page) -> None:
    await on_line(page)
    await page.get_by_test_id("leave").click()
    await expect(page.get_by_test_id("left")).to_be_visible()


async def come_again(page: Page) -> None:
    """Open the studio once more after accepting."""
    await acts.accept(page)
    await page.reload()
    await expect(page.get_by_test_id("go-on")).to_be_visible()


async def accept_in_vain(page: Page) -> None:
    await page.get_by_test_id("consent").check()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_role("alert")).to_be_visible()


async def connect(page: Page) -> None:
    await acts.accept(page)
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("stage")).to_be_visible()


async def on_line(page: Page) -> None:
    await connect(page)
    await expect(page.get_by_test_id("stage")).to_have_attribute("data-line", "open", timeout=JOIN_MS)


async def ask_early(page: Page) -> None:
    """Be asked before going live long before the start."""
    await on_line(page)
    await page.get_by_test_id("golive").click()
    await expect(page.get_by_test_id("golive-dialog")).to_be_visible()


async def see_reconnecting(page: Page) -> None:
    await on_line(page)
    await expect(page.locator(".cast .away").first).to_be_visible()


def taken_off(name: str, key: str) -> Picture:
    """Somebody who was on stage and is not any more."""
    stage = Stage({"me": {"off": words.say(words.ENGLISH, key)}}, at_once=False)

    async def act(page: Page) -> None:
        await on_line(page)
        stage.turn()
        await expect(page.get_by_test_id("off")).to_be_visible(timeout=JOIN_MS)

    return Picture(name, "{studio}", act=act, before=stage.before)


async def write_in_vain(page: Page) -> None:
    await page.get_by_test_id("caption-field").fill("We will take the question from the back first.")
    await page.get_by_test_id("caption-send").click()
    await expect(page.get_by_test_id("written")).to_have_attribute("data-state", "lost", timeout=JOIN_MS)


async def lose_backstage(page: Page) -> None:
    """Be on stage while backstage is not reached: the line does not go through it."""
    await on_line(page)
    await acts.cut_off("**/stage/stream")(page)
    await see(page, "studio.room.unreachable")


async def unplug(page: Page) -> None:
    """Lose the microphone."""
    await on_line(page)
    await page.evaluate("microphone.dispatchEvent(new Event('ended'))")
    await see(page, "studio.microphone.unplugged")


async def be_kept_silent(page: Page) -> None:
    """Come on stage in a browser that wants a press before it lets the others be heard."""
    await on_line(page)
    await see(page, "studio.tap")


async def come_by_another_tab(page: Page) -> None:
    """Come on stage in a second tab of the same browser."""
    await on_line(page)
    newer = await page.context.new_page()
    await newer.goto(page.url)
    await on_line(newer)
    await page.bring_to_front()
    await expect(page.get_by_test_id("off")).to_be_visible(timeout=JOIN_MS)
