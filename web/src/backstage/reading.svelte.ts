/**
 * One document of the API, read when asked and again every so often. The one owner of its retries:
 * says what is wrong, and when it tries next. Changes nothing on the server.
 */

import { ApiError, sentence } from './api'

export type Trouble =
  | { kind: 'offline' }
  /** The next try is at `retry_at_ms` (page clock). */
  | { kind: 'unreachable'; retry_at_ms: number }
  /** It answered, and could not do it; tried again too. */
  | { kind: 'failed'; sentence: string; retry_at_ms: number }
  /** Refused: another try would be refused too. */
  | { kind: 'refused'; status: number; code: string; sentence: string }

const MOST_WAIT_MS = 15_000

export class Reading<T> {
  value = $state.raw<T | null>(null)
  trouble = $state.raw<Trouble | null>(null)
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #number = 0
  #stopped = false

  /** `again_ms`: how often it is read anew while the page is seen; 0 for once. */
  constructor(
    private readonly read: () => Promise<T>,
    private readonly again_ms = 0,
  ) {}

  /** Begin; returns what ends it, for `onMount`. */
  start(): () => void {
    const online = () => void this.now()
    const offline = () => (this.trouble = { kind: 'offline' })
    addEventListener('online', online)
    addEventListener('offline', offline)
    void this.now()
    return () => {
      this.#stopped = true
      clearTimeout(this.#timer)
      removeEventListener('online', online)
      removeEventListener('offline', offline)
    }
  }

  /** Read now. Of several at a time, the last one counts. Never rejects: see `trouble`. */
  async now(): Promise<void> {
    clearTimeout(this.#timer)
    const number = ++this.#number
    try {
      const value = await this.read()
      if (number !== this.#number || this.#stopped) return
      this.value = value
      this.trouble = null
      this.#failures = 0
      if (this.again_ms) this.#timer = setTimeout(() => this.#unlessHidden(), this.again_ms)
    } catch (error) {
      if (number === this.#number && !this.#stopped) this.#failed(error)
    }
  }

  #unlessHidden(): void {
    if (!document.hidden) return void this.now()
    document.addEventListener('visibilitychange', () => this.#stopped || void this.now(), { once: true })
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
      this.trouble = { kind: 'refused', status: error.status, code: error.code, sentence: sentence(error) }
      return
    }
    if (!navigator.onLine) {
      this.trouble = { kind: 'offline' }
      return
    }
    const wait_ms = Math.min(MOST_WAIT_MS, 1000 * 2 ** this.#failures) * (0.75 + 0.5 * Math.random())
    this.#failures += 1
    const retry_at_ms = performance.now() + wait_ms
    const answered = error instanceof ApiError && error.status > 0
    this.trouble = answered ? { kind: 'failed', sentence: sentence(error), retry_at_ms } : { kind: 'unreachable', retry_at_ms }
    this.#timer = setTimeout(() => void this.now(), wait_ms)
  }
}
