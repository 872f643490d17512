"""What a visitor does before a listeners' page is in a state that passes quickly, and what is so already.

What is so anywhere, too. Backstage has :mod:`.house_acts`, its studio :mod:`.studio_acts`.
"""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, Route, expect

from harness import acts, reminding
from harness.acts import JOIN_MS, Act, at_first
from harness.answers import answered, told
from harness.said import see
from rostra.control.api.asking import COOKIE, SIGNED_IN

SEATED = {"name": "Nora Whitcombe", "handle": "nora", "voucher": "never-made", "seat": "speaker"}


# What is so already.


def in_vain(method: str, address: str) -> Act:
    """Requests of that method fail."""

    async def fail(route: Route) -> None:
        await (route.abort() if route.request.method == method else route.fallback())

    return lambda page: page.route(address, fail)


async def insecure(page: Page) -> None:
    """The page did not come over HTTPS."""
    await page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")


async def once(page: Page) -> None:
    """Stay on a page that would load itself anew."""

    async def answer(route: Route) -> None:
        found = await route.fetch()
        headers = {name: value for name, value in found.headers.items() if name != "refresh"}
        await route.fulfill(response=found, headers=headers)

    await page.route("**/", answer)


async def signed_in_and_seated(page: Page) -> None:
    """This browser is signed in backstage, and may speak."""
    await page.add_init_script(f"document.cookie = '{SIGNED_IN}=1; Path=/'")
    await told("**/floor/me", SEATED)(page)


def answers_all(state: str) -> Act:
    """Whoever asks to speak is answered so."""
    return at_first(
        answered("**/ask?*", {"state": state, "poll_ms": 1000}),
        answered("**/ask", {"state": "waiting"}, method="POST", status=202),
    )


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


async def be_invited(page: Page) -> None:
    await expect(page.get_by_test_id("invited")).to_be_visible(timeout=JOIN_MS)


def be_answered(state: str) -> Act:
    async def ask(page: Page) -> None:
        await acts.ask_to_speak(page)
        await page.get_by_test_id("ask-send").click()
        await expect(page.get_by_test_id("speaking")).to_have_attribute("data-step", state, timeout=JOIN_MS)

    return ask


async def step_down(page: Page) -> None:
    await acts.speak(page)
    await page.get_by_test_id("step-down").click()
    await expect(page.get_by_test_id("speaking")).to_have_attribute("data-step", "left")


async def come_back_late(page: Page) -> None:
    """Stand in line, and load the page anew once one's turn has passed: the door knows the place no more."""
    await acts.wait_until()(page)
    await acts.before_the_door({"number": 640, "place": "b"}, {})(page)
    await page.reload()
    await expect(page.get_by_test_id("why")).to_be_visible(timeout=JOIN_MS)


async def fall_behind(page: Page) -> None:
    """Listen, and be held up for a moment, as by a machine that is busy."""
    await acts.play(page)
    await page.evaluate(
        """async () => {
          const audio = document.querySelector('audio')
          audio.pause()
          await new Promise((resolve) => setTimeout(resolve, 900))
          await audio.play()
        }"""
    )
    await see(page, "event.catching_up")


async def run_dry(page: Page) -> None:
    """Listen until there is no sound left, though it goes on coming: nothing of it is taken."""
    await acts.play(page)
    await page.evaluate(
        """() => {
          SourceBuffer.prototype.appendBuffer = function () {
            setTimeout(() => this.dispatchEvent(new Event('updateend')))
          }
        }"""
    )
    await see(page, "event.waiting")


async def hear_of_a_move(page: Page) -> None:
    """Listen, and hear that it goes on where there is nothing to hear yet."""
    asked, listening = asyncio.Event(), asyncio.Event()

    async def move(route: Route) -> None:
        found = await (await route.fetch()).json()
        asked.set()
        await listening.wait()
        await route.fulfill(json={**found, "moved": {"space": "yonder", "state": "scheduled"}})

    await page.route("**/status.json", move)
    await answered("**/s/yonder/status.json", {"state": "scheduled", "poll_ms": 60_000})(page)
    await asyncio.wait_for(asked.wait(), JOIN_MS / 1000)
    await acts.listen(page)
    await acts.seen(page, "window.rostra.state !== 'off'")
    listening.set()
    await expect(page.locator("#moved")).to_be_visible(timeout=JOIN_MS)
    await acts.seen(page, "window.rostra.scene === 'playing'")


async def lose_the_pass(page: Page) -> None:
    """Come in to a private conversation, and be shut out when its passes end."""
    await page.locator("#phrase").fill("open sesame")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("listen")).to_be_visible(timeout=JOIN_MS)
    boot = await page.evaluate("JSON.parse(document.getElementById('boot').textContent)")
    backstage = boot["urls"]["backstage"].rstrip("/")
    cookies = {each.get("name"): each.get("value") for each in await page.context.cookies()}
    await page.context.clear_cookies(name=COOKIE)
    ended = await page.request.delete(
        f"{backstage}/api/v1/spaces/{boot['space']}/passes",
        headers={"origin": backstage, "cookie": f"{COOKIE}={cookies[COOKIE]}"},
    )
    assert ended.ok, await ended.text()
    await expect(page.locator("[data-code]")).to_be_visible(timeout=JOIN_MS)


async def be_reminded(page: Page) -> str:
    """Ask for a reminder of the page's conversation, as a browser does; return what forgets it."""
    answer = await page.request.post(
        f"{page.url}/remind", data=reminding.by_push(), headers=reminding.from_elsewhere()
    )
    assert answer.ok, await answer.text()
    return str((await answer.json())["forget"])


async def forget_by_press(page: Page) -> None:
    """Be reminded by this browser, and want it no more."""
    keep = "secret => localStorage.setItem(`rostra.remind.${window.rostra.status.space}`, secret)"
    await page.evaluate(keep, await be_reminded(page))
    await acts.remind(page)
    await page.get_by_test_id("remind-forget").click()
    await expect(page.get_by_test_id("remind-push")).to_be_visible()


async def forget_by_link(page: Page) -> None:
    """Be reminded, and follow the link that ends it."""
    secret = await be_reminded(page)
    await page.goto(f"{page.url.partition('/s/')[0]}/forget?t={secret}")
    await acts.press_button(page)


async def press_in_vain(page: Page) -> None:
    """Press, and be told that nobody answers."""
    async with page.expect_response(lambda answer: answer.status == 503):
        await page.locator("main button").click()
    await page.wait_for_load_state()
