/** The lists of a page, kept as the door has them: a new edition replaces what stands there, and is said aloud. */

import { get } from '../player/http'
import { localise } from './times'

export class Lists {
  #main = document.querySelector('main')!
  readonly #told = document.querySelector<HTMLElement>('#announce')
  #fetching = false

  get edition(): string {
    return this.#main.dataset['edition'] ?? ''
  }

  get poll_ms(): number {
    return Number(this.#main.dataset['poll'])
  }

  /** Fetch this page again and take its lists. A failure is left to the next question. */
  async renew(): Promise<void> {
    if (this.#fetching) return
    this.#fetching = true
    try {
      const text = await (await get(location.pathname + location.search, { credentials: 'same-origin' })).text()
      const next = new DOMParser().parseFromString(text, 'text/html').querySelector('main')
      if (next?.dataset['edition']) this.#take(next)
    } catch {
      // The next question to the door will tell of a new edition again.
    } finally {
      this.#fetching = false
    }
  }

  #take(next: HTMLElement): void {
    const before = this.#main
    const focused = before.contains(document.activeElement) ? document.activeElement?.getAttribute('href') : null
    localise(next)
    before.replaceWith(next)
    this.#main = next
    if (focused) next.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
    this.announce(news(before, next, this.#told?.dataset['notice'] ?? ''))
  }

  /** Have a screen reader say this. */
  announce(words: string): void {
    if (this.#told) this.#told.textContent = words
  }
}

/** What a screen reader says of the new edition: conversations that are live now, notices that are new. */
function news(before: HTMLElement, next: HTMLElement, noticeWords: string): string {
  const known = new Set(Array.from(before.querySelectorAll('.playbill > a, .told-short'), keyOf))
  const fresh = (selector: string) => Array.from(next.querySelectorAll<HTMLElement>(selector)).filter((each) => !known.has(keyOf(each)))
  const heading = next.querySelector('#live')?.textContent ?? ''
  return [
    ...fresh('.playbill > a').map((link) => `${heading}: ${link.textContent ?? ''}`),
    ...fresh('.told-short').map((told) => {
      const [text, author] = Array.from(told.querySelectorAll('bdi'), (each) => each.textContent ?? '')
      return noticeWords.replace('{author}', () => author ?? '').replace('{text}', () => text ?? '')
    }),
  ].join(' ')
}

/** Where it is: a notice's own link may stand before that. */
const keyOf = (element: Element): string => (element.matches('a') ? element : element.querySelector('.small a'))?.getAttribute('href') ?? ''
