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

/** Of a stream once attached: how many seconds behind live it plays. */
export type Behind = () => number

/** The stream that is attached is of no more use; `status` is what it was answered, where that is known. */
export type Broke = (status?: number) => void

/** Not what another try would mend: the door knows what holds now. */
const isRefusal = (error: unknown): error is HttpError => error instanceof HttpError && error.status < 500

export abstract class HlsPlayer implements Player {
  abstract readonly name: 'hls.js' | 'native'
  readonly rendition = 'hls'
  readonly received = { bytes: 0, seconds: 0 }
  canSave = false
  stalls = 0
  rejoins = -1
  readonly #stopped = new AbortController()
  /** While a stream is attached. */
  #behind_s: Behind | null = null
  /** Until the stream that is attached is let go of. */
  #attachment = new AbortController()
  #broke: Broke = () => {}
  #retryAt_ms = 0
  /** The browser wants a press first: silence is not a fault then. */
  #blocked = false
  /** Streams attached before the first sound. */
  #silent = 0
  #heard = false
  /** Whether the stream that is attached was heard. */
  #sounds = false

  constructor(
    readonly audio: HTMLAudioElement,
    protected readonly hooks: Hooks,
    public saving: boolean,
  ) {}

  /** Play what is there, until `signal` is aborted. */
  protected abstract attach(address: string, signal: AbortSignal, broke: Broke): Promise<Behind>

  get latency_s(): number {
    return this.#behind_s?.() ?? 0
  }

  start(): void {
    const { signal } = this.#stopped
    this.hooks.playing({ kind: 'starting' })
    this.audio.addEventListener('waiting', () => (this.stalls += 1), { signal })
    this.audio.addEventListener('error', () => this.#broke(), { signal })
    this.audio.addEventListener('pause', () => this.#sounds && !this.audio.ended && this.#block(), { signal }) // for a call, or for another app
    this.audio.addEventListener('ended', () => this.#sounds && this.hooks.over().then((over) => over || this.#broke()), { signal }) // not of the silence that unlocked it
    this.#watchForSilence(signal)
    void this.#run()
  }

  stop(): void {
    this.#stopped.abort()
    this.#detach()
  }

  /** Nothing to wait for: that the programme is over is learnt here when its last sound has been heard. */
  async finish(): Promise<void> {}

  /** What plays is let go of, and another stream is attached. */
  save(saving: boolean): void {
    this.saving = saving
    this.#broke()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    /** Tried again until the edge refuses it: it is good for five minutes, past a full door. */
    let ticket: Ticket | null = null
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      this.rejoins += 1
      try {
        ticket ??= await this.hooks.join()
        if (signal.aborted) return
        if (!this.#heard && this.#silent++ >= MOST_SILENT) return this.hooks.failed()
        const broken = new Promise<number | undefined>((resolve) => (this.#broke = resolve))
        this.#sounds = false
        this.#attachment = new AbortController()
        this.#behind_s = await this.attach(`${ticket.base}index.m3u8`, this.#attachment.signal, this.#broke)
        if (signal.aborted) return
        await Promise.race([broken, Promise.all([this.#play(), this.#tell(ticket.base), broken])])
        if (this.#sounds) attempt = 0
        const status = await broken // Not known is not a refusal, as nothing is not above a number.
        if (status! >= 400) throw new HttpError(status!)
      } catch (error) {
        if (isRefusal(error)) {
          ticket = null
          if (error.status !== 429 && (await this.hooks.over())) return
        }
      } finally {
        this.#detach()
      }
      const wait_s = backoff_s(attempt)
      this.#retryAt_ms = performance.now() + wait_s * 1000
      await pause(wait_s, signal)
    }
  }

  #detach(): void {
    this.#attachment.abort()
    this.#behind_s = null
  }

  /** Behind a cache, which is all that sees what a browser fetches by itself, say that somebody listens. Rejects with a refusal. */
  async #tell(base: string): Promise<void> {
    const { signal } = this.#attachment
    try {
      const { beacon_s } = await getJson<{ beacon_s?: number }>(`${base}live.json`)
      if (beacon_s) void tellNowAndThen(`${base}beacon`, beacon_s, signal)
    } catch (error) {
      if (isRefusal(error)) throw error
    }
  }

  async #play(): Promise<void> {
    if (this.#blocked) return
    try {
      await this.audio.play()
    } catch (error) {
      if ((error as DOMException).name !== 'NotAllowedError') throw error
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
      const ready = this.#behind_s !== null && !paused && readyState >= HTMLMediaElement.HAVE_FUTURE_DATA
      const moving = ready && currentTime > position
      position = currentTime
      if (moving) {
        this.#heard = this.#sounds = true
        this.#blocked = false
      }
      const now_ms = performance.now()
      if (moving || this.#blocked) heardAt_ms = now_ms
      if (moving) {
        this.hooks.playing({ kind: 'playing', course: 'live' })
      } else if (now_ms - heardAt_ms > DRY_S * 1000) {
        heardAt_ms = now_ms
        this.#broke()
        this.hooks.playing({ kind: 'reaching', retry_at_ms: this.#retryAt_ms })
      }
    }, TICK_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
  }
}
