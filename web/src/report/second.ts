/** Which second of the programme a listener hears. */

import type { Status } from '../event/status'
import type { Player } from '../player/player'

export interface Heard {
  status: Status
  audio: HTMLAudioElement
  player: Player | null
}

/** By the recording, or our own player; by the clock for players that do not tell; 0 before it is live. */
export function secondOf({ status, audio, player }: Heard): number {
  const { replay, state, anchor_utc_ns } = status
  if (replay || player?.name === 'mse') return Math.floor(audio.currentTime)
  if (state !== 'live' || !anchor_utc_ns) return 0
  return Math.max(0, Math.floor((Date.now() - anchor_utc_ns / 1e6) / 1000 - (player?.latency_s ?? 0)))
}
