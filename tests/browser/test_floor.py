"""The floor in real browsers: from a listener's seat to the stage and off again, and a host who vanishes."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

import pytest
from playwright.async_api import Playwright, expect

from harness.acts import keep_microphone
from harness.asking import CONNECT_MS, accepts, asks, goes_on_stage, is_blocked, is_removed, step
from harness.browser import PHONE, Person
from harness.deployment import PASSWORD, Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.signing_in import sign_in
from harness.sound import HIGH_HZ, LOW_HZ
from harness.studio_page import StudioPage
from harness.voices import speaking
from harness.waiting import until
from rostra.rehearsal.sound import Tone
from rostra.store.database import database_path

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PATIENCE_S = 4


async def test_a_listener_asks_speaks_is_muted_and_removed_and_blocked_and_a_cohost_takes_over(
    tmp_path: Path, playwright: Playwright, low_voice: Path, high_voice: Path
) -> None:
    async with Deployment(tmp_path, host_patience_s=PATIENCE_S) as site, Evening(site) as evening:
        async with (
            Person(playwright, "host", microphone=low_voice) as ann,
            Person(playwright, "listener", microphone=high_voice) as lea,
            Person(playwright, "cohost", microphone=low_voice) as cleo,
        ):
            host, page, cohost = StudioPage(ann), EventPage(lea, site, evening.space), StudioPage(cleo)
            await host.enter((await evening.link("host", "Ann")).url)
            await host.go_live()
            await evening.until_served()
            await page.open()
            await page.press_listen()
            await lea.until_hears(LOW_HZ, within_s=15)

            await asks(lea, name="Lea Brand")
            await thinks_better_of_it(ann, lea)
            await asks(lea, name="Lea Brand")
            await accepts(ann, "Lea Brand")
            await goes_on_stage(lea)
            await ann.until_hears(HIGH_HZ, within_s=20)
            assert (await page.probe())["state"] == "off"
            await lea.until_hears(LOW_HZ, within_s=15)
            await expect(lea.page.locator("#people")).to_contain_text("guest", timeout=CONNECT_MS)

            await is_muted_and_heard_again(ann, lea)
            await nobody_else_opens_her_microphone(ann, lea)
            await is_removed(ann, lea)
            await lea.until_hears(LOW_HZ, within_s=30)
            await is_blocked(ann, lea)
            assert lea.complaints == []

            await cohost.enter((await evening.link("cohost", "Cleo")).url)
            browser = ann.page.context.browser
            assert browser is not None
            await browser.close()
            await expect(cleo.page.get_by_test_id("acting")).to_be_visible(timeout=CONNECT_MS)
            await reads_what_was_done(cleo)
            assert (await evening.status())["state"] == "live"
            await cohost.end()
            await cohost.until_over(within_s=30)
            assert cleo.complaints == []


@pytest.mark.long
async def test_an_operator_locks_and_ends_somebody_elses_stage_for_a_reason_that_the_audience_reads(
    tmp_path: Path, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Deployment(tmp_path) as site,
        Evening(site) as evening,
        Person(playwright, "operator", microphone=low_voice) as olga,
        Person(playwright, "listener") as lea,
    ):
        bob = {"handle": "bob", "name": "Bob", "password": PASSWORD}
        await evening.call("POST", "/accounts", bob)
        made = await evening.call("POST", "/spaces", {"title": "Bob's", "host": "bob"})
        evening.space = made["id"]
        await sign_in(olga.page, site.control)
        studio = StudioPage(olga)
        await studio.enter(f"{site.control}/studio/{evening.space}")
        await studio.go_live()
        page = EventPage(lea, site, evening.space)
        await page.open()
        hears = await lea.another_tab()
        await hears.goto(lea.page.url)
        await hears.get_by_test_id("listen").click()
        await hears.wait_for_function("() => window.rostra?.scene === 'playing'")

        await explains(olga, "lock", "Too many strangers")
        await expect(olga.page.get_by_test_id("locked")).to_contain_text("Too many strangers")
        await expect(lea.page.get_by_text("Too many strangers")).to_be_visible(timeout=CONNECT_MS)
        await hears.get_by_test_id("ask").click()
        await expect(hears.get_by_test_id("speaking")).to_have_attribute("data-step", "locked")
        await expect(hears.get_by_text("Too many strangers")).to_be_visible()
        await hears.get_by_test_id("speaking").get_by_role("button").click()
        await expect(hears.get_by_test_id("ask")).to_be_hidden()
        await explains(olga, "end", "It is an advertisement")
        await expect(lea.page.get_by_text("It is an advertisement")).to_be_visible(timeout=CONNECT_MS)
        assert (olga.complaints, lea.complaints) == ([], [])


@pytest.mark.long
async def test_a_host_who_is_suspended_reads_that_what_they_had_live_is_over(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", microphone=low_voice) as bob:
        handle = f"bob{token_hex(4)}"
        await evening.call("POST", "/accounts", {"handle": handle, "name": handle, "password": PASSWORD})
        evening.space = (await evening.call("POST", "/spaces", {"title": "Bob's", "host": handle}))["id"]
        await sign_in(bob.page, site.control, handle)
        studio = StudioPage(bob)
        await studio.enter(f"{site.control}/studio/{evening.space}")
        await studio.go_live()
        await evening.call("POST", f"/accounts/{handle}/suspend", {"reason": "Spam."})
        await expect(bob.page.get_by_test_id("ended")).to_be_visible(timeout=CONNECT_MS)
        await expect(bob.page.get_by_text("opens here by itself")).to_have_count(0)


@pytest.mark.long
async def test_a_host_reads_what_is_so_of_a_lock_and_of_handing_over_and_ends_from_the_console(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", microphone=low_voice) as bob:
        handle = f"bob{token_hex(4)}"
        await evening.call("POST", "/accounts", {"handle": handle, "name": handle, "password": PASSWORD})
        evening.space = (await evening.call("POST", "/spaces", {"title": "Bob's", "host": handle}))["id"]
        lock = f"/spaces/{evening.space}/floor/lock"
        await sign_in(bob.page, site.control, handle)
        studio = StudioPage(bob)
        async with speaking(evening, Tone(HIGH_HZ), role="speaker", name="Sam"):
            await studio.enter(f"{site.control}/studio/{evening.space}")
            await studio.go_live()
            await asks_by_the_door(evening, "Lea Brand")
            await evening.call("PUT", lock, {"reason": "Too many strangers."})
            locked = bob.page.get_by_test_id("locked")
            await expect(locked).to_contain_text("Only an operator can unlock it.", timeout=CONNECT_MS)
            await expect(bob.page.get_by_test_id("mute-all")).to_be_visible()
            await expect(bob.page.get_by_test_id("unlock")).to_have_count(0)
            refused = bob.page.get_by_text("Unlock it first")
            await bob.page.get_by_test_id("accept-request").click()
            await expect(refused).to_be_visible()
            await evening.call("DELETE", lock)
            await expect(bob.page.get_by_test_id("lock")).to_be_visible(timeout=CONNECT_MS)
            await expect(refused).to_have_count(0)
            await bob.page.get_by_test_id("acts").locator("summary").click()
            await bob.page.get_by_test_id("act-hand-over").click()
            asked = bob.page.get_by_test_id("act-dialog")
            await expect(asked).to_contain_text("they, too, can then end this")
            await expect(asked).to_contain_text("can take the role back")
            await bob.page.get_by_test_id("act-keep").click()
        await bob.page.goto(f"{site.control}/console")
        await bob.page.get_by_test_id("own-lock").click()
        await bob.page.get_by_test_id("operate-confirm").click()
        await bob.page.get_by_test_id("own-unlock").click()
        await expect(bob.page.get_by_test_id("own-lock")).to_be_visible()
        await bob.page.get_by_test_id("own-end").click()
        await bob.page.get_by_test_id("end-confirm").click()
        await evening.until_state("published")
        assert bob.complaints == []


@pytest.mark.long
async def test_a_guest_who_was_let_speak_and_does_not_come_reads_it_and_asks_again(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Evening(site) as evening,
        Person(playwright, "host", microphone=low_voice) as ann,
        Person(playwright, "guest") as lea,
    ):
        host, coming = StudioPage(ann), ann.page.get_by_test_id("coming")
        await host.enter((await evening.link("host", "Ann")).url)
        await EventPage(lea, site, evening.space).open()
        await asks(lea, name="Lea Brand")
        await accepts(ann, "Lea Brand")
        await expect(step(lea)).to_have_attribute("data-step", "consent", timeout=CONNECT_MS)
        with closing(sqlite3.connect(database_path(site.data))) as database:
            database.execute("update floor_requests set decided_at = decided_at - 120000")
            database.commit()
        await asks_by_the_door(evening, "Otto Groot")
        await expect(step(lea).get_by_role("heading")).to_have_text(
            "Your turn has passed.", timeout=CONNECT_MS
        )
        await expect(coming).to_contain_text("Did not come within two minutes", timeout=CONNECT_MS)
        await expect(ann.page.get_by_test_id("take-back-coming")).to_have_count(0)
        await lea.page.get_by_test_id("ask-again").click()
        await expect(step(lea)).to_have_attribute("data-step", "ask")


@pytest.mark.long
async def test_a_speaker_whose_block_is_lifted_comes_back_on_the_page_that_stood_open_and_by_the_link(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "speaker", microphone=low_voice) as sam:
        studio, link = StudioPage(sam), (await evening.link("speaker", "Sam")).url
        await studio.enter(link)
        floor = f"/spaces/{evening.space}/floor"
        there = await evening.call("GET", f"/spaces/{evening.space}/stage")
        (speaker,) = [each["speaker"] for each in there["speakers"]]

        async def lift() -> None:
            (block,) = (await evening.call("GET", f"{floor}/blocks"))["blocks"]
            await evening.call("DELETE", f"{floor}/blocks/{block['id']}")

        await evening.call("POST", f"{floor}/speakers/{speaker}/block", {"everywhere": False})
        off = sam.page.get_by_test_id("off")
        await expect(off).to_contain_text("opens here by itself", timeout=CONNECT_MS)
        await lift()
        await expect(off).to_contain_text("This was lifted", timeout=CONNECT_MS)
        await expect(off).not_to_contain_text("blocked")
        await sam.page.get_by_test_id("come-back").click()
        await studio.join()
        await evening.call("POST", f"{floor}/speakers/{speaker}/block", {"everywhere": False})
        await sam.page.goto(link)
        refused = sam.page.get_by_test_id("refused")
        await expect(refused.get_by_test_id("event-page-link")).to_be_visible(timeout=CONNECT_MS)
        await lift()
        await expect(sam.page.get_by_test_id("go-on")).to_be_visible(timeout=CONNECT_MS)
        await sam.page.get_by_test_id("go-on").click()
        await studio.until_connected()
        await evening.call("DELETE", f"{floor}/speakers/{speaker}")
        await sam.page.reload()
        await expect(refused.get_by_test_id("event-page-link")).to_be_visible(timeout=CONNECT_MS)
        await expect(refused).not_to_contain_text("opens here by itself")


async def explains(olga: Person, act: str, reason: str) -> None:
    """Nothing happens until there is a reason."""
    await olga.page.get_by_test_id(act).click()
    confirm = olga.page.get_by_test_id(f"{act}-confirm")
    await confirm.click()
    await expect(olga.page.get_by_test_id(f"{act}-dialog")).to_be_visible()
    await olga.page.get_by_test_id(f"{act}-reason").fill(reason)
    await confirm.click()
    await expect(olga.page.get_by_test_id(f"{act}-dialog")).to_have_count(0)


@pytest.mark.long
async def test_a_guest_on_the_event_page_is_told_of_a_call_and_unplugging_and_stays_on_a_stage_that_moves(
    tmp_path: Path, playwright: Playwright, low_voice: Path, high_voice: Path
) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with (
            Evening(site, title="Second hall") as second,
            Person(playwright, "host", microphone=low_voice) as ann,
            Person(playwright, "guest", microphone=high_voice) as lea,
        ):
            host, page = StudioPage(ann), EventPage(lea, site, evening.space)
            await host.enter((await evening.link("host", "Ann")).url)
            await host.go_live()
            await evening.until_served()
            await keep_microphone(lea.page)
            await page.open()
            await asks(lea, name="Lea Brand")
            await accepts(ann, "Lea Brand")
            await goes_on_stage(lea)
            await ann.until_hears(HIGH_HZ, within_s=20)

            other = await lea.another_tab()
            await other.goto(lea.page.url)
            await other.get_by_test_id("listen").click()
            await expect(other.get_by_test_id("hushed")).to_be_visible(timeout=CONNECT_MS)

            await is_called(ann, lea)
            await changes_an_unplugged_microphone(lea)
            await ann.until_hears(HIGH_HZ, within_s=20)
            await expect(lea.page.get_by_test_id("own-quality")).to_be_visible(timeout=CONNECT_MS)

            await evening.call("POST", f"/spaces/{evening.space}/move", {"to": second.space})
            await expect(lea.page.locator("#moved")).to_be_visible(timeout=CONNECT_MS)
            await expect(lea.page.get_by_test_id("on-stage")).to_have_attribute("data-line", "open")
            await ann.until_hears(HIGH_HZ, within_s=5)
            await lea.page.get_by_test_id("step-down").click()
            await expect(other.get_by_test_id("hushed")).to_be_hidden(timeout=CONNECT_MS)
            await second.go_live()
            await expect(lea.page.locator("#title")).to_have_text("Second hall", timeout=CONNECT_MS)
            assert lea.complaints == []


@pytest.mark.long
async def test_whose_name_was_taken_meanwhile_chooses_another_and_comes_on_stage(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "first", microphone=low_voice) as person:
        first, second = StudioPage(person), StudioPage(person)
        second.page = await person.another_page()
        for studio in (first, second):
            await studio.accept((await evening.link("speaker", "Alex")).url)
        await first.join()
        await second.page.get_by_test_id("join").click()
        await second.says("This name looks like that of somebody else here")
        await second.page.get_by_test_id("name").fill("Alex Brand")
        await second.page.get_by_test_id("consent").check()
        await second.page.get_by_test_id("accept").click()
        await second.join()
        await expect(first.page.get_by_test_id("person")).to_have_count(2)
        assert person.complaints == []


@pytest.mark.long
async def test_a_guest_on_the_event_page_whom_new_terms_take_off_accepts_them_and_speaks_again(
    site: Deployment, playwright: Playwright, high_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "guest", microphone=high_voice) as lea:
        space = f"/spaces/{evening.space}"

        async def is_on_stage() -> bool:
            return bool((await evening.call("GET", f"{space}/stage"))["speakers"])

        await evening.call("PATCH", space, {"recording_policy": "delete"})
        await EventPage(lea, site, evening.space).open()
        await asks(lea, name="Lea Brand")
        (waiting,) = (await evening.call("GET", f"{space}/stage"))["requests"]
        await evening.call("POST", f"{space}/floor/requests/{waiting['request']}/accept")
        await goes_on_stage(lea)
        await until(is_on_stage, what="backstage knows that she is on stage", within_s=10)
        await evening.call("PATCH", space, {"recording_policy": "publish"})
        told = step(lea).get_by_text("The terms of this conversation have changed")
        await expect(told).to_be_visible(timeout=CONNECT_MS)
        await goes_on_stage(lea)
        assert lea.complaints == []


@pytest.mark.long
async def test_whoever_is_invited_by_name_is_told_where_they_are_about_to_ask(
    site: Deployment, playwright: Playwright
) -> None:
    async with Evening(site) as evening, Person(playwright, "uma") as uma:
        handle = await is_about_to_ask(uma, evening)
        await evening.call("POST", f"/spaces/{evening.space}/floor/invite", {"handle": handle})
        await expect(step(uma)).to_have_attribute("data-step", "seated", timeout=CONNECT_MS)
        assert uma.complaints == []


@pytest.mark.long
async def test_whoever_is_invited_by_name_reads_so_on_the_page_that_stands_open_and_nobody_elses_page_asks(
    site: Deployment, playwright: Playwright
) -> None:
    async with (
        Evening(site) as evening,
        Person(playwright, "uma") as uma,
        Person(playwright, "guest") as gus,
    ):
        asked: list[str] = []
        gus.page.on("request", lambda request: asked.append(request.url))
        await EventPage(gus, site, evening.space).open()
        handle = await is_signed_in(uma, evening)
        page, invited = EventPage(uma, site, evening.space), uma.page.get_by_test_id("invited")
        await page.open()
        await expect(uma.page.get_by_test_id("ask")).to_be_visible()
        await evening.call("POST", f"/spaces/{evening.space}/floor/invite", {"handle": handle})
        await expect(invited).to_contain_text("You are invited to speak here.", timeout=CONNECT_MS)
        await expect(uma.page.get_by_test_id("ask")).to_have_count(0)
        await invited.get_by_role("link").click()
        await expect(uma.page).to_have_url(f"{site.control}/studio/{evening.space}")
        await expect(uma.page.get_by_test_id("consent")).to_be_visible(timeout=CONNECT_MS)
        assert not [address for address in asked if address.startswith(site.control)]
        assert (uma.complaints, gus.complaints) == ([], [])


@pytest.mark.long
async def test_whoever_is_signed_in_asks_though_backstage_restarted_while_they_wrote(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with (
        Deployment(tmp_path) as site,
        Evening(site) as evening,
        Person(playwright, "uma") as uma,
    ):
        await is_about_to_ask(uma, evening)
        await site.replaced("control-0", await site.kill("control-0"))
        await until(site.is_ready, what="backstage answers again", within_s=30)
        await uma.page.get_by_test_id("ask-send").click()
        await expect(step(uma)).to_have_attribute("data-step", "waiting", timeout=CONNECT_MS)


@pytest.mark.long
async def test_a_host_declines_everybody_who_asks_at_once(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "host", microphone=low_voice) as ann:
        host = StudioPage(ann)
        await host.enter((await evening.link("host", "Ann")).url)
        for name in ("Lea Brand", "Otto Groot"):
            await asks_by_the_door(evening, name)
        await expect(ann.page.get_by_test_id("request")).to_have_count(2, timeout=CONNECT_MS)
        await sees_wherever_she_is_that_two_ask(ann)
        await ann.page.get_by_test_id("block-request").last.click()
        await ann.page.get_by_test_id("block-keep").click()
        await expect(ann.page.get_by_test_id("request")).to_have_count(2)
        await ann.page.get_by_test_id("block-request").last.click()
        await expect(ann.page.get_by_test_id("block-dialog")).to_contain_text(
            "Otto Groot reads that they are blocked"
        )
        await ann.page.get_by_test_id("block-confirm").click()
        await expect(ann.page.get_by_test_id("request")).to_have_count(1)
        await asks_by_the_door(evening, "Kim Roe")
        await expect(ann.page.get_by_test_id("request")).to_have_count(2, timeout=CONNECT_MS)
        await ann.page.get_by_test_id("decline-all").click()
        await ann.page.get_by_test_id("decline-all-confirm").click()
        await expect(ann.page.get_by_test_id("request")).to_have_count(0)
        await expect(ann.page.get_by_test_id("to-queue")).to_have_count(0)
        await expect(ann.page).to_have_title(re.compile(r"^The evening"))
        assert ann.complaints == []


async def asks_by_the_door(evening: Evening, name: str) -> None:
    about = {"id": sha256(name.encode()).hexdigest(), "name": name, "browser": name}
    answer = await evening.http.post(f"{evening.site.door}/s/{evening.space}/ask", json=about)
    assert answer.status_code == 202, answer.text


async def sees_wherever_she_is_that_two_ask(ann: Person) -> None:
    """At the foot of a phone's window as well, and in the title, which other tabs show; it leads there."""
    await ann.page.set_viewport_size(PHONE)
    await ann.page.evaluate("scrollTo(0, 0)")
    asking = ann.page.get_by_test_id("to-queue")
    await expect(asking).to_be_in_viewport(ratio=1)
    await expect(asking).to_have_text("2 ask to speak")
    await expect(ann.page).to_have_title(re.compile(r"^\(2\) The evening"))
    await expect(ann.page.locator("#floor")).not_to_be_in_viewport()
    await asking.click()
    await expect(ann.page.locator("#floor")).to_be_focused()
    await expect(ann.page.get_by_test_id("request").first).to_be_in_viewport(ratio=1)
    await expect(asking).to_be_hidden()  # it would lie over those who ask


@pytest.mark.long
async def test_who_was_let_speak_is_seen_coming_and_told_when_that_is_taken_back(
    site: Deployment, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Evening(site) as evening,
        Person(playwright, "host", microphone=low_voice) as ann,
        Person(playwright, "guest") as lea,
    ):
        host, coming = StudioPage(ann), ann.page.get_by_test_id("coming")
        await host.enter((await evening.link("host", "Ann")).url)
        await EventPage(lea, site, evening.space).open()
        await asks(lea, name="Lea Brand")
        await accepts(ann, "Lea Brand")
        await expect(coming).to_contain_text("Lea Brand")
        await expect(step(lea)).to_have_attribute("data-step", "consent", timeout=CONNECT_MS)
        await lea.page.get_by_test_id("consent").check()
        await lea.page.get_by_test_id("accept").click()
        await expect(step(lea)).to_have_attribute("data-step", "microphone", timeout=CONNECT_MS)
        await ann.page.get_by_test_id("take-back-coming").press("Enter")
        await expect(coming).to_have_count(0)
        await expect(ann.page.get_by_text("Lea Brand is not let speak any more.")).to_be_visible()
        await expect(ann.page.locator("#floor")).to_be_focused()
        await expect(step(lea)).to_have_attribute("data-step", "declined", timeout=CONNECT_MS)
        await step(lea).get_by_role("button").click()
        await asks(lea, name="Lea Brand")
        await accepts(ann, "Lea Brand")
        await expect(coming).to_contain_text("Lea Brand")
        assert (ann.complaints, lea.complaints) == ([], [])


@pytest.mark.long
async def test_who_stepped_down_and_whose_link_is_taken_back_is_not_told_that_they_were_declined(
    site: Deployment, playwright: Playwright, high_voice: Path
) -> None:
    async with Evening(site) as evening, Person(playwright, "guest", microphone=high_voice) as lea:
        space = f"/spaces/{evening.space}"
        await EventPage(lea, site, evening.space).open()
        await asks(lea, name="Lea Brand")
        (waiting,) = (await evening.call("GET", f"{space}/stage"))["requests"]
        await evening.call("POST", f"{space}/floor/requests/{waiting['request']}/accept")
        await goes_on_stage(lea)
        await lea.page.get_by_test_id("step-down").click()
        await expect(step(lea)).to_have_attribute("data-step", "left", timeout=CONNECT_MS)
        (link,) = (await evening.call("GET", f"{space}/links"))["links"]
        await evening.call("DELETE", f"{space}/links/{link['id']}")
        await expect(step(lea)).to_have_attribute("data-step", "off", timeout=CONNECT_MS)
        await expect(step(lea).get_by_role("alert")).to_contain_text("This link or token is not valid")
        assert lea.complaints == []


@pytest.mark.long
async def test_who_was_blocked_signed_in_is_no_new_guest_once_they_sign_out(
    site: Deployment, playwright: Playwright
) -> None:
    async with Evening(site) as evening, Person(playwright, "member") as uma:
        space = f"/spaces/{evening.space}"
        handle = await is_about_to_ask(uma, evening)
        await evening.call("POST", f"{space}/floor/invite", {"handle": handle})
        async with uma.page.expect_response("**/stage/consent") as accepted:
            await StudioPage(uma).accept(f"{site.control}/studio/{evening.space}")
        speaker = (await (await accepted.value).json())["speaker"]
        await evening.call("POST", f"{space}/floor/speakers/{speaker}/block", {"everywhere": True})
        await uma.page.context.clear_cookies(name="rostra_session")
        await EventPage(uma, site, evening.space).open()
        await uma.page.get_by_test_id("ask").click()
        await uma.page.get_by_test_id("ask-name").fill("Somebody Else")
        await uma.page.get_by_test_id("ask-send").click()
        await expect(uma.page.get_by_test_id("ask-problem")).to_contain_text(
            "this browser and the invitation"
        )


async def is_signed_in(uma: Person, evening: Evening) -> str:
    """With an account of her own; return her handle."""
    handle = f"uma{token_hex(4)}"
    await evening.call("POST", "/accounts", {"handle": handle, "name": handle, "password": PASSWORD})
    await sign_in(uma.page, evening.site.control, handle)
    return handle


async def is_about_to_ask(uma: Person, evening: Evening) -> str:
    """Signed in, with the form before her; return her handle."""
    handle = await is_signed_in(uma, evening)
    await EventPage(uma, evening.site, evening.space).open()
    await uma.page.get_by_test_id("ask").click()
    await expect(step(uma)).to_have_attribute("data-step", "ask")
    return handle


async def is_called(ann: Person, lea: Person) -> None:
    """The system takes the microphone away and gives it back: muted until its owner undoes that."""
    await lea.page.evaluate("microphone.dispatchEvent(new Event('mute'))")
    await expect(lea.page.get_by_test_id("interrupted")).to_contain_text("you are muted")
    await ann.until_hears(within_s=15)
    await lea.page.evaluate("microphone.dispatchEvent(new Event('unmute'))")
    await expect(lea.page.get_by_test_id("interrupted")).to_contain_text("Your microphone is back")
    await lea.page.get_by_test_id("mute").click()
    await expect(lea.page.get_by_test_id("interrupted")).to_have_count(0)
    await ann.until_hears(HIGH_HZ, within_s=15)


async def changes_an_unplugged_microphone(lea: Person) -> None:
    await lea.page.evaluate("microphone.dispatchEvent(new Event('ended'))")
    told = step(lea).get_by_text("The microphone is gone")
    await expect(told).to_be_visible()
    await lea.page.get_by_test_id("microphone-again").click()
    await expect(told).to_have_count(0)
    await expect(lea.page.get_by_test_id("microphone-again")).to_have_count(0)
    await lea.page.evaluate("microphone.dispatchEvent(new Event('ended'))")
    await expect(told).to_be_visible()
    menu = lea.page.get_by_test_id("on-stage").locator("select")
    await menu.select_option(index=await menu.locator("option").count() - 1)
    await expect(told).to_have_count(0)


async def thinks_better_of_it(ann: Person, lea: Person) -> None:
    await expect(ann.page.get_by_test_id("request")).to_have_count(1, timeout=CONNECT_MS)
    await lea.page.get_by_test_id("withdraw").click()
    await expect(ann.page.get_by_test_id("request")).to_have_count(0, timeout=CONNECT_MS)


async def is_muted_and_heard_again(ann: Person, lea: Person) -> None:
    await ann.page.get_by_test_id("mute-one").click()
    await ann.until_hears(within_s=15)
    await expect(lea.page.get_by_test_id("own-state")).to_contain_text("The host muted you")
    await expect(lea.page.get_by_role("status").filter(has_text="The host muted you")).to_have_count(1)
    await expect(lea.page.get_by_role("heading", name="You are on stage, muted by a host")).to_be_visible()
    await expect(lea.page.get_by_test_id("mute")).to_be_disabled()
    await ann.page.get_by_test_id("mute-one").click()
    await ann.until_hears(HIGH_HZ, within_s=15)


async def nobody_else_opens_her_microphone(ann: Person, lea: Person) -> None:
    """She mutes herself; the host has no way to undo that, and takes back no more than their own mute."""
    how, mute_one = lea.page.get_by_test_id("own-state"), ann.page.get_by_test_id("mute-one")
    await lea.page.get_by_test_id("mute").click()
    await ann.until_hears(within_s=15)
    await expect(mute_one).to_have_text(re.compile("^Mute"))
    await mute_one.click()
    await expect(how).to_contain_text("The host muted you")
    await expect(mute_one).to_have_text(re.compile("^Unmute"))
    await mute_one.click()
    await expect(how).to_have_text("You are muted: nobody hears you.")
    await ann.until_hears(within_s=15)
    await lea.page.get_by_test_id("mute").click()
    await ann.until_hears(HIGH_HZ, within_s=15)


async def reads_what_was_done(cleo: Person) -> None:
    """Whoever leads has the record of the stage at hand."""
    await cleo.page.get_by_test_id("fold-record").locator("summary").click()
    record = cleo.page.get_by_test_id("audit")
    for line in ("A co-host acts as host", "Blocked from this stage", "Let somebody speak", "Asked to speak"):
        await expect(record).to_contain_text(line)
    await expect(record).not_to_contain_text("Conversation scheduled")
