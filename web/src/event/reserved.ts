/** A reserved link: `#r=` of the address, kept in this browser for its space and taken out of the address bar. */

const KEY = 'rostra.reserved.'
const SHAPE = /^#r=([A-Za-z0-9_-]{48})$/

/** Take what the address brings; return what this browser holds for `space`, or an empty text. */
export function reservedFor(space: string): string {
  const brought = SHAPE.exec(location.hash)?.[1]
  if (brought) history.replaceState(history.state, '', location.pathname + location.search)
  try {
    if (brought) localStorage.setItem(KEY + space, brought)
    return localStorage.getItem(KEY + space) ?? ''
  } catch {
    return brought ?? '' // A private window: it holds for this visit.
  }
}
