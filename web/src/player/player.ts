/** What every way of playing a live space offers, and what it tells the page. */

import type { RoomEvent } from './events'

/** Where the audio of a space is, for this listener: the door's answer to `join`. */
export interface Ticket {
  base: string
  run: string
}

export type Playing =
  | { kind: 'starting' }
  | { kind: 'playing' }
  /** The browser wants another press before it lets sound out. */
  | { kind: 'blocked' }
  /** No audio comes; the next try is at `retry_at_ms` (page clock). */
  | { kind: 'reaching'; retry_at_ms: number }

export interface Hooks {
  join(): Promise<Ticket>
  playing(state: Playing): void
  /** Called when the event's moment is heard, not when it arrives. */
  event(event: RoomEvent): void
  /** The edge or the door says that there is nothing to hear; true when the space is indeed no longer live. */
  over(): Promise<boolean>
  /** This way of playing does not work here; another should be tried. */
  failed(): void
}

export interface Player {
  readonly name: 'mse' | 'hls.js' | 'native'
  /** Seconds behind the sample clock, as well as this player can tell. */
  readonly latency_s: number
  readonly stalls: number
  readonly rejoins: number
  readonly rendition: string
  /** Called in the handler of the press that started it. */
  start(): void
  stop(): void
}
