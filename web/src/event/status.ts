/** `status.json`: where a space stands, as the door tells it, and how often to ask. */

import type { Person } from '../player/events'

export type State = 'scheduled' | 'late' | 'lobby' | 'live' | 'ended' | 'published' | 'held' | 'deleted' | 'cancelled'

/** A line to the audience. */
export interface Told {
  id: string
  text: string
  /** An http(s) address, or empty. */
  link?: string
  author: string
  /** UTC in milliseconds. */
  at: number
}

export interface Status {
  space: string
  state: State
  title: string
  host: string
  host_verified: boolean
  recording_policy: 'publish' | 'hold' | 'delete'
  starts_at: number
  run: string | null
  listeners: number
  speakers: (Person & { speaking?: boolean })[]
  replay: { mp4: string; hls: string; seconds: number } | null
  /** Why it ended, when not because the host ended it. */
  reason?: string
  /** Newest first. */
  notices: Told[]
  now: number
}

/** What the door writes into the page: the status, and what does not change while it is open. */
export interface Boot extends Status {
  time_zone: string
  urls: { event: string; card: string; m3u: string }
}

const OVER = new Set<State>(['ended', 'published', 'held', 'deleted', 'cancelled'])

/** Whether there is nothing to wait for any more. */
export const isOver = (state: State): boolean => OVER.has(state)

const MINUTE_MS = 60_000
const SOON_MS = 90_000

/** Least and most milliseconds until the next question; a crowd spreads itself between them. */
function interval_ms(state: State, toStart_ms: number): [number, number] {
  if (state === 'lobby' || state === 'ended') return [2000, 4000]
  if (state === 'live') return [4000, 8000]
  if (isOver(state)) return [20_000, 40_000]
  if (Math.abs(toStart_ms) < SOON_MS) return [2000, 5000]
  if (toStart_ms < 0) return toStart_ms > -10 * MINUTE_MS ? [3000, 7000] : [10_000, 20_000]
  return toStart_ms < 10 * MINUTE_MS ? [10_000, 20_000] : [30_000, 60_000]
}

/** Milliseconds until the next poll; never sleeps past the start. `random` is in [0, 1). */
export function nextPoll_ms(state: State, toStart_ms: number, failures: number, random = Math.random()): number {
  if (failures > 0) return Math.min(30_000, 2000 * 2 ** failures) * (0.6 + 0.8 * random)
  const [least, most] = interval_ms(state, toStart_ms)
  const wait = least + (most - least) * random
  const waiting = state === 'scheduled' && toStart_ms > 0
  return waiting ? Math.min(wait, toStart_ms + 3000 * random + 200) : wait
}
