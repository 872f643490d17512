/**
 * What both ways to hear HLS have in common (`native.ts`, `hls-js.ts`): joins again by itself when the stream breaks.
 */

import { backoff_s, pause } from './backoff'
import { getJson, HttpError, tellNowAndThen } from './http'
import type { Hooks, Player, Ticket } from './player'

const TICK_MS = 250
const DRY_S = 6
/** Streams attached without a single sound, after which another way of playing has its turn. */
const MOST_SILENT = 3

/** A stream once attached: how far behind live it plays, and how to let go of it. */
export interface Attached {
  latency_s(): number
  detach(): void
}

export abstract class HlsPlayer implements Player {
  abstract readonly name: 'hls.js' | 'native'
  readonly rendition = 'hls'
  readonly received = { bytes: 0, seconds: 0 }
  canSave = false
  stalls = 0
  rejoins = -1
  protected readonly stopped = new AbortController()
  #attached: Attached | null = null
  /** Until the stream that is attached is let go of. */
  #telling = new AbortController()
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
    this.audio.addEventListener('pause', () => this.#sounds && !this.audio.ended && this.#block(), { signal }) // for a call, or for another app
    this.audio.addEventListener('ended', () => void this.hooks.over().then((over) => over || this.#broke()), { signal })
    this.#watchForSilence(signal)
    void this.#run()
  }

  stop(): void {
    this.stopped.abort()
    this.#detach()
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
        if (signal.aborted) return this.#detach()
        this.#tell(held.base).catch(() => {})
        await this.#play()
        if (!this.audio.paused) attempt = 0
        await broken
        if (this.#sounds) ticket = held
        this.#detach()
      } catch (error) {
        const refused = error instanceof HttpError && error.status < 500 && error.status !== 429
        if (refused && (await this.hooks.over())) return
      }
      const wait_s = backoff_s(attempt)
      this.#retryAt_ms = performance.now() + wait_s * 1000
      await pause(wait_s, signal)
    }
  }

  #detach(): void {
    this.#telling.abort()
    this.#attached?.detach()
    this.#attached = null
  }

  /** Behind a cache, which is all that sees what a browser fetches by itself, say that somebody listens. */
  async #tell(base: string): Promise<void> {
    const { signal } = (this.#telling = new AbortController())
    const { beacon_s } = await getJson<{ beacon_s?: number }>(`${base}live.json`)
    if (beacon_s) void tellNowAndThen(`${base}beacon`, beacon_s, signal)
  }

  async #play(): Promise<void> {
    if (this.#blocked) return
    try {
      await this.audio.play()
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') throw error
      this.#block()
    }
  }

  /** A press is wanted before there is sound. */
  #block(): void {
    this.#blocked = true
    this.hooks.playing({ kind: 'blocked' })
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
