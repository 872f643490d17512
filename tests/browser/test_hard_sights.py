"""Backstage and the door for whoever sees little: a narrow window, spaced text, colours that are forced."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Playwright, expect

from harness.browser import FLAGS, SHELL
from harness.deployment import OPERATOR, PASSWORD, Deployment
from harness.fitting import misfits
from harness.visitors import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(120)]

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Ok Q"
LONG_TITLE = "Who keeps the bridge open at night, and who pays"
SPACED = """* { line-height: 1.5 !important }
* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""
"""WCAG 2.2, 1.4.12."""
SURFACE = "(element) => getComputedStyle(element).backgroundColor"
INK = "getComputedStyle(document.body).color"


@pytest_asyncio.fixture
async def operator(site: Deployment) -> AsyncIterator[Visitor]:
    """Whoever runs a site with one long name on it, and one long title on air."""
    operator, wolf = Visitor(site), Visitor(site, handle="wolf")
    await operator.sign_in(OPERATOR)
    account = {"handle": "wolf", "name": LONG_NAME, "password": PASSWORD, "role": "member"}
    await told(operator, "POST", "/accounts", account)
    await told(operator, "PATCH", "/account", {"name": LONG_NAME})
    await told(operator, "POST", "/accounts/wolf/verify")
    await wolf.sign_in("wolf")
    for host in (wolf, operator):
        body = {"title": LONG_TITLE, "starts_at": "now", "time_zone": "UTC"}
        space = (await told(host, "POST", "/spaces", body))["id"]
        await told(host, "POST", f"/spaces/{space}/live")
    yield operator
    await operator.http.aclose()
    await wolf.http.aclose()


async def told(visitor: Visitor, method: str, path: str, body: object = None) -> Any:
    answer = await visitor.api(method, path, body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


@asynccontextmanager
async def seen(playwright: Playwright, visitor: Visitor, language: str, **how: Any) -> AsyncIterator[Page]:
    """A page of somebody who is signed in, in a browser of their own."""
    browser = await playwright.chromium.launch(executable_path=shutil.which(SHELL), args=list(FLAGS))
    try:
        context = await browser.new_context(reduced_motion="reduce", bypass_csp=True, **how)
        cookies = {"lang": language, **{each.name: each.value or "" for each in visitor.http.cookies.jar}}
        await context.add_cookies(
            [{"name": name, "value": value, "url": visitor.site.control} for name, value in cookies.items()]
        )
        yield await context.new_page()
    finally:
        await browser.close()


@pytest.mark.parametrize(
    ("width", "language", "spaced"), [(320, "es", False), (320, "en", True), (390, "en", True)]
)
async def test_no_page_is_wider_than_a_narrow_window(
    site: Deployment, operator: Visitor, playwright: Playwright, width: int, language: str, spaced: bool
) -> None:
    shown = {
        f"{site.control}/door": "[data-testid=crowd]",
        f"{site.control}/accounts": "[data-handle=wolf] [data-testid=verified]",
        f"{site.door}/": ".playbill",
        f"{site.door}/h/wolf": ".playbill",
    }
    viewport = {"width": width, "height": 800}
    async with seen(playwright, operator, language, viewport=viewport) as page:
        for address, sign in shown.items():
            await page.goto(address)
            await expect(page.locator(sign).first).to_be_visible(timeout=20_000)
            if spaced:
                await page.add_style_tag(content=SPACED)
            wide = [one for one in await misfits(page) if "overlap" not in one]
            assert not wide, f"{address}: {wide}"


async def test_what_a_surface_tells_is_seen_where_the_system_forces_its_colours(
    site: Deployment, operator: Visitor, playwright: Playwright
) -> None:
    async with seen(playwright, operator, "en", forced_colors="active") as page:
        await page.goto(f"{site.control}/console")
        current = page.locator(".places [aria-current]")
        await expect(current).to_have_css("border-block-end-style", "solid")
        await page.goto(f"{site.control}/site")
        await expect(page.locator(".swatch")).to_have_css("background-color", "rgb(255, 201, 31)")
        await page.set_content(
            "<ol class=steps><li class=done></ol><div class=live><div class=lamp><div class=meter><span>"
            + "".join([f"<link rel=stylesheet href='{href}'>" for href in await styles(page)])
        )
        for surface in (".meter span", ".steps .done"):
            assert await page.locator(surface).evaluate(SURFACE) == await page.evaluate(INK), surface


async def styles(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("[...document.styleSheets].map(({ href }) => href)")
    return found
