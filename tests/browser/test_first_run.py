"""From the link that a first start prints to being on air, in one browser, as a person does it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from playwright.async_api import Playwright, expect

from harness.browser import PHONE, Person
from harness.deployment import PASSWORD, Deployment
from harness.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.long
async def test_the_first_run_leads_from_the_terminal_on_air(
    tmp_path: Path, playwright: Playwright, low_voice: Path
) -> None:
    async with (
        Deployment(tmp_path, operator=False) as site,
        Person(playwright, "operator", microphone=low_voice) as olga,
    ):
        page = olga.page
        await page.goto(await site.first_run_link())
        await page.get_by_test_id("name").fill("Olga")
        await page.get_by_test_id("handle").fill("olga")
        await page.get_by_test_id("password").fill(PASSWORD)
        await page.get_by_test_id("go-on").click()
        await page.get_by_test_id("site-name").wait_for()
        await page.goto(urljoin(page.url, "/console"))
        await page.get_by_test_id("unnamed").get_by_role("link").click()
        await page.get_by_test_id("save-site").wait_for()
        await page.goto(urljoin(page.url, "/setup?step=2"))
        await page.get_by_test_id("site-name").fill("Radio Olga")
        await page.get_by_test_id("go-on").click()
        await page.get_by_test_id("title").fill("The first conversation")
        await page.get_by_test_id("now").check()
        await page.set_viewport_size(PHONE)
        await page.get_by_test_id("schedule").click()
        link = page.get_by_test_id("scheduled-link")
        await expect(link).to_be_in_viewport(ratio=1)
        await expect(link).to_have_value(re.compile(rf"^http://[a-z0-9.]+:{site.door_port}/s/[a-z0-9]+$"))
        await expect(page.get_by_test_id("copy")).to_be_in_viewport(ratio=1)
        await page.reload()
        await expect(link).to_be_visible()
        await page.get_by_test_id("close-scheduled").click()
        await expect(link).to_have_count(0)
        await expect(page.get_by_test_id("unnamed")).to_have_count(0)
        for language in ("es", "en"):
            async with page.expect_response(lambda answer: answer.request.method == "PATCH") as written:
                await page.get_by_test_id("language").select_option(language)
            assert (await (await written.value).json())["account"]["language"] == language
        await page.get_by_test_id("open-studio").first.click()

        studio = StudioPage(olga)
        await studio.accept(page.url)
        await studio.join()
        await studio.go_live()
        await expect(page.get_by_test_id("person")).to_contain_text("Olga (you)")

        await page.keyboard.press("m")
        await studio.says("You are muted")
        await page.keyboard.press("m")
        await studio.says("Your microphone")
        await page.get_by_test_id("mute-by-key").uncheck()
        await page.keyboard.press("m")
        await expect(page.get_by_test_id("mute")).to_have_attribute("data-muted", "false")

        await studio.end()
        await studio.until_over()
        assert olga.complaints == []


@pytest.mark.long
async def test_an_invitation_that_is_opened_before_the_first_run_says_so_and_is_good_afterwards(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with (
        Deployment(tmp_path, operator=False) as site,
        Person(playwright, "invited") as ivy,
        httpx.AsyncClient(headers={"authorization": f"Bearer {site.token}"}, trust_env=False) as holder,
    ):
        page, accounts = ivy.page, f"{site.control}/api/v1/accounts"
        made = (await holder.post(f"{accounts}/invitations", json={"role": "member"})).json()
        await page.goto(made["url"])
        await expect(page.get_by_text("This site is not set up yet")).to_be_visible()
        await expect(page.get_by_test_id("go-on")).to_have_count(0)

        others = await ivy.another_page()
        await others.goto(f"{site.control}/reset#of-something-else")
        await expect(others.get_by_test_id("token")).to_have_value("")

        olga = {"handle": "olga", "name": "Olga", "password": PASSWORD, "role": "operator"}
        assert (await holder.post(accounts, json=olga)).is_success
        await page.get_by_role("button", name="Try again").click()
        await page.get_by_test_id("name").fill("Ivy")
        await page.get_by_test_id("handle").fill("ivy")
        await page.get_by_test_id("password").fill(PASSWORD)
        await page.get_by_test_id("go-on").click()
        await page.wait_for_url(re.compile(r"/console$"))
        assert ivy.complaints == []


@pytest.mark.long
async def test_whoever_sets_up_in_spanish_is_told_in_spanish_what_a_handle_is(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with (
        Deployment(tmp_path, operator=False) as site,
        Person(playwright, "operator") as jefa,
    ):
        page = jefa.page
        link = await site.first_run_link()
        await page.goto(link.replace("/setup", "/setup?lang=es", 1))
        handle = page.get_by_test_id("handle")
        await page.get_by_test_id("name").fill("Jefa")
        await page.get_by_test_id("password").fill(PASSWORD)
        await handle.fill("Jefa Mayor")
        await page.get_by_test_id("go-on").click()
        told = await handle.evaluate("(element) => element.validationMessage")
        assert told == await handle.get_attribute("title")
        assert told.startswith("Para iniciar"), told
        await handle.fill("jefa")
        await page.get_by_test_id("go-on").click()
        await page.get_by_test_id("site-name").wait_for()
        assert jefa.complaints == []
