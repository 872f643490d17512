/** Which of its faces the page shows: one word from where the space stands and what the listener did. */

import type { Listening } from './listening'
import type { State } from './status'

export type Scene = Exclude<State, 'live'> | 'armed' | 'invite' | Exclude<Listening['kind'], 'off' | 'armed'>

export function sceneOf(state: State, listening: Listening['kind']): Scene {
  if (state === 'live') return listening === 'off' || listening === 'armed' ? 'invite' : listening
  const waiting = state === 'scheduled' || state === 'late' || state === 'lobby'
  return waiting && listening === 'armed' ? 'armed' : state
}
