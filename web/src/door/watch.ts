/** Asks the door for one of its status files again and again, at the pace that each answer tells. */

import { getJson, type HttpError } from '../player/http'
import { nextPoll_ms } from './pace'

/** What every status file says besides its own. */
export interface Paced {
  poll_ms: number
}

export interface Unreachable {
  retry_at_ms: number
}

export interface Watcher<T> {
  learned(told: T): void
  unreachable(state: Unreachable | null): void
  /** Whether somebody waits for news even while the page is hidden. */
  waits(): boolean
  /** It wants news at least so often; null: as the door tells. */
  most_ms?(): number | null
  /** There is nothing to be told any more, or not to this visitor. It is asked for again all the same. */
  gone?(): void
}

/** A pass that has ended, or a space that is no more: the door has a page for each, and for some another pass. */
export const isGone = (error: unknown): boolean => [403, 404, 410].includes((error as Partial<HttpError>).status!)

export class Watch<T extends Paced> {
  #timer = 0
  #failures = 0
  #asking: Promise<T> | null = null
  #running = false

  constructor(
    private readonly address: string,
    private poll_ms: number,
    private readonly watcher: Watcher<T>,
  ) {
    document.addEventListener('visibilitychange', () => document.hidden || this.#soon())
    addEventListener('online', () => this.#soon())
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.next()
  }

  stop(): void {
    this.#running = false
    clearTimeout(this.#timer)
  }

  /** Ask now. Rejects when the door cannot be reached. */
  ask(): Promise<T> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null))
    return this.#asking
  }

  async #ask(): Promise<T> {
    const told = await getJson<T>(this.address)
    this.poll_ms = told.poll_ms
    this.#failures = 0
    this.watcher.unreachable(null)
    this.watcher.learned(told)
    return told
  }

  async #poll(): Promise<void> {
    try {
      await this.ask()
    } catch (error) {
      if (isGone(error)) this.watcher.gone?.()
      this.#failures += 1
    }
    this.next()
  }

  /** Ask next when that is due, by what was told last or just now. */
  next(poll_ms = Math.min(this.poll_ms, this.watcher.most_ms?.() ?? Infinity)): void {
    if (!this.#running) return
    clearTimeout(this.#timer)
    const wait_ms = nextPoll_ms(poll_ms, document.hidden && !this.watcher.waits(), this.#failures)
    this.#timer = window.setTimeout(() => void this.#poll(), wait_ms)
    // One failure is not yet news: the next question may come through.
    if (this.#failures > 1) this.watcher.unreachable({ retry_at_ms: performance.now() + wait_ms })
  }

  #soon(): void {
    if (!this.#running) return
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => void this.#poll(), 1000 * Math.random())
  }
}
