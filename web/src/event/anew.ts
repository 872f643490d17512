/**
 * Loading the page anew where the door refuses what it asks for: the door's page says why, or brings another pass. What
 * refuses may be a wall before the door that lets pages through, so one tab does so every few minutes at most. Loaded when
 * something is refused.
 */

import { ANEW, remembered, TICKET } from './remembered'
import type { Status } from './status'

const KEY = 'rostra.anew.'
/** Until it is tried again, unless that helped. */
const PATIENCE_MS = 300_000

/**
 * Load the page anew, if that was not tried just now and no recording is heard. `shutOut`: they listened, are not let in any
 * more, and go on by themselves where they may; it helped whoever was let in since.
 */
export function loadAnew({ space, replay }: Status, { paused }: HTMLAudioElement, shutOut: boolean): void {
  if (replay && !paused) return
  const key = KEY + space
  const helped = shutOut && remembered(TICKET + space, undefined, 'session') !== ANEW
  if (Date.now() - Number(remembered(key, undefined, 'session')) < PATIENCE_MS && !helped) return
  remembered(key, String(Date.now()), 'session')
  // A browser that keeps nothing does not know either: its page has to be that old.
  if (remembered(key, undefined, 'session') === null && performance.now() < PATIENCE_MS) return
  if (shutOut) remembered(TICKET + space, ANEW, 'session')
  location.reload()
}
