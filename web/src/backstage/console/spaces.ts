/** The spaces that one may see, a page at a time. */

import { call, type Lifecycle, type Space } from '../api'

export interface Listing {
  spaces: Space[]
  /** There are older ones. */
  more: boolean
}

/** Where the console shows the link of a space that was just scheduled. */
export const afterScheduling = (space: string) => `/console?scheduled=${space}`

/** Of one request; the most that the API gives. */
const PAGE = 100
/** Requests at most for all that comes: five hundred announced conversations fill no screen. */
const MOST_PAGES = 5

/** Spaces in these states, latest start first, so many pages of them. */
export async function list(states: readonly Lifecycle[], { pages = MOST_PAGES, limit = PAGE } = {}): Promise<Listing> {
  const spaces: Space[] = []
  let after: string | null = null
  for (let page = 0; page < pages; page += 1) {
    const query = new URLSearchParams({ limit: String(limit) })
    for (const state of states) query.append('state', state)
    if (after !== null) query.set('after', after)
    const answer: { spaces: Space[]; next: string | null } = await call('GET', `/spaces?${query}`)
    spaces.push(...answer.spaces)
    after = answer.next
    if (after === null) break
  }
  return { spaces, more: after !== null }
}
