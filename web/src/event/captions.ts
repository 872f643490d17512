/**
 * Captions under the player: the last lines that were said, in time with what is heard. Read by eye: a screen
 * reader finds them, and is not interrupted by them, for its user hears the words themselves.
 */

import './look/captions.css'
import { CATALOGUES } from 'virtual:words/captions'
import type { Caption } from '../player/events'
import { speak, t } from '../words/words'
import { make } from './dom'
import { Lines } from './lines'
import { remembered } from './remembered'

const KEY = 'rostra.captions'
const TICK_MS = 250

/** Whether captions are shown; remembered where the browser lets pages remember. */
const shown = {
  get on(): boolean {
    return remembered(KEY) !== 'off'
  },

  set on(on: boolean) {
    remembered(KEY, on ? null : 'off')
  },
}

/** Rejects when the words are not reached. */
export async function openCaptions(audio: HTMLAudioElement): Promise<CaptionBox> {
  await speak(CATALOGUES)
  return new CaptionBox(audio)
}

export class CaptionBox {
  readonly node: HTMLElement
  readonly #box = make('div', { class: 'lines', role: 'region', 'aria-live': 'off', 'aria-label': t('happening.captions'), 'data-testid': 'captions' })
  readonly #toggle: HTMLButtonElement
  readonly #choice: HTMLSelectElement
  readonly #lines = new Lines(document.documentElement.lang)
  #drawn = ''
  /** Told of a language that was chosen. */
  chosen: (language: string) => void = () => {}

  constructor(private readonly audio: HTMLAudioElement) {
    this.#toggle = make('button', { class: 'button plain', type: 'button', 'data-testid': 'captions-toggle', onclick: () => this.#turn(!shown.on) }, t('happening.captions'))
    this.#choice = make('select', { hidden: true, 'data-testid': 'captions-language', 'aria-label': t('happening.captions_language'), onchange: () => this.#choose(this.#choice.value) })
    this.node = make('section', { class: 'captions', hidden: true }, this.#box, make('div', { class: 'deck' }, this.#toggle, this.#choice))
    for (const name of ['timeupdate', 'seeked']) audio.addEventListener(name, () => this.#draw())
    setInterval(() => this.#draw(), TICK_MS)
    this.#turn(shown.on)
  }

  /** A line whose moment has come. */
  heard(line: Caption): void {
    this.offer([line.lang])
    this.#lines.add(line, this.audio.currentTime)
    this.#draw()
  }

  /** What a recording says now, in place of all before. */
  show(texts: string[], language: string): void {
    this.#lines.set(texts, language)
    this.#draw()
  }

  /** There are captions in these languages. */
  offer(languages: string[]): void {
    if (!this.#lines.know(languages)) return
    this.node.hidden = false
    this.#choice.hidden = this.#lines.languages.length < 2
    this.#choice.replaceChildren(...this.#lines.languages.map((tag) => make('option', { value: tag, selected: tag === this.#lines.language }, nameOf(tag))))
  }

  get language(): string {
    return this.#lines.language
  }

  clear(): void {
    this.#lines.clear()
    this.#box.classList.remove('begun')
    this.#draw()
  }

  #choose(language: string): void {
    this.#lines.choose(language)
    this.chosen(language)
    this.#draw()
  }

  #turn(on: boolean): void {
    shown.on = on
    this.#toggle.setAttribute('aria-pressed', String(on))
    this.#box.hidden = !on
  }

  #draw(): void {
    const lines = this.#lines.at(this.audio.currentTime)
    const drawn = lines.join('\n')
    if (drawn === this.#drawn) return
    this.#drawn = drawn
    if (drawn) this.#box.classList.add('begun')
    this.#box.replaceChildren(...lines.map((text) => make('p', { dir: 'auto', lang: this.#lines.language }, make('span', {}, text))))
  }
}

/** A language by its own name. */
function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}
