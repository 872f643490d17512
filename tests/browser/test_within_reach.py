"""axe-core looks at pages whose scripts are off as well, at what only they show, and at what is dark."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, Playwright, Route

from harness.browser import FLAGS, SHELL
from harness.within_reach import problems

pytestmark = [pytest.mark.browser, pytest.mark.long]

PAGE = """<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>
<noscript><p style="color: {colour}">Scripts are off.</p></noscript>
<script>document.querySelector('main').remove()</script></main></html>"""

IN_DARK = """<!doctype html><html lang="en"><title>A page</title><style>
body { color: #000; background: #fff; transition: all 300ms }
@media (prefers-color-scheme: dark) { body { color: {colour}; background: #000 } }
</style><main><h1>A page</h1><p>Of any colour.</p></main></html>"""
"""Its colours need a while to change."""


@pytest.mark.parametrize(("colour", "told"), [("#ccc", ["color-contrast"]), ("#000", [])])
async def test_what_a_page_shows_without_scripts_is_looked_at(
    playwright: Playwright, colour: str, told: list[str]
) -> None:
    async with shown(playwright, PAGE.replace("{colour}", colour), scripts=False) as page:
        found = await problems(page, scripts=False)
    assert [one.partition(":")[0] for one in found] == told, found


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(("colour", "told"), [("#555", ["in the dark, color-contrast"]), ("#fff", [])])
async def test_a_page_that_is_light_is_looked_at_in_the_dark_as_well(
    playwright: Playwright, colour: str, told: list[str], scripts: bool
) -> None:
    async with shown(playwright, IN_DARK.replace("{colour}", colour), scripts=scripts) as page:
        assert await problems(page, scripts=scripts) == []
    async with shown(playwright, IN_DARK.replace("{colour}", colour), scripts=scripts) as page:
        found = await problems(page, scripts=scripts, in_dark=True)
        assert not await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert [one.partition(":")[0] for one in found] == told, found


@asynccontextmanager
async def shown(playwright: Playwright, html: str, *, scripts: bool) -> AsyncIterator[Page]:
    """A page in a browser of its own."""

    async def answer(route: Route) -> None:
        headers = {"content-security-policy": "script-src 'self'"}
        await route.fulfill(body=html, content_type="text/html", headers=headers)

    browser = await playwright.chromium.launch(executable_path=shutil.which(SHELL), args=list(FLAGS))
    try:
        page = await browser.new_page(java_script_enabled=scripts, color_scheme="light")
        await page.route("http://page.test/", answer)
        await page.goto("http://page.test/")
        yield page
    finally:
        await browser.close()
