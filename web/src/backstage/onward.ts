/** Where an address asks to go on to, if that is a place of this site. Pure. */

/**
 * The path and query of `next`, seen from the page at `here`; null where it leads to another site. A path that begins
 * with two slashes does, once it is read again: `/.//other.example` becomes one when its dots are resolved.
 */
export function withinSite(next: string, here: string): string | null {
  if (!next.startsWith('/') || !URL.canParse(next, here)) return null
  const { origin, pathname, search } = new URL(next, here)
  return origin === new URL(here).origin && !pathname.startsWith('//') ? pathname + search : null
}
