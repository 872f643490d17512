/**
 * Reactions: a few buttons for whoever listens, and the whole crowd's as one gentle movement above them. Only
 * sums arrive; a few marks rise for them, however many they are, and none where motion is unwelcome.
 */

import { locale, t } from '../words/words'
import { make, say } from './dom'
import { KINDS, mark } from './marks'

const SHOWN_MS = 3000
const RISE_MS = 2600
const MOST_RISING = 8
/** Presses at once, and the time in which one more may follow: as many as the door counts. */
const BURST = 5
const REFILL_MS = 1000
const STILL = matchMedia('(prefers-reduced-motion: reduce)')

/** How many marks rise for so many presses: one for the first, one more for each fourfold. Pure. */
export function risingFor(count: number): number {
  return count <= 0 ? 0 : Math.min(4, 1 + Math.floor(Math.log(count) / Math.log(4)))
}

export class ReactionRow {
  readonly node = make('div', { class: 'reactions', role: 'group', 'aria-label': t('happening.react'), 'data-testid': 'reactions', hidden: true })
  readonly #sky = make('div', { class: 'sky', 'aria-hidden': 'true', 'data-testid': 'sky' })
  readonly #counts = new Map<string, HTMLElement>()
  #offered = ''
  #timer = 0
  #left = BURST
  #spent_ms = 0

  constructor(private readonly press: (kind: string) => void) {}

  offer(kinds: string[]): void {
    const known = kinds.filter((kind) => KINDS.includes(kind))
    if (known.join() === this.#offered) return
    this.#offered = known.join()
    this.node.hidden = known.length === 0
    this.#counts.clear()
    this.node.replaceChildren(this.#sky, ...known.map((kind) => this.#button(kind)))
  }

  /** How many pressed what, in a second that is heard now. */
  heard(counts: Record<string, number>): void {
    for (const [kind, count] of Object.entries(counts)) {
      const words = this.#counts.get(kind)
      if (!words) continue
      say(words, count.toLocaleString(locale))
      if (!STILL.matches) this.#rise(kind, risingFor(count))
    }
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => this.#counts.forEach((words) => say(words, '')), SHOWN_MS)
  }

  #button(kind: string): HTMLElement {
    const count = make('span', { class: 'count', 'aria-hidden': 'true', 'data-testid': `reacted-${kind}` })
    this.#counts.set(kind, count)
    const label = t(`happening.react.${kind}` as 'happening.react.clap')
    const press = () => this.#spend() && this.press(kind)
    return make('span', {}, make('button', { type: 'button', 'aria-label': label, title: label, 'data-testid': `react-${kind}`, onclick: press }, mark(kind)), count)
  }

  /** Whether one more press counts. */
  #spend(): boolean {
    const now_ms = performance.now()
    this.#left = Math.min(BURST, this.#left + (now_ms - this.#spent_ms) / REFILL_MS)
    this.#spent_ms = now_ms
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }

  #rise(kind: string, marks: number): void {
    const place = KINDS.indexOf(kind)
    for (let i = 0; i < marks && this.#sky.childElementCount < MOST_RISING; i += 1) {
      const rising = make('span', {}, mark(kind))
      rising.style.insetInlineStart = `${place * 3.75 + 0.6 + Math.random() * 1.5}rem`
      rising.style.animationDelay = `${i * 180}ms`
      this.#sky.append(rising)
      setTimeout(() => rising.remove(), RISE_MS + i * 180)
    }
  }
}
