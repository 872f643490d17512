"""Every state of every page is within everybody's reach, by axe-core, and fits its window in every look.

The short form is in the evening by keyboard, which stops before each page on its way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.async_api import Error, Playwright

from harness.gallery import SIZES, ZOOMED, Gallery, Look, Walk, gallery
from harness.pictures import CONSOLE, ENTRANCE, HOUSE, LISTENING, STUDIO, Picture
from harness.within_reach import problems

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(900)]

EVERY = [Look(size, "light", "qps") for size in SIZES]
"""The pseudo-language is longer than any other: what it fits into, all do."""
EVERY += [Look("phone", "light", "en"), Look("phone", "dark", "en")]
EVERY += [Look("desktop", "dark", "es"), Look(ZOOMED, "light", "es")]
"""Dark changes colours and nothing else: no need to see it in every language."""


async def walk_past(
    playwright: Playwright, opened: Gallery, look: Look, pictures: Iterable[Picture]
) -> list[str]:
    """Stand before every picture; return what is wrong, each by its name."""
    wrong = []
    async with Walk(playwright, opened, look) as walk:
        for picture in pictures:
            try:
                async with walk.before(picture) as page:
                    found = await problems(page, scripts=picture.scripts)
            except (Error, AssertionError) as error:
                found = [f"could not be shown: {error}"]
            wrong += [f"{picture.name} {look}: {one}" for one in found]
    return wrong


async def walk_through(playwright: Playwright, opened: Gallery, look: Look) -> list[str]:
    """Three walk at a time: in the house, backstage, in the studio. They mostly wait for pages."""
    parts = (LISTENING, ENTRANCE + CONSOLE + HOUSE, STUDIO)
    walks = await asyncio.gather(*(walk_past(playwright, opened, look, part) for part in parts))
    return [one for walk in walks for one in walk]


@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_every_state_is_within_reach_and_fits(
    look: Look, tmp_path: Path, playwright: Playwright
) -> None:
    async with gallery(tmp_path) as opened:
        wrong = await walk_through(playwright, opened, look)
    assert not wrong, "\n".join(wrong)
