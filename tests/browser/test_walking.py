"""The walk past every state: what one picture's page still does is never told of another's."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.async_api import Page, Playwright, Route

from harness.gallery import Gallery, Look, Walk
from harness.picture import Picture

pytestmark = [pytest.mark.browser, pytest.mark.long]

URL = "http://page.test/"
HTML = "<h1>A page</h1><p class='mark'>Rostra</p>"
HALL = cast(Gallery, SimpleNamespace(url=lambda picture: picture.url, session=lambda visitor: []))


async def show(page: Page, html: str = HTML) -> None:
    await page.route(URL, lambda route: route.fulfill(body=html, content_type="text/html"))


async def test_a_page_that_still_asks_when_it_is_left_does_not_spoil_the_next(playwright: Playwright) -> None:
    asked, left, failed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(route: Route) -> None:
        asked.set()
        await left.wait()
        try:
            await route.fulfill(response=await route.fetch())
        finally:
            failed.set()

    async def ask(page: Page) -> None:
        await show(page, f"{HTML}<script>fetch('/status.json')</script>")
        await page.route(f"{URL}status.json", answer)

    async with Walk(playwright, HALL, Look()) as walk:
        async with walk.before(Picture("asking", URL, before=ask)):
            await asyncio.wait_for(asked.wait(), 10)
        left.set()
        await asyncio.wait_for(failed.wait(), 10)
        async with walk.before(Picture("next", URL, before=show)) as page:
            assert await page.locator("h1").inner_text() == "A page"
