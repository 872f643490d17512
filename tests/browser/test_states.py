"""Every state of the door's pages is within everybody's reach, by axe-core, and fits its window.

The short form is in the evening by keyboard, which stops before each page on its way. Backstage has a file of
its own, so that the two walks go side by side.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, async_playwright

from harness.gallery import Gallery, Look, gallery
from harness.pictures import DOOR
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
async def test_every_state_of_the_door_is_within_reach_and_fits(
    look: Look, opened: Gallery, playwright: Playwright
) -> None:
    seen = seen_in(look, DOOR)
    half = len(seen) // 2
    wrong = await walk_through(playwright, opened, look, seen[:half], seen[half:])
    assert not wrong, "\n".join(wrong)
