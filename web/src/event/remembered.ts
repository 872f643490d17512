/** Under these, and the space's id: its place in line, kept by the browser, and its ticket, kept by the tab. */
export const PLACE = 'rostra.place.'
export const TICKET = 'rostra.ticket.'
/** In the place of a ticket: the page was loaded anew because the door let nobody in with what it had, and goes on by itself. */
export const ANEW = 'null'

/**
 * What this browser remembers for us under `key`; null where it does not. `value` is remembered from now on, null
 * forgotten: in private windows and locked-down browsers for this visit at most. `where`: by this tab alone.
 */
export function remembered(key: string, value?: string | null, where: 'local' | 'session' = 'local'): string | null {
  try {
    const store = window[`${where}Storage`]
    if (value === null) store.removeItem(key)
    else if (value !== undefined) store.setItem(key, value)
    return store.getItem(key)
  } catch {
    return value ?? null
  }
}

/** Something chosen or not, remembered so. */
export const chosen = (key: string) => ({
  get on(): boolean {
    return remembered(key) !== null
  },
  set on(wanted: boolean) {
    remembered(key, wanted ? '' : null)
  },
})
