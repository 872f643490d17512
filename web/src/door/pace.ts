/** When an open page asks the door again: as the door told it, later when nobody looks or nobody answers. Pure. */

const HIDDEN_MS = 20_000
const MOST_BACKOFF_MS = 30_000

/**
 * Milliseconds until the next question. `poll_ms` is the most that the door told; pages spread themselves below it
 * (`admission/polling.py` counts on their mean). `hidden`: nobody looks at the page. `random` is in [0, 1).
 */
export function nextPoll_ms(poll_ms: number, hidden: boolean, failures: number, random = Math.random()): number {
  if (failures > 0) return Math.min(MOST_BACKOFF_MS, 2000 * 2 ** failures) * (0.6 + 0.8 * random)
  return Math.max(poll_ms, hidden ? HIDDEN_MS : 0) * (0.7 + 0.3 * random)
}
