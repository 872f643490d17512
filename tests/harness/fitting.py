"""What does not fit: elements that reach past the window's edge, or lie over others; text that is cut off."""

from __future__ import annotations

from playwright.async_api import Page

from harness.overlaps import overlaps

_MISFITS = """() => {
  const root = document.documentElement
  const width = root.clientWidth
  const found = []
  if (root.scrollWidth > width) found.push(`the page is ${root.scrollWidth} px wide in ${width}`)
  const hidden = '.visually-hidden, .skip, [aria-hidden=true], svg, option, input, select, textarea'
  for (const element of document.body.querySelectorAll('*')) {
    const box = element.getBoundingClientRect()
    const style = getComputedStyle(element)
    if (!box.width || style.visibility === 'hidden' || element.closest(hidden)) continue
    const name = `${element.localName}.${element.className} "${element.textContent.trim().slice(0, 40)}"`
    if (box.right > width + 1 || box.left < -1) found.push(`${name} reaches from ${box.left} to ${box.right}`)
    const spills = element.localName === 'dialog' && element.scrollWidth > element.clientWidth + 1
    if (spills) found.push(`${name} spills`)
    const speaks = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    if (!speaks || style.display === 'inline') continue
    const wide = element.scrollWidth > element.clientWidth + 1
    const high = style.overflow !== 'visible' && element.scrollHeight > element.clientHeight + 2
    if (wide || high) found.push(`${name} is cut off or spills`)
  }
  return found.slice(0, 8)
}"""


async def misfits(page: Page) -> list[str]:
    """Name what reaches past the window, is cut off by its box, spills out of it, or overlaps something."""
    found: list[str] = await page.evaluate(_MISFITS)
    return [*found, *await overlaps(page)]
