/** Which lines of captions stand there at a moment of the audio. Pure; bounded. */

import type { Caption } from '../player/events'

const RATE = 48_000
const MOST_LINES = 2
const MOST_KNOWN = 32

interface Line {
  id: string
  text: string
  lang: string
  end_s: number
}

export class Lines {
  #lines: Line[] = []
  #languages: string[] = []
  #chosen = ''

  /** `preferred` is the page's language: captions in it are shown unless others are chosen. */
  constructor(private readonly preferred: string) {}

  get languages(): readonly string[] {
    return this.#languages
  }

  get language(): string {
    const base = (tag: string) => tag.split('-')[0]
    return this.#chosen || (this.#languages.find((tag) => base(tag) === base(this.preferred)) ?? this.#languages[0] ?? '')
  }

  /** Note languages; whether one of them is new. */
  know(languages: string[]): boolean {
    const fresh = languages.filter((tag) => !this.#languages.includes(tag)).slice(0, MOST_KNOWN - this.#languages.length)
    this.#languages.push(...fresh)
    return fresh.length > 0
  }

  choose(language: string): void {
    this.#chosen = language
  }

  /** A line from `now_s` on, for as long as it says. The same line twice is one. */
  add({ id, text, lang, samples }: Caption, now_s: number): void {
    if (this.#lines.some((line) => line.id === id)) return
    this.#lines.push({ id, text, lang, end_s: now_s + samples / RATE })
    if (this.#lines.length > MOST_KNOWN) this.#lines.shift()
  }

  /** These and no others, until the next call. */
  set(texts: string[], language: string): void {
    this.#lines = texts.map((text, i) => ({ id: String(i), text, lang: language, end_s: Infinity }))
  }

  clear(): void {
    this.#lines = []
  }

  /** The last lines whose time has not run out, in order; old ones stay known, so that they do not come again. */
  at(now_s: number): string[] {
    const lines = this.#lines.filter((line) => line.lang === this.language && line.end_s > now_s)
    return lines.slice(-MOST_LINES).map((line) => line.text)
  }
}
