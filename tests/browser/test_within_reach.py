"""axe-core looks at pages whose scripts are off as well, and at what only they show."""

from __future__ import annotations

import shutil

import pytest
from playwright.async_api import Playwright, Route

from harness.browser import FLAGS
from harness.within_reach import problems

pytestmark = [pytest.mark.browser, pytest.mark.long]

PAGE = """<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>
<noscript><p style="color: {colour}">Scripts are off.</p></noscript>
<script>document.querySelector('main').remove()</script></main></html>"""


@pytest.mark.parametrize(("colour", "told"), [("#ccc", ["color-contrast"]), ("#000", [])])
async def test_what_a_page_shows_without_scripts_is_looked_at(
    playwright: Playwright, colour: str, told: list[str]
) -> None:
    async def answer(route: Route) -> None:
        headers = {"content-security-policy": "script-src 'self'"}
        body = PAGE.replace("{colour}", colour)
        await route.fulfill(body=body, content_type="text/html", headers=headers)

    browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
    page = await browser.new_page(java_script_enabled=False)
    await page.route("http://page.test/", answer)
    await page.goto("http://page.test/")
    found = await problems(page, scripts=False)
    await browser.close()
    assert [one.partition(":")[0] for one in found] == told, found
