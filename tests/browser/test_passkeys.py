"""Passkeys through backstage's own pages, with the virtual authenticator that Chromium has for tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, Playwright, expect

from harness.browser import Person
from harness.deployment import OPERATOR, PASSWORD, Deployment

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def plug_in_device(page: Page) -> None:
    """Give the browser a device that keeps passkeys and says yes to everything."""
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    await protocol.send("WebAuthn.addVirtualAuthenticator", {"options": device})


async def test_a_passkey_is_added_to_an_account_and_then_signs_in_without_a_password(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with Deployment(tmp_path) as site, Person(playwright, "operator") as olga:
        page, backstage = olga.page, f"http://localhost:{site.control_port}"
        await plug_in_device(page)
        await page.goto(f"{backstage}/signin")
        await page.get_by_test_id("handle").fill(OPERATOR)
        await page.get_by_test_id("password").fill(PASSWORD)
        await page.get_by_test_id("sign-in").click()
        await page.wait_for_url("**/console")

        await page.goto(f"{backstage}/account")
        await page.get_by_test_id("passkey-name").fill("My phone")
        await page.get_by_test_id("add-passkey").click()
        await expect(page.get_by_test_id("passkey")).to_contain_text("My phone")

        await page.context.clear_cookies()
        await page.goto(f"{backstage}/signin")
        await page.get_by_test_id("sign-in-passkey").click()
        await page.wait_for_url("**/console")
        assert olga.complaints == []
