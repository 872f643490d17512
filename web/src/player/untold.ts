/**
 * What a browser that plays HLS by itself does not tell: how far behind live it is, what it has fetched, and
 * which rendition is the cheaper one. Loaded beside the sound. Never plays anything.
 */

import { getJson } from './http'
import type { Behind, HlsPlayer } from './hls'
import type { Rendition } from './rendition'

interface Live {
  run: string
  samples: number
  renditions: (Rendition & { average_bandwidth?: number })[]
  cadence?: number
  next_cadence?: number
  low?: boolean
}

const RATE = 48_000
/** Playlists without parts are of use once there is so much (`HOLD_BACK_S` in `media/hls_live.py`). */
const HOLD_BACK_S = 12

export function behindOf(audio: HTMLAudioElement & { getStartDate?: () => Date }): Behind {
  return () => (Date.now() - Number(audio.getStartDate?.())) / 1000 - audio.currentTime || 0
}

/**
 * The playlist to play: `address`, which names all renditions, or while data is saved that of the cheapest
 * alone. Counts from now on what is heard. Rejects where `live.json` does.
 */
export async function playlistFor(player: HlsPlayer, address: string, signal: AbortSignal): Promise<string> {
  const base = address.slice(0, address.lastIndexOf('/') + 1)
  const live = await getJson<Live>(`${base}live.json`)
  const aac = live.renditions.filter(({ codec }) => codec.startsWith('mp4a'))
  const offered = aac.sort((a, b) => a.bandwidth - b.bandwidth)
  const [cheapest, better] = [offered[0], offered.at(-1)]
  player.canSave = cheapest !== better
  const played = player.saving || live.low ? cheapest : better
  if (played) count(player, (played.average_bandwidth ?? played.bandwidth) / 8, signal)
  if (!cheapest || !player.saving || !player.canSave) return address
  return `${base}${live.run}/${cheapest.name}/${playlistOf(live)}`
}

/** As the edge sends newcomers: without parts while writes are rare, once there is enough. */
function playlistOf({ cadence = 1, next_cadence = 1, samples }: Live): string {
  return Math.max(cadence, next_cadence) > 1 && samples >= HOLD_BACK_S * RATE ? 'plain.m3u8' : 'live.m3u8'
}

/** What is heard was fetched at so many bytes a second; what is jumped over was not. */
function count({ audio, received }: HlsPlayer, bytes_per_s: number, signal: AbortSignal): void {
  let position_s = audio.currentTime
  let at_ms = performance.now()
  audio.addEventListener('timeupdate', () => {
    const now_ms = performance.now()
    const heard_s = Math.max(0, Math.min(audio.currentTime - position_s, (now_ms - at_ms) / 1000))
    position_s = audio.currentTime
    at_ms = now_ms
    received.seconds += heard_s
    received.bytes += heard_s * bytes_per_s
  }, { signal })
}
