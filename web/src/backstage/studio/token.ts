/** The key of a speaker's link: read from the fragment, kept for this tab while it holds, gone from the address bar at once. */

const slot = (space: string) => `rostra.key.${space}`

/** The key for this space; null for people who came without a link. */
export function takeToken(space: string): string | null {
  const fresh = /^#k=(.+)$/.exec(location.hash)?.[1]
  if (fresh) {
    sessionStorage.setItem(slot(space), decodeURIComponent(fresh))
    history.replaceState(null, '', location.pathname + location.search)
  }
  return sessionStorage.getItem(slot(space))
}

/** Backstage knows this key no more: without it, whoever comes here next comes as who they are signed in as. */
export function forgetToken(space: string): void {
  sessionStorage.removeItem(slot(space))
}

/** The path of this page with its key, if it came with one: what opens it elsewhere. */
export function wholePath(): string {
  const space = /^\/studio\/([a-z0-9]+)/.exec(location.pathname)?.[1]
  const key = space ? takeToken(space) : null
  return location.pathname + (key ? `#k=${encodeURIComponent(key)}` : '')
}
