"""Every state of every page is within everybody's reach, by axe-core, and fits its window in every look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.async_api import Error, Page, Playwright

from harness.fitting import misfits
from harness.gallery import LANGUAGES, SIZES, ZOOMED, Gallery, Look, Walk, gallery
from harness.pictures import CONSOLE, ENTRANCE, HOUSE, LISTENING, STUDIO, Picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const found = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })
  const told = ({ target, any }) => `${target.join(' ')} ${any.map(({ message }) => message).join(' ')}`
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(told)}`)
}"""
SHORT = Look("phone", "light", "en")
EVERY = [Look(size, "light", language) for size in SIZES for language in LANGUAGES]
EVERY += [Look("phone", "dark", "en"), Look("desktop", "dark", "qps"), Look(ZOOMED, "light", "es")]
"""Dark changes colours and nothing else: no need to see it in every language."""
SOME = 12
"""The short form sees every twelfth picture: each page in some of its states."""


async def problems(page: Page, *, scripts: bool) -> list[str]:
    """What axe-core finds, and what does not fit. A page without scripts cannot be asked by one."""
    reach: list[str] = await page.evaluate(RUN_AXE) if scripts else []
    return [*reach, *await misfits(page)]


async def walk_past(
    playwright: Playwright, opened: Gallery, look: Look, pictures: Iterable[Picture]
) -> list[str]:
    """Stand before every picture; return what is wrong, each by its name."""
    wrong = []
    async with Walk(playwright, opened, look, script=AXE.read_text()) as walk:
        for picture in pictures:
            try:
                async with walk.before(picture) as page:
                    found = await problems(page, scripts=picture.scripts)
            except (Error, AssertionError) as error:
                found = [f"could not be shown: {error}"]
            wrong += [f"{picture.name} {look}: {one}" for one in found]
    return wrong


async def walk_through(playwright: Playwright, opened: Gallery, look: Look, *, every: int = 1) -> list[str]:
    """Three walk at a time: in the house, backstage, in the studio. They mostly wait for pages."""
    parts = (LISTENING, ENTRANCE + CONSOLE + HOUSE, STUDIO)
    walks = await asyncio.gather(*(walk_past(playwright, opened, look, part[::every]) for part in parts))
    return [one for walk in walks for one in walk]


async def test_some_states_are_within_reach_and_fit(tmp_path: Path, playwright: Playwright) -> None:
    async with gallery(tmp_path) as opened:
        wrong = await walk_through(playwright, opened, SHORT, every=SOME)
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
@pytest.mark.parametrize("look", EVERY, ids=str)
async def test_every_state_is_within_reach_and_fits(
    look: Look, tmp_path: Path, playwright: Playwright
) -> None:
    async with gallery(tmp_path) as opened:
        wrong = await walk_through(playwright, opened, look)
    assert not wrong, "\n".join(wrong)
