"""What a visitor does before a state of a page is seen: press, lose the network, find a microphone blocked.

Each takes the page; those of the first section are done before it loads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from playwright.async_api import Page, Route, expect

from harness.waiting import until
from rostra.core.ids import draw

Act = Callable[[Page], Awaitable[Any]]
JOIN_MS = 20_000
SOON_MS = 9 * 60_000
RECEIPT = {
    "id": "ab" * 32,
    "index": 211,
    "server_nonce": "c2VydmVycyBwYXJ0IG9mIGl0",
    "reason": "before_start",
}


# Before the page is loaded.


def cut_off(address: str) -> Act:
    """Requests for ``address`` fail."""
    return lambda page: page.route(address, lambda route: route.abort())


def unanswered(address: str) -> Act:
    """Requests for ``address`` are never answered."""

    async def wait(route: Route) -> None:
        await asyncio.sleep(3600)

    return lambda page: page.route(address, wait)


def without_microphone(error: str) -> Act:
    """Asking for a microphone ends with a DOMException of that name; empty: nothing can be asked."""
    denied = f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}') }}"
    absent = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"
    return lambda page: page.add_init_script(denied if error else absent)


async def without_codecs(page: Page) -> None:
    """Be a browser that plays nothing of ours."""
    await page.add_init_script(
        "delete window.MediaSource; delete window.ManagedMediaSource;"
        "HTMLMediaElement.prototype.canPlayType = () => ''"
    )


def before_the_door(place: dict[str, Any], *rooms: dict[str, Any], state: str = "", policy: str = "") -> Act:
    """The door gives this place, and tells of the next room once the page says how long it takes."""
    answer = {"admitted": False, "place": "a", "number": None, "line": 0, "called": False, "again_ms": 300}
    standing = {"open": True, "drawn": True, "commitment": "5e" * 32, "root": "", "seed": "", "entries": 0}
    crowd = {"serving": [200, 0, 0], "per_s": [2.0, 0.2, 0.0], "near": [260, 6, 0]}
    crowd |= {"waiting": 1830, "places": 5000, "reserved": 0}
    rung = {"rung": "ground", "closed": False, "reason": ""}

    async def join(route: Route) -> None:
        await route.fulfill(json=answer | {"reason": "full"} | place)

    async def status(page: Page, told: list[dict[str, Any]], route: Route) -> None:
        found = await (await route.fetch()).json()
        found |= {"room": told[0], "poll_ms": 300}
        if len(told) > 1 and await page.locator("[data-testid=estimate]").is_visible():
            del told[0]
        if found["state"] == "scheduled":
            found["starts_at"] = found["now"] + SOON_MS
        found["recording_policy"] = policy or found["recording_policy"]
        await route.fulfill(json=found | ({"state": state} if state else {}))

    async def act(page: Page) -> None:
        await page.route("**/join", join)
        told = [{**standing, **crowd, **rung, **room} for room in rooms]
        await page.route("**/status.json", partial(status, page, told))

    return act


def at_first(*acts: Act) -> Act:
    """Several things that are so already."""

    async def act(page: Page) -> None:
        for each in acts:
            await each(page)

    return act


async def without_sound_at_first(page: Page) -> None:
    """Be a browser that wants a press of the page's own before it lets sound out."""
    await page.add_init_script(
        "HTMLMediaElement.prototype.play = async () => { throw new DOMException('', 'NotAllowedError') }"
    )


async def without_sound_until_pressed_again(page: Page) -> None:
    """Be a browser for which the press on Listen is not enough: it refuses until there was another."""
    await page.add_init_script(
        """
        const play = HTMLMediaElement.prototype.play
        let presses = 0
        addEventListener('click', () => (presses += 1), true)
        HTMLMediaElement.prototype.play = function () {
          return presses > 1 ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'))
        }
        """
    )


def on_rung(rung: str) -> Act:
    """The door stands on this rung of the ladder."""
    room = {
        "open": True,
        "drawn": True,
        "commitment": "",
        "root": "",
        "seed": "",
        "entries": 0,
        "serving": [0, 0, 0],
        "per_s": [0.0, 0.0, 0.0],
        "near": [0, 0, 0],
        "waiting": 0,
        "places": 500,
        "reserved": {"places": 0, "inside": 0},
        "opening": 0,
        "rung": rung,
        "closed": False,
        "reason": "worst_case",
    }

    async def answer(route: Route) -> None:
        told = await route.fetch()
        await route.fulfill(response=told, json={**await told.json(), "room": room})

    return lambda page: page.route("**/status.json", answer)


# On the event page.


async def listen(page: Page) -> None:
    await page.get_by_test_id("listen").click()


def listen_until(scene: str) -> Act:
    """Press Listen, and see the page turn to ``scene``."""

    async def act(page: Page) -> None:
        await listen(page)
        await seen(page, f"window.rostra.scene === '{scene}'")

    return act


play = listen_until("playing")


def wait_until(words: str = ".said") -> Act:
    """Press Listen, and stand in line until the page shows something."""

    async def act(page: Page) -> None:
        await seen(page, "window.rostra.status.room")
        await listen_until("waiting")(page)
        await expect(page.locator(words).first).to_be_visible(timeout=JOIN_MS)

    return act


async def wait_open(page: Page) -> None:
    """Stand in line, and open what the curious may check."""
    await wait_until()(page)
    await page.locator(".draw summary").click()


async def wait_in_vain(page: Page) -> None:
    """Stand in line while the door goes away."""
    await wait_until()(page)
    await page.unroute("**/status.json")
    await cut_off("**/status.json")(page)
    await expect(page.get_by_test_id("why")).to_be_visible(timeout=JOIN_MS)


async def come_in_elsewhere(page: Page) -> None:
    """Stand in line, and come in in another tab."""
    await wait_until()(page)
    await page.evaluate(
        """() => {
          const key = Object.keys(localStorage).find((key) => key.startsWith('rostra.place.'))
          const [oldValue, newValue] = ['{}', '{"inside":0.5}']
          dispatchEvent(new StorageEvent('storage', { key, oldValue, newValue }))
        }"""
    )
    await expect(page.locator("#elsewhere")).to_be_visible()


async def read_rung(page: Page) -> None:
    """Read what is given up."""
    await expect(page.locator("#rung")).to_be_visible(timeout=JOIN_MS)


async def lose(page: Page) -> None:
    """Listen, then lose the network."""
    await play(page)
    await page.context.set_offline(True)
    await seen(page, "window.rostra.scene !== 'playing'")


async def wait_for_the_door(page: Page) -> None:
    """In front of a list, until the page says that nobody answers."""
    await seen(page, "!document.getElementById('lost').hidden")


async def lose_the_network(page: Page) -> None:
    """Lose it in front of a list."""
    await page.context.set_offline(True)
    await expect(page.locator("#lost")).to_be_visible()


async def share(page: Page) -> None:
    await play(page)
    await page.evaluate("delete Navigator.prototype.share")
    await page.locator(".deck .round").last.click()
    await expect(page.locator(".sheet img")).to_be_visible()


async def ask_to_speak(page: Page) -> None:
    await page.get_by_test_id("ask").click()
    await page.get_by_test_id("ask-name").fill("Tomas Lindqvist")
    await page.get_by_test_id("ask-note").fill("I worked on the last ferry.")


async def wait_to_speak(page: Page) -> None:
    await ask_to_speak(page)
    await page.get_by_test_id("ask-name").fill(f"Tomas {draw(5)}")
    await page.get_by_test_id("ask-send").click()
    await expect(page.get_by_test_id("withdraw")).to_be_visible()


async def be_accepted(page: Page) -> None:
    """Where every request is accepted."""
    await ask_to_speak(page)
    await page.get_by_test_id("ask-send").click()
    await expect(page.get_by_test_id("consent")).to_be_visible(timeout=JOIN_MS)


async def speak(page: Page) -> None:
    await ask_to_speak(page)
    await page.get_by_test_id("ask-name").fill(f"Tomas {draw(5)}")
    await page.get_by_test_id("ask-send").click()
    await expect(page.get_by_test_id("consent")).to_be_visible(timeout=JOIN_MS)
    await accept(page)
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("on-stage")).to_have_attribute("data-line", "open", timeout=JOIN_MS)


async def reminders_offered(page: Page) -> None:
    """As where the operator named a mail server and a contact for push services."""
    await page.route(
        "**/remind/means.json",
        lambda route: route.fulfill(json={"push_key": "BCVxsr7N_eNgVRqvHtD0zTZsEc6", "mail": True}),
    )
    await page.route("**/s/*/remind", lambda route: route.fulfill(status=201, json={"forget": ""}))


async def reminders_away(page: Page) -> None:
    await reminders_offered(page)
    await page.route("**/s/*/remind", lambda route: route.abort())


async def remind(page: Page) -> None:
    """Open the sheet in which one asks to be reminded."""
    await page.locator("#remind").click()
    await expect(page.get_by_test_id("remind-mail")).to_be_visible()


async def send_reminder(page: Page) -> None:
    await remind(page)
    await page.get_by_test_id("remind-address").fill("nora@example.org")
    await page.get_by_test_id("remind-mail").click()
    await expect(page.get_by_test_id("remind-said")).to_be_visible()


async def press_button(page: Page) -> None:
    await page.locator("main button").click()
    await expect(page.locator("main button")).to_have_count(0)


async def report(page: Page) -> None:
    """Open the sheet in which one reports, and fill it in."""
    await page.locator("#report").click()
    await page.get_by_test_id("report-grounds").select_option("deception")
    await page.get_by_test_id("report-text").fill("This is not the mayor: I know her voice.")


async def report_in_vain(page: Page) -> None:
    await report(page)
    await page.get_by_test_id("report-send").click()
    await expect(page.get_by_test_id("report-sheet").get_by_role("alert")).to_be_visible()


async def send_report(page: Page) -> None:
    await report(page)
    await page.get_by_test_id("report-send").click()
    await expect(page.get_by_test_id("report-link").or_(page.get_by_role("alert"))).to_be_visible()


async def read_captions(page: Page) -> None:
    await play(page)
    await expect(page.get_by_test_id("captions").locator("p").first).to_be_visible()


async def react(page: Page) -> None:
    await read_captions(page)
    await page.get_by_test_id("react-clap").click()
    await expect(page.get_by_test_id("reacted-clap")).not_to_be_empty()


async def hear_music(page: Page) -> None:
    await play(page)
    await expect(page.get_by_test_id("hold")).to_be_visible()


async def enter_wrong_passphrase(page: Page) -> None:
    await page.locator("#phrase").fill("open barley")
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).not_to_be_empty()


async def seen(page: Page, condition: str) -> None:
    await until(lambda: page.evaluate(condition), what=condition, within_s=20)


# Backstage.


def press(*test_ids: str) -> Act:
    """Press these one after the other."""

    async def act(page: Page) -> None:
        for test_id in test_ids:
            await page.get_by_test_id(test_id).first.click()

    return act


def in_space(state: str, *test_ids: str) -> Act:
    """Press these in the console's row of a conversation in that state."""

    async def act(page: Page) -> None:
        row = page.locator(f"[data-testid=space][data-state={state}]").first
        for test_id in test_ids:
            await row.get_by_test_id(test_id).click()

    return act


async def order_worst(page: Page) -> None:
    """Be asked before the ladder is held on the worst case."""
    await page.locator("[data-rung=worst]").get_by_test_id("hold").click()


async def tell_from_the_door(page: Page) -> None:
    """Unfold the notices of the first conversation at the door."""
    await page.get_by_test_id("crowd").first.get_by_test_id("show-notices").click()
    await expect(page.get_by_test_id("notices")).to_be_visible()


async def set_apart(page: Page) -> None:
    """Set places apart in a live conversation, and make a link to them."""
    await in_space("live", "show-reserved")(page)
    await page.get_by_test_id("apart").fill("20")
    await page.get_by_test_id("save-apart").click()
    await page.get_by_test_id("whom").fill("Harbour Radio")
    await page.get_by_test_id("make-reserved").click()
    await expect(page.get_by_test_id("reserved-link").first).to_be_visible()


async def refuse(page: Page) -> None:
    await page.get_by_test_id("handle").fill("nobody")
    await page.get_by_test_id("password").fill("wrong horse battery")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").first).to_contain_text(" ", timeout=JOIN_MS)


async def go_offline(page: Page) -> None:
    await expect(page.get_by_test_id("states").last).to_have_attribute("data-state", "there")
    await page.context.set_offline(True)
    await expect(page.get_by_test_id("states").last).to_have_attribute("data-state", "offline")


async def schedule(page: Page) -> None:
    await page.get_by_test_id("schedule-one").click()
    await page.locator("[data-testid^=visibility] input, input[value=private]").last.check()


async def invite(page: Page) -> None:
    await page.get_by_test_id("invite").click()
    await page.get_by_test_id("make-invitation").click()
    await expect(page.get_by_test_id("invitation-link")).to_be_visible()


async def search_in_vain(page: Page) -> None:
    await page.get_by_test_id("search").fill("nobody of that name")
    await expect(page.get_by_test_id("empty")).to_be_visible()


# In the studio.


async def agree(page: Page) -> None:
    """Accept, as far as that was not done before, and go on to where a microphone is chosen."""
    consent, known = page.get_by_test_id("consent"), page.get_by_test_id("another-microphone")
    await expect(consent.or_(known)).to_be_visible()
    if await known.is_visible():
        await known.click()
    else:
        await consent.check()
        await page.get_by_test_id("accept").click()


async def accept(page: Page) -> None:
    await agree(page)
    await expect(page.get_by_test_id("join").or_(page.get_by_test_id("no-microphone"))).to_be_visible()


async def join(page: Page) -> None:
    await accept(page)
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("stage")).to_have_attribute("data-line", "open", timeout=JOIN_MS)
    await expect(page.locator(".cast li:not(.away)").nth(1)).to_be_visible()


async def run_the_floor(page: Page) -> None:
    await join(page)
    await expect(page.get_by_test_id("request").first).to_be_visible()
    for part in ("inviting", "blocks"):
        await page.get_by_test_id(part).locator("summary").click()


async def unfold_rest(page: Page) -> None:
    """Open whatever is folded up below the people."""
    await join(page)
    for part in ("notices", "pinned", "checks", "music"):
        await page.get_by_test_id(f"fold-{part}").locator("summary").click()
    await expect(page.get_by_test_id("check-of").first).to_be_visible()


async def unfold_acts(page: Page) -> None:
    await join(page)
    await page.get_by_test_id("acts").first.locator("summary").click()


async def ask_to_block(page: Page) -> None:
    await unfold_acts(page)
    await page.get_by_test_id("act-block").first.click()
    await expect(page.get_by_test_id("act-dialog")).to_be_visible()


async def mute(page: Page) -> None:
    await join(page)
    await be_muted(page, "true")


async def be_muted(page: Page, muted: str) -> None:
    """Be muted, or not: it holds for whoever comes again by the same link."""
    button = page.get_by_test_id("mute")
    if await button.get_attribute("data-muted") != muted:
        await button.click()
    await expect(button).to_have_attribute("data-muted", muted)


async def check(page: Page) -> None:
    """Open the sound check."""
    await page.get_by_test_id("check").click()
    await expect(page.get_by_test_id("check-page")).to_be_visible()


async def check_all(page: Page) -> None:
    """Try everything that can be tried."""
    await check(page)
    await page.get_by_test_id("open-microphone").click()
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("recorded")).to_be_visible()
    await page.get_by_test_id("play-bell").click()
    await page.get_by_test_id("not-heard").click()
    await page.get_by_test_id("try-connection").click()
    await tried(page)


async def check_in_vain(page: Page) -> None:
    """Try the connection where none gets through."""
    await check(page)
    await page.get_by_test_id("try-connection").click()
    await tried(page)


async def tried(page: Page) -> None:
    section = page.get_by_test_id("check-connection")
    await expect(section).not_to_have_attribute("data-found", "untried", timeout=2 * JOIN_MS)


async def without_ways(page: Page) -> None:
    """A network that lets no UDP through."""
    await page.add_init_script(
        "globalThis.RTCPeerConnection = class extends RTCPeerConnection {"
        " constructor(given) { super({ ...given, iceTransportPolicy: 'relay' }) } }"
    )


async def push_to_talk(page: Page) -> None:
    """Choose to be heard only while holding."""
    await join(page)
    await be_muted(page, "false")
    await page.get_by_test_id("push-to-talk").check()
    await expect(page.get_by_test_id("talk")).to_be_visible()


async def be_called(page: Page) -> None:
    """A call takes the microphone away."""
    await join(page)
    await page.evaluate("microphone.dispatchEvent(new Event('mute'))")
    await expect(page.get_by_test_id("interrupted")).to_be_visible()
    await expect(page.get_by_test_id("mute")).to_have_attribute("data-muted", "true")


async def keep_microphone(page: Page) -> None:
    """Remember the track that the page is given."""
    await page.add_init_script(
        "const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = async (wish) => {"
        " const stream = await open(wish);"
        " globalThis.microphone = stream.getAudioTracks()[0];"
        " return stream }"
    )


async def listen_while_on_stage(page: Page) -> None:
    """Listen where another tab of this browser is on stage."""
    await page.evaluate("document.cookie = `on_stage=1; Path=${location.pathname}; Max-Age=60`")
    await listen(page)
    await expect(page.get_by_test_id("hushed")).to_be_visible()


async def join_in_vain(page: Page) -> None:
    await accept(page)
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("stage")).to_have_attribute("data-line", "broken", timeout=JOIN_MS)


async def write_caption(page: Page) -> None:
    """One line that is there, and one in the making."""
    field = page.get_by_test_id("caption-field")
    await field.fill("We will take the question from the back first.")
    await page.get_by_test_id("caption-send").click()
    await expect(page.get_by_test_id("written")).to_have_attribute("data-state", "there")
    await field.fill("The lady with the")


async def ask_to_end(page: Page) -> None:
    await join(page)
    await page.get_by_test_id("end").click()
    await expect(page.get_by_test_id("end-dialog")).to_be_visible()
