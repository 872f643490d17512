/** When a conversation begins, for whoever is told. Pure. */

/** As `status.json` says it: its lifecycle, and `late` until somebody comes, `lost` where a fault left no recording. */
export type State = 'scheduled' | 'late' | 'lobby' | 'live' | 'ended' | 'lost' | 'published' | 'held' | 'deleted' | 'cancelled'

export interface Begun {
  state: State
  starts_at: number
  live_at: number | null
}

const TO_COME: State[] = ['scheduled', 'late', 'lobby', 'live']

/** Whether there is nothing to wait for any more. */
export const isOver = (state: State): boolean => !TO_COME.includes(state)

/** Live so much before the announced start is early. */
const EARLY_MS = 60_000

/** When it begins, as announced; once it is over, or live early, when it really was live. */
export const begunAt = ({ state, starts_at, live_at }: Begun): number => ((isOver(state) || live_at! < starts_at - EARLY_MS) && live_at) || starts_at
