"""Passkeys through backstage's own pages, with the virtual authenticator that Chromium has for tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Playwright, expect

from harness.browser import Person
from harness.deployment import OPERATOR, PASSWORD, Deployment
from harness.passkey_device import plug_in_device
from rostra.store.database import database_path

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(120)]


def lie_idle(site: Deployment) -> None:
    """Let eleven minutes pass for every sign-in."""
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        connection.execute("update sessions set proved_at = proved_at - 660000")
        connection.commit()


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


@pytest.mark.long
async def test_a_browser_left_alone_is_asked_in_place_for_the_password_or_a_passkey(
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
        await expect(page.get_by_test_id("passkey-name")).to_be_visible()

        lie_idle(site)
        await page.get_by_test_id("passkey-name").fill("My phone")
        await page.get_by_test_id("add-passkey").click()
        await page.get_by_test_id("proof-password").fill("not the password")
        await page.get_by_test_id("proof-confirm").click()
        await expect(page.get_by_test_id("proof-dialog").get_by_role("alert")).to_be_visible()
        await page.get_by_test_id("proof-password").fill(PASSWORD)
        await page.get_by_test_id("proof-confirm").click()
        await expect(page.get_by_test_id("passkey")).to_contain_text("My phone")
        await expect(page.get_by_test_id("proof-dialog")).to_have_count(0)

        lie_idle(site)
        await page.get_by_test_id("email").fill("olga@example.org")
        await page.get_by_test_id("save-profile").click()
        await page.get_by_test_id("proof-dialog").get_by_role("button", name="Change nothing").click()
        await expect(page.get_by_role("alert")).to_contain_text("once more")
        await page.get_by_test_id("save-profile").click()
        await page.get_by_test_id("proof-passkey").click()
        await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
