"""What lies over something else: things to press, and lines of text, that share a place on a page.

Only what is in one layer is compared. A layer of its own is what is meant to lie over: the browser's top
layer (open dialogs and popovers), what is fixed or sticky, and badges that no pointer touches.
"""

from __future__ import annotations

from playwright.async_api import Page

_OVERLAPS = """() => {
  const TOLERANCE_PX = 2
  const pressed = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]'
  const skipped = 'svg, option, script, style, [aria-hidden=true], [hidden]'
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const meet = (a, b) => ({
    left: Math.max(a.left, b.left), right: Math.min(a.right, b.right),
    top: Math.max(a.top, b.top), bottom: Math.min(a.bottom, b.bottom),
  })
  const wide = (box) => Math.min(box.right - box.left, box.bottom - box.top)

  function layerOf(element) {
    for (let at = element; at; at = at.parentElement) {
      const { position, pointerEvents } = getComputedStyle(at)
      const badge = position === 'absolute' && pointerEvents === 'none'
      if (badge || /^(fixed|sticky)$/.test(position) || at.matches(':modal, :popover-open')) return at
    }
    return document.documentElement
  }
  /** What is left of a box within those from ``at`` outwards that cut off what spills. */
  function cut(at, box) {
    for (; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflow !== 'visible') box = meet(box, at.getBoundingClientRect())
    }
    return box
  }
  /** A line's box is higher than its letters: fonts leave room above and below. */
  function letters(box, size) {
    const spare = Math.max(0, (box.bottom - box.top - size) / 2)
    return { left: box.left, right: box.right, top: box.top + spare, bottom: box.bottom - spare }
  }
  const things = []
  function take(element, around, boxes, name) {
    const left = boxes.map((box) => cut(around, box)).filter((box) => wide(box) > TOLERANCE_PX)
    if (left.length) things.push({ element, boxes: left, name, layer: layerOf(element) })
  }
  for (const element of document.body.querySelectorAll(pressed)) {
    if (element.closest(skipped) || !shown(element) || element.tabIndex < 0) continue
    const words = element.textContent.trim() || element.getAttribute('aria-label') || element.name || ''
    const name = `${element.localName} "${words.slice(0, 40)}"`
    take(element, element.parentElement, [...element.getClientRects()], name)
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement
    if (!node.data.trim() || element.closest(skipped) || !shown(element)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const size = parseFloat(getComputedStyle(element).fontSize)
    const boxes = [...range.getClientRects()].map((box) => letters(box, size))
    take(element, element, boxes, `text "${node.data.trim().slice(0, 40)}"`)
  }
  const found = []
  things.forEach((one, index) => {
    for (const other of things.slice(index + 1)) {
      if (one.layer !== other.layer) continue
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue
      const most = Math.max(...one.boxes.flatMap((a) => other.boxes.map((b) => wide(meet(a, b)))))
      if (most > TOLERANCE_PX) found.push(`${one.name} and ${other.name} overlap by ${Math.round(most)} px`)
    }
  })
  return found.slice(0, 8)
}"""


async def overlaps(page: Page) -> list[str]:
    """Name what overlaps by more than two pixels, and is not part of the other."""
    found: list[str] = await page.evaluate(_OVERLAPS)
    return found
