"""Passkeys and API tokens on the account page, with the virtual authenticator that Chromium has for tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Playwright, expect

from harness.browser import Person
from harness.deployment import OPERATOR, PASSWORD, Deployment
from harness.passkey_device import plug_in_device
from harness.within_reach import problems
from rostra.store.database import database_path

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(120)]


def lie_idle(site: Deployment) -> None:
    """Let eleven minutes pass for every sign-in."""
    with closing(sqlite3.connect(database_path(site.data))) as connection:
        connection.execute("update sessions set proved_at = proved_at - 660000")
        connection.commit()


async def sign_in(page: Page, backstage: str) -> None:
    await page.goto(f"{backstage}/signin")
    await page.get_by_test_id("handle").fill(OPERATOR)
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await page.wait_for_url("**/console")


async def test_a_passkey_is_added_to_an_account_and_then_signs_in_without_a_password(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with Deployment(tmp_path) as site, Person(playwright, "operator") as olga:
        page, backstage = olga.page, f"http://localhost:{site.control_port}"
        await plug_in_device(page)
        await sign_in(page, backstage)

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
        await sign_in(page, backstage)
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

        lie_idle(site)
        await page.get_by_test_id("passkey").get_by_role("button", name="Remove").click()
        await page.get_by_test_id("ask-confirm").click()
        await page.get_by_test_id("proof-password").fill(PASSWORD)
        await page.get_by_test_id("proof-confirm").click()
        await expect(page.get_by_test_id("proof-dialog")).to_have_count(0)
        await expect(page.get_by_test_id("ask-dialog")).to_have_count(0)
        await expect(page.get_by_test_id("passkey")).to_have_count(0)


async def make_token(page: Page, name: str) -> None:
    """By keys alone."""
    await page.get_by_test_id("token-name").focus()
    await page.keyboard.type(name)
    await page.keyboard.press("Enter")


async def opens(site: Deployment, token: str) -> bool:
    """Whether a program gets in by a token."""
    async with httpx.AsyncClient(trust_env=False) as program:
        headers = {"authorization": f"Bearer {token}"}
        return (await program.get(f"{site.control}/api/v1/account", headers=headers)).status_code == 200


async def test_an_api_token_is_made_shown_once_copied_and_removed_by_keys_alone(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with Deployment(tmp_path) as site, Person(playwright, "operator") as olga:
        page, backstage = olga.page, f"http://localhost:{site.control_port}"
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await sign_in(page, backstage)
        await page.goto(f"{backstage}/account")
        await expect(page.get_by_test_id("no-tokens")).to_be_visible()

        await make_token(page, "Schedule")
        field = page.get_by_label("Token for “Schedule”")
        await expect(field).to_be_visible()
        token = await field.input_value()
        assert await opens(site, token)
        await expect(page.get_by_role("status").filter(has_text="The token was created")).to_be_visible()
        await page.get_by_test_id("copy").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("copy")).to_have_text("Copied")
        assert await page.evaluate("navigator.clipboard.readText()") == token
        assert await problems(page) == []

        await page.reload()
        await expect(page.get_by_test_id("token")).to_contain_text("Schedule")
        await expect(page.get_by_test_id("new-token")).to_have_count(0)
        assert token not in await page.content()

        await page.get_by_role("button", name="Remove Schedule").focus()
        await page.keyboard.press("Enter")
        question = page.get_by_role("dialog", name="Remove this token?")
        await expect(question).to_contain_text("“Schedule”")
        assert await problems(page) == []
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Remove Schedule")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.get_by_test_id("remove-token-confirm").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("no-tokens")).to_be_visible()
        await expect(page.get_by_role("heading", name="API tokens")).to_be_focused()
        assert not await opens(site, token)


async def test_a_browser_left_alone_is_asked_who_one_is_before_it_makes_an_api_token(
    tmp_path: Path, playwright: Playwright
) -> None:
    async with Deployment(tmp_path) as site, Person(playwright, "operator") as olga:
        page, backstage = olga.page, f"http://localhost:{site.control_port}"
        await sign_in(page, backstage)
        await page.goto(f"{backstage}/account")
        await expect(page.get_by_test_id("no-tokens")).to_be_visible()
        lie_idle(site)
        await make_token(page, "Schedule")
        await page.get_by_role("button", name="Change nothing").click()
        await expect(page.get_by_role("alert")).to_contain_text("once more")
        await expect(page.get_by_test_id("token-name")).to_have_value("Schedule")
        await page.get_by_test_id("make-token").click()
        await page.get_by_test_id("proof-password").fill(PASSWORD)
        await page.get_by_test_id("proof-confirm").click()
        await expect(page.get_by_test_id("token")).to_contain_text("Schedule")
        await expect(page.get_by_test_id("new-token")).to_be_visible()
