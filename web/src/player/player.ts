/** What every way of playing a live space offers, and what it tells the page. */

import type { RoomEvent } from './events'

/** Where the audio of a space is, for this listener: the door's answer to `join`. */
export interface Ticket {
  base: string
  /** By itself, for the door. */
  ticket: string
  run: string
}

/** How it plays: close behind, on the way back to there, or dry for a moment while the network is slow. */
export type Course = 'live' | 'catching_up' | 'waiting'

export type Playing =
  | { kind: 'starting' }
  | { kind: 'playing'; course: Course }
  /** The browser wants another press before it lets sound out. */
  | { kind: 'blocked' }
  /** No audio comes; the next try is at `retry_at_ms` (page clock). */
  | { kind: 'reaching'; retry_at_ms: number }

/** What a listener's data plan pays for. */
export interface Received {
  bytes: number
  /** Of audio. */
  seconds: number
}

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
  /** Estimated where the browser fetches by itself and does not tell. */
  readonly received: Received
  /** Whether there is a cheaper rendition to switch to. */
  readonly canSave: boolean
  /** Called in the handler of the press that started it. */
  start(): void
  stop(): void
  /** The programme is over: resolves once what is in hand has been heard, or cannot be. Call `stop` then. */
  finish(): Promise<void>
  /** Listen to the cheaper rendition, or to the better one again. */
  save(saving: boolean): void
}
