"""Being reminded, in a real browser: by calendar, push and mail; and a start that moves while one waits."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import icalendar
import pytest
from playwright.async_api import Page, Playwright, expect

from harness.browser import Person
from harness.deployment import Deployment
from harness.evening import Evening
from harness.event_page import EventPage
from harness.post_office import PostOffice, post_office
from harness.push_service import PushService, Receiver, push_service
from harness.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WITHIN_S = 2.0
"""From the API's answer until it stands on the page."""
PATIENCE_MS = 30_000
SUBSCRIBES = """subscription => {
  PushManager.prototype.subscribe = async () => ({ toJSON: () => subscription })
}"""
"""Browsers' own services are out of reach of a test; all else of subscribing is real."""
SHOWS = """async () => {
  const registration = await navigator.serviceWorker.getRegistration('/remind/')
  return (await registration.getNotifications()).map(({ title, body, data }) => ({ title, body, data }))
}"""
SHOWN = "words => document.body.innerText.includes(words) && Date.now()"


@pytest.mark.long
async def test_a_visitor_is_reminded_and_sees_another_start_while_they_wait(
    tmp_path: Path, playwright: Playwright
) -> None:
    starts_at = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=30)
    async with (
        post_office() as office,
        push_service() as service,
        Deployment(
            tmp_path, smtp_url=office.url, mail_from="site@example.org", push_hosts='["127.0.0.1"]'
        ) as site,
        Evening(site, title="Tonight", starts_at=starts_at.isoformat()) as evening,
        Person(playwright, "visitor") as vera,
    ):
        page = EventPage(vera, site, evening.space)
        await page.open()
        await page.press_listen()
        await page.until_scene("armed", within_s=10)
        before = await calendar_of(site, evening)
        await remind_by_calendar(vera.page, evening)
        phone = await remind_by_push(vera.page, service)
        await remind_by_mail(vera.page, office)
        await see_another_start(vera.page, evening, starts_at + timedelta(minutes=30))
        after = await calendar_of(site, evening)
        assert (after["UID"], after.decoded("DTSTART")) == (
            before["UID"],
            starts_at + timedelta(minutes=30),
        )
        assert after["SEQUENCE"] > before["SEQUENCE"]
        assert len(after.walk("VALARM")) == 1
        await until(now(lambda: bool(service.pushed)), what="it is pushed", within_s=30)
        message = phone.open(service.pushed[0].body)
        assert message["title"] == "Another time: Tonight"
        await show(vera.page, site, message)
        await forget(vera.page, office)
        assert vera.complaints == []


def now(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return condition()

    return holds


async def calendar_of(site: Deployment, evening: Evening) -> icalendar.Event:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{site.door}/s/{evening.space}/event.ics")
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return event


async def remind_by_calendar(page: Page, evening: Evening) -> None:
    await page.locator("#remind").click()
    await expect(page.get_by_test_id("remind-sheet")).to_be_visible()
    async with page.expect_download() as downloading:
        await page.get_by_test_id("remind-ics").click()
    assert (await downloading.value).suggested_filename == f"{evening.space}.ics"


async def remind_by_push(page: Page, service: PushService) -> Receiver:
    phone = Receiver()
    await page.context.grant_permissions(["notifications"])
    await page.evaluate(SUBSCRIBES, {"endpoint": service.endpoint("phone"), "keys": phone.keys})
    await page.get_by_test_id("remind-push").click()
    await expect(page.get_by_test_id("remind-said")).to_have_text("This browser will tell you.")
    await expect(page.get_by_test_id("remind-forget")).to_be_visible()
    return phone


async def remind_by_mail(page: Page, office: PostOffice) -> None:
    for odd in ("", "vera@"):
        await page.get_by_test_id("remind-address").fill(odd)
        await page.get_by_test_id("remind-mail").click()
        await expect(page.get_by_test_id("remind-said")).to_contain_text("Check the address.")
        await expect(page.get_by_test_id("remind-address")).to_be_focused()
    await page.get_by_test_id("remind-address").fill("vera@example.org")
    await page.get_by_test_id("remind-mail").click()
    await expect(page.get_by_test_id("remind-said")).to_contain_text("Check your mail")
    await until(now(lambda: len(office.letters) == 1), what="the question comes", within_s=20)
    link = next(line for line in office.letters[0].get_content().split() if "/remind?t=" in line)
    reader = await page.context.new_page()
    await reader.goto(link)
    await reader.get_by_role("button", name="Yes, remind me").click()
    await expect(reader.get_by_role("heading", name="We will remind you")).to_be_visible()
    await reader.close()
    await page.keyboard.press("Escape")


async def see_another_start(page: Page, evening: Evening, starts_at: datetime) -> None:
    words = "Moved from 8:00 am to 8:30 am."
    assert words not in await page.inner_text("body")
    body = {"starts_at": starts_at.isoformat()}
    seeing = asyncio.create_task(page.wait_for_function(SHOWN, arg=words, polling=50, timeout=PATIENCE_MS))
    await evening.call("PATCH", f"/spaces/{evening.space}", body)
    told_s = time.time()
    await until(partial(is_moved, evening, starts_at), what="the status has it", within_s=WITHIN_S)
    seen_s = float(await (await seeing).json_value()) / 1000
    assert seen_s - told_s < WITHIN_S
    assert await page.evaluate("window.rostra.scene") == "armed"
    async with httpx.AsyncClient(trust_env=False) as http:
        feed = (await http.get(f"{evening.site.door}/feed.atom")).text
        page_text = (await http.get(f"{evening.site.door}/s/{evening.space}")).text
    assert "8:30" in feed
    assert words in page_text


async def is_moved(evening: Evening, starts_at: datetime) -> bool:
    return bool((await evening.status())["starts_at"] == starts_at.timestamp() * 1000)


async def show(page: Page, site: Deployment, message: dict[str, str]) -> None:
    """Have the browser hand the message to its worker, as it does when one is pushed."""
    devtools = await page.context.new_cdp_session(page)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(each["registrationId"] for each in told["registrations"]),
    )
    await devtools.send("ServiceWorker.enable")
    await until(now(lambda: bool(registrations)), what="the worker is known", within_s=15)
    pushed = {"origin": site.door, "registrationId": registrations[0], "data": json.dumps(message)}
    await devtools.send("ServiceWorker.deliverPushMessage", pushed)

    async def stands_there() -> bool:
        shown = await page.evaluate(SHOWS)
        expected = {"title": message["title"], "body": message["body"], "data": message["url"]}
        return bool(shown and expected.items() <= shown[0].items())

    await until(stands_there, what="the notification is shown", within_s=15)


async def forget(page: Page, office: PostOffice) -> None:
    """By a press on the page, and by one in a mail."""
    await page.locator("#remind").click()
    await page.get_by_test_id("remind-forget").click()
    await expect(page.get_by_test_id("remind-said")).to_contain_text("You are forgotten")
    await expect(page.get_by_test_id("remind-push")).to_be_visible()
    await until(now(lambda: len(office.letters) == 2), what="the mail comes", within_s=30)
    one_click = office.letters[1]["List-Unsubscribe"].strip(" <>")
    async with httpx.AsyncClient(trust_env=False) as http:
        for status in (200, 404):
            answer = await http.post(one_click, data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == status
