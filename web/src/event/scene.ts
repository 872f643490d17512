/** Which of its faces the page shows: one word from where the space stands and what the listener did. */

import type { Listening } from './listening'
import type { State } from './begun'

export type Scene = Exclude<State, 'live'> | 'armed' | 'invite' | 'waiting' | Exclude<Listening['kind'], 'off' | 'armed'>

/** `waits`: whoever listens, or wants to, has a place in line. */
export function sceneOf(state: State, listening: Listening['kind'], waits = false): Scene {
  const ahead = state === 'scheduled' || state === 'late' || state === 'lobby'
  if (waits && listening !== 'off' && (ahead || state === 'live')) return 'waiting'
  if (state === 'live') return listening === 'off' || listening === 'armed' ? 'invite' : listening
  return ahead && listening === 'armed' ? 'armed' : state
}
