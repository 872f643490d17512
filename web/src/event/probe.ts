/** What `window.rostra` tells tests and the curious of an event page. Only its shape is here. */

import type { Listening } from './listening'
import type { Scene } from './scene'
import type { Status } from './status'

export interface Probe {
  readonly scene: Scene
  /** What the listener hears or waits for: `off`, `armed`, `starting`, `playing`, `blocked`, `reaching`, `unplayable`. */
  readonly state: Listening['kind']
  readonly player: string
  readonly rendition: string
  /** Behind the sample clock, in seconds. */
  readonly latency_s: number
  readonly stalls: number
  /** How often the player joined again. */
  readonly rejoins: number
  /** Silent, because its owner is on stage in another tab. */
  readonly hushed: boolean
  /** Of this visit, in bytes. */
  readonly received: number
  /** From the press to sound; null before. */
  readonly first_audio_ms: number | null
  readonly status: Status
}

declare global {
  interface Window {
    rostra: Probe
  }
}
