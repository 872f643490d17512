"""What stands on a page, by its key in the catalogue: whatever the language it is looked at in."""

from __future__ import annotations

from typing import Final

from playwright.async_api import Page, expect

from rostra.core import words

_SAID_MS: Final = 20_000


async def said(page: Page, key: str) -> str:
    """The sentence under ``key`` in the language that the page was asked for."""
    chosen = [each.get("value", "") for each in await page.context.cookies() if each.get("name") == "lang"]
    return words.say(chosen[0] if chosen else words.ENGLISH, key)


async def see(page: Page, key: str) -> None:
    """Wait until it stands on the page, as far as nothing is filled in."""
    beginning = (await said(page, key)).partition("{")[0].strip()
    await expect(page.get_by_text(beginning).first).to_be_visible(timeout=_SAID_MS)
