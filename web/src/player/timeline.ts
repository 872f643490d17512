/** Events wait here until their moment is heard. Bounded: of too many, the oldest go first (a snapshot follows). */

import type { RoomEvent } from './events'

const MOST_WAITING = 256
const RATE = 48_000

export class Timeline {
  #waiting: RoomEvent[] = []

  add(events: RoomEvent[]): void {
    this.#waiting.push(...events)
    if (this.#waiting.length > MOST_WAITING) this.#waiting.splice(0, this.#waiting.length - MOST_WAITING)
  }

  /** Take the events whose moment has come, in order. */
  due(heard_s: number): RoomEvent[] {
    const sample = heard_s * RATE
    const later = this.#waiting.findIndex((event) => event.at > sample)
    return this.#waiting.splice(0, later < 0 ? this.#waiting.length : later)
  }

  clear(): void {
    this.#waiting = []
  }
}
