/**
 * Events of one run wait here until their moment is heard. Bounded: of too many, the oldest go first (a snapshot
 * follows). Each has a moment of its own: what is told a second time says what lasts, not what is of one moment.
 */

import type { RoomEvent } from './events'

const MOST_WAITING = 256
const RATE = 48_000

export class Timeline {
  #waiting: RoomEvent[] = []
  /** The latest moment handed out. */
  #told = -1

  add(events: RoomEvent[]): void {
    this.#waiting = [...this.#waiting, ...events].slice(-MOST_WAITING)
  }

  /** Take the events whose moment has come, in order. */
  due(heard_s: number): RoomEvent[] {
    const due = this.#waiting.filter(({ at }) => at <= heard_s * RATE)
    this.#waiting = this.#waiting.slice(due.length)
    for (const event of due) {
      if (event.at > this.#told) this.#told = event.at
      else event.captions = event.reactions = undefined
    }
    return due
  }

  /** Forget what waits from sample `from` on, which comes once more or is jumped over. */
  clear(from: number): void {
    this.#waiting = this.#waiting.filter(({ at }) => at < from)
  }
}
