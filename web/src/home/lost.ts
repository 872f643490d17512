/** The line above the lists that says that the door cannot be reached, and when it is asked again. Said aloud once. */

import type { Unreachable } from '../door/watch'

const TICK_MS = 250

export class Lost {
  #state: Unreachable | null = null
  #timer = 0

  /** `line` carries its words as data: `offline`, `next` with `{seconds}`, and `now`. */
  constructor(
    private readonly line: HTMLElement,
    private readonly announce: (words: string) => void,
  ) {
    addEventListener('offline', () => this.#show())
    addEventListener('online', () => this.#show())
    if (!navigator.onLine) this.#show()
  }

  /** Null: the door answers. */
  tell(state: Unreachable | null): void {
    this.#state = state
    this.#show()
  }

  #show(): void {
    clearTimeout(this.#timer)
    const words = this.#words()
    if (words && this.line.hidden) this.announce(navigator.onLine ? (this.line.dataset['now'] ?? '') : words)
    this.line.hidden = !words
    if (!words) return
    if (this.line.textContent !== words) this.line.textContent = words
    this.#timer = window.setTimeout(() => this.#show(), TICK_MS)
  }

  #words(): string {
    const { offline = '', next = '', now = '' } = this.line.dataset
    if (!navigator.onLine) return offline
    if (!this.#state) return ''
    const seconds = Math.ceil((this.#state.retry_at_ms - performance.now()) / 1000)
    return seconds > 0 ? next.replace('{seconds}', String(seconds)) : now
  }
}
