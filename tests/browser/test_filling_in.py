"""Forms and questions by keyboard: where the focus is, what is sent, and in whose words a field is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, Playwright, Request, Route, expect

from harness.browser import Person
from harness.deployment import OPERATOR, PASSWORD, Deployment

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

FAR = "2031-01-02T01:00:00Z"
DESCRIBED = """(element) => element.getAttribute('aria-describedby').split(' ')
  .map((id) => document.getElementById(id).textContent).join(' ')"""
WRONG = "(element) => element.validationMessage"


@pytest_asyncio.fixture
async def olga(site: Deployment, playwright: Playwright) -> AsyncIterator[Person]:
    """The operator, signed in."""
    async with Person(playwright, "operator") as olga:
        await call(site, olga.page, "POST", "/session", {"handle": OPERATOR, "password": PASSWORD})
        yield olga


async def call(site: Deployment, page: Page, method: str, path: str, body: object) -> None:
    headers = {"origin": site.control}
    answer = await page.request.fetch(
        f"{site.control}/api/v1{path}", method=method, data=body, headers=headers
    )
    assert answer.ok, await answer.text()


async def test_a_question_before_what_cannot_be_undone_says_what_it_is_and_keeps_at_a_press_too_many(
    site: Deployment, olga: Person
) -> None:
    page = olga.page
    await call(site, page, "POST", "/spaces", {"title": "Kept", "starts_at": FAR, "time_zone": "UTC"})
    await page.goto(f"{site.control}/console")
    await page.get_by_test_id("cancel").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_test_id("cancel-dialog")
    await expect(page.get_by_test_id("cancel-keep")).to_be_focused()
    assert await dialog.evaluate(DESCRIBED) == await dialog.locator("p").first.inner_text()
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_test_id("cancel")).to_be_focused()
    await expect(page.get_by_test_id("space")).to_have_attribute("data-state", "scheduled")
    await page.get_by_test_id("operator-hide").click()
    await expect(page.get_by_test_id("reason")).to_be_focused()
    assert olga.complaints == []


async def test_an_operator_who_ends_what_is_somebody_elses_reads_what_becomes_of_the_recording(
    site: Deployment, olga: Person
) -> None:
    page = olga.page
    await call(site, page, "POST", "/accounts", {"handle": "hanna", "name": "Hanna", "password": "p" * 16})
    async with httpx.AsyncClient(
        base_url=site.control, headers={"origin": site.control}, trust_env=False
    ) as hanna:
        await hanna.post("/api/v1/session", json={"handle": "hanna", "password": "p" * 16})
        made = await hanna.post("/api/v1/spaces", json={"title": "Hers", "recording_policy": "hold"})
        space = made.json()["id"]
        assert (await hanna.post(f"/api/v1/spaces/{space}/live")).status_code == 200
    await page.goto(f"{site.control}/console")
    await page.get_by_test_id("operator-end").click()
    await expect(page.get_by_test_id("end-dialog")).to_contain_text("held until the host releases it")
    await page.get_by_test_id("end-reason").fill("Fire drill")
    await page.get_by_test_id("end-confirm").click()
    await expect(page.locator(f'[data-space="{space}"]')).to_have_attribute("data-state", "held")
    assert olga.complaints == []


async def test_by_keyboard_the_focus_goes_on_where_what_was_pressed_is_taken_away(
    site: Deployment, olga: Person
) -> None:
    page = olga.page
    for _ in range(3):
        await call(site, page, "POST", "/accounts/invitations", {"role": "member"})
    await page.goto(f"{site.control}/accounts")
    await page.get_by_test_id("invite").click()
    rows = page.get_by_test_id("invitation")
    await expect(rows).to_have_count(3)
    await rows.nth(1).get_by_role("button").focus()
    for left in (2, 1):
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(left)
        await expect(rows.last.get_by_role("button")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(0)
    await expect(page.locator("#invite-title")).to_be_focused()
    assert olga.complaints == []


async def test_a_button_that_turns_into_its_opposite_keeps_the_focus(site: Deployment, olga: Person) -> None:
    page = olga.page
    await call(site, page, "POST", "/spaces", {"title": "Seen", "starts_at": FAR, "time_zone": "UTC"})
    await page.goto(f"{site.control}/console")
    await page.get_by_test_id("operator-hide").focus()
    await page.keyboard.press("Enter")
    await page.get_by_test_id("reason").fill("Not yet")
    await page.get_by_test_id("operate-confirm").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("operator-show")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("operator-hide")).to_be_focused()
    assert olga.complaints == []


async def test_who_sends_a_form_by_keyboard_stays_where_they_are_and_sends_it_once(
    site: Deployment, olga: Person
) -> None:
    page, sent, answered = olga.page, list[Request](), asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == "PATCH":
            sent.append(route.request)
            await answered.wait()
        await route.continue_()

    await page.route("**/api/v1/account", hold)
    await page.goto(f"{site.control}/account")
    save = page.get_by_test_id("save-profile")
    await save.focus()
    await page.keyboard.press("Enter")
    await expect(save).to_have_attribute("aria-disabled", "true")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Space")
    await save.click(force=True)
    await page.get_by_test_id("name").press("Enter")
    await save.focus()
    answered.set()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await expect(save).not_to_have_attribute("aria-disabled", "true")
    await expect(save).to_be_focused()
    assert len(sent) == 1
    assert olga.complaints == []


async def test_a_refusal_is_told_with_the_field_that_it_is_about(site: Deployment, olga: Person) -> None:
    page = olga.page
    await page.goto(f"{site.control}/console")
    await page.get_by_test_id("schedule-one").click()
    await page.get_by_test_id("title").fill("Long ago")
    when = page.get_by_test_id("when")
    await when.fill("2020-01-31T20:00")
    await page.get_by_test_id("schedule").press("Enter")
    await expect(when).to_have_attribute("aria-invalid", "true")
    assert await when.evaluate(DESCRIBED) == "The start lies in the past."
    await expect(page.get_by_test_id("schedule")).to_be_focused()
    await page.get_by_test_id("now").check()
    await page.get_by_test_id("schedule").press("Enter")
    await expect(page.get_by_test_id("space")).to_have_count(1)
    assert olga.complaints == []


async def test_what_a_field_lacks_is_said_in_the_page_s_language(site: Deployment, olga: Person) -> None:
    page = olga.page
    await page.goto(f"{site.control}/console?lang=es")
    await page.get_by_test_id("schedule-one").click()
    await page.get_by_test_id("schedule").click()
    title = page.get_by_test_id("title")
    assert await title.evaluate(WRONG) == "Rellena este campo."
    await title.press_sequentially("T")
    assert await title.evaluate(WRONG) == ""
    await page.goto(f"{site.control}/account")
    email = page.get_by_test_id("email")
    await email.fill("jefa")
    await page.get_by_test_id("save-profile").click()
    assert await email.evaluate(WRONG) == "Esto no es una dirección de correo, como ada@example.org."
    password = page.get_by_test_id("new-password")
    await password.press_sequentially("corta")
    await page.get_by_test_id("change-password").click()
    assert await password.evaluate(WRONG) == "Escribe al menos 10 caracteres."
    assert olga.complaints == []


async def test_a_link_says_whom_it_is_for_and_who_came_by_it(
    site: Deployment, olga: Person, playwright: Playwright
) -> None:
    page = olga.page
    await call(site, page, "POST", "/spaces", {"title": "Linked", "starts_at": FAR, "time_zone": "UTC"})
    await page.goto(f"{site.control}/console")
    row = page.get_by_test_id("space").filter(has_text="Linked")
    await row.get_by_test_id("show-links").click()
    await row.get_by_test_id("link-name").fill("Grace of the harbour")
    await row.get_by_test_id("make-speaker-link").click()
    held = row.get_by_test_id("held-link")
    await expect(held).to_contain_text("Grace of the harbour")
    await expect(held).to_contain_text("Speaker · not used yet")
    await expect(row.get_by_label("Link for one speaker: Grace of the harbour")).to_be_visible()
    await expect(row.get_by_test_id("link-name")).to_have_value("")
    link = await row.get_by_test_id("link").input_value()

    async with Person(playwright, "grace") as grace:
        await grace.page.goto(link)
        await grace.page.get_by_test_id("name").fill("Grace H.")
        await grace.page.get_by_test_id("consent").check()
        await grace.page.get_by_test_id("accept").click()
        await expect(
            grace.page.get_by_test_id("no-microphone").or_(grace.page.get_by_test_id("join"))
        ).to_be_visible()
    await row.get_by_test_id("make-captioner-link").click()
    await expect(row.get_by_text("It lets one person write captions")).to_be_visible()
    await expect(held.first).to_contain_text("Speaker · used by Grace H.")
    assert olga.complaints == []


async def test_the_name_of_the_sound_check_goes_along_and_what_is_missing_to_accept_is_said(
    site: Deployment, olga: Person, playwright: Playwright
) -> None:
    await call(site, olga.page, "POST", "/spaces", {"title": "Tried", "starts_at": FAR, "time_zone": "UTC"})
    await olga.page.goto(f"{site.control}/console")
    row = olga.page.get_by_test_id("space").filter(has_text="Tried")
    await row.get_by_test_id("show-links").click()
    links = []
    for role in ("speaker", "host"):
        await row.get_by_test_id(f"make-{role}-link").click()
        await expect(row.get_by_test_id("held-link")).to_have_count(len(links) + 1)
        links.append(await row.get_by_test_id("link").first.input_value())
    made = [await each.input_value() for each in await row.get_by_test_id("link").all()]
    assert made == links[::-1], "each is shown only now"
    await row.get_by_test_id("make-captioner-link").click()
    await expect(row.get_by_test_id("held-link")).to_have_count(3)
    await row.get_by_test_id("take-link-back").last.click()
    gone = row.get_by_text("The link no longer works.")
    await expect(gone).to_be_visible()
    await expect(row.get_by_test_id("link")).to_have_count(2)
    await row.get_by_test_id("make-captioner-link").click()
    await expect(row.get_by_test_id("link")).to_have_count(3)
    await expect(gone).to_have_count(0)
    async with Person(playwright, "sam") as sam:
        page = sam.page
        await page.goto(links[0])
        await page.get_by_test_id("check").click()
        await page.get_by_label("Your name, for the host").fill("Sam Brand")
        await page.get_by_test_id("check-done").click()
        await expect(page.get_by_test_id("name")).to_have_value("Sam Brand")
        await page.get_by_test_id("accept").click()
        await expect(page.get_by_test_id("consent")).to_be_focused()
        assert await page.get_by_test_id("consent").evaluate(WRONG) == "Please tick this to go on."
        await page.get_by_test_id("name").fill("")
        await page.get_by_test_id("accept").click()
        assert await page.get_by_test_id("name").evaluate(WRONG) == "Please fill this in."
        host = await sam.another_page()
        await host.goto(links[1])
        await host.get_by_test_id("check").click()
        await expect(host.get_by_label("Your name, as listeners see it")).to_be_visible()
        assert sam.complaints == []
