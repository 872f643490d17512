"""Every state of the door's pages is within everybody's reach, by axe-core, and fits its window.

The short form is in the evening by keyboard, which stops before each page on its way. Backstage has a file of
its own, so that the two walks go side by side.
"""

from __future__ import annotations

import pytest
from playwright.async_api import Playwright

from harness.gallery import Gallery, Look
from harness.pictures import DOOR
from harness.walking import LOOKS, seen_in, walk_past

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.timeout(900),
]


@pytest.mark.parametrize("look", LOOKS, ids=str)
async def test_every_state_of_the_door_is_within_reach_and_fits(
    look: Look, opened: Gallery, driver: Playwright
) -> None:
    wrong = await walk_past(driver, opened, look, seen_in(look, DOOR))
    assert not wrong, "\n".join(wrong)
