/**
 * HLS by the browser itself (iPhone, iPad, and wherever nothing else works), or by hls.js, which is loaded
 * only when it is needed, as this file is. Joins again by itself when the stream breaks.
 */

import { backoff_s, pause } from './backoff'
import { readId3 } from './events'
import { HttpError } from './http'
import { watchMetadata } from './metadata'
import type { Hooks, Player, Ticket } from './player'
import { FASTEST } from './steering'

const TICK_MS = 250
const DRY_S = 6
/** The end of a playlist is this close to the programme. */
const PLAUSIBLE_S = 5
/** Streams attached without a single sound, after which another way of playing has its turn. */
const MOST_SILENT = 3

/** A stream once attached: how far behind live it plays, and how to let go of it. */
interface Attached {
  latency_s(): number
  detach(): void
}

abstract class HlsPlayer implements Player {
  abstract readonly name: 'hls.js' | 'native'
  readonly rendition = 'hls'
  readonly received = { bytes: 0, seconds: 0 }
  canSave = false
  stalls = 0
  rejoins = -1
  protected readonly stopped = new AbortController()
  #attached: Attached | null = null
  #broke: () => void = () => {}
  #retryAt_ms = 0
  /** The browser wants a press first: silence is not a fault then. */
  #blocked = false
  /** Streams attached before the first sound. */
  #silent = 0
  #heard = false
  /** Whether the stream that is attached was heard. */
  #sounds = false

  constructor(
    protected readonly audio: HTMLAudioElement,
    protected readonly hooks: Hooks,
    protected saving: boolean,
  ) {}

  protected abstract attach(address: string, broke: () => void): Promise<Attached>

  get latency_s(): number {
    return this.#attached?.latency_s() ?? 0
  }

  start(): void {
    const { signal } = this.stopped
    this.hooks.playing({ kind: 'starting' })
    this.audio.addEventListener('waiting', () => (this.stalls += 1), { signal })
    this.audio.addEventListener('error', () => this.#broke(), { signal })
    this.audio.addEventListener('ended', () => void this.hooks.over().then((over) => over || this.#broke()), { signal })
    this.#watchForSilence(signal)
    void this.#run()
  }

  stop(): void {
    this.stopped.abort()
    this.#attached?.detach()
  }

  /** Nothing to wait for: that the programme is over is learnt here when its last sound has been heard. */
  async finish(): Promise<void> {}

  save(saving: boolean): void {
    this.saving = saving
  }

  async #run(): Promise<void> {
    const { signal } = this.stopped
    /** One that let us in is tried again first: the edge takes it for five minutes, past a full door. */
    let ticket: Ticket | null = null
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      this.rejoins += 1
      try {
        const held: Ticket = ticket ?? (await this.hooks.join())
        ticket = null
        if (signal.aborted) return
        if (!this.#heard && this.#silent++ >= MOST_SILENT) return this.hooks.failed()
        const broken = new Promise<void>((resolve) => (this.#broke = resolve))
        this.#sounds = false
        this.#attached = await this.attach(`${held.base}index.m3u8`, this.#broke)
        if (signal.aborted) return this.#attached.detach()
        await this.#play()
        if (!this.audio.paused) attempt = 0
        await broken
        if (this.#sounds) ticket = held
        this.#attached.detach()
        this.#attached = null
      } catch (error) {
        const refused = error instanceof HttpError && error.status < 500 && error.status !== 429
        if (refused && (await this.hooks.over())) return
      }
      const wait_s = backoff_s(attempt)
      this.#retryAt_ms = performance.now() + wait_s * 1000
      await pause(wait_s, signal)
    }
  }

  async #play(): Promise<void> {
    try {
      await this.audio.play()
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') throw error
      this.#blocked = true
      this.hooks.playing({ kind: 'blocked' })
    }
  }

  #watchForSilence(signal: AbortSignal): void {
    let heardAt_ms = performance.now()
    let position = -1
    const timer = setInterval(() => {
      const { paused, currentTime, readyState } = this.audio
      const ready = this.#attached !== null && !paused && readyState >= HTMLMediaElement.HAVE_FUTURE_DATA
      const moving = ready && currentTime > position
      position = currentTime
      if (moving) {
        this.#heard = this.#sounds = true
        this.#blocked = false
      }
      if (this.#blocked) {
        heardAt_ms = performance.now()
      } else if (moving) {
        heardAt_ms = performance.now()
        this.hooks.playing({ kind: 'playing', course: 'live' })
      } else if (performance.now() - heardAt_ms > DRY_S * 1000) {
        heardAt_ms = performance.now()
        this.#broke()
        this.hooks.playing({ kind: 'reaching', retry_at_ms: this.#retryAt_ms })
      }
    }, TICK_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
  }
}

class NativePlayer extends HlsPlayer {
  readonly name = 'native'

  protected async attach(address: string): Promise<Attached> {
    this.audio.src = address
    watchMetadata(this.audio, (event) => this.hooks.event(event), this.stopped.signal)
    const startsAt_ms = (this.audio as { getStartDate?: () => Date }).getStartDate
    return {
      latency_s: () => {
        const start = startsAt_ms?.call(this.audio).getTime() ?? NaN
        const behind = (Date.now() - start) / 1000 - this.audio.currentTime
        return Number.isFinite(behind) ? behind : 0
      },
      detach: () => this.audio.removeAttribute('src'),
    }
  }
}

class HlsJsPlayer extends HlsPlayer {
  readonly name = 'hls.js'
  #hls: { levels: unknown[]; nextLevel: number } | null = null

  override save(saving: boolean): void {
    super.save(saving)
    if (this.#hls) this.#hls.nextLevel = this.#level
  }

  /** Levels stand in the order of what they cost; below zero, hls.js chooses. */
  get #level(): number {
    return this.saving ? 0 : -1
  }

  protected async attach(address: string, broke: () => void): Promise<Attached> {
    const { default: Hls } = await import('hls.js/light')
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
    hls.on(Hls.Events.ERROR, (_name, data) => data.fatal && broke())
    hls.on(Hls.Events.FRAG_PARSING_METADATA, (_name, data) => {
      for (const sample of data.samples) {
        const event = readId3(sample.data)
        if (event) this.hooks.event(event)
      }
    })
    hls.loadSource(address)
    hls.attachMedia(this.audio)
    return { latency_s: () => behind_s(hls.playingDate, hls.latency), detach: () => hls.destroy() }
  }
}

export const PLAYERS = { native: NativePlayer, 'hls.js': HlsJsPlayer }

/** By the date that the playlist gives what is heard, where this machine's clock agrees with the server's; else from its end. */
function behind_s(playing: Date | null, fromEnd_s: number): number {
  const byDate_s = playing ? (Date.now() - playing.getTime()) / 1000 : NaN
  return Math.abs(byDate_s - fromEnd_s) < PLAUSIBLE_S ? byDate_s : fromEnd_s
}
