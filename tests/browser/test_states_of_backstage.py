"""Every state of backstage and its studio is within everybody's reach, by axe-core, and fits its window."""

from __future__ import annotations

import pytest
from playwright.async_api import Playwright

from harness.gallery import Gallery, Look
from harness.pictures import BACKSTAGE, ON_STAGE
from harness.walking import LOOKS, seen_in, walk_past

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.timeout(900),
]


@pytest.mark.parametrize("look", LOOKS, ids=str)
async def test_every_state_of_backstage_is_within_reach_and_fits(
    look: Look, opened: Gallery, driver: Playwright
) -> None:
    wrong = await walk_past(driver, opened, look, seen_in(look, [*BACKSTAGE, *ON_STAGE]))
    assert not wrong, "\n".join(wrong)
