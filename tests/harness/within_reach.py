"""What keeps a page out of somebody's reach: what axe-core finds, and what does not fit its window."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from harness.fitting import misfits

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const found = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })
  const told = ({ target, any }) => `${target.join(' ')} ${any.map(({ message }) => message).join(' ')}`
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(told)}`)
}"""


async def problems(page: Page, *, scripts: bool = True) -> list[str]:
    """What is wrong with a page as it stands. One without scripts cannot be asked by axe-core."""
    if not scripts:
        return await misfits(page)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    reach: list[str] = await page.evaluate(RUN_AXE)
    return [*reach, *await misfits(page)]
