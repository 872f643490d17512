"""Signing in backstage, as a person does."""

from __future__ import annotations

from playwright.async_api import Page, expect

from harness.deployment import OPERATOR, PASSWORD

SIGNED_IN_MS = 20_000


async def sign_in(page: Page, backstage: str, handle: str = OPERATOR, *, screen: str = "/console") -> None:
    """Come to ``screen``, of the backstage at that origin, by the sign-in page."""
    await page.goto(f"{backstage}/signin?next={screen}")
    await page.get_by_test_id("handle").fill(handle)
    await page.get_by_test_id("password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("password")).to_have_count(0, timeout=SIGNED_IN_MS)
