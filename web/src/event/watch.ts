/** Asks the door for the status again and again, with jitter, while nobody listens here. */

import { getJson, HttpError } from '../player/http'
import { nextPoll_ms, type Status } from './status'

export interface Unreachable {
  retry_at_ms: number
}

/** A pass that has expired, or a space that is no more: the door has a page for each. */
const GONE = new Set([403, 404, 410])

export class Watch {
  #timer = 0
  #failures = 0
  #asking: Promise<Status> | null = null
  #running = false

  constructor(
    private readonly address: string,
    private status: Status,
    private readonly changed: (status: Status) => void,
    private readonly unreachable: (state: Unreachable | null) => void,
  ) {
    document.addEventListener('visibilitychange', () => document.hidden || this.#soon())
    addEventListener('online', () => this.#soon())
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#schedule()
  }

  stop(): void {
    this.#running = false
    clearTimeout(this.#timer)
  }

  /** Ask now. Rejects when the door cannot be reached. */
  ask(): Promise<Status> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null))
    return this.#asking
  }

  async #ask(): Promise<Status> {
    const status = await getJson<Status>(this.address)
    this.status = status
    this.#failures = 0
    this.unreachable(null)
    this.changed(status)
    return status
  }

  async #poll(): Promise<void> {
    try {
      await this.ask()
    } catch (error) {
      if (error instanceof HttpError && GONE.has(error.status)) return location.reload()
      this.#failures += 1
    }
    this.#schedule()
  }

  #schedule(): void {
    if (!this.#running) return
    clearTimeout(this.#timer)
    const wait_ms = nextPoll_ms(this.status.state, this.status.starts_at - Date.now(), this.#failures)
    this.#timer = window.setTimeout(() => void this.#poll(), wait_ms)
    // One failure is not yet news: the next question may come through.
    if (this.#failures > 1) this.unreachable({ retry_at_ms: performance.now() + wait_ms })
  }

  #soon(): void {
    if (!this.#running) return
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => void this.#poll(), 1000 * Math.random())
  }
}
