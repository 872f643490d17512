"""What keeps a page out of somebody's reach: what axe-core finds, and what does not fit its window."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from harness.fitting import misfits

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
LOOKED_AT_S: Final = 60.0
EVERYTHING: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""Tags of axe-core's rules."""
RUN_AXE = """async (runOnly) => {
  const found = await axe.run(document, { runOnly, resultTypes: ['violations'] })
  const told = ({ target, any }) => `${target.join(' ')} ${any.map(({ message }) => message).join(' ')}`
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(told)}`)
}"""
_RECOLOURED = """() => Promise.allSettled(
  document.getAnimations().filter((each) => each instanceof CSSTransition).map(({ finished }) => finished),
)"""
_WITHOUT_SCRIPTS = """() => {
  window.setTimeout = (call, ms = 0, ...given) => {
    if (ms < 100) void Promise.resolve().then(() => call(...given))
    return 0
  }
  for (const each of document.querySelectorAll('noscript')) each.replaceWith(...each.childNodes)
}"""
"""Where scripts are off, a driver's still run, but no timer does; and axe-core hands on its work by timers.
It passes over ``noscript``, whose content is what such a page shows."""


async def problems(page: Page, *, scripts: bool = True, in_dark: bool = False) -> list[str]:
    """What is wrong with a page as it stands; one whose ``scripts`` are off is done with afterwards.

    ``in_dark``: a page that is light is looked at for its contrast in the dark as well.
    """
    unfit = await misfits(page)
    if not scripts:
        await page.evaluate(_WITHOUT_SCRIPTS)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    async with asyncio.timeout(LOOKED_AT_S):
        reach: list[str] = await page.evaluate(RUN_AXE, EVERYTHING)
        if in_dark:
            reach += [f"in the dark, {one}" for one in await _faint_in_dark(page)]
    return [*reach, *unfit]


async def _faint_in_dark(page: Page) -> list[str]:
    await page.emulate_media(color_scheme="dark")
    await page.evaluate(_RECOLOURED)
    faint: list[str] = await page.evaluate(RUN_AXE, {"type": "rule", "values": ["color-contrast"]})
    await page.emulate_media(color_scheme="light")
    return faint
