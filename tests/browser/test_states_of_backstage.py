"""Every state of backstage and its studio is within everybody's reach, by axe-core, and fits its window."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, async_playwright

from harness.gallery import Gallery, Look, gallery
from harness.pictures import BACKSTAGE, ON_STAGE
from harness.walking import LOOKS, seen_in, walk_through

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.timeout(900),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gallery]:
    """One for all looks: what anybody does before a picture, they can do again."""
    async with gallery(tmp_path_factory.mktemp("gallery")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


@pytest.mark.parametrize("look", LOOKS, ids=str)
async def test_every_state_of_backstage_is_within_reach_and_fits(
    look: Look, opened: Gallery, playwright: Playwright
) -> None:
    wrong = await walk_through(playwright, opened, look, seen_in(look, BACKSTAGE), seen_in(look, ON_STAGE))
    assert not wrong, "\n".join(wrong)
