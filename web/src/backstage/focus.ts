/**
 * Where the focus goes when what had it is taken off the page, so that nobody begins at the top again: from what
 * was pressed in a list to the same in the next row, or in the one before; else to the heading that it stood under.
 * For whoever is here by keyboard: after a press by hand the space bar is for talking. Does nothing where another
 * says where the focus goes.
 */

const HEADINGS = ':scope > summary, h1, h2, h3'

/** What stands around an element on its screen, the nearest first; nothing where it belongs to no screen. */
export function around(element: Element): Element[] {
  const found: Element[] = []
  for (let each = element.parentElement; each; each = each.parentElement) {
    found.push(each)
    if (each.localName === 'main') return found
  }
  return []
}

/** The heading that something stood under: of what was around it, in the nearest that is still there. */
export function headingOf(places: readonly Element[]): HTMLElement | null {
  for (const place of places) {
    const heading = place.isConnected ? place.querySelector<HTMLElement>(HEADINGS) : null
    if (heading) return heading
  }
  return null
}

/** Focus a heading, which is not otherwise come by. */
export function standOn(heading: HTMLElement | null, options?: FocusOptions): void {
  if (heading && heading.localName !== 'summary') heading.setAttribute('tabindex', '-1')
  heading?.focus(options)
}

/** The same as `gone` in the row after the one that it was taken away with, else in the one before. */
function inNextRow(gone: Element, records: readonly MutationRecord[]): HTMLElement | null {
  const row = gone.closest('li')
  const removal = row && records.find(({ removedNodes }) => Array.from(removedNodes).includes(row))
  if (!removal) return null
  const alike = (within: Element) => Array.from(within.querySelectorAll<HTMLElement>(gone.localName))
  const nth = alike(row).indexOf(gone as HTMLElement)
  const seek = (from: Node | null, on: 'nextSibling' | 'previousSibling') => {
    for (let node = from; node; node = node[on]) {
      const same = node.isConnected && (node as Element).localName === 'li' ? alike(node as Element)[nth] : undefined
      if (same) return same
    }
    return null
  }
  return seek(removal.nextSibling, 'nextSibling') ?? seek(removal.previousSibling, 'previousSibling')
}

/** Keep the focus on this page. A key that is held presses once, whatever stands there by then. */
export function keepFocus(page: Document): void {
  let had: Element | null = null
  let places: Element[] = []
  /** It was pressed. What goes by itself puts no other's button under the finger. */
  let pressed = false

  const note = (element: Element | null, byPress: boolean) => {
    had = element
    places = element ? around(element) : []
    pressed = byPress
  }
  const isNowhere = () => !page.activeElement || page.activeElement === page.body

  page.addEventListener('focusin', ({ target }) => note(target as Element, false))
  page.addEventListener('click', ({ detail }) => note(detail > 0 ? null : page.activeElement, true), true)
  page.addEventListener('keydown', (event) => {
    if (event.repeat && event.key === 'Enter' && (event.target as Element).localName === 'button') event.preventDefault()
  }, true)

  const watch = new MutationObserver((records) => {
    if (!had || had.isConnected || !isNowhere()) return
    const next = pressed ? inNextRow(had, records) : null
    const [stood, byPress] = [places, pressed]
    note(null, false)
    setTimeout(() => {
      if (!isNowhere()) return
      if (next?.isConnected) next.focus()
      else standOn(headingOf(stood), { preventScroll: !byPress })
    })
  })
  watch.observe(page.body, { childList: true, subtree: true })
}
