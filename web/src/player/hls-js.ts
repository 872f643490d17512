/** HLS by hls.js, which is loaded only where it is needed, as this file is. */

import { HlsPlayer, type Behind, type Broke } from './hls'
import { readId3 } from './id3'
import { FASTEST } from './rates'

/** The end of a playlist is this close to the programme. */
const PLAUSIBLE_S = 5

export class HlsJsPlayer extends HlsPlayer {
  readonly name = 'hls.js'
  #hls: { levels: unknown[]; nextLevel: number } | null = null

  /** What plays goes on at another level. */
  override save(saving: boolean): void {
    this.saving = saving
    if (this.#hls) this.#hls.nextLevel = this.#level
  }

  /** Levels stand in the order of what they cost; below zero, hls.js chooses. */
  get #level(): number {
    return this.saving ? 0 : -1
  }

  protected async attach(address: string, signal: AbortSignal, broke: Broke): Promise<Behind> {
    const { default: Hls } = await import('hls.js/light')
    signal.throwIfAborted()
    const hls = new Hls({ lowLatencyMode: true, maxLiveSyncPlaybackRate: FASTEST, backBufferLength: 30 })
    this.#hls = hls
    hls.on(Hls.Events.MANIFEST_PARSED, (_name, { levels }) => {
      this.canSave = levels.length > 1
      hls.loadLevel = this.#level
    })
    hls.on(Hls.Events.FRAG_BUFFERED, (_name, { stats, frag, part }) => {
      this.received.bytes += stats.loaded
      this.received.seconds += (part ?? frag).duration
    })
    hls.on(Hls.Events.ERROR, (_name, data) => data.fatal && broke(data.response?.code))
    hls.on(Hls.Events.FRAG_PARSING_METADATA, (_name, data) => {
      for (const sample of data.samples) {
        const event = readId3(sample.data)
        if (event) this.hooks.event(event)
      }
    })
    hls.loadSource(address)
    hls.attachMedia(this.audio)
    signal.addEventListener('abort', () => hls.destroy())
    return () => behind_s(hls.playingDate, hls.latency)
  }
}

/** By the date that the playlist gives what is heard, where this machine's clock agrees with the server's; else from its end. */
function behind_s(playing: Date | null, fromEnd_s: number): number {
  const byDate_s = playing ? (Date.now() - playing.getTime()) / 1000 : NaN
  return Math.abs(byDate_s - fromEnd_s) < PLAUSIBLE_S ? byDate_s : fromEnd_s
}
