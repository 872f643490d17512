/** The way to what was said in a space. Pure. */

import { COMING } from './console/choices'
import type { Lifecycle } from './api'

/** An event page's address leads on where its space has moved; once that is over, its own page is asked for: the recording is there. */
export function ownPage(address: string, { state, moved }: { state: Lifecycle; moved: boolean }): string {
  return moved && !COMING.includes(state) ? `${address}?stay` : address
}
