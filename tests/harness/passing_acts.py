"""What a visitor does before a state is seen that passes quickly, and what is so already."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, Route, expect

from harness import acts
from harness.acts import JOIN_MS, Act, at_first
from harness.answers import Stage, answered, told
from harness.picture import API, Picture
from rostra.core import words

SEATED = {"name": "Nora Whitcombe", "handle": "nora", "voucher": "never-made", "seat": "speaker"}
PROOF_NEEDED = {"error": {"code": "proof_needed", "message": ""}}


# What is so already.


def in_vain(method: str, address: str) -> Act:
    """Requests of that method fail."""

    async def fail(route: Route) -> None:
        await (route.abort() if route.request.method == method else route.fallback())

    return lambda page: page.route(address, fail)


async def insecure(page: Page) -> None:
    """The page did not come over HTTPS."""
    await page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")


async def unasked(page: Page) -> None:
    """The browser still asks whether the page may have the microphone."""
    await page.add_init_script("navigator.mediaDevices.getUserMedia = () => new Promise(() => {})")


async def once(page: Page) -> None:
    """Stay on a page that would load itself anew."""

    async def answer(route: Route) -> None:
        found = await route.fetch()
        headers = {name: value for name, value in found.headers.items() if name != "refresh"}
        await route.fulfill(response=found, headers=headers)

    await page.route("**/", answer)


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


nobody_more = at_first(
    answered("**/ask?*", {"state": "declined", "poll_ms": 1000}),
    answered("**/ask", {"state": "waiting"}, method="POST", status=202),
)
takes_notices = answered(f"{API}spaces/*/notices", {}, method="POST", status=201)
held = told(f"{API}door", {"rung": "low", "seen": {"rung": "low", "held": True}})


async def unled(page: Page) -> None:
    """Every conversation that is live has lost its host."""

    async def answer(route: Route) -> None:
        found = await route.fetch()
        listed = await found.json()
        for each in listed["spaces"]:
            each["unled"] = each["state"] == "live"
        await route.fulfill(response=found, json=listed)

    await page.route(f"{API}spaces?**", answer)


# What is done.


def turned_to(scene: str) -> Act:
    """See the page turn by itself."""
    return lambda page: acts.seen(page, f"window.rostra.scene === '{scene}'")


def alerted(act: Act) -> Act:
    """It did not work, and that is said."""

    async def both(page: Page) -> None:
        await act(page)
        await expect(page.get_by_role("alert").first).to_contain_text(" ", timeout=JOIN_MS)

    return both


def done(act: Act) -> Act:
    """It worked, and that is said."""

    async def both(page: Page) -> None:
        await act(page)
        await expect(page.locator(".outcome .notice").first).to_be_visible()

    return both


async def look_in_vain(page: Page) -> None:
    """See that the door is not reached."""
    await expect(page.locator("#action ~ .notice:not([hidden])").first).to_be_visible(timeout=JOIN_MS)


async def wait_for_script(page: Page) -> None:
    """Be offered another way to listen after a while, in the place of what the script would have drawn."""
    await expect(page.locator(".waited")).to_be_hidden()
    await expect(page.locator(".waited")).to_be_visible(timeout=JOIN_MS)
    await expect(page.locator(".hold")).to_have_css("min-block-size", "0px")


async def read_why_locked(page: Page) -> None:
    await expect(page.get_by_test_id("locked")).to_contain_text("Too many ask at once.")


async def replay_in_vain(page: Page) -> None:
    await page.get_by_test_id("play").click()
    await acts.seen(page, "document.querySelector('audio')?.error != null")


async def be_declined(page: Page) -> None:
    await acts.ask_to_speak(page)
    await page.get_by_test_id("ask-send").click()
    await expect(page.get_by_test_id("speaking")).to_have_attribute("data-step", "declined", timeout=JOIN_MS)


async def step_down(page: Page) -> None:
    await acts.speak(page)
    await page.get_by_test_id("step-down").click()
    await expect(page.get_by_test_id("speaking")).to_have_attribute("data-step", "left")


async def sign_in_suspended(page: Page) -> None:
    await page.get_by_test_id("handle").fill("sue")
    await page.get_by_test_id("password").fill("correct horse battery")
    await page.keyboard.press("Enter")
    await expect(page.locator(".notice").first).to_be_visible(timeout=JOIN_MS)


async def ask_for_link(page: Page) -> None:
    await page.get_by_test_id("handle").fill("vic")
    await done(acts.press("ask-reset"))(page)


async def change_password(page: Page) -> None:
    """Be asked once more who one is."""
    await page.get_by_test_id("new-password").fill("another horse battery")
    fields = page.locator("input[type=password]")
    for number in range(await fields.count()):
        await fields.nth(number).fill("another horse battery")
    await page.get_by_test_id("change-password").click()
    await expect(page.get_by_test_id("proof-dialog")).to_be_visible()


async def post_notice(page: Page) -> None:
    await acts.in_space("live", "show-notices")(page)
    await page.get_by_test_id("notice-text").fill("We go on for ten minutes more.")
    await done(acts.press("post-notice"))(page)


async def choose_no_picture(page: Page) -> None:
    """Choose a file that is no picture."""
    file: Any = {"name": "portrait.png", "mimeType": "image/png", "buffer": b"not a picture"}
    await page.get_by_test_id("picture").set_input_files(file)
    await expect(page.get_by_role("alert").first).to_be_visible()


async def set_places(page: Page) -> None:
    await page.get_by_test_id("places").fill("2500")
    await page.get_by_test_id("set-places").click()
    await expect(page.get_by_test_id("places-dialog")).to_be_visible()


# In the studio.


async def accept_only(page: Page) -> None:
    await page.get_by_test_id("consent").check()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("consent")).to_have_count(0)


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
